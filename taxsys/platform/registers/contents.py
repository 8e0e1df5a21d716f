"""添付の検査: what a file is, by its bytes and not by its name; active content and My Numbers are not taken."""

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass

from taxsys.platform.files.archive import archive_check
from taxsys.platform.files.errors import FileRefused
from taxsys.platform.files.pictures import PictureRefused, picture_kind, size_check
from taxsys.platform.registers.errors import ContentRefused
from taxsys.platform.search.services import holds_my_number

MAX_BYTES = 20 << 20
MAX_UNPACKED = 200 << 20
_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "csv": "text/csv",
    "txt": "text/plain",
}
_SUFFIXES = {"jpg": "jpeg"}
_ACTIVE_PDF = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|RichMedia|OpenAction|AA)\b")


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that passed: its kind (pdf, xlsx …), media type and a name fit to be shown."""

    kind: str
    media_type: str
    name: str


def content_check(name: str, content: bytes, *, kinds: tuple[str, ...]) -> Checked:
    """添付を検査する. Raises ContentRefused, saying what is wrong and what to do."""
    shown = _name_clean(name)
    suffix = shown.rpartition(".")[2].lower() if "." in shown else ""
    kind = _SUFFIXES.get(suffix, suffix)
    allowed = "・".join(one.upper() for one in kinds)
    if kind not in kinds or kind not in _TYPES:
        raise ContentRefused(f"この形式のファイルは添付できません。{allowed} のどれかにしてください。")
    if not content:
        raise ContentRefused("ファイルが空です。内容を確かめて選び直してください。")
    if len(content) > MAX_BYTES:
        raise ContentRefused(f"{MAX_BYTES >> 20}MBを超えるファイルは添付できません。分けるか、圧縮率を上げてください。")
    if not _is_kind(kind, content):
        raise ContentRefused("ファイルの中身が拡張子と違います。元のファイルを確かめてください。")
    return Checked(kind, _TYPES[kind], shown)


def _name_clean(name: str) -> str:
    """The last part of the given name, without control and direction characters, 120 characters at most."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    flat = "".join(char for char in last if unicodedata.category(char)[0] != "C").strip(" .")
    stem, dot, suffix = flat.rpartition(".")
    return f"{stem[: 119 - len(suffix)]}{dot}{suffix}" if dot else flat[:120]


def _is_kind(kind: str, content: bytes) -> bool:
    if kind == "pdf":
        return _pdf(content)
    if kind in {"png", "jpeg"}:
        return _picture(kind, content)
    if kind in {"xlsx", "docx"}:
        return _office(kind, content)
    return _text(content)


def _pdf(content: bytes) -> bool:
    if not content.startswith(b"%PDF-"):
        return False
    if _ACTIVE_PDF.search(content):
        raise ContentRefused(
            "動作する部品（スクリプト・埋込ファイル）のあるPDFは添付できません。印刷し直して作ってください。"
        )
    return True


def _picture(kind: str, content: bytes) -> bool:
    """By its first bytes; one whose header announces more pixels than a screen or paper has is a bomb for whoever
    opens it."""
    try:
        found = picture_kind(content)
        if found == kind:
            size_check(content, found)
    except PictureRefused as error:
        raise ContentRefused(error.message_ja) from error
    return found == kind


def _office(kind: str, content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
        archive_check(entries, len(content), most=MAX_UNPACKED)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return False
    except FileRefused:
        raise ContentRefused("展開すると大きすぎるファイルです。内容を減らして作り直してください。") from None
    if any("vbaproject" in name.lower() or "/embeddings/" in name or "/activeX/" in name for name in names):
        raise ContentRefused("マクロや埋込ファイルのある文書は添付できません。取り除いて保存し直してください。")
    return ("xl/workbook.xml" if kind == "xlsx" else "word/document.xml") in names


def _text(content: bytes) -> bool:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            return False
        if any(holds_my_number(line) for line in text.splitlines()):
            raise ContentRefused(
                "個人番号と思われる数字のあるファイルは添付できません。番号を除いて作り直してください。"
            )
        return True
    return False

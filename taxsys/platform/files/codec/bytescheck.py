"""What is looked at before any record: size, byte order marks, encoding, line ends, the old end-of-file mark."""

import re

from taxsys.kernel.text import UnencodableText, encode_cp932
from taxsys.platform.files.errors import E_CHARACTER, L_HEADER, L_RECORD_LENGTH, FileRefused, RecordNotWritable
from taxsys.platform.files.layouts import Layout

MAX_BYTES = 1 << 30
_BOMS = ((b"\xef\xbb\xbf", "UTF-8"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))
EOF_MARK = b"\x1a"
# Control characters, what could not be decoded and, in CP932, the user-defined area (外字), which nobody else can read.
_UNFIT = {
    "cp932": re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd]"),
    "utf-8": re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ufffe\uffff]"),
}


def unfit(encoding: str) -> re.Pattern[str]:
    """Pattern of the characters that no text of this encoding may hold."""
    return _UNFIT[encoding]


def refuse_unfit(content: bytes) -> None:
    """Refuse an empty file, one beyond 1 GiB and one that begins with a byte order mark."""
    if not content:
        raise FileRefused(L_HEADER, "ファイルが空（0バイト）です。送付元に再提出を依頼してください。")
    if len(content) > MAX_BYTES:
        raise FileRefused(L_RECORD_LENGTH, "ファイルが1GBを超えています。分割して提出してください。")
    for mark, name in _BOMS:
        if content.startswith(mark):
            raise FileRefused(L_HEADER, f"先頭に{name}のBOMがあります。BOMなしで保存し直してください。", line_no=1)


def without_eof_mark(content: bytes, layout: Layout) -> bytes:
    """The content without one trailing 0x1A where the format allows that mark."""
    return content[:-1] if layout.options.get("eof_mark") and content.endswith(EOF_MARK) else content


def decode(content: bytes, layout: Layout) -> tuple[str, list[str]]:
    """Text of a file and notes on it. Bytes outside the encoding become U+FFFD, to be set aside line by line."""
    refuse_unfit(content)
    content = without_eof_mark(content, layout)
    if not content:
        raise FileRefused(L_HEADER, "ファイルに記録がありません。送付元に再提出を依頼してください。")
    if layout.encoding == "cp932" and _is_utf8(content):
        raise FileRefused(E_CHARACTER, "文字コードがUTF-8です。シフトJISで保存し直してください。", line_no=1)
    try:
        return content.decode(layout.encoding), []
    except UnicodeDecodeError:
        pass
    lines = content.split(b"\n")
    bad = 0
    decoded = []
    for line in lines:
        try:
            decoded.append(line.decode(layout.encoding))
        except UnicodeDecodeError:
            bad += 1
            decoded.append(line.decode(layout.encoding, "replace").replace("\ufffd", "") + "\ufffd" + _tail(line))
    if bad * 2 > len([line for line in lines if line.strip()]):
        name = "シフトJIS" if layout.encoding == "cp932" else "UTF-8"
        raise FileRefused(E_CHARACTER, f"文字コードが{name}ではありません。{name}で保存し直してください。", line_no=1)
    return "\n".join(decoded), [f"文字コードに合わない行が{bad}行あります。"]


def _tail(line: bytes) -> str:
    return "\r" if line.endswith(b"\r") else ""


def _is_utf8(content: bytes) -> bool:
    """True for text that is UTF-8 with Japanese in it; such bytes often pass as broken CP932 too."""
    if content.isascii():
        return False
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return any("\u3000" <= char <= "\u9fff" or "\uff00" <= char <= "\uffef" for char in text)


def refuse_mixed_line_ends(text: str) -> None:
    """Refuse a file that ends some lines with CRLF and others with LF or CR alone."""
    pairs = text.count("\r\n")
    feeds = text.count("\n")
    returns = text.count("\r")
    if pairs != returns or (pairs and pairs != feeds):
        raise FileRefused(
            L_RECORD_LENGTH, "改行コードが混在しています（CRLF と LF または CR）。CRLF にそろえて保存し直してください。"
        )


def lines_of(text: str) -> list[str]:
    """Lines without their ends; the empty piece after the last line end is no line."""
    lines = text.split("\r\n" if "\r\n" in text else "\n")
    if lines and lines[-1] == "":
        lines.pop()
    return lines


def encode(text: str, layout: Layout) -> bytes:
    """Bytes in the layout's encoding. RecordNotWritable names the characters that do not fit."""
    if layout.encoding != "cp932":
        return text.encode(layout.encoding)
    try:
        return encode_cp932(text)
    except UnencodableText as error:
        raise RecordNotWritable(E_CHARACTER, error.message_ja) from None

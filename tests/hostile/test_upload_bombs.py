"""Files made to break whoever opens them: archives, sheets, trees and pictures that are small outside and huge inside.

Each is refused in words and quickly, before it is unpacked; nothing of it stays (issue 3, point 9).
"""

import io
import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook
from PIL import Image

from assessment.scans.models import ScannedPaper
from taxsys.platform.files import layouts
from taxsys.platform.files.archive import unpack
from taxsys.platform.files.errors import FileRefused
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.permissions import RECEIVE, VIEW
from taxsys.platform.files.pictures import PictureRefused, page_count, picture_pages
from taxsys.platform.files.tables import table_read
from taxsys.platform.registers.contents import content_check
from taxsys.platform.registers.errors import ContentRefused
from taxsys.platform.staff.permissions import HOME
from tests.addressbook.people import TODAY, person
from tests.addressbook.test_number_reveal import number_terminal
from tests.assessment.scans.paper import file_of, typed_pdf
from tests.assessment.scans.test_scans import CLERK, posted
from tests.platform.actors import officer, sign_in, terminal

QUICK_SECONDS = 5


def quickly(act: Callable[[], Any]) -> Any:
    """The answer, or a failure where it took long."""
    began = time.monotonic()
    try:
        return act()
    finally:
        assert time.monotonic() - began < QUICK_SECONDS


def archive_of(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def overlapping(count: int, size: int) -> bytes:
    """Many members of the directory that all point at one packed member: each has an honest ratio, all together not."""
    name = b"x"
    body = zlib.compressobj(wbits=-15)
    content = bytes(range(256)) * (size // 256)
    packed = body.compress(content) + body.flush()
    sizes = struct.pack("<III", zlib.crc32(content), len(packed), len(content))
    local = b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 0) + sizes + struct.pack("<HH", 1, 0) + name + packed
    entries = b"".join(
        b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 0) + sizes
        + struct.pack("<HHHHHII", len(own), 0, 0, 0, 0, 0, 0) + own
        for own in (f"{number:05d}".encode() for number in range(count))
    )  # fmt: skip
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(entries), len(local), 0)
    return local + entries + end


def linked() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo("index.csv")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (archive_of({"a.xml": b"0" * 40_000_000}), "圧縮爆弾"),
        # Two thousand members of a megabyte of zeros: each small, the whole not.
        (archive_of({f"{n}.xml": b"0" * (1 << 20) for n in range(300)}), "圧縮爆弾"),
        (overlapping(1_900, 1 << 19), "圧縮爆弾"),
        (archive_of({f"{n}": b"" for n in range(2_001)}), "2,000個"),
        (archive_of({"inner.zip": archive_of({"a.xml": b"1"})}), "圧縮ファイルの中に圧縮ファイル"),
        (archive_of({"a.xml": zlib.compress(b"1") and b"\x1f\x8b" + b"1" * 20}), "圧縮ファイルの中に圧縮ファイル"),
        (linked(), "リンク"),
    ],
    ids=["one large", "many small", "overlapping", "too many", "zip in zip", "gzip in zip", "link"],
)
def test_an_archive_that_is_a_bomb_is_refused_unopened(content: bytes, message: str) -> None:
    assert len(content) < 1 << 20
    with pytest.raises(FileRefused, match=message):
        quickly(lambda: unpack(content))


# ---- 表計算ファイル


def sheet_of(xml: str, *, shared: str = "") -> bytes:
    """An XLSX whose first sheet is this XML."""
    book = Workbook()
    book.active["A1"] = "見出し"
    out = io.BytesIO()
    book.save(out)
    with zipfile.ZipFile(io.BytesIO(out.getvalue())) as honest:
        members = {name: honest.read(name) for name in honest.namelist()}
    members["xl/worksheets/sheet1.xml"] = xml.encode()
    if shared:
        members["xl/sharedStrings.xml"] = shared.encode()
    return archive_of(members)


_SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</worksheet>'
_CELL = '<c r="A{0}" t="inlineStr"><is><t>x</t></is></c>'
_NO_SHEET = "XLSXとして読めません"
_LAUGHS = "<!DOCTYPE w [<!ENTITY a '" + "ha" * 500 + "'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 20}'>" for n in range(8)
) + "]>"  # fmt: skip


def test_a_sheet_that_claims_a_million_rows_of_sixteen_thousand_cells_is_read_as_what_it_holds() -> None:
    xml = _SHEET.format(f'<dimension ref="A1:XFD1048576"/><sheetData><row r="1">{_CELL.format(1)}</row></sheetData>')
    assert quickly(lambda: table_read(sheet_of(xml))).header == ("x",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (sheet_of(_SHEET.format(f'<sheetData><row r="1">{_CELL.format(1)}</row><row r="1048576">{_CELL.format(1048576)}'
                                "</row></sheetData>")), "50,000行目より下"),
        (sheet_of(_SHEET.format('<sheetData><row r="1"><c r="XFD1"><v>1</v></c></row></sheetData>')), "見出し"),
        (sheet_of(_LAUGHS + _SHEET.format("<sheetData><row><c><v>&i;</v></c></row></sheetData>")), _NO_SHEET),
        (sheet_of('<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
                  + _SHEET.format('<sheetData><row r="1"><c r="A1" t="str"><v>&x;</v></c></row></sheetData>')),
         _NO_SHEET),
        (sheet_of(_SHEET.format("<sheetData/>" + " " * (70 << 20))), "圧縮爆弾"),
        (archive_of({"xl/workbook.xml": b"<a/>"}), _NO_SHEET),
    ],
    ids=["row far below", "cell far right", "billion laughs", "file of the server", "blank megabytes", "no book"],
)  # fmt: skip
def test_a_sheet_that_is_a_bomb_or_reaches_out_is_refused(content: bytes, message: str) -> None:
    assert len(content) < 5 << 20
    with pytest.raises(FileRefused, match=message):
        quickly(lambda: table_read(content))


# ---- XML


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        (b"<?xml version='1.0'?>" + _LAUGHS.encode() + b"<KOA020>&i;</KOA020>", "文書型宣言"),
        (b"<!DOCTYPE a [<!ENTITY x SYSTEM 'http://192.0.2.1/x'>]><KOA020>&x;</KOA020>", "文書型宣言"),
        (b"<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://192.0.2.1/x'>%p;]><KOA020/>", "文書型宣言"),
        (b"<!DOCTYPE a SYSTEM 'http://192.0.2.1/x.dtd'><KOA020/>", "文書型宣言"),
        (b"<KOA020>" + b"<A>" * 200_000 + b"</A>" * 200_000 + b"</KOA020>", "入れ子が深すぎます"),
        (b"<KOA020>" + b"<KOA020>" * 5_000 + b"</KOA020>" * 5_000 + b"</KOA020>", "入れ子が深すぎます"),
    ],
    ids=["billion laughs", "entity outside", "parameter entity outside", "dtd outside", "deep", "deep and known"],
)
def test_a_tree_that_grows_reaches_out_or_digs_deep_is_refused(xml: bytes, message: str) -> None:
    with pytest.raises(FileRefused, match=message):
        quickly(lambda: layouts.get("koa020").parse(xml))


# ---- 画像


def png_header(width: int, height: int) -> bytes:
    """A PNG that announces so many pixels and holds a few bytes of them."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    )


def text_bomb() -> bytes:
    """A PNG with megabytes of packed text beside its one pixel."""
    body = b"Comment\0\0" + zlib.compress(b"a" * (80 << 20))
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    png = png_header(1, 1)
    return png[:33] + chunk + png[33:]


def many_frames(count: int) -> bytes:
    out = io.BytesIO()
    pages = [Image.new("1", (8, 8)) for _ in range(count)]
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:])
    return out.getvalue()


def huge_pdf_page() -> bytes:
    """A PDF whose page says that it is two hundred inches wide, and one of no size."""
    return typed_pdf("x").replace(b"/MediaBox [ 0 0 595.2756 841.8898 ]", b"/MediaBox [ 0 0 999999 999999 ]")


PICTURES = {
    "pixels": (png_header(60_000, 60_000), "画素数が大きすぎます"),
    "more pixels than a number holds": (png_header(2**31 - 1, 2**31 - 1), "画像として読めません|画素数が大きすぎます"),
    "no pixels": (png_header(0, 1), "画像として読めません|画素数"),
    "text beside a pixel": (text_bomb(), "画像として読めません"),
    "frames": (many_frames(31), "頁数が1から30まで"),
    "cut": (file_of("PNG")[:200], "画像として読めません"),
    "cut jpeg": (file_of("JPEG")[:400], "画像として読めません"),
    "cut pdf": (typed_pdf("x")[:90], "画像として読めません"),
    "nothing": (b"", "空です"),
    "page": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "どれでもありません"),
    "gif": (b"GIF89a" + b"\0" * 50, "どれでもありません"),
    "program": (b"MZ" + b"\0" * 50, "どれでもありません"),
    "archive": (archive_of({"a.png": file_of("PNG")}), "どれでもありません"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n", "どれでもありません"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_that_is_a_bomb_or_none_is_refused_in_words(name: str) -> None:
    content, message = PICTURES[name]
    with pytest.raises(PictureRefused, match=message):
        quickly(lambda: list(picture_pages(content)))


def test_a_page_of_any_size_becomes_one_sheet() -> None:
    (page,) = quickly(lambda: list(picture_pages(huge_pdf_page())))
    assert max(page.size) <= 2_001
    assert page_count(huge_pdf_page()) == 1


def test_a_picture_keeps_nothing_but_its_pixels() -> None:
    exif = Image.Exif()
    exif[0x010E] = "場所の名前"
    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, "JPEG", exif=exif, comment=b"secret")
    (page,) = picture_pages(out.getvalue())
    assert page.info == {}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", png_header(60_000, 60_000)), ("a.xlsx", archive_of({"xl/workbook.xml": b"0" * 30_000_000})),
        ("a.docx", overlapping(1_000, 1 << 18)), ("a.png", b"<svg/>"), ("a.jpg", file_of("PNG")),
        ("a.xlsx", archive_of({"xl/workbook.xml": b"<a/>", "xl/vbaProject.bin": b"1"})),
    ],
    ids=["pixels", "ratio", "overlap", "no png", "other kind", "macro"],
)  # fmt: skip
def test_an_attachment_that_is_a_bomb_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(ContentRefused):
        quickly(lambda: content_check(name, content, kinds=("png", "jpeg", "xlsx", "docx")))


# ---- through the door of the web


@pytest.mark.django_db
@pytest.mark.parametrize("name", PICTURES)
def test_a_refused_picture_leaves_no_row_and_no_file(name: str, settings: Any, data_folder: Path) -> None:
    settings.TAXSYS_BUSINESS_DATE, settings.TAXSYS_CREATE_KEYS = TODAY.isoformat(), True
    number_terminal()
    client = sign_in(Client(), officer("5001", permissions=CLERK))
    answer = posted(client, f"/party/{person(1).id}/scans/new", PICTURES[name][0])
    assert answer.status_code == 422
    assert not ScannedPaper.objects.exists()
    assert not list(data_folder.rglob("*.bin"))


NAMES = (
    "../../etc/passwd", "..\\..\\windows\\system32", "/etc/cron.d/x", "a/../../b.csv", "C:evil.csv", "....//x.csv",
    "\u202egpj.exe", "a\x00.csv", "x" * 400 + ".csv", ".", "..", "%2e%2e%2fx.csv", "a\r\nX-Evil: 1.csv", "~/x", "CON",
)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES, ids=[ascii(name)[:24] for name in NAMES])
def test_no_name_of_an_upload_becomes_a_path(name: str, settings: Any, data_folder: Path) -> None:
    settings.TAXSYS_BUSINESS_DATE, settings.TAXSYS_CREATE_KEYS = TODAY.isoformat(), True
    terminal()
    client = sign_in(Client(), officer("5001", permissions=[HOME, VIEW, RECEIVE]))
    page = client.get("/files/receive")
    chosen = page.context["form"].fields["format"].choices[1][0]
    upload = SimpleUploadedFile("x.csv", f"content of {name!a}".encode())
    upload._name = name  # as a hostile browser sends it: past what the test client would make of it
    answer = client.post("/files/receive", {"format": chosen, "file": upload, "sender": "x", "channel": "line"})
    assert answer.status_code in {302, 400, 422}
    assert "X-Evil" not in answer.headers
    outside = [path for path in data_folder.parent.rglob("*") if path.is_file() and data_folder not in path.parents]
    assert outside == []
    for row in ReceivedFile.objects.all():
        assert row.stored_path == f"received/{row.received_at:%Y/%m}/{row.pk}.bin"
        assert not set("/\\:\x00\r\n\u202e") & set(row.name)

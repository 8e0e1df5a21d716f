"""件数表・索引・引抜きリスト (count sheet, index and pull-out list of a package)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from taxsys.platform.files.payloads.spreadsheet import table_csv
from taxsys.platform.printing.engine import A4, Book
from taxsys.platform.printing.models import Batch, PrintItem, PrintPackage, PrintPart
from taxsys.platform.printing.parts import MailKind

_ROWS = 34
_MAIL_NAMES = {
    MailKind.NORMAL.value: "普通",
    MailKind.OVERSEAS.value: "海外",
    MailKind.HOLD_BACK.value: "返戻・保留",
    MailKind.HAND_DELIVERY.value: "手渡し",
}


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """CSVの内容 (UTF-8, CRLF, first line = header)."""
    return table_csv(header, rows, is_marked=False)


def index_csv(items: Iterable[PrintItem]) -> bytes:
    """索引 (which piece lies where: batch, sequence, part, page; keys only, no names)."""
    header = ("batch", "seq", "part_no", "first_page", "pages", "item_key", "person_no", "notice_no", "content_hash")
    return csv_bytes(
        header,
        (
            (i.batch, i.seq, i.part_no, i.first_page, i.pages, i.item_key, i.person_no, i.notice_no, i.content_hash)
            for i in items
        ),
    )


def pull_out_csv(items: Iterable[PrintItem]) -> bytes:
    """引抜きリスト (pieces that must not be posted: pulled ones with the reason; keys only, no names)."""
    header = ("batch", "seq", "part_no", "first_page", "item_key", "notice_no", "reason")
    return csv_bytes(
        header, ((i.batch, i.seq, i.part_no, i.first_page, i.item_key, i.notice_no, i.pull_reason) for i in items)
    )


def count_rows(parts: Iterable[PrintPart]) -> list[tuple[str, ...]]:
    """件数表の行 (part, batch, pieces, pages, first and last sequence, start of the hash)."""
    rows: list[tuple[str, ...]] = []
    for part in parts:
        last = part.first_seq + part.pieces - 1
        rows.append(
            (
                str(part.part_no),
                Batch(part.batch).label,
                f"{part.pieces:,}",
                f"{part.pages:,}",
                f"{part.first_seq}～{last}",
                part.pdf_sha256[:16],
                part.data_sha256[:16] or "―",
            )
        )
    return rows


COUNT_HEADER = ("分冊", "区分", "通数", "頁数", "連番", "PDFハッシュ（先頭）", "データハッシュ（先頭）")
_WIDTHS = [14.0, 24.0, 20.0, 20.0, 32.0, 32.0, 32.0]


def count_sheet_pdf(
    package: PrintPackage, rows: Sequence[tuple[str, ...]], *, mail_counts: dict[str, int], prepared_on: str
) -> bytes:
    """件数表 (count sheet for the handing over; signed by both sides)."""
    book = Book(title=f"件数表 {package.business_key}")
    totals = "　".join(f"{_MAIL_NAMES.get(kind, kind)} {count:,}通" for kind, count in sorted(mail_counts.items()))
    for at in range(0, max(len(rows), 1), _ROWS):
        sheet = book.page(A4)
        shown = rows[at : at + _ROWS]
        sheet.cell((18, 12, 174, 9), f"件数表　{package.title_ja}", size=14, bold=True, pad=0)
        sheet.cell(
            (18, 21, 174, 6),
            f"業務キー {package.business_key}　版 {package.edition}　作成 {prepared_on}",
            size=9,
            pad=0,
        )
        total = (
            f"合計 {package.pieces:,}通 {package.pages:,}頁　うち支援措置対象（庁内印刷） "
            f"{package.protected_pieces:,}通　引抜き {package.pulled_pieces:,}通"
        )
        sheet.cell((18, 27, 174, 6), total, size=9, bold=True, pad=0)
        sheet.cell((18, 33, 174, 6), totals, size=9, pad=0)
        sheet.grid(18, 42, _WIDTHS, [6.0] * (len(shown) + 1))
        for number, row in enumerate((COUNT_HEADER, *shown)):
            x = 18.0
            for width, value in zip(_WIDTHS, row, strict=True):
                sheet.cell((x, 42 + 6 * number, width, 6), value, size=7.5, align="l" if number == 0 else "r")
                x += width
        sheet.grid(18, 262, [58, 58, 58], [6, 14])
        for n, label in enumerate(("作成者", "引渡者・日", "受領者・日")):
            sheet.cell((18 + 58 * n, 262, 58, 6), label, size=8, align="c")
        sheet.close()
    return book.finish()

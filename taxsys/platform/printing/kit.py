"""帳票の部品 (drawn parts that every paper shares): window address, issuer, seal place, rows of amounts, slips."""

from __future__ import annotations

from datetime import date

from taxsys.kernel import wareki
from taxsys.platform.printing import codes
from taxsys.platform.printing.engine import Sheet
from taxsys.platform.printing.errors import CodeRefused
from taxsys.platform.printing.parts import Addressee, Office, yen_text, zip_text

WINDOW = (18.0, 16.0, 88.0, 46.0)  # x, y, w, h of the envelope window (long No. 3, folded in three)


def day(value: date) -> str:
    """和暦の日付 (令和8年6月30日)."""
    return wareki.format_long(value)


def tax_year_text(tax_year: int) -> str:
    """年度の表記 (令和8年度)."""
    return wareki.format_year(tax_year) + "年度"


def address_symbols(addressee: Addressee) -> str:
    """カスタマバーコードの記号 (or "" where the address gives none)."""
    if not addressee.zip7 or not addressee.address_code:
        return ""
    try:
        return codes.customer_symbols(addressee.zip7, addressee.address_code)
    except CodeRefused:
        return ""


def address_block(sheet: Sheet, addressee: Addressee, *, mark: str, box: tuple[float, ...] = WINDOW) -> None:
    """窓あき封筒の宛名 (address behind the window; shrinks and wraps, bar code below). `mark`: small mail mark."""
    x, y, w, h = box
    symbols = address_symbols(addressee)
    sheet.text(x + 1, y + 4, zip_text(addressee.zip7), size=10)
    bottom = y + h - (6 if symbols else 1.5)
    name_h = 9.0
    address = "\n".join(addressee.address_lines)
    sheet.cell((x, y + 5, w, bottom - name_h - y - 5.5), address, size=9.5, valign="t", min_size=3.5, leading=1.25)
    sheet.cell((x, bottom - name_h, w - 12, name_h), addressee.name, size=12, min_size=4)
    sheet.cell((x + w - 13, bottom - name_h, 13, name_h), addressee.honorific, size=11)
    if symbols:
        sheet.customer_barcode(x + 1, y + h - 5, symbols, points=9)
    sheet.text(x + w, y + 4, mark, size=6, align="r")


def issuer_block(sheet: Sheet, office: Office, issued_on: date, *, x: float, y: float, w: float) -> None:
    """発行者 (issue date, mayor, place of the seal)."""
    sheet.cell((x, y, w, 5), day(issued_on), size=9)
    sheet.cell((x, y + 5, w - 18, 6), f"{office.mayor_title}　{office.mayor_name}", size=11)
    seal_place(sheet, x + w - 16, y + 1)


def seal_place(sheet: Sheet, x: float, y: float, side: float = 14.0) -> None:
    """公印の位置 (box of the official seal)."""
    sheet.rect((x, y, side, side), line=0.3)
    sheet.cell((x, y, side, side), "公印", size=7, align="c")


def contact_block(sheet: Sheet, office: Office, *, box: tuple[float, float, float, float]) -> None:
    """問合せ先 (contact of the office)."""
    text = (
        f"【問合せ先】{office.municipality_name}　{office.section}　電話 {office.phone}（{office.hours}）\n"
        f"{zip_text(office.zip7)}　{office.address}　{office.url}".rstrip("　")
    )
    sheet.rect(box, line=0.4)
    sheet.cell(box, text, size=8, min_size=4)


def amount_row(sheet: Sheet, box: tuple[float, float, float, float], yen: int | None, *, size: float = 9) -> None:
    """金額欄 (right-aligned yen, blank for None)."""
    if yen is not None:
        sheet.cell(box, yen_text(yen), size=size, align="r", min_size=4)

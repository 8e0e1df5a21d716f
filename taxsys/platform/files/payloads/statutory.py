"""給報・年報 (reports 315 and 331): editions by item count, filing kinds by channel, corrections, document codes."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from taxsys.platform.files import layouts
from taxsys.platform.files.codec.parsed import Parsed, Record
from taxsys.platform.files.errors import L_CODE, FileRefused, FilesError

DOCUMENTS = {
    "315": "給与支払報告書・源泉徴収票 detail",
    "331": "公的年金等支払報告書・源泉徴収票 detail",
    "375": "法定調書合計表 (summary) - not for the municipality",
}
_PORTAL = {"0": "new", "1": "addition", "2": "correction", "3": "cancellation"}
_DISC = {"0": "new", "1": "correction_or_cancellation"}


class UnknownFilingKind(FilesError):
    """A filing kind that the channel does not have."""


def filing_kind(value: str, *, channel: str) -> str:
    """new, addition, correction, cancellation or, by disc, correction_or_cancellation. UnknownFilingKind otherwise.

    The digit 1 means an addition by portal and a correction by disc, so the channel always travels with the file.
    """
    table = _PORTAL if channel == "portal" else _DISC
    if value not in table:
        raise UnknownFilingKind(
            L_CODE, "提出区分が経路（ポータル・光ディスク等）の決まりにない値です。", field="filing_kind"
        )
    return table[value]


def document_class(code: str) -> str | None:
    """Description of a statutory document code, None for one that is not known."""
    return DOCUMENTS.get(code)


def edition_of(content: bytes) -> layouts.Layout:
    """The layout of a report by its document code and its number of items. UnknownLayout or FileRefused otherwise."""
    line = content.split(b"\n", 1)[0].rstrip(b"\r\x1a").decode("cp932", "replace")
    cells = next(csv.reader([line]), [])
    code = cells[0].rpartition("@")[2] if cells else ""
    name = {"315": "kyuho_315", "331": "nenpo_331"}.get(code)
    if name is None:
        what = "法定調書合計表で、市には不要です" if code == "375" else "給与・年金の支払報告書ではありません"
        raise FileRefused(L_CODE, f"1行目の法定資料の種類が違います（{what}）。", line_no=1, field="document_code")
    return layouts.for_item_count(name, len(cells))


def parse(content: bytes) -> Parsed:
    """A report in whichever edition it is."""
    return edition_of(content).parse(content)


@dataclass
class Applied:
    """What the lines of one person from one payer came to."""

    steps: list[str] = field(default_factory=list)
    history: list[Mapping[str, Any]] = field(default_factory=list)
    live: Mapping[str, Any] | None = None


def apply(lines: Sequence[Mapping[str, Any]], *, channel: str = "portal") -> Applied:
    """Apply the filings of one key in order: inserted, added, replaced, cancelled, or manual when nothing is there."""
    result = Applied()
    for line in lines:
        kind = filing_kind(str(line["filing_kind"]), channel=channel)
        if kind in {"new", "addition"}:
            step = "inserted" if result.live is None else "manual"
        elif result.live is None:
            step = "manual"
        elif kind == "correction_or_cancellation":
            step = "replaced" if line.get("pay_amount") else "cancelled"
        else:
            step = "replaced" if kind == "correction" else "cancelled"
        result.steps.append(step)
        if step != "manual":
            result.history.append(line)
            result.live = None if step == "cancelled" else line
    return result


def number_warnings(parsed: Parsed, record: Record) -> set[str]:
    """Fields of a record whose number failed its check digit; such a number was not taken over."""
    return {one.field for one in parsed.warnings if one.line_no == record.line_no and one.code == "L0107"}

"""集計の証明 (pure): every table that shares everybody out is the decisions themselves, to the person and the yen."""

from collections.abc import Iterator, Sequence

from assessment.resident.tax_status.selectors import Counted, Whole
from assessment.resident.tax_status.tables import (
    BY_AGE,
    BY_BAND,
    BY_DISTRICT,
    BY_LIABILITY,
    BY_METHOD,
    DEDUCTIONS,
    TAX_ITEMS,
)
from taxsys.kernel.yen import format_yen
from taxsys.platform.jobs.declaration import GateResult

_WHOLE = frozenset(one.code for one in (BY_BAND, BY_LIABILITY, BY_DISTRICT, BY_AGE))
_ANNUAL = frozenset((BY_METHOD.code, TAX_ITEMS.code))


def proofs(tables: Sequence[Counted], whole: Whole) -> Iterator[GateResult]:
    """One answer a table that has something to prove."""
    for table in tables:
        yen = table.total.figures[-1] or 0
        if table.code in _WHOLE:
            people = table.total.figures[0] or 0
            off = abs(yen - whole.annual_yen) + abs(people - whole.people)
            words = f"{people:,}人・{format_yen(yen)}(決定 {whole.people:,}人・{format_yen(whole.annual_yen)})"
        elif table.code in _ANNUAL:
            off, words = abs(yen - whole.annual_yen), f"{format_yen(yen)}(決定 {format_yen(whole.annual_yen)})"
        elif table.code == DEDUCTIONS.code:
            off, words = abs(yen - whole.deduction_yen), f"{format_yen(yen)}(決定 {format_yen(whole.deduction_yen)})"
        else:
            continue
        yield GateResult(
            f"tax_status_{table.code}", f"{table.title_ja}の合計=決定の合計", off == 0, off, words, "F-PL-027"
        )

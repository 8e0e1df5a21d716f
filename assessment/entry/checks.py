"""欄どうしの検査: sums, limits and contradictions of one paper, and its amounts against the law (pure).

The same checks run in the browser while typing (static/taxsys/paper.js reads them from the page); what counts is this.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from zlib import crc32

import numpy as np

from assessment.entry.declaration import Check, PaperForm, Values
from assessment.resident.rules.income import salary_after_deduction_yen
from taxsys.kernel.yen import format_yen
from taxsys.params.model import ParameterSet

SALARY_TABLE = "resident.income.salary_table"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong at a box. `is_stop`: no paper can say so; else it may be kept as the paper says it."""

    box: str
    message_ja: str
    is_stop: bool

    @property
    def mark(self) -> str:
        """What says that exactly this was read and kept: another amount in the box is another matter."""
        return f"{self.box}:{crc32(self.message_ja.encode()):08x}"


def problems(form: PaperForm, values: Values, *, income_year: int, law: ParameterSet | None) -> list[Problem]:
    """Everything wrong with these values, in the order of the form's checks."""
    found = [
        Problem(_place(form, check), _words(check, values), check.is_stop)
        for check in form.checks
        if not _holds(form, check, values)
    ]
    return [*found, *_days(form, values, income_year), *_salary(form, values, law)]


def _place(form: PaperForm, check: Check) -> str:
    """The box where it is told: for a list of relatives its first name."""
    return f"{check.box}_1_name" if check.kind == "at_least" else check.box


def _amount(values: Values, name: str) -> int:
    value = values.get(name)
    return value if isinstance(value, int) else int(bool(value))


def _holds(form: PaperForm, check: Check, values: Values) -> bool:
    total = sum(_amount(values, name) for name in check.others)
    if check.kind == "at_least":
        return named(form, values, check.box) <= total
    if values.get(check.box) in (None, "", 0):
        return True
    own = _amount(values, check.box)
    if check.kind == "sum":
        # Where a part is a loss it may be set off against others only as the law has it: no sum then.
        return own == total or any(_amount(values, name) < 0 for name in check.others)
    if check.kind == "within":
        return own <= total
    has_other = any(values.get(name) not in (None, "", 0) for name in check.others)
    return not has_other if check.kind == "not_beside" else has_other


def _words(check: Check, values: Values) -> str:
    if check.kind != "sum":
        return check.message_ja
    total = sum(_amount(values, name) for name in check.others)
    return f"{check.message_ja}（欄の合計 {format_yen(total)}）"


def named(form: PaperForm, values: Values, role: str) -> int:
    """How many relatives of the role have a name on the paper."""
    rows = next((one.rows for one in form.relatives if one.role == role), 0)
    return sum(bool(values.get(f"{role}_{row}_name")) for row in range(1, rows + 1))


def _days(form: PaperForm, values: Values, income_year: int) -> Iterator[Problem]:
    """Days that cannot be: born after the year, left in another year, a relative without a name."""
    last = date(income_year, 12, 31)
    born = ["birth_on", *(f"{one.role}_{row}_birth_on" for one in form.relatives for row in range(1, one.rows + 1))]
    for name in born:
        if values.get(name) and date.fromisoformat(values[name]) > last:
            yield Problem(name, "対象の年より後に生まれた日です。", is_stop=True)
    if values.get("left_on") and date.fromisoformat(values["left_on"]).year != income_year:
        yield Problem("left_on", "中途退職の日が、対象の年の中にありません。", is_stop=False)
    for one in form.relatives:
        for row in range(1, one.rows + 1):
            filled = [box.name for box in one.boxes(row) if values.get(box.name) not in (None, "")]
            if filled and not values.get(f"{one.role}_{row}_name"):
                yield Problem(f"{one.role}_{row}_name", "記載がありますが、氏名がありません。", is_stop=True)


def _salary(form: PaperForm, values: Values, law: ParameterSet | None) -> Iterator[Problem]:
    """給与所得控除後の金額 against the statutory table of the year, less the adjustment written beside it."""
    box, paid = ("wage_after_deduction_yen", "wage_yen") if form.kind == "wage" else ("wage_income_yen", "wage_yen")
    if law is None or SALARY_TABLE not in law or not values.get(box) or not values.get(paid):
        return
    receipts = np.array([_amount(values, paid)], dtype=np.int64)
    (income,) = salary_after_deduction_yen(
        salary_receipts_yen=receipts,
        salary_specific_expenses_yen=np.zeros_like(receipts),
        table=law[SALARY_TABLE].table,
    )
    lawful = int(income[0]) - _amount(values, "income_adjustment_yen")
    if _amount(values, box) != lawful and form.kind == "wage":
        yield Problem(box, f"支払金額から計算した額は{format_yen(lawful)}です。", is_stop=False)
    elif _amount(values, box) > lawful:
        yield Problem(box, f"給与の収入から計算した額（{format_yen(lawful)}）より多くあります。", is_stop=False)

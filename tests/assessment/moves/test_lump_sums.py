"""一括徴収: one month of the employer, due on the 10th of the next month, however late it is notified."""

from datetime import date

import pytest

from assessment.resident.moves.services import ChangeRefused
from collection.models import Charge
from collection.selectors.proofs import prove_ledger
from taxsys.city.deliveries import CityDeliveries
from tests.assessment.moves.scene import YEAR, books, employee, leave, move, total

FEBRUARY = 9


@pytest.mark.req("R-017")
@pytest.mark.parametrize("told_on", [date(2027, 2, 15), date(2027, 3, 9), date(2027, 4, 20)])
def test_the_lump_is_due_on_the_tenth_of_the_next_month_whenever_it_is_told(
    year: CityDeliveries, told_on: date
) -> None:
    party, employer = employee()
    before, annual = books(party)[("wage", employer.designation_no)], total(party)
    leave(
        party, employer, date(2027, 2, 10), FEBRUARY, day=told_on, after="2", lump_reason="1", lump_place=FEBRUARY
    )  # fmt: skip
    move(told_on)
    kept = {no: before[no] for no in range(1, FEBRUARY)}
    assert books(party) == {("wage", employer.designation_no): {**kept, FEBRUARY: annual - sum(kept.values())}}
    charge = Charge.objects.get(
        notice_no=employer.designation_no, method="wage", tax_year=YEAR, instalment_no=FEBRUARY
    )  # fmt: skip
    assert (charge.due_on, charge.statutory_due_on) == (date(2027, 3, 10), date(2026, 7, 10))
    assert charge.shares.get(employee_id=party).amount_yen == annual - sum(kept.values())
    # Nothing moves any more, whatever is run later.
    after = books(party)
    move(date(2027, 4, 21))
    assert books(party) == after
    assert prove_ledger().is_ok


@pytest.mark.req("R-017")
@pytest.mark.parametrize(
    ("event_on", "last", "is_duty"),
    [(date(2026, 12, 31), 7, False), (date(2027, 1, 1), 7, True), (date(2027, 4, 30), 11, True),
     (date(2027, 5, 1), 11, False)],
)  # fmt: skip
def test_the_duty_runs_from_the_first_of_january_to_the_end_of_april(
    year: CityDeliveries, event_on: date, last: int, is_duty: bool
) -> None:
    party, employer = employee()
    if is_duty:
        with pytest.raises(ChangeRefused, match="一括徴収が義務"):
            leave(party, employer, event_on, last, day=event_on)
    else:
        assert leave(party, employer, event_on, last, day=event_on).is_pending

"""変更通知: the old employer, the new one and the taxpayer are each told what they owe now, from the books."""

from datetime import date
from uuid import UUID

import pytest

from assessment.decisions.selectors import standing_decision_of
from assessment.models import Withholder
from assessment.resident.notices import ordinary, withholding
from assessment.resident.papers.withholding_data import EmployeeRow
from collection.models import Charge
from collection.services.slips import SlipRequest, slip_issue_many
from taxsys.city.deliveries import CityDeliveries
from taxsys.platform.printing.models import PrintItem, PrintPackage, PrintSubject
from tests.assessment.moves.scene import YEAR, books, employee, leave, move, other_employer, transfer
from tests.assessment.runs.test_initial_runs import on

TOLD_ON, DAY = date(2026, 5, 15), date(2026, 10, 9)
KEY = f"10:{YEAR}:{DAY}"


def told_in_spring(party: UUID) -> None:
    """The notice of May has told the person's first decision."""
    decision = standing_decision_of(party, tax_year=YEAR)
    assert decision is not None
    package = PrintPackage.objects.create(
        kind=withholding.KIND, title_ja="特別徴収税額通知書", business_key=f"10:{YEAR}:{TOLD_ON}", state="built"
    )
    item = PrintItem.objects.create(
        package=package, part_no=1, batch="mail", seq=1, item_key="told", person_no="", notice_no="", mail_kind="0",
        pages=1, first_page=1,
    )  # fmt: skip
    PrintSubject.objects.create(
        package=package, item=item, subject_key=str(party), reference=f"{decision.notice_no}:{decision.version}"
    )


def row_of(employer: Withholder, party: UUID) -> EmployeeRow:
    with on(DAY):
        (piece,) = withholding.notice_pieces(
            [employer.designation_no], tax_year=YEAR, business_key=KEY, notice_on=DAY
        )  # fmt: skip
    number = standing_decision_of(party, tax_year=YEAR)
    assert number is not None
    return next(row for row in piece.paper.notice.employees if row.notice_no == number.notice_no)


@pytest.mark.req("R-017")
def test_a_transfer_is_told_to_both_employers(year: CityDeliveries) -> None:
    party, old = employee()
    new = other_employer(old)
    before = books(party)[("wage", old.designation_no)]
    told_in_spring(party)
    transfer(party, old, new, date(2026, 9, 30), 4, day=DAY)
    move(DAY)
    after = books(party)
    left, came = row_of(old, party), row_of(new, party)
    assert left.months == tuple(before[no] if no <= 4 else 0 for no in range(1, 13))
    assert (left.old_annual_yen, left.annual_yen) == (sum(before.values()), sum(before[no] for no in range(1, 5)))
    assert came.months == tuple(after[("wage", new.designation_no)].get(no, 0) for no in range(1, 13))
    assert (came.employee_no, came.old_annual_yen) == ("N-77", None)


def test_an_employer_of_a_few_months_is_told_though_two_changes_came_between_two_notices(year: CityDeliveries) -> None:
    party, old = employee()
    new = other_employer(old)
    told_in_spring(party)
    transfer(party, old, new, date(2026, 6, 30), 1, day=date(2026, 7, 3))
    move(date(2026, 7, 3))
    leave(party, new, date(2026, 9, 20), 4, day=DAY)
    move(DAY)
    months = books(party)[("wage", new.designation_no)]
    assert sorted(months) == [2, 3, 4]
    row = row_of(new, party)
    assert row.months == tuple(months.get(no, 0) for no in range(1, 13))


@pytest.mark.req("R-017")
def test_who_has_left_is_billed_with_the_reason(year: CityDeliveries) -> None:
    party, employer = employee()
    told_in_spring(party)
    leave(party, employer, date(2026, 9, 20), 4, day=DAY)
    move(DAY)
    decision = standing_decision_of(party, tax_year=YEAR)
    assert decision is not None
    with on(DAY):
        bills = Charge.objects.filter(notice_no=decision.notice_no, method="ordinary")
        slip_issue_many([SlipRequest((one.pk,), date(2027, 5, 31)) for one in bills], issued_on=DAY)
        (key,) = [one for one in ordinary.notice_keys(YEAR, business_key=KEY) if one.startswith(decision.notice_no)]
        (piece,) = ordinary.notice_pieces([key], tax_year=YEAR, business_key=KEY, notice_on=DAY)
    assert piece.amount_yen == sum(books(party)[("ordinary", decision.notice_no)].values())
    assert piece.paper.reason.startswith("退職(令和8年9月20日)により普通徴収へ変更。地方税法第３２１条の６")

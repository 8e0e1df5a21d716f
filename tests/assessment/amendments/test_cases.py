"""A case of correction over several years: computed in order, limited, decided by two, only differences posted."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db.models import Sum

from addressbook.models import Party
from assessment.amendments.cases import CaseDraft, case_calculate, case_close, case_open
from assessment.amendments.errors import AmendmentRefused
from assessment.amendments.models import AmendmentCase, CaseState
from assessment.amendments.proposals import case_propose
from assessment.decisions.selectors import standing_decision_of
from assessment.models import AssessmentRun, Decision, LossMovement
from collection.models import Charge, Overpayment
from collection.selectors.proofs import prove_ledger
from collection.selectors.refunds import refund_plan, usual_ground
from collection.services.receipts import counter_payment_post
from taxsys.platform import clock
from taxsys.platform.approvals.errors import ProposalVoid
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.audit.context import using
from taxsys.platform.outbox.models import OutboxMessage
from taxsys.platform.staff.catalogue import catalogue
from taxsys.platform.staff.models import Staff
from tests.addressbook.conftest import full_context
from tests.assessment.amendments.scene import YEARS, decide, resident_of_years, tax_return
from tests.platform.actors import officer

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _at_the_desk() -> Iterator[None]:
    with clock.at(TODAY), using(full_context(actor_kind="staff", actor_id="1001")):
        yield


def staff(staff_no: str) -> Staff:
    return officer(staff_no, permissions=[one for one in catalogue() if one != "addressbook.reveal_protected"])


def three_years(no: int = 1, *, incomes: tuple[int, ...] = (-900_000, 4_000_000, 4_000_000)) -> Party:
    """A shopkeeper with a loss in the first year; all three years decided in their time, losses carried on."""
    party = resident_of_years(no)
    for year, income in zip(YEARS, incomes, strict=True):
        tax_return(party, year, is_blue_return=1, business_income_yen=income)
        decide(year)
    return party


def opened(party: Party, **changes: Any) -> AmendmentCase:
    values: dict[str, Any] = {
        "party_id": party.pk, "first_year": 2024, "cause": "inquiry",
        "reason_ja": "帳簿の調査により事業所得を改める", **changes,
    }  # fmt: skip
    return case_open(CaseDraft(**values), actor_id="1001")


def decided(case: AmendmentCase) -> Approval:
    approval = case_propose(case.pk, actor=staff("1001"))
    approval = approval_decide(approval.pk, decision="approve", actor=staff("1002"), seen_hash=approval.content_hash)
    case.refresh_from_db()
    return approval


def annual(party: Party) -> dict[int, int]:
    found = {year: standing_decision_of(party.pk, tax_year=year) for year in YEARS}
    return {year: one.annual_yen for year, one in found.items() if one}


def in_books(party: Party, tax_year: int) -> int:
    rows = Charge.objects.filter(party=party, tax_year=tax_year)
    return int(rows.aggregate(yen=Sum("amount_yen"))["yen"] or 0)


def pay_everything(party: Party) -> None:
    for charge in Charge.objects.filter(party=party, amount_yen__gt=0).order_by("pk"):
        counter_payment_post(
            till_key=f"till-{charge.pk}", charge_key=charge.business_key, amount_yen=charge.amount_yen,
            paid_on=charge.due_on, actor="S-2001",
        )  # fmt: skip


@pytest.mark.req("R-173")
@pytest.mark.req("R-278")
def test_a_smaller_loss_of_one_year_raises_the_next_and_the_calculation_leaves_nothing_behind() -> None:
    party = three_years()
    before = annual(party)
    # When: the loss of 令和6 turns out to be 100,000 yen; the rest of it had lowered 令和7.
    tax_return(party, 2024, arrived_on=date(2026, 11, 2), is_blue_return=1, business_income_yen=-100_000)
    case = opened(party)
    runs, versions, movements = AssessmentRun.objects.count(), Decision.objects.count(), LossMovement.objects.count()
    years = case_calculate(case.pk)
    # Then: 令和6 keeps its tax (a loss either way) and has another loss; 令和7 rises by the tax on 800,000 yen.
    assert [(one.tax_year, one.outcome) for one in years] == [(2024, "changed"), (2025, "changed"), (2026, "same")]
    assert [one.difference_yen for one in years] == [0, 80_000, 0]
    assert ["純損失の繰越額", 900_000, 100_000] in years[1].figures
    assert annual(party) == before
    assert (AssessmentRun.objects.count(), Decision.objects.count()) == (runs, versions)
    assert LossMovement.objects.count() == movements
    # When decided by a second person
    decided(case)
    after = annual(party)
    assert after == {2024: before[2024], 2025: before[2025] + 80_000, 2026: before[2026]}
    assert {year: in_books(party, year) for year in YEARS} == after
    newest = standing_decision_of(party.pk, tax_year=2025)
    assert newest is not None
    assert (newest.version, newest.cause, newest.released_by) == (2, "correction", "1002")
    assert newest.reason_ja == f"調査・資料の訂正(職権): 帳簿の調査により事業所得を改める(事案{case.case_no})"
    # The instalments of 令和7 are past: what is more comes as one bill of its own at the end of the next month.
    extra = Charge.objects.get(party=party, tax_year=2025, instalment_no=5)
    assert (extra.amount_yen, extra.due_on) == (80_000, date(2027, 1, 4))
    assert OutboxMessage.objects.filter(dedupe_key=f"copy:{party.pk}:2025:2").exists()
    assert prove_ledger().is_ok


@pytest.mark.req("R-019")
def test_beyond_three_years_nothing_is_raised_and_within_five_it_is_lowered() -> None:
    party = three_years(incomes=(3_000_000, 4_000_000, 4_000_000))
    for year, income in ((2024, 3_500_000), (2025, 4_500_000)):
        tax_return(party, year, arrived_on=date(2026, 11, 2), is_blue_return=1, business_income_yen=income)
    with clock.at(date(2027, 7, 2)):
        years = case_calculate(opened(party).pk)
        assert [(one.tax_year, one.outcome) for one in years] == [(2024, "late"), (2025, "changed"), (2026, "same")]
        assert years[0].limit_on == date(2027, 7, 1)
        assert "令和6年度分を増額できる期限(令和9年7月1日" in years[0].note_ja
        # An exception of the law reopens the year.
        (first, *_) = case_calculate(opened(party, limit_ground="fraud").pk)
        assert (first.outcome, first.limit_on) == ("changed", date(2031, 7, 1))
    tax_return(party, 2024, arrived_on=date(2027, 7, 1), is_blue_return=1, business_income_yen=2_000_000)
    with clock.at(date(2029, 7, 1)):
        (first, *_) = case_calculate(opened(party).pk)
        assert (first.outcome, first.limit_on) == ("changed", date(2029, 7, 1))
        assert first.difference_yen < 0
    with clock.at(date(2029, 7, 2)):
        (first, *_) = case_calculate(opened(party).pk)
        assert first.outcome == "late"
        with pytest.raises(AmendmentRefused, match="変更する年度がありません"):
            case_propose(AmendmentCase.objects.latest("pk").pk, actor=staff("1001"))


@pytest.mark.parametrize(
    ("cause", "dates", "ground", "starts_on"),
    [
        ("inquiry", {}, "17-4-1-1", date(2025, 7, 1)),
        # 二号: the earlier of three months after the request and one month after the correction.
        ("request", {"request_on": date(2026, 10, 1)}, "17-4-1-2", date(2026, 12, 21)),
        ("national_tax", {"tax_office_notice_on": date(2026, 9, 10)}, "17-4-1-3", date(2026, 10, 11)),
    ],
)
def test_the_overpayment_knows_from_when_its_interest_runs(
    cause: str, dates: dict[str, date], ground: str, starts_on: date
) -> None:
    party = three_years(incomes=(3_000_000, 4_000_000, 4_000_000))
    pay_everything(party)
    tax_return(party, 2025, arrived_on=date(2026, 11, 2), is_blue_return=1, business_income_yen=1_000_000)
    case = opened(party, first_year=2025, cause=cause, **dates)
    case_calculate(case.pk)
    before = annual(party)
    decided(case)
    rows = list(Overpayment.objects.filter(party=party).order_by("paid_on"))
    assert sum(one.remaining_yen for one in rows) == before[2025] - annual(party)[2025] > 0
    assert {usual_ground(one).code for one in rows} == {ground}
    plan = refund_plan(party.pk, rows, {one.pk: usual_ground(one) for one in rows}, decided_on=date(2026, 12, 25))
    assert min(line.interest.count_from for line in plan.lines) == starts_on
    assert prove_ledger().is_ok


def test_what_changed_after_the_calculation_is_not_decided() -> None:
    party = three_years()
    tax_return(party, 2025, arrived_on=date(2026, 11, 2), is_blue_return=1, business_income_yen=5_000_000)
    case = opened(party)
    case_calculate(case.pk)
    approval = case_propose(case.pk, actor=staff("1001"))
    tax_return(party, 2025, arrived_on=date(2026, 11, 19), is_blue_return=1, business_income_yen=5_500_000)
    with pytest.raises(ProposalVoid):
        approval_decide(approval.pk, decision="approve", actor=staff("1002"), seen_hash=approval.content_hash)
    case.refresh_from_db()
    assert case.state == CaseState.OPEN
    assert standing_decision_of(party.pk, tax_year=2025).version == 1  # type: ignore[union-attr]
    # Calculated again, it is proposed and decided with what is true now.
    case_calculate(case.pk)
    decided(case)
    assert case.state == CaseState.DECIDED
    assert standing_decision_of(party.pk, tax_year=2025).version == 2  # type: ignore[union-attr]


def test_a_year_without_a_decision_is_determined() -> None:
    party = resident_of_years(2)
    tax_return(party, 2026, is_blue_return=1, business_income_yen=3_000_000)
    decide(2026)
    tax_return(party, 2025, arrived_on=date(2026, 11, 2), is_blue_return=1, business_income_yen=2_000_000)
    case = opened(party, first_year=2025)
    case_calculate(case.pk)
    decided(case)
    found = standing_decision_of(party.pk, tax_year=2025)
    assert found is not None
    assert (found.version, found.cause) == (1, "determination")
    assert in_books(party, 2025) == found.annual_yen > 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason_ja": " "}, "reason_ja"),
        ({"first_year": 2027}, "first_year"),
        ({"limit_ground": "judgment"}, "event_on"),
        ({"cause": "request"}, "request_on"),
        ({"cause": "amended_return"}, "tax_office_notice_on"),
        ({"cause": "request", "request_on": date(2026, 12, 1)}, "request_on"),
    ],
)
def test_a_case_says_which_box_is_missing(changes: dict[str, Any], field: str) -> None:
    party = resident_of_years(1)
    with pytest.raises(AmendmentRefused) as refused:
        opened(party, **changes)
    assert refused.value.field == field
    assert AmendmentCase.objects.count() == 0


def test_a_closed_case_stays_as_it_is() -> None:
    case = opened(resident_of_years(1))
    case_close(case.pk, actor_id="1001")
    with pytest.raises(AmendmentRefused, match="取りやめ"):
        case_calculate(case.pk)

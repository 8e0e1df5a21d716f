"""納期の特例: two people decide, months levied and to come fall due by half years, its end puts them back."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from django.test import Client

from assessment.models import Withholder
from assessment.withholders.errors import PrivilegeRefused
from assessment.withholders.models import DueDateMove, PaymentPrivilege
from assessment.withholders.services import (
    APPROVE,
    GIVE_UP,
    REFUSE,
    REVOKE,
    Application,
    privilege_apply,
    privilege_propose,
    privilege_withdraw,
)
from collection.models import Charge
from collection.selectors.account import charge_standing
from collection.selectors.proofs import prove_ledger
from collection.services.slips import SlipRequest, slip_issue_many
from taxsys.city.deliveries import CityDeliveries
from taxsys.kernel import wareki
from taxsys.platform import clock
from taxsys.platform.approvals.errors import AlreadyProposed, OwnProposal, ProposalVoid
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.audit.context import using
from taxsys.platform.staff.catalogue import catalogue
from taxsys.platform.staff.models import Staff
from tests.addressbook.conftest import full_context
from tests.assessment.change.decided import decide_year
from tests.assessment.desk.test_documents import clerk
from tests.assessment.moves.scene import YEAR, books, employee, leave, move, other_employer, total, transfer
from tests.platform.actors import officer

DAY = date(2026, 8, 5)
DECEMBER, JUNE = date(2026, 12, 10), date(2027, 6, 10)


@pytest.fixture
def at_the_desk(year: CityDeliveries) -> Iterator[None]:
    with clock.at(DAY), using(full_context(actor_kind="staff", actor_id="1001")):
        yield


def people() -> tuple[Staff, Staff]:
    codes = [code for code in catalogue() if code != "addressbook.reveal_protected"]
    return officer("1001", permissions=codes), officer("1002", permissions=codes)


def dues(employer: Withholder) -> list[date]:
    rows = Charge.objects.filter(notice_no=employer.designation_no, method="wage", tax_year=YEAR)
    return list(rows.order_by("instalment_no").values_list("due_on", flat=True))


def applied(employer: Withholder, **changes: object) -> PaymentPrivilege:
    values = {
        "received_on": date(2026, 8, 3), "channel": "paper", "employee_count": 4, "first_month": date(2026, 9, 20),
    }  # fmt: skip
    return privilege_apply(employer, Application(**{**values, **changes}), actor=people()[0])  # type: ignore[arg-type]


def decided(privilege: PaymentPrivilege, act: str, *, on: date = DAY, reason: str = "要件に合う") -> None:
    one, other = people()
    privilege.refresh_from_db()
    approval = privilege_propose(privilege, act, reason=reason, on=on, actor=one)
    approval_decide(approval.pk, decision="approve", actor=other, seen_hash=approval.content_hash)


@pytest.mark.req("R-017")
def test_an_approval_moves_the_months_from_its_start_to_the_half_year_and_calls_in_their_slips(
    at_the_desk: None,
) -> None:
    _, employer = employee()
    before = dues(employer)
    october = Charge.objects.get(notice_no=employer.designation_no, instalment_no=5, method="wage", tax_year=YEAR)
    (slip,) = slip_issue_many([SlipRequest((october.pk,), valid_until=DECEMBER)], issued_on=DAY)
    decided(applied(employer), APPROVE)
    assert dues(employer) == [*before[:3], *[DECEMBER] * 3, *[JUNE] * 6]
    assert october.slip_lines.get().slip.state == "withdrawn"
    assert slip.slip_id == october.slip_lines.get().slip_id
    assert DueDateMove.objects.count() == 7  # November and May have that day anyway
    employer.refresh_from_db()
    assert employer.has_payment_privilege
    assert prove_ledger().is_ok


@pytest.mark.req("R-017")
def test_late_interest_counts_from_the_half_year(at_the_desk: None) -> None:
    charge = Charge.objects.filter(method="wage", tax_year=YEAR, instalment_no=3).order_by("-amount_yen", "notice_no")[
        0
    ]
    employer = Withholder.objects.get(designation_no=charge.notice_no)
    monthly = charge_standing(charge.pk, as_of=DECEMBER).interest_yen
    assert monthly is not None
    assert monthly > 0
    decided(applied(employer, first_month=date(2026, 8, 1)), APPROVE)
    assert not charge_standing(charge.pk, as_of=DECEMBER).interest_yen


def test_nobody_decides_alone_and_a_withdrawn_application_voids_its_proposal(at_the_desk: None) -> None:
    _, employer = employee()
    one, other = people()
    privilege = applied(employer)
    approval = privilege_propose(privilege, APPROVE, reason="", on=DAY, actor=one)
    with pytest.raises(AlreadyProposed):
        privilege_propose(privilege, REFUSE, reason="別の理由", on=DAY, actor=one)
    with pytest.raises(OwnProposal):
        approval_decide(approval.pk, decision="approve", actor=one, seen_hash=approval.content_hash)
    before = dues(employer)
    privilege_withdraw(privilege.pk, actor=one, reason="支払者の申出")
    with pytest.raises(ProposalVoid):
        approval_decide(approval.pk, decision="approve", actor=other, seen_hash=approval.content_hash)
    assert dues(employer) == before
    privilege.refresh_from_db()
    assert privilege.state == "withdrawn"


def test_ten_employees_are_too_many_and_a_refusal_changes_nothing_but_needs_a_reason(at_the_desk: None) -> None:
    _, employer = employee()
    one, _ = people()
    privilege = applied(employer, employee_count=10)
    before = dues(employer)
    with pytest.raises(PrivilegeRefused, match="10人です"):
        privilege_propose(privilege, APPROVE, reason="", on=DAY, actor=one)
    with pytest.raises(PrivilegeRefused, match="理由"):
        privilege_propose(privilege, REFUSE, reason=" ", on=DAY, actor=one)
    decided(privilege, REFUSE, reason="給与の支払を受ける者が常時10人未満でない")
    privilege.refresh_from_db()
    assert (privilege.state, privilege.decided_on) == ("refused", DAY)
    assert dues(employer) == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"first_month": date(2026, 7, 31)}, "first_month"),
        ({"received_on": date(2026, 8, 6)}, "received_on"),
    ],
)
def test_a_month_that_is_over_and_a_day_to_come_are_refused(
    at_the_desk: None, changes: dict[str, date], field: str
) -> None:
    _, employer = employee()
    with pytest.raises(PrivilegeRefused) as refused:
        applied(employer, **changes)
    assert refused.value.field == field
    applied(employer)
    with pytest.raises(PrivilegeRefused, match="申請中か承認中"):
        applied(employer)


@pytest.mark.req("R-017")
def test_a_revocation_calls_the_months_of_the_half_in_with_its_own_month(at_the_desk: None) -> None:
    _, employer = employee()
    before = dues(employer)
    privilege = applied(employer, first_month=date(2026, 8, 1))
    decided(privilege, APPROVE)
    assert dues(employer) == [*before[:2], *[DECEMBER] * 4, *[JUNE] * 6]
    with clock.at(date(2026, 10, 20)):
        decided(privilege, REVOKE, on=date(2026, 9, 25), reason="受給者が12人になった")
        # August and September with September's day; October on by itself.
        assert dues(employer) == [*before[:2], before[3], before[3], *before[4:]]
        privilege.refresh_from_db()
        assert (privilege.state, privilege.ended_on) == ("revoked", date(2026, 9, 25))
        employer.refresh_from_db()
        assert not employer.has_payment_privilege
        with pytest.raises(PrivilegeRefused, match="前の特例が終わった月"):
            applied(employer, received_on=date(2026, 9, 1), first_month=date(2026, 9, 1))
        again = applied(employer, received_on=date(2026, 10, 20), first_month=date(2026, 12, 1))
        decided(again, APPROVE)
        assert dues(employer)[6:] == [JUNE] * 6
        assert dues(employer)[2:6] == [before[3], before[3], *before[4:6]]
    with clock.at(date(2027, 1, 15)):
        decided(again, GIVE_UP, on=date(2027, 1, 15), reason="支払者の届出")
        assert dues(employer) == [*before[:2], before[3], before[3], *before[4:6], before[7], before[7], *before[8:]]


@pytest.mark.req("R-017")
@pytest.mark.req("R-156")
def test_changes_of_employees_follow_the_due_dates_of_the_agent(at_the_desk: None) -> None:
    party, employer = employee()
    new = other_employer(employer)
    annual = total(party)
    decided(applied(employer), APPROVE)
    decided(applied(new), APPROVE)
    before = books(party)[("wage", employer.designation_no)]
    transfer(party, employer, new, date(2026, 10, 1), 4, day=date(2026, 10, 5))
    move(date(2026, 10, 9))
    after = books(party)
    assert after[("wage", employer.designation_no)] == {no: before[no] for no in range(1, 5)}
    assert sum(after[("wage", new.designation_no)].values()) == sum(before[no] for no in range(5, 13))
    assert total(party) == annual
    for agent in (employer, new):
        assert dues(agent)[3:] == [*[DECEMBER] * 3, *[JUNE] * 6]
    leave(party, new, date(2026, 11, 30), 6, day=date(2026, 12, 2))
    move(date(2026, 12, 4))
    assert total(party) == annual
    assert dues(new)[3:] == [*[DECEMBER] * 3, *[JUNE] * 6]
    assert prove_ledger().is_ok


@pytest.mark.req("R-017")
def test_the_levy_of_the_year_asks_for_the_half_years_of_an_agent_approved_before(city: CityDeliveries) -> None:
    agents = list(Withholder.objects.order_by("designation_no"))
    PaymentPrivilege.objects.bulk_create(
        PaymentPrivilege(
            withholder=one, received_on=date(2025, 5, 1), channel="paper", employee_count=3,
            first_month=date(2025, 6, 1), state="approved", decided_on=date(2025, 5, 20), recorded_by="1001",
            recorded_at=clock.now(),
        )
        for one in agents[::2]
    )  # fmt: skip
    decide_year()
    twice = {one.designation_no for one in agents[::2]}
    rows = Charge.objects.filter(method="wage", tax_year=YEAR)
    assert {one.due_on for one in rows if one.notice_no in twice} == {DECEMBER, JUNE}
    monthly = {(one.instalment_no, one.due_on) for one in rows if one.notice_no not in twice}
    assert len(monthly) == 12
    assert prove_ledger().is_ok


def _token(html: str) -> str:
    found = re.search(r'name="subject_token" value="([^"]+)"', html)
    assert found
    return found[1]


@pytest.mark.req("R-207")
def test_the_desk_applies_proposes_and_prints(at_the_desk: None, client: Client) -> None:
    _, employer = employee()
    desk = clerk(client)
    url = f"/assessment/withholders/{employer.pk}/privilege"
    html = desk.get(url).content.decode()
    assert "申請の入力" in html
    typed = {
        "subject_token": _token(html), "received_on": "R8.8.3", "channel": "eltax", "reception_no": "R20260803-1",
        "employee_count": "4", "first_month": "R8.7.1",
    }  # fmt: skip
    wrong = desk.post(f"{url}/apply", typed)
    assert wrong.status_code == 422
    assert "R20260803-1" in wrong.content.decode()
    assert desk.post(f"{url}/apply", {**typed, "first_month": "R8.9.1"}).status_code == 302
    html = desk.get("/assessment/privileges").content.decode()
    assert employer.designation_no in html
    html = desk.get(url).content.decode()
    acting = {"subject_token": _token(html), "act": "approve", "reason": "", "ended_on": ""}
    assert desk.post(f"{url}/act", acting).status_code == 302
    assert desk.post(f"{url}/act", acting).status_code == 422  # proposed already
    privilege = PaymentPrivilege.objects.get()
    assert desk.get(f"/assessment/privileges/{privilege.pk}/notice.pdf").status_code == 404
    approval = Approval.objects.get(kind="assessment.payment_privilege")
    assert "納期の特例" in desk.get(f"/approvals/{approval.pk}").content.decode()
    approval_decide(approval.pk, decision="approve", actor=people()[1], seen_hash=approval.content_hash)
    answer = desk.get(f"/assessment/privileges/{privilege.pk}/notice.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    html = desk.get(url).content.decode()
    moved = f"{wareki.format_short(date(2026, 11, 10))}→{wareki.format_short(DECEMBER)}"
    assert f"令和8年度10月分　{moved}" in html
    assert desk.post(f"{url}/act", acting).status_code == 409

"""猶予・延滞金の免除・納期限の延長: in force by two people, and what interest, due dates and reminders make of it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client

from addressbook.models import Party
from collection import permissions
from collection.deferments.errors import DefermentRefused
from collection.deferments.models import Deferment, DefermentState
from collection.deferments.selectors import deferment_badges
from collection.deferments.services import DefermentDraft, deferment_end_propose, deferment_propose
from collection.models import Charge, InterestRelief, Slip, SlipState
from collection.selectors.account import charge_interest, charge_standing
from collection.selectors.overdue import overdue_charges
from collection.services.levy import levy_post
from collection.services.slips import SlipRequest, slip_issue_many
from taxsys.platform import clock
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.permissions import DECIDE, VIEW_QUEUE
from taxsys.platform.approvals.services import approval_decide, approval_withdraw
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.staff.models import Staff
from tests.addressbook.people import person
from tests.collection.books import ordinary
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
UNTIL = date(2026, 11, 30)
DUES = (date(2026, 6, 1), date(2026, 8, 31))


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(TODAY), using(AccessContext(actor_kind="staff", actor_id="2001", unit_code="nouzei")):
        yield


@pytest.fixture
def clerk() -> Staff:
    return officer("2001", permissions=[permissions.KEEP_DEFERMENT, VIEW_QUEUE], unit_name="納税管理課")


@pytest.fixture
def chief() -> Staff:
    rights = [permissions.KEEP_DEFERMENT, permissions.DECIDE_DEFERMENT, DECIDE, VIEW_QUEUE]
    return officer("2002", permissions=rights, unit_name="納税管理課")


@pytest.fixture
def payer() -> Party:
    return person(1, name="旭川　太郎")


@pytest.fixture
def charges(payer: Party) -> list[Charge]:
    """Two instalments of 令和8, 1,200,000 yen due 1 June and 50,000 yen due 31 August."""
    rows = ordinary(payer.id, "0012345678", [(1_200_000, 0, 0), (50_000, 0, 0)], due_ons=DUES)
    levy_post(rows, dedupe_key="run", occurred_on=date(2026, 5, 10), actor="job:test")
    return list(Charge.objects.order_by("instalment_no"))


def draft(payer: Party, *charges: Charge, **changes: Any) -> DefermentDraft:
    given: dict[str, Any] = {
        "ground": "deferment_disaster", "from_on": date(2026, 7, 2), "until_on": date(2026, 9, 30),
        "reason_ja": "水害", "evidence_ja": "り災証明書",
    }  # fmt: skip
    return DefermentDraft(party_id=payer.id, charge_ids=tuple(one.pk for one in charges), **{**given, **changes})


def decided(chief: Staff, decision: str = "approve") -> Approval:
    approval = Approval.objects.get(state="proposed")
    return approval_decide(
        approval.pk, decision=decision, actor=chief, reason="確認済", seen_hash=approval.content_hash
    )


def test_interest_of_a_period_deferred_for_a_disaster_is_exempt_from_the_second_officers_approval_on(
    charges: list[Charge], payer: Party, clerk: Staff, chief: Staff
) -> None:
    before = charge_interest(charges[0].pk, as_of=UNTIL).interest_yen
    row = deferment_propose(draft(payer, charges[0]), actor=clerk)
    assert (row.number, row.state) == ("2026-00001", DefermentState.PROPOSED)
    assert charge_interest(charges[0].pk, as_of=UNTIL).interest_yen == before
    decided(chief)
    row.refresh_from_db()
    assert (row.state, row.decided_on, row.decided_by) == (DefermentState.GRANTED, TODAY, "2002")
    # 30 days at 2.8 % (2,761), 91 days exempt, 61 days at 9.1 % (18,249): 21,010 cut to hundreds.
    assert charge_interest(charges[0].pk, as_of=UNTIL).interest_yen == 21_000
    relief = InterestRelief.objects.get()
    assert (relief.effect, relief.decision_no, relief.actor) == ("zero", "2026-00001", "staff:2002")


def test_a_deferment_for_a_business_that_closed_is_charged_at_the_deferment_rate(
    charges: list[Charge], payer: Party, clerk: Staff, chief: Staff
) -> None:
    deferment_propose(draft(payer, charges[0], ground="deferment_business"), actor=clerk)
    decided(chief)
    # 2,761 + 91 days at 1.3 % (3,889) + 18,249 = 24,899.
    assert charge_interest(charges[0].pk, as_of=UNTIL).interest_yen == 24_800


def test_nobody_is_reminded_while_a_claim_is_deferred(
    charges: list[Charge], payer: Party, clerk: Staff, chief: Staff
) -> None:
    deferment_propose(draft(payer, charges[1], until_on=date(2026, 12, 31), from_on=date(2026, 11, 1)), actor=clerk)
    decided(chief)
    held = {one.charge_id: one.holds_ja for one in overdue_charges(TODAY).charges}
    assert deferment_badges([payer.id], TODAY) == {payer.id: [("caution", "猶予中 R8.12.31まで")]}
    assert deferment_badges([payer.id], date(2027, 1, 1)) == {}
    assert held == {charges[0].pk: (), charges[1].pk: ("猶予期間中",)}


def test_an_extension_moves_the_due_date_calls_the_slips_in_and_costs_no_interest(
    charges: list[Charge], payer: Party, clerk: Staff, chief: Staff
) -> None:
    slip_issue_many([SlipRequest((charges[0].pk,), date(2027, 5, 31))], issued_on=date(2026, 6, 8))
    deferment_propose(
        draft(payer, *charges, ground="extension_disaster", from_on=None, until_on=date(2026, 12, 25)), actor=clerk
    )
    decided(chief)
    assert [one.due_on for one in Charge.objects.order_by("instalment_no")] == [date(2026, 12, 25)] * 2
    assert [one.statutory_due_on for one in Charge.objects.all()] == [charges[0].statutory_due_on] * 2
    assert Slip.objects.get().state == SlipState.WITHDRAWN
    assert charge_standing(charges[0].pk, as_of=UNTIL).interest_yen in {None, 0}
    assert not InterestRelief.objects.exists()
    with pytest.raises(DefermentRefused, match="取り消せません"):
        deferment_end_propose(Deferment.objects.get(), on=TODAY, reason="誤り", actor=clerk)


def test_what_is_ended_keeps_its_effect_up_to_the_day_before(
    charges: list[Charge], payer: Party, clerk: Staff, chief: Staff
) -> None:
    row = deferment_propose(draft(payer, charges[0]), actor=clerk)
    decided(chief)
    deferment_end_propose(row, on=date(2026, 9, 1), reason="分割納付の不履行", actor=clerk)
    assert InterestRelief.objects.get().relief_until == date(2026, 9, 30)
    decided(chief)
    assert InterestRelief.objects.get().relief_until == date(2026, 8, 31)
    row.refresh_from_db()
    assert (row.state, row.ended_on, row.end_reason_ja) == (DefermentState.ENDED, date(2026, 9, 1), "分割納付の不履行")
    with pytest.raises(DefermentRefused, match="「取消」"):
        deferment_end_propose(row, on=TODAY, reason="再度", actor=clerk)


def test_an_end_lies_within_the_period_and_has_a_reason(
    charges: list[Charge], payer: Party, clerk: Staff, chief: Staff
) -> None:
    row = deferment_propose(draft(payer, charges[0]), actor=clerk)
    decided(chief)
    for on in (row.from_on, date(2026, 10, 1)):
        with pytest.raises(DefermentRefused, match="始期の翌日から終期まで"):
            deferment_end_propose(row, on=on, reason="要件を欠く", actor=clerk)
    with pytest.raises(DefermentRefused, match="理由を入力"):
        deferment_end_propose(row, on=row.until_on, reason=" ", actor=clerk)


@pytest.mark.parametrize("how", ["send_back", "withdraw"])
def test_what_is_sent_back_or_withdrawn_leaves_nothing_and_can_be_entered_again(
    charges: list[Charge], payer: Party, clerk: Staff, chief: Staff, how: str
) -> None:
    row = deferment_propose(draft(payer, charges[0]), actor=clerk)
    if how == "send_back":
        decided(chief, "send_back")
    else:
        approval_withdraw(Approval.objects.get().pk, actor=clerk)
    row.refresh_from_db()
    assert row.state == DefermentState.WITHDRAWN
    assert not InterestRelief.objects.exists()
    assert deferment_propose(draft(payer, charges[0]), actor=clerk).number == "2026-00002"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"until_on": date(2026, 7, 1)}, "終期が始期より前"),
        ({"until_on": date(2027, 7, 2)}, "12か月以内"),
        ({"until_on": date(2026, 10, 2)}, "担保"),
        ({"received_on": date(2026, 11, 21)}, "業務日より後"),
        ({"ground": "no_such"}, "根拠を選んで"),
        ({"from_on": None}, "始期を入力"),
        ({"ground": "conversion_asked"}, "申請日を入力"),
        ({"ground": "deferment_late_levy", "received_on": date(2026, 6, 2)}, "申請の期限"),
        ({"ground": "relief_unavoidable", "from_on": date(2026, 6, 1)}, "延滞金の付かない日"),
        ({"ground": "extension_disaster", "until_on": date(2026, 6, 1)}, "いまの納期限"),
        ({"ground": "extension_disaster", "until_on": date(2026, 12, 26)}, "休日"),
    ],
)
def test_what_the_law_does_not_allow_is_refused_with_its_reason(
    charges: list[Charge], payer: Party, clerk: Staff, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(DefermentRefused, match=message):
        deferment_propose(draft(payer, charges[0], **changes), actor=clerk)
    assert not Deferment.objects.exists()


def test_claims_of_somebody_else_and_overlapping_periods_are_refused(
    charges: list[Charge], payer: Party, clerk: Staff, chief: Staff
) -> None:
    with pytest.raises(DefermentRefused, match="対象の期別"):
        deferment_propose(draft(person(2), charges[0]), actor=clerk)
    deferment_propose(draft(payer, charges[0]), actor=clerk)
    with pytest.raises(DefermentRefused, match="2026-00001（決裁待ち）と重なる"):
        deferment_propose(draft(payer, charges[0], from_on=date(2026, 9, 30)), actor=clerk)
    decided(chief)
    with pytest.raises(DefermentRefused, match="重なる"):
        deferment_propose(draft(payer, charges[0], from_on=date(2026, 9, 30)), actor=clerk)
    assert deferment_propose(draft(payer, charges[0], from_on=date(2026, 10, 1), until_on=UNTIL), actor=clerk)


def test_deferments_of_one_claim_last_two_years_together_at_most(
    charges: list[Charge], payer: Party, clerk: Staff, chief: Staff
) -> None:
    first = {"from_on": date(2026, 9, 1), "until_on": date(2027, 8, 31)}
    second = {"from_on": date(2027, 9, 1), "until_on": date(2028, 8, 31)}
    for period in (first, second):
        deferment_propose(draft(payer, charges[1], **period), actor=clerk)
        decided(chief)
    third = draft(payer, charges[1], from_on=date(2028, 9, 1), until_on=date(2028, 9, 1))
    with pytest.raises(DefermentRefused, match="24か月以内"):
        deferment_propose(third, actor=clerk)


# --- the screens ---------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(client: Client, clerk: Staff) -> Client:
    from addressbook.permissions import VIEW_PARTY

    rights = [*permissions.PERMISSIONS, VIEW_PARTY, VIEW_QUEUE]
    return sign_in(client, officer("2003", permissions=rights, unit_name="納税管理課"))


def token_of(page: str) -> str:
    return page.split('name="subject_token" value="')[1].split('"')[0]


def test_an_officer_enters_one_on_the_card_and_finds_it_in_the_list(
    desk: Client, charges: list[Charge], payer: Party, chief: Staff
) -> None:
    address = f"/party/{payer.id}/collection/deferments/"
    page = desk.get(address).content.decode()
    sent = {
        "subject_token": token_of(page), "charge": [charges[0].pk], "ground": "deferment_disaster",
        "from_on": "R8.7.2", "until_on": "R8.9.30", "reason_ja": "水害", "evidence_ja": "り災証明書",
    }  # fmt: skip
    answer = desk.post(address, sent)
    assert answer.status_code == 302, answer.content.decode()[:500]
    assert "決裁待ち" in desk.get(address).content.decode()
    decided(chief)
    row = Deferment.objects.get()
    listed = desk.get("/collection/deferments/").content.decode()
    assert row.number in listed
    one = desk.get(f"{address}{row.pk}/").content.decode()
    assert "取消を起案する" in one
    ended = desk.post(f"{address}{row.pk}/", {"subject_token": token_of(one), "ended_on": "R8.9.1", "reason": "不履行"})
    assert ended.status_code == 302
    assert Approval.objects.filter(kind="collection.deferment_end", state="proposed").exists()


def test_what_is_wrong_is_told_on_the_form_and_nothing_typed_is_lost(
    desk: Client, charges: list[Charge], payer: Party
) -> None:
    address = f"/party/{payer.id}/collection/deferments/"
    sent = {
        "subject_token": token_of(desk.get(address).content.decode()), "ground": "deferment_disaster",
        "from_on": "R8.7.2", "until_on": "R8.9.30", "reason_ja": "水害による損害", "evidence_ja": "り災証明書",
    }  # fmt: skip
    answer = desk.post(address, sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "対象の期別を、未納のものから選んでください。" in page
    assert "水害による損害" in page
    assert desk.get(f"/party/{person(3).id}/collection/deferments/999/").status_code == 404

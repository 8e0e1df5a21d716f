"""支援措置 entered by hand: hidden at once, registered by two people; nothing opens by one of them."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from addressbook.codes import ProtectionKind
from addressbook.disclosure import address_for, is_opponent, opponents_by_party
from addressbook.errors import ProtectionTermRefused
from addressbook.models import Party, Protection, ProtectionOpponent
from addressbook.permissions import MANAGE_PROTECTION
from addressbook.services.protection_measures import Measure, measure_propose
from addressbook.services.protections import protections_apply
from taxsys.platform.approvals.errors import AlreadyProposed, OwnProposal
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.permissions import DECIDE, VIEW_QUEUE
from taxsys.platform.approvals.services import approval_decide, approval_withdraw
from taxsys.platform.audit.context import using
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.outbox.models import OutboxMessage
from taxsys.platform.staff.models import Staff
from taxsys.platform.staff.permissions import HOME
from tests.addressbook.people import TODAY, measure, person
from tests.platform.actors import officer, sign_in, staff_context

pytestmark = [pytest.mark.django_db, pytest.mark.req("N-086")]
RIGHTS = [HOME, VIEW_QUEUE, DECIDE, MANAGE_PROTECTION]
FIELDS = {
    "kind": "1", "accepted_on": "R8.11.20", "valid_from": "R8.11.20", "valid_to": "R9.11.20", "targets": ["1", "9"],
    "requested_from": "011002", "opponent_1_name": "相手　方男", "opponent_1_address": "北海道旭川市九条通1丁目",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _day(settings: Any) -> None:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()


@pytest.fixture
def clerk() -> Staff:
    return officer("5001", permissions=RIGHTS)


def hidden(party: Party) -> bool:
    return address_for(party.pk, output="addressbook.card").is_masked


def proposed(entered: Measure, actor: Staff) -> Approval:
    with using(staff_context(actor)):
        return measure_propose(entered, actor=actor)


def decided(approval: Approval, decision: str = "approve", number: str = "5002", reason: str = "") -> Approval:
    actor = officer(number, permissions=RIGHTS)
    with using(staff_context(actor)):
        return approval_decide(
            approval.pk, decision=decision, actor=actor, reason=reason, seen_hash=approval.content_hash
        )


@pytest.mark.req("R-207")
def test_the_person_and_the_household_are_hidden_at_once_and_registered_by_a_second_person(clerk: Staff) -> None:
    party, child = person(1), person(2, household="S0000000001", relation="20")
    opponent = person(3, name="相手　方男", address_text="北海道旭川市九条通1丁目")
    entered = measure(party, members=(child.person_no,), contact="0166-00-0001", mail_to="旭川市役所気付")
    assert not hidden(party)
    approval = proposed(entered, clerk)
    assert (hidden(party), hidden(child)) == (True, True)
    assert [row.kind for row in Protection.objects.all()] == [ProtectionKind.DETAILS_PENDING]
    with pytest.raises(OwnProposal):
        decided(approval, number="5001")
    decided(approval)
    row = Protection.objects.get(kind="1")
    assert (row.valid_to, row.targets, row.requested_from, row.mail_to) == (
        date(2027, 11, 20), "9", "011002", "旭川市役所気付",
    )  # fmt: skip
    assert (row.opponent_party, [one.party for one in row.members.all()]) == (opponent, [child])
    assert Protection.objects.get(kind=ProtectionKind.DETAILS_PENDING).state == "2"
    assert hidden(party)
    assert OutboxMessage.objects.filter(topic="protection.changed", subject_key=str(party.pk)).count() == 1
    events = AccessEvent.objects.filter(record_type="protection", subjects=[str(party.pk)]).order_by("pk")
    assert [(one.action, one.actor_id) for one in events] == [("create", "5001"), ("update", "5002")]


@pytest.mark.req("N-090")
def test_every_opponent_counts_for_everyone_the_measure_names(clerk: Staff) -> None:
    party, child = person(1), person(2, household="S0000000001", relation="20")
    first = person(3, name="相手　方男", address_text="北海道旭川市九条通1丁目")
    second = person(4, name="相手　父男", address_text="北海道旭川市十条通2丁目")
    pairs = (("相手　方男", "北海道旭川市九条通1丁目"), ("相手　父男", "北海道旭川市十条通2丁目"), ("名　前のみ", ""))
    decided(proposed(measure(party, members=(child.person_no,), opponents=pairs), clerk))
    assert [one.party for one in ProtectionOpponent.objects.order_by("pk")] == [second, None]
    found = opponents_by_party([party.pk, child.pk, first.pk])
    assert set(found) == {party.pk, child.pk}
    namesake = person(5, name="名　前のみ")
    for about in (party, child):
        assert [is_opponent(one, found[about.pk]) for one in (first, second, namesake, person(6 + about.pk.int % 90))
                ] == [True, True, True, False]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"person_no": "R99999999999999"}, "person_no", "宛名が見つかりません"),
        ({"valid_from": date(2026, 11, 19)}, "valid_from", "受付日以後"),
        ({"valid_to": date(2027, 11, 21)}, "valid_to", "1年以内"),
        ({"valid_to": TODAY}, "valid_to", "1年以内"),
        ({"requested_from": "999999"}, "requested_from", "市区町村コード"),
        ({"opponents": ()}, "opponent_1_name", "相手方の氏名"),
        ({"members": ("R88888888888888",)}, "members", "併せて支援を求める者"),
    ],
)
def test_what_the_form_cannot_say_is_refused_and_hides_nobody(
    clerk: Staff, changes: dict[str, Any], field: str, words: str
) -> None:
    party = person(1)
    with pytest.raises(ProtectionTermRefused, match=words) as caught:
        proposed(measure(party, **changes), clerk)
    assert (caught.value.field, hidden(party), Approval.objects.count()) == (field, False, 0)


def test_only_a_second_person_opens_again_what_was_hidden(clerk: Staff) -> None:
    party = person(1)
    approval = proposed(measure(party), clerk)
    with pytest.raises(AlreadyProposed):
        proposed(measure(party), clerk)
    decided(approval, "send_back", reason="受付日の誤り")
    assert hidden(party)
    again = proposed(measure(party), clerk)
    assert (again.version, hidden(party)) == (2, True)
    with using(staff_context(clerk)):
        approval_withdraw(again.pk, actor=clerk)
    assert hidden(party)  # taken back by one person: still hidden, and on the list of what is pending
    third = proposed(measure(party), clerk)
    decided(third, "reject", reason="別人の申出書")
    assert not hidden(party)


def test_the_list_of_the_register_may_be_faster_and_then_the_proposal_is_void(clerk: Staff) -> None:
    party = person(1)
    approval = proposed(measure(party), clerk)
    record = {
        "person_no": party.person_no, "kind": "1", "accepted_on": "2026-11-20", "from": "2026-11-20",
        "to": "2027-11-20", "state": "1", "updated_at": "2026-11-20T10:00:00+09:00",
    }  # fmt: skip
    protections_apply([record], source="juki")
    with pytest.raises(Exception, match="失効"):
        decided(approval)
    assert (Approval.objects.get().state, hidden(party)) == ("void", True)


def test_the_screen_enters_it_and_the_second_person_sees_the_paper_without_the_hidden_address(client: Client) -> None:
    party = person(1, address_text="北海道旭川市隠里町9番9号")
    sign_in(client, officer("5001", permissions=RIGHTS))
    wrong = client.post(reverse("protection-new"), {**FIELDS, "person_no": "R00000000000077"})
    assert (wrong.status_code, "宛名が見つかりません" in wrong.content.decode()) == (422, True)
    number = client.post(reverse("protection-new"), {**FIELDS, "person_no": party.person_no, "contact": "123456789018"})
    assert (number.status_code, Protection.objects.count()) == (422, 0)
    done = client.post(
        reverse("protection-new"), {**FIELDS, "person_no": party.person_no, "opponent_2_name": "二人　目"}
    )
    assert (done.status_code, hidden(party)) == (302, True)
    assert "内容未着" in client.get(reverse("protections")).content.decode()
    approval = Approval.objects.get()
    page = sign_in(Client(), officer("5002", permissions=RIGHTS)).get(f"/approvals/{approval.pk}").content.decode()
    shown = ("相手方2 氏名", "二人　目", "札幌市", "配偶者等からの暴力", "令和9年11月20日", party.name)
    assert [word for word in shown if word not in page] == []
    assert "隠里町" not in page
    assert AccessEvent.objects.filter(record_type="approval", subjects=[str(party.pk)], action="view").count() == 1


def test_the_opponents_own_record_shows_the_neutral_sign_for_a_further_opponent_too(clerk: Staff) -> None:
    from addressbook.selectors.badge_rows import badge_rows

    party = person(1)
    other = person(4, name="相手　父男", address_text="北海道旭川市十条通2丁目")
    pairs = (("相手　方男", ""), ("相手　父男", "北海道旭川市十条通2丁目"))
    decided(proposed(measure(party, opponents=pairs), clerk))
    assert [(what, which) for _id, what, which, _day in badge_rows([other.pk], TODAY)] == [("opponent", "")]

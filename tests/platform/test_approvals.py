"""Two pairs of eyes: nobody approves the own proposal, and exactly what was seen takes effect."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client

from taxsys.platform.approvals import registry, selectors
from taxsys.platform.approvals.errors import (
    AlreadyDecided,
    AlreadyProposed,
    ContentChanged,
    NotEntitled,
    OwnProposal,
    ReasonMissing,
)
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.permissions import DECIDE, VIEW_QUEUE
from taxsys.platform.approvals.services import approval_decide, approval_propose, approval_withdraw, content_hash
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.staff.models import Grant, Role, Staff
from taxsys.platform.staff.permissions import HOME
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db
CONTENT = {"before": {"name": "旧"}, "after": {"name": "新", "amount_yen": -12000}}


@pytest.fixture(autouse=True)
def kind() -> Any:
    """A kind whose approval creates a role, so that effects can be seen."""
    registry.register(
        "test.role",
        on_approved=lambda approval: Role.objects.create(code=approval.subject_key, name="承認済"),
        title_ja="役割の登録",
        labels={"name": "名称", "amount_yen": "金額"},
    )
    yield
    registry._kinds.pop("test.role")


def propose(actor: Staff | None = None, subject_key: str = "r1") -> Approval:
    return approval_propose(
        kind="test.role",
        subject_key=subject_key,
        title_ja="役割「新」の登録",
        content=CONTENT,
        actor=actor or officer("5001", permissions=[VIEW_QUEUE, DECIDE]),
    )


def second() -> Staff:
    return officer("5002", permissions=[HOME, VIEW_QUEUE, DECIDE])


@pytest.mark.req("R-207")
def test_nothing_happens_before_and_all_of_it_with_approval() -> None:
    approval = propose()
    assert not Role.objects.filter(code="r1").exists()
    decided = approval_decide(approval.pk, decision="approve", actor=second(), seen_hash=approval.content_hash)
    assert (decided.state, decided.decided_by) == ("approved", second())
    assert Role.objects.get(code="r1").name == "承認済"


@pytest.mark.req("R-207")
def test_the_proposer_cannot_approve_even_with_the_right() -> None:
    approval = propose()
    with pytest.raises(OwnProposal):
        approval_decide(approval.pk, decision="approve", actor=approval.proposed_by, seen_hash=approval.content_hash)
    with pytest.raises(IntegrityError, match="approval_by_second_person"), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(
            state="approved", decided_by=approval.proposed_by, decided_at=approval.proposed_at
        )
    assert not Role.objects.exists()


def test_a_right_taken_away_in_between_counts() -> None:
    approval = propose()
    approver = second()
    approver.grants.filter(permission_code=str(DECIDE)).update(to_on=date(2026, 1, 1))
    with pytest.raises(NotEntitled):
        approval_decide(approval.pk, decision="approve", actor=approver, seen_hash=approval.content_hash)


def test_send_back_wants_a_reason_and_has_no_effect() -> None:
    approval = propose()
    with pytest.raises(ReasonMissing):
        approval_decide(approval.pk, decision="send_back", actor=second(), reason="  ")
    approval_decide(approval.pk, decision="send_back", actor=second(), reason="根拠資料がない")
    approval.refresh_from_db()
    assert (approval.state, approval.reason) == ("sent_back", "根拠資料がない")
    assert not Role.objects.exists()
    assert propose().state == "proposed"


def test_a_decided_proposal_stays_decided() -> None:
    approval = propose()
    approval_decide(approval.pk, decision="reject", actor=second(), reason="不要")
    with pytest.raises(AlreadyDecided):
        approval_decide(approval.pk, decision="approve", actor=second(), seen_hash=approval.content_hash)
    with pytest.raises(DatabaseError, match="already decided"), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(state="approved")


@pytest.mark.parametrize(
    "change",
    ["content = '{}'", "title_ja = 'x'", "proposed_by_id = proposed_by_id + 1", "kind = 'y'", "content_hash = 'z'"],
)
def test_the_content_of_a_proposal_is_frozen(change: str) -> None:
    propose()
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE approvals_approval SET {change}")


def test_approving_another_content_than_the_one_shown_is_refused() -> None:
    approval = propose()
    with pytest.raises(ContentChanged):
        approval_decide(approval.pk, decision="approve", actor=second(), seen_hash=content_hash({"other": 1}))


def test_a_failing_effect_keeps_the_proposal_open() -> None:
    Role.objects.create(code="r1", name="先")
    approval = propose()
    with pytest.raises(IntegrityError), transaction.atomic():
        approval_decide(approval.pk, decision="approve", actor=second(), seen_hash=approval.content_hash)
    approval.refresh_from_db()
    assert approval.state == "proposed"


def test_one_open_proposal_per_subject_and_the_proposer_may_withdraw() -> None:
    approval = propose()
    with pytest.raises(AlreadyProposed):
        propose()
    with pytest.raises(NotEntitled):
        approval_withdraw(approval.pk, actor=second())
    approval_withdraw(approval.pk, actor=approval.proposed_by)
    assert propose().pk != approval.pk


def test_canonical_hash_ignores_order_and_refuses_floats() -> None:
    assert content_hash({"a": 1, "b": [1, 2]}) == content_hash({"b": [1, 2], "a": 1})
    assert content_hash({"a": "1"}) != content_hash({"a": 1})
    with pytest.raises(TypeError):
        content_hash({"a": {"b": [1.5]}})


def test_the_difference_names_items_in_japanese() -> None:
    rows = selectors.difference(propose())
    assert [(row.label, row.before, row.after, row.is_changed) for row in rows] == [
        ("名称", "旧", "新", True),
        ("金額", "（なし）", "△12,000円", True),
    ]


def test_the_queue_shows_others_proposals_only_and_counts_on_the_menu(client: Client) -> None:
    proposer = officer("5001", permissions=[HOME, VIEW_QUEUE, DECIDE])
    propose(proposer)
    sign_in(client, second())
    assert "役割「新」の登録" in client.get("/approvals/").content.decode()
    assert '決裁<span class="tx-menu__count">（1' in client.get("/").content.decode()
    own = Client()
    sign_in(own, proposer)
    assert "役割「新」の登録" not in own.get("/approvals/").content.decode()
    assert "役割「新」の登録" in own.get("/approvals/own").content.decode()


def test_the_screen_decides_and_tells(client: Client) -> None:
    approval = propose()
    sign_in(client, second())
    shown = client.get(f"/approvals/{approval.pk}").content.decode()
    assert "承認" in shown
    answer = client.post(
        f"/approvals/{approval.pk}/decide", {"decision": "approve", "seen_hash": approval.content_hash}, follow=True
    )
    assert "「役割「新」の登録」を承認にしました。" in answer.content.decode()
    assert Role.objects.filter(code="r1").exists()
    assert AccessEvent.objects.filter(action="update", record_id=str(approval.pk), reason="approved").count() == 1
    again = client.post(f"/approvals/{approval.pk}/decide", {"decision": "approve", "seen_hash": approval.content_hash})
    assert again.status_code == 409


def test_the_own_proposal_has_no_button_and_a_forged_decision_is_refused(client: Client) -> None:
    approval = propose()
    sign_in(client, approval.proposed_by)
    shown = client.get(f"/approvals/{approval.pk}").content.decode()
    assert "自分の起案のため決裁できません" in shown
    assert 'value="approve"' not in shown
    forged = client.post(
        f"/approvals/{approval.pk}/decide", {"decision": "approve", "seen_hash": approval.content_hash}
    )
    assert forged.status_code == 403
    assert "自分の起案は決裁できません" in forged.content.decode()
    assert AccessEvent.objects.filter(reason="own_proposal").count() == 1


def test_a_send_back_without_reason_shows_the_form_again(client: Client) -> None:
    approval = propose()
    sign_in(client, second())
    answer = client.post(
        f"/approvals/{approval.pk}/decide", {"decision": "send_back", "seen_hash": approval.content_hash}
    )
    assert answer.status_code == 422
    assert "差戻し・否認の理由を入力してください。" in answer.content.decode()
    approval.refresh_from_db()
    assert approval.state == "proposed"


def test_a_stranger_to_the_kind_does_not_learn_that_the_proposal_exists(client: Client) -> None:
    approval = propose()
    sign_in(client, officer("5009", permissions=[VIEW_QUEUE]))
    missing = client.get("/approvals/00000000-0000-4000-8000-000000000009")
    hidden = client.get(f"/approvals/{approval.pk}")
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert Grant.objects.filter(staff__staff_no="5009").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_approvers_at_once_decide_once() -> None:
    from threading import Barrier, Thread

    approval = propose()
    others = [officer("5002", permissions=[DECIDE]), officer("5003", permissions=[DECIDE])]
    barrier = Barrier(2)
    outcomes: list[str] = []

    def decide(staff: Staff) -> None:
        barrier.wait()
        try:
            approval_decide(approval.pk, decision="approve", actor=staff, seen_hash=approval.content_hash)
            outcomes.append("approved")
        except AlreadyDecided:
            outcomes.append("already decided")
        finally:
            connection.close()

    threads = [Thread(target=decide, args=(staff,)) for staff in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already decided", "approved"]
    assert Role.objects.filter(code="r1").count() == 1

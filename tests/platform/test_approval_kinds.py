"""Every registered kind of proposal under the same rules: one that is added tomorrow stands in these tables.

The handlers are replaced by a recorder here: what is proved is the frame that no kind can leave. The real effects, what
voids a real proposal and its difference are in tests/approvals.
"""

from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from taxsys.platform import clock
from taxsys.platform.approvals import registry
from taxsys.platform.approvals.authority import authority_get
from taxsys.platform.approvals.errors import (
    AlreadyDecided,
    AlreadyProposed,
    ContentChanged,
    NotEntitled,
    OwnProposal,
    ProposalVoid,
)
from taxsys.platform.approvals.models import Approval, Deputy
from taxsys.platform.approvals.permissions import DECIDE
from taxsys.platform.approvals.selectors import difference, reworked, visible_to, waiting_for
from taxsys.platform.approvals.services import approval_decide, approval_propose
from taxsys.platform.staff.models import Grant, Staff
from tests.platform.actors import officer

pytestmark = [pytest.mark.django_db, pytest.mark.req("R-207")]
# Kinds declared alike in all that the frame knows of (the registers of one family, say) are one case.
KINDS = list(
    {
        (one.on_approved, one.proposes, one.permission, one.allows_deputy): one.kind for one in registry.all_kinds()
    }.values()
)
AFTER = {"staff_no": "9999", "amount_yen": 1200}


class Recorder:
    """Counts the effects of a kind instead of having them."""

    def __init__(self) -> None:
        self.effects: list[str] = []

    def __call__(self, approval: Approval) -> None:
        self.effects.append(str(approval.pk))


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    return str(request.param)


@pytest.fixture
def effects(kind: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    recorder = Recorder()
    recorded(kind, recorder, monkeypatch)
    return recorder.effects


def recorded(kind: str, recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    bare: dict[str, Any] = dict.fromkeys(("on_sent_back", "on_withdrawn", "stale", "concerned", "present", "rework"))
    monkeypatch.setitem(registry._kinds, kind, replace(registry.get(kind), on_approved=recorder, job_id="", **bare))


def clerk(kind: str, number: str = "5001", **fields: Any) -> Staff:
    """Somebody who may propose the kind and, to be hard on the frame, also decide it."""
    entry = registry.get(kind)
    return officer(number, permissions=[entry.proposes, entry.permission, DECIDE], **fields)


def chief(kind: str, number: str = "5002", **fields: Any) -> Staff:
    return officer(number, permissions=[registry.get(kind).permission, DECIDE], **fields)


def proposal(kind: str, actor: Staff | None = None, **after: Any) -> Approval:
    content = {"before": {}, "after": {**AFTER, **after}}
    return approval_propose(kind=kind, subject_key="S1", title_ja="案件", content=content, actor=actor or clerk(kind))


def decide(approval: Approval, actor: Staff, decision: str = "approve", **more: Any) -> Approval:
    return approval_decide(approval.pk, decision=decision, actor=actor, **{"seen_hash": approval.content_hash, **more})


def deputy_of(principal: Staff, deputy: Staff) -> Deputy:
    """A naming in force, with the approval behind it."""
    naming = Approval.objects.create(
        kind="approvals.deputy", subject_key=f"{principal}:{deputy}", title_ja="代決者の指定", content={},
        content_hash="", proposed_by=principal, proposed_unit_code="x",
    )  # fmt: skip
    today = clock.today()
    return Deputy.objects.create(
        principal=principal, deputy=deputy, from_on=today, to_on=today + timedelta(days=7), reason="出張",
        approval=naming,
    )  # fmt: skip


def state_of(approval: Approval) -> str:
    return Approval.objects.get(pk=approval.pk).state


def test_every_kind_says_who_proposes_who_decides_what_voids_it_and_shows_a_difference() -> None:
    wanting = [
        entry.kind
        for entry in registry.all_kinds()
        if not (entry.proposes and entry.voided_by_ja and entry.stale and (entry.labels or entry.present))
    ]
    assert wanting == []


def test_a_second_person_approves_once_and_the_next_one_learns_who_and_when(kind: str, effects: list[str]) -> None:
    approval = proposal(kind)
    decide(approval, chief(kind))
    assert effects == [str(approval.pk)]
    with pytest.raises(AlreadyDecided, match=r"\d\d月\d\d日 \d\d:\d\dに職員5002が「承認」にしています"):
        decide(approval, chief(kind, "5003"))
    assert effects == [str(approval.pk)]


@pytest.mark.parametrize("guise", ["self", "second account", "deputy of the proposer", "proposer as a deputy"])
def test_the_proposer_never_approves_in_any_guise(kind: str, effects: list[str], guise: str) -> None:
    proposer = clerk(kind, person_no="P-1")
    approval = proposal(kind, proposer)
    deputy = officer("5008", permissions=[DECIDE])
    if guise == "self":
        actor = proposer
    elif guise == "second account":
        actor = chief(kind, "5007", person_no="P-1")
    elif guise == "deputy of the proposer":
        actor = deputy
        deputy_of(proposer, deputy)
    else:
        actor = proposer
        deputy_of(chief(kind), proposer)
    # A deputy is refused as one of the proposal's people, or, where the kind knows no deputies, as a stranger.
    with pytest.raises((OwnProposal, NotEntitled)):
        decide(approval, actor)
    assert (effects, state_of(approval)) == ([], "proposed")
    assert approval not in waiting_for(actor)


def test_a_deputy_of_a_deputy_decides_nothing(kind: str, effects: list[str]) -> None:
    head, first, second = chief(kind), officer("5008", permissions=[DECIDE]), officer("5009", permissions=[DECIDE])
    deputy_of(head, first)
    deputy_of(first, second)
    approval = proposal(kind)
    with pytest.raises(NotEntitled):
        decide(approval, second)
    assert (effects, list(waiting_for(second))) == ([], [])


def test_a_deputy_decides_where_the_kind_allows_it_and_is_shown_as_such(kind: str, effects: list[str]) -> None:
    head, deputy = chief(kind), officer("5008", permissions=[DECIDE])
    deputy_of(head, deputy)
    approval = proposal(kind)
    if not registry.get(kind).allows_deputy:
        with pytest.raises(NotEntitled):
            decide(approval, deputy)
        assert (effects, list(waiting_for(deputy)), list(visible_to(deputy))) == ([], [], [])
        return
    assert list(waiting_for(deputy)) == [approval]
    decided = decide(approval, deputy)
    assert (decided.decided_by, decided.decided_for) == (deputy, head)
    assert decided.decider_ja == "職員5008（代決：職員5002の代わり）"
    assert effects == [str(approval.pk)]


@pytest.mark.parametrize("change", ["ended", "principal lost the right", "principal left", "principal moved"])
def test_a_deputys_power_is_the_principals_of_this_moment(kind: str, effects: list[str], change: str) -> None:
    head, deputy = chief(kind), officer("5008", permissions=[DECIDE])
    naming = deputy_of(head, deputy)
    approval = proposal(kind)
    today = clock.today()
    if change == "ended":
        Deputy.objects.filter(pk=naming.pk).update(to_on=today)
    elif change == "principal lost the right":
        Grant.objects.filter(staff=head).update(to_on=today)
    elif change == "principal left":
        Staff.objects.filter(pk=head.pk).update(valid_to=today)
    else:
        other = officer("5010", unit_name="納税管理課").unit
        Staff.objects.filter(pk=head.pk).update(transfer_unit=other, transfer_on=today)
    with pytest.raises(NotEntitled):
        decide(approval, Staff.objects.get(pk=deputy.pk))
    assert effects == []


def test_those_whom_it_is_about_never_decide_nor_does_their_deputy(
    kind: str, effects: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    head, deputy = chief(kind), officer("5008", permissions=[DECIDE])
    deputy_of(head, deputy)
    about = replace(registry.get(kind), concerned=lambda _approval: frozenset({head.person_key}))
    monkeypatch.setitem(registry._kinds, kind, about)
    approval = proposal(kind)
    for actor in (head, deputy):
        with pytest.raises((OwnProposal, NotEntitled)):
            decide(approval, actor)
    assert effects == []


def test_a_right_taken_from_the_approver_counts_at_once(kind: str, effects: list[str]) -> None:
    approver = chief(kind)
    approval = proposal(kind)
    assert authority_get(approver, approval).principal is None
    Grant.objects.filter(staff=approver, permission_code=registry.get(kind).permission).update(to_on=clock.today())
    with pytest.raises(NotEntitled):
        decide(approval, approver)
    assert (effects, state_of(approval)) == ([], "proposed")


@pytest.mark.req("R-227")
@pytest.mark.parametrize("change", ["lost the right", "left", "moved", "switched off"])
def test_a_proposal_whose_proposer_moved_left_or_lost_the_right_is_void(
    kind: str, effects: list[str], change: str
) -> None:
    proposer = clerk(kind)
    approval = proposal(kind, proposer)
    today = clock.today()
    people = Staff.objects.filter(pk=proposer.pk)
    if change == "lost the right":
        Grant.objects.filter(staff=proposer, permission_code=registry.get(kind).proposes).update(to_on=today)
    elif change == "left":
        people.update(valid_to=today)
    elif change == "moved":
        people.update(transfer_unit=officer("5010", unit_name="納税管理課").unit, transfer_on=today)
    else:
        people.update(is_active=False)
    with pytest.raises(ProposalVoid, match="失効"):
        decide(approval, chief(kind))
    found = Approval.objects.get(pk=approval.pk)
    assert (effects, found.state, "失効" in found.reason) == ([], "void", True)
    again = proposal(kind, clerk(kind, "5004"))
    assert (again.version, again.previous_id) == (2, approval.pk)


def test_only_exactly_what_was_seen_is_approved(kind: str, effects: list[str]) -> None:
    approval = proposal(kind)
    for seen in ("", "0" * 64):
        with pytest.raises(ContentChanged):
            decide(approval, chief(kind), seen_hash=seen)
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(content={"after": {"amount_yen": 1}})
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(version=7)
    assert (effects, state_of(approval)) == ([], "proposed")


def test_an_effect_that_finds_the_matter_changed_voids_the_proposal(
    kind: str, effects: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def changed(_approval: Approval) -> None:
        Grant.objects.filter(staff__staff_no="5002").delete()
        raise ContentChanged

    monkeypatch.setitem(registry._kinds, kind, replace(registry.get(kind), on_approved=changed))
    approval = proposal(kind)
    with pytest.raises(ProposalVoid):
        decide(approval, chief(kind))
    assert state_of(approval) == "void"
    assert Grant.objects.filter(staff__staff_no="5002").exists()


def test_sent_back_with_a_reason_it_comes_again_as_the_next_version(kind: str, effects: list[str]) -> None:
    first = proposal(kind)
    decide(first, chief(kind), "send_back", reason="金額の根拠がない")
    with pytest.raises(AlreadyDecided, match="差戻し"):
        decide(first, chief(kind, "5003"))
    other = clerk(kind, "5004")
    second = proposal(kind, other, amount_yen=900)
    assert (second.version, second.previous_id) == (2, first.pk)
    assert [row.after for row in reworked(second)] == ["900円"]
    with pytest.raises(AlreadyProposed):
        proposal(kind, other)
    with pytest.raises(OwnProposal):
        decide(second, first.proposed_by)  # who proposed the first version is no second person for the second
    decide(second, chief(kind))
    assert effects == [str(second.pk)]
    third = proposal(kind)
    assert (third.version, third.previous_id) == (1, None)


def test_nobody_without_the_right_proposes_or_reads(kind: str, effects: list[str]) -> None:
    stranger = officer("5009", permissions=["approvals.view"])
    with pytest.raises(NotEntitled):
        proposal(kind, stranger)
    proposer = clerk(kind)
    approval = proposal(kind, proposer)
    assert list(visible_to(stranger)) == []
    assert list(visible_to(proposer)) == [approval]
    Grant.objects.filter(staff=proposer).update(to_on=clock.today())
    assert list(visible_to(Staff.objects.get(pk=proposer.pk))) == []


def test_the_database_itself_refuses_a_deputy_of_the_proposer(kind: str, effects: list[str]) -> None:
    approval = proposal(kind)
    with pytest.raises(IntegrityError, match="approval_deputy_of_a_third"), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(
            state="approved", decided_by=chief(kind), decided_for=approval.proposed_by, decided_at=clock.now()
        )


def test_the_difference_of_money_reads_as_money(kind: str, effects: list[str]) -> None:
    rows = {row.after for row in difference(proposal(kind))}
    assert "1,200円" in rows


@pytest.fixture
def recorders(monkeypatch: pytest.MonkeyPatch) -> dict[str, Recorder]:
    made = {kind: Recorder() for kind in KINDS}
    for kind, recorder in made.items():
        recorded(kind, recorder, monkeypatch)
    return made


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_one_wins_and_the_other_is_told(recorders: dict[str, Recorder]) -> None:
    for kind, recorder in recorders.items():
        approval = proposal(kind)
        barrier = Barrier(2)
        told: list[str] = []

        def act(staff: Staff, approval: Approval = approval, barrier: Barrier = barrier, told: Any = told) -> None:
            barrier.wait()
            try:
                decide(approval, staff)
                told.append("won")
            except AlreadyDecided as error:
                told.append(error.message_ja[:6])
            finally:
                connection.close()

        threads = [Thread(target=act, args=(chief(kind, number),)) for number in ("5002", "5003")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(told) == ["won", "この案件は、"], kind
        assert recorder.effects == [str(approval.pk)], kind


@pytest.mark.parametrize("days", [0, 367])
def test_a_deputys_period_ends(days: int) -> None:
    from taxsys.platform.approvals.deputies import deputy_propose
    from taxsys.platform.approvals.errors import DeputyRefused

    head = officer("5002", permissions=[DECIDE, "approvals.name_deputy", "assessment.release"])
    officer("5008", permissions=[DECIDE])
    start = date(2099, 4, 1)
    with pytest.raises(DeputyRefused, match="1年以内"):
        deputy_propose(deputy_no="5008", from_on=start, to_on=start + timedelta(days=days), reason="出張", actor=head)

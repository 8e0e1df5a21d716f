"""Real proposals of every kind: the difference in Japanese, the effect by a second person, void when it moved."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from addressbook.permissions import MANAGE_PROTECTION
from taxsys.platform.approvals import registry
from taxsys.platform.approvals.effects import effect_of
from taxsys.platform.approvals.errors import ProposalVoid
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.selectors import difference
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.audit.context import using
from taxsys.platform.staff.models import Staff
from tests.addressbook.people import TODAY
from tests.addressbook.test_number_reveal import number_terminal
from tests.approvals.samples import SAMPLES, Sample
from tests.platform.actors import sign_in, staff_context

pytestmark = [pytest.mark.django_db, pytest.mark.req("R-207")]
JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")


@pytest.fixture(autouse=True)
def _day(settings: Any) -> None:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()
    number_terminal()


@pytest.fixture(params=sorted(SAMPLES))
def sample(request: pytest.FixtureRequest) -> Sample:
    return SAMPLES[request.param]


@pytest.fixture
def approval(sample: Sample) -> Approval:
    proposer = sample.proposer()
    with using(staff_context(proposer)):
        return sample.make(proposer)


def decide(approval: Approval, actor: Staff) -> Approval:
    with using(staff_context(actor)):
        return approval_decide(approval.pk, decision="approve", actor=actor, seen_hash=approval.content_hash)


def test_every_registered_kind_has_a_sample() -> None:
    """Kinds of one machinery (the registers) are proved by one of them."""
    alike: dict[object, list[str]] = {}
    for one in registry.all_kinds():
        shown = one.present or tuple((one.labels or {}).items())
        alike.setdefault((one.on_approved, one.stale, one.concerned, shown), []).append(one.kind)
    assert [kinds for kinds in alike.values() if not SAMPLES.keys() & set(kinds)] == []
    assert {one.kind for one in registry.all_kinds()} >= SAMPLES.keys()


def test_the_difference_names_every_item_in_japanese_and_marks_what_changes(approval: Approval) -> None:
    rows = difference(approval)
    assert [row.label for row in rows if not JAPANESE.search(row.label)] == []
    assert any(row.is_changed for row in rows)


def test_the_page_shows_the_whole_difference_to_the_second_person(sample: Sample, approval: Approval) -> None:
    shown = sign_in(Client(), sample.approver()).get(f"/approvals/{approval.pk}")
    html = shown.content.decode()
    assert (shown.status_code, 'value="approve"' in html) == (200, True)
    assert [row.after for row in difference(approval) if row.after not in html] == []


def test_the_second_person_brings_it_about(sample: Sample, approval: Approval) -> None:
    approver = sample.approver()
    sample.prepare(approval, approver)
    decided = decide(approval, approver)
    effect = effect_of(decided)
    assert effect is not None
    assert (decided.state, effect.title_ja) == (
        "approved", "処理中" if registry.get(approval.kind).job_id else "発効済み",
    )  # fmt: skip


def test_a_matter_that_moved_meanwhile_voids_the_proposal(sample: Sample, approval: Approval) -> None:
    approver = sample.approver()
    sample.prepare(approval, approver)
    sample.spoil(approval)
    page = sign_in(Client(), approver).get(f"/approvals/{approval.pk}").content.decode()
    assert "承認できません" in page
    with pytest.raises(ProposalVoid, match="失効"):
        decide(approval, approver)
    assert Approval.objects.get(pk=approval.pk).state == "void"


def test_a_void_proposal_is_told_on_the_screen_and_may_be_proposed_anew(client: Client) -> None:
    sample = SAMPLES["addressbook.protection_term"]
    with using(staff_context(sample.proposer())):
        approval = sample.make(sample.proposer())
    sample.spoil(approval)
    sign_in(client, sample.approver())
    where = f"/approvals/{approval.pk}"
    refused = client.post(f"{where}/decide", {"decision": "approve", "seen_hash": approval.content_hash})
    assert refused.status_code == 409
    assert "支援措置の期間または状態が変わりました。この案件は失効しました。" in refused.content.decode()
    own = sign_in(Client(), sample.proposer()).get(where).content.decode()
    assert reverse("protection-term", args=[approval.content["protection_id"]]) in own
    assert "直して起案し直す" in own
    assert MANAGE_PROTECTION.code == registry.get(approval.kind).proposes

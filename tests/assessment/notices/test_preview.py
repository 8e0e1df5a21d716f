"""One person's notice before it is printed: the same figures, marked, and guarded."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from addressbook.models import Address
from addressbook.selectors.protections import hidden_parties
from assessment.models import AssessmentRun, CollectionShare, Decision
from assessment.permissions import PREVIEW_NOTICE
from assessment.resident.notices.preview import NoPreview, notice_preview
from collection.models import Slip
from taxsys.platform.audit.models import AccessEvent
from taxsys.web.demo import Demo
from tests.assessment.notices.conftest import NOTICE_ON, at_desk
from tests.platform.actors import officer, sign_in
from tests.printing.conftest import flat, page_texts

TODAY = date(2026, 6, 10)


def decision_with(method: str, *, hidden: bool = False) -> Decision:
    guarded = hidden_parties(on=NOTICE_ON)
    for share in CollectionShare.objects.filter(method=method, total_yen__gt=0).order_by("-run_id", "party_id"):
        newest = Decision.objects.filter(party=share.party).order_by("-version").first()
        if newest.run_id == share.run_id and (share.party_id in guarded) is hidden:
            return newest
    raise AssertionError(method)


def shown(decision: Decision, **options: object) -> str:
    with at_desk(TODAY):
        return flat("".join(page_texts(notice_preview(decision, **options))))


@pytest.mark.parametrize(("method", "title"), [("ordinary", "納税通知書"), ("wage", "（納税義務者用）")])
def test_the_preview_shows_the_notice_of_the_decision_and_says_that_it_is_one(
    decided: Demo, method: str, title: str
) -> None:
    decision = decision_with(method)
    text = shown(decision)
    assert title in text
    assert decision.notice_no in text
    assert text.count("プレビュー") >= 2


def test_before_the_slips_are_issued_the_preview_shows_the_notice_without_them(decided: Demo) -> None:
    decision = decision_with("ordinary")
    Slip.objects.filter(lines__charge__notice_no=decision.notice_no).update(state="withdrawn")
    assert "領収済通知書" not in shown(decision)


@pytest.mark.req("N-087")
def test_the_address_of_a_hidden_person_is_shown_only_with_its_right(decided: Demo) -> None:
    decision = decision_with("ordinary", hidden=True)
    home = Address.objects.filter(party=decision.party).known().valid(TODAY).get().full_text
    clerk = officer("5001", permissions=[PREVIEW_NOTICE])
    assert flat(home) not in shown(decision, viewer=clerk)
    assert "非表示" in shown(decision, viewer=clerk)
    trusted = officer("5003", permissions=[PREVIEW_NOTICE, "addressbook.reveal_protected"])
    assert flat(home) in shown(decision, viewer=trusted)


def test_a_decision_that_was_changed_since_has_no_preview(decided: Demo) -> None:
    decision = decision_with("ordinary")
    other = AssessmentRun.objects.filter(tax_year=2026).exclude(pk=decision.run_id).first()
    Decision.objects.create(
        party=decision.party, tax_year=2026, version=decision.version + 1, cause="correction", run=other, annual_yen=0,
        decided_on=TODAY, notice_no=decision.notice_no, released_by="1002", recorded_at=decision.recorded_at,
        previous=decision,
    )  # fmt: skip
    with pytest.raises(NoPreview, match="変更又は取消し"):
        shown(decision)


def test_the_page_answers_an_inline_pdf_that_is_not_kept_and_records_the_look(decided: Demo, client: Client) -> None:
    decision = decision_with("ordinary")
    with at_desk(TODAY):
        clerk = sign_in(client, officer("5001", permissions=[PREVIEW_NOTICE]))
        answer = clerk.get(f"/assessment/decisions/{decision.pk}/notice-preview")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"].startswith("inline")
    assert "no-store" in answer["Cache-Control"]
    event = AccessEvent.objects.get(record_type="notice_preview")
    assert (event.subjects, event.actor_id) == ([str(decision.party_id)], "5001")


def test_without_the_right_there_is_no_preview(decided: Demo, client: Client) -> None:
    decision = decision_with("ordinary")
    with at_desk(TODAY):
        stranger = sign_in(client, officer("5009"))
        answer = stranger.get(f"/assessment/decisions/{decision.pk}/notice-preview")
    assert answer.status_code == 403

"""市外の人の資料 (papers of people whose address on 1 January was elsewhere): listed, forwarded, returned or kept.

They never enter a calculation: a run sets them aside before it asks whom it concerns. Who is taxed as living here after
all (地方税法294条3項) stands in the frozen population, and the papers come back; who is taxed by premises alone is not
(his income is his own municipality's affair). F-PI-015, F-PI-020, F-PL-020.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from assessment.errors import MatchRefused
from assessment.models import SourceDocument, SourceState
from assessment.sources import bulk
from assessment.sources.services import state_move
from taxsys.platform.search.services import holds_my_number
from taxsys.platform.staff.models import Staff

MAX_AT_ONCE = 500
OUTCOMES = (
    (SourceState.FORWARDED, "他市町村へ回送"),
    (SourceState.RETURNED, "提出者へ返戻"),
    (SourceState.KEPT, "課税せず保管"),
)
_NEEDS_PLACE = (SourceState.FORWARDED, SourceState.RETURNED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of the papers: state, where they go (municipality or submitter), why."""

    state: str
    destination: str
    reason: str


@transaction.atomic
def elsewhere_set_aside(*, tax_year: int) -> int:
    """Set the live papers of people outside the year's frozen population aside; answers how many. Idempotent."""
    bulk.elsewhere_move(tax_year=tax_year, is_here=True)
    return bulk.elsewhere_move(tax_year=tax_year, is_here=False)


@transaction.atomic
def elsewhere_settle(document_ids: Sequence[int], outcome: Outcome, *, actor: Staff) -> list[SourceDocument]:
    """Forward, return or keep these papers: all or none. The same again changes nothing.

    Raises MatchRefused: nothing or too much chosen, no place, no reason, a number in a text, a paper moved meanwhile.
    """
    destination, reason = outcome.destination.strip(), outcome.reason.strip()
    if outcome.state not in dict(OUTCOMES):
        raise MatchRefused("処理(回送・返戻・保管)を選んでください。", field="outcome")
    if not document_ids or len(document_ids) > MAX_AT_ONCE:
        raise MatchRefused(
            f"資料を1件以上{MAX_AT_ONCE}件まで選んでください。何も記録しませんでした。", field="documents"
        )
    if outcome.state in _NEEDS_PLACE and not destination:
        raise MatchRefused("回送先の市区町村または返戻先を入力してください。", field="destination")
    if not reason:
        raise MatchRefused("理由を入力してください。", field="reason")
    for text, field in ((destination, "destination"), (reason, "reason")):
        if holds_my_number(text):
            raise MatchRefused("個人番号は書けません。何も記録しませんでした。", field=field)
    papers = list(SourceDocument.objects.select_for_update().filter(pk__in=document_ids).order_by("pk"))
    if len(papers) != len(set(document_ids)) or any(
        one.state not in {SourceState.ELSEWHERE, outcome.state} for one in papers
    ):
        raise MatchRefused("選んだ資料の一部が別に処理されました。画面を開き直してください。何も記録しませんでした。")
    waiting = [one for one in papers if one.state == SourceState.ELSEWHERE]
    return [
        state_move(one, outcome.state, actor_id=actor.staff_no, reason=reason, destination=destination)
        for one in waiting
    ]

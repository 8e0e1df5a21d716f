"""異動の見込み: what a notification would move, computed by the very steps of the run and then taken back."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from assessment.decisions.selectors import standing_decision_of
from assessment.models import AssessmentRun, EmploymentChange, RunKind, RunState
from assessment.resident.collection_split import KEYS, ORDINARY
from assessment.resident.levying import Change, changes_planned
from assessment.resident.moves.runs import moves_compute_chunk
from assessment.resident.moves.services import ChangeDraft, change_record
from assessment.resident.runs.opening import TAX_KIND
from collection.models import Method
from taxsys.platform import clock


@dataclass(frozen=True, slots=True)
class MovedPlace:
    """One instalment that would change: whose it is, which one, yen before and after."""

    stream_ja: str
    place_ja: str
    before_yen: int
    after_yen: int


def change_preview(
    draft: ChangeDraft, *, actor_id: str, corrects: EmploymentChange | None = None
) -> list[MovedPlace] | None:
    """Instalments as the notification would change them; None where nothing is decided yet. Raises ChangeRefused.

    Nothing is kept: notification, run and rows are rolled back.
    """
    with transaction.atomic():
        changes = _tried(draft, actor_id=actor_id, corrects=corrects)
        transaction.set_rollback(True)
    return changes


def _tried(draft: ChangeDraft, *, actor_id: str, corrects: EmploymentChange | None) -> list[MovedPlace] | None:
    change_record(draft, actor_id=actor_id, corrects=corrects)
    decision = standing_decision_of(draft.party_id, tax_year=draft.tax_year)
    if decision is None or decision.run.kind == RunKind.TAKEN_OVER:
        return None
    today, city_code = clock.today(), settings.TAXSYS_MUNICIPALITY_CODE
    run = AssessmentRun.objects.create(
        tax_kind=TAX_KIND, tax_year=draft.tax_year, kind=RunKind.MOVES, state=RunState.PREPARED, business_on=today,
        documents_until=today, due_dates=decision.run.due_dates, requested_by=actor_id, recorded_at=clock.now(),
    )  # fmt: skip
    moves_compute_chunk(run, [draft.party_id], city_code=city_code)
    return _shown(changes_planned(run, {draft.party_id: decision.notice_no}, city_code=city_code))


def _shown(changes: Sequence[Change]) -> list[MovedPlace]:
    found = []
    for _, before, after in changes:
        word = str(Method(after.method).label)
        name = f"{word}(指定番号 {after.notice_no})" if after.method == Method.WAGE else word
        keys = KEYS[after.method]
        is_month = after.method != ORDINARY and after.no <= len(keys)
        place = f"{int(keys[after.no - 1])}月" if is_month else f"第{after.no}期"
        found.append(MovedPlace(name, place, sum(before), sum(after.parts)))
    return found

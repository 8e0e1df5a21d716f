"""異動の実行 (a run of changes, B-PI-20): the tax stands as decided, its collection follows the notified changes.

Everybody with a change not taken up yet gets the rows of the decision in force, new shares by the timeline of
employers, and, once a second person lets the run go, the next version, the instalments that differ and a notice. Whom
a change does not touch is left out. 地方税法321条の5・321条の6・321条の7; F-PL-004, R-017, R-019.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

import numpy as np
from django.db import connection, transaction

from assessment.decisions.announce import decisions_announce
from assessment.decisions.selectors import standing_decisions
from assessment.errors import RunNotReady
from assessment.models import AssessmentRun, CollectionShare, DecisionCause, EmploymentChange, RunState
from assessment.pensions.models import PensionStop
from assessment.pensions.selectors import pension_pending, pension_standing
from assessment.pensions.services import pension_stops_settle
from assessment.resident.bulk import moves as bulk
from assessment.resident.bulk import release as release_bulk
from assessment.resident.bulk import rows as rows_bulk
from assessment.resident.collection_split import WAGE
from assessment.resident.facts import BuiltFacts
from assessment.resident.levying import changes_levy, changes_planned
from assessment.resident.losses import losses_record
from assessment.resident.moves.selectors import pending_people, timelines_of
from assessment.resident.moves.services import changes_settle
from assessment.resident.runs.computing import collection_shares, pensions_apply
from assessment.resident.runs.opening import law_of
from taxsys.kernel import wareki


def moves_population(run: AssessmentRun) -> list[UUID]:
    """Whom the run concerns, ordered by id."""
    return sorted({*pending_people(run), *pension_pending(run)})


@transaction.atomic
def moves_compute_chunk(run: AssessmentRun, party_ids: Sequence[UUID], *, city_code: str) -> dict[str, int]:
    """Rows of these people with the ways of collecting after their changes. Idempotent: earlier rows are replaced."""
    if run.state not in {RunState.PREPARED, RunState.COMPUTED}:
        raise RunNotReady(f"この計算は「{run.get_state_display()}」のため計算できません。")
    if not party_ids:
        return {"対象": 0, "変更なし": 0}
    rows_bulk.rows_clear(run.pk, party_ids)
    built, result = bulk.standing_take(run, party_ids)
    employers_take(run, built)
    everybody = np.arange(len(built.party_ids))
    law = law_of(run, city_code)
    rows_bulk.shares_copy(run.pk, built, everybody, collection_shares(built, result, everybody, law))
    untouched = _untouched(run, built.party_ids, city_code=city_code)
    rows_bulk.rows_clear(run.pk, untouched)
    return {"対象": len(built.party_ids), "変更なし": len(untouched)}


def employers_take(run: AssessmentRun, built: BuiltFacts) -> None:
    """Who withholds of these people now, from wages by decisions and notified changes, from pensions unless stopped."""
    employers = timelines_of(run, built.party_ids)
    numbers = _employee_numbers(run.tax_year, built.party_ids)
    standing = bulk.standing_shares(run, [party for party in built.party_ids if party not in employers])
    for party, one in zip(built.party_ids, built.found, strict=True):
        now = employers.get(party)
        if now is None:
            payers = [payer for method, payer, _ in standing[party] if method == WAGE]
            one.withholder_id = payers[0] if payers else None
        else:
            one.withholder_id = now.withholder_id
        own_word = now.employee_no or "" if now else ""
        one.employee_no = own_word or numbers.get((party, one.withholder_id or 0), "")
    pensions_apply(built, pension_standing(run, built.party_ids))


def _employee_numbers(tax_year: int, party_ids: Sequence[UUID]) -> dict[tuple[UUID, int], str]:
    """受給者番号 by person and employer, of the newest rows that had them."""
    rows = CollectionShare.objects.filter(
        run__tax_year=tax_year, run__state=RunState.RELEASED, party_id__in=party_ids, withholder__isnull=False
    )
    return {
        (party, payer): number
        for party, payer, number in rows.order_by("run_id").values_list("party_id", "withholder_id", "employee_no")
    }


def _untouched(run: AssessmentRun, party_ids: Sequence[UUID], *, city_code: str) -> list[UUID]:
    """People whose ways of collecting and instalments stay as they are."""
    notices = dict(
        standing_decisions(tax_year=run.tax_year).filter(party_id__in=party_ids).values_list("party_id", "notice_no")
    )
    moved = {party for party, _, _ in changes_planned(run, notices, city_code=city_code)}
    before, after = bulk.standing_shares(run, party_ids), bulk.run_shares(run, party_ids)
    return [party for party in party_ids if party not in moved and before[party] == after[party]]


@transaction.atomic
def moves_release_chunk(
    run: AssessmentRun, party_ids: Sequence[UUID], *, released_by: str, city_code: str
) -> dict[str, int]:
    """Next versions of these people and their changed instalments, by a second person. Idempotent by (run, person)."""
    if run.requested_by == released_by:
        raise RunNotReady("起案者本人は決裁できません。別の職員が決裁してください。")
    with connection.cursor() as cursor:
        if not release_bulk.decisions_stage(cursor, run, party_ids, first_no=0):
            return {"変更": 0, "増額": 0, "減額": 0}
        release_bulk.decisions_named(
            cursor, run, cause=DecisionCause.MOVED, reasons=_reasons(run, party_ids), released_by=released_by
        )
        losses_record(cursor, run)
        told = release_bulk.decisions_told(cursor)
    notices = {party: notice_no for party, _, _, _, notice_no in told}
    moved = changes_levy(run, notices, key=f"run:{run.pk}:{told[0][4]}", actor=released_by, city_code=city_code)
    decisions_announce(run.tax_year, ((party, version) for party, version, *_ in told))
    return {"変更": len(told), "増額": moved.more_yen, "減額": moved.less_yen}


def _reasons(run: AssessmentRun, party_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """変更の理由 of each person: the newest change in words."""
    rows = EmploymentChange.objects.filter(
        tax_year=run.tax_year, party_id__in=party_ids, is_pending=True, recorded_at__lte=run.recorded_at
    ).exclude(state="held")
    found = {}
    for one in rows.order_by("event_on", "pk"):
        is_back = one.closed_at is not None and one.closed_at <= run.recorded_at
        word = f"{one.get_reason_display()}({wareki.format_long(one.event_on)})"
        found[one.party_id] = f"{word}の届出の取下げ" if is_back else f"{word}により{one.get_after_display()}へ変更"
    for stop in PensionStop.objects.filter(
        tax_year=run.tax_year, party_id__in=party_ids, is_pending=True, recorded_at__lte=run.recorded_at
    ).order_by("pk"):
        is_back = stop.closed_at is not None and stop.closed_at <= run.recorded_at
        word = f"年金特別徴収の中止({stop.get_reason_display()})"
        found[stop.party_id] = f"{word}の取下げ" if is_back else word
    return found


@transaction.atomic
def moves_released(run: AssessmentRun) -> int:
    """Every change the run looked at is taken up, those too that changed nothing. Answers their number."""
    people = moves_population(run)
    return changes_settle(run, people) + pension_stops_settle(run, people)

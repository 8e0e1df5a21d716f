"""随時更正 (writes): people whose papers changed since their decision are computed again; what differs becomes version
n + 1 with its cause, and only the difference reaches the ledger. F-PC-022, F-PL-010, F-PL-014; R-019; 法321条の6.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction

from assessment.decisions.announce import decisions_announce
from assessment.errors import RunNotReady
from assessment.models import AssessmentRun
from assessment.pensions.services import pension_stops_settle
from assessment.resident.bulk import corrections as bulk
from assessment.resident.bulk import release as release_bulk
from assessment.resident.levying import changes_levy
from assessment.resident.losses import losses_record
from assessment.resident.moves.services import changes_settle
from assessment.resident.runs import run_compute_chunk


def correction_population(run: AssessmentRun) -> list[UUID]:
    """Whom the run concerns: people with a paper that changed after their last decision, ordered by id."""
    return bulk.changed_people(run)


@transaction.atomic
def correction_compute_chunk(run: AssessmentRun, party_ids: Sequence[UUID], *, city_code: str) -> dict[str, int]:
    """Compute these people again and keep only those whose result or way of collecting differs. Idempotent."""
    counts = run_compute_chunk(run, party_ids, city_code=city_code)
    unchanged = bulk.unchanged_drop(run, party_ids)
    return {"再計算": counts["対象"], "変更なし": unchanged, "停止": counts["停止"]}


@transaction.atomic
def correction_release_chunk(
    run: AssessmentRun, party_ids: Sequence[UUID], *, first_no: int, released_by: str, city_code: str
) -> dict[str, int]:
    """Decisions of these people with their changed instalments, by a second person. Idempotent by (run, person)."""
    if run.requested_by == released_by:
        raise RunNotReady("起案者本人は決裁できません。別の職員が決裁してください。")
    with connection.cursor() as cursor:
        if not release_bulk.decisions_stage(cursor, run, party_ids, first_no=first_no):
            return {"決定": 0, "増額": 0, "減額": 0}
        bulk.decisions_correct(cursor, run, released_by=released_by)
        losses_record(cursor, run)
        told = release_bulk.decisions_told(cursor)
    notices = {party: notice_no for party, _, _, _, notice_no in told}
    moved = changes_levy(run, notices, key=f"run:{run.pk}:{told[0][4]}", actor=released_by, city_code=city_code)
    changes_settle(run, list(notices))
    pension_stops_settle(run, list(notices))
    decisions_announce(run.tax_year, ((party, version) for party, version, *_ in told))
    return {"決定": len(told), "増額": moved.more_yen, "減額": moved.less_yen}

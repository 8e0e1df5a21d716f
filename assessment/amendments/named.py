"""名指しの計算 (runs over people who are named, not found): opened, computed or taken over, released with one cause.

The same rows, decisions, instalments and messages as every other run makes; only who is in it and why is given.
"""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

import numpy as np
from django.db import connection, transaction

from assessment.decisions.announce import decisions_announce
from assessment.errors import RunNotReady
from assessment.models import AssessmentRun, DecisionCause, ResidentResult
from assessment.resident.bulk import release as bulk
from assessment.resident.bulk import rows
from assessment.resident.bulk.moves import standing_take
from assessment.resident.facts import BuiltFacts
from assessment.resident.levying import Moved, changes_levy
from assessment.resident.losses import losses_record
from assessment.resident.moves.runs import employers_take
from assessment.resident.moves.services import changes_settle
from assessment.resident.reliefs import reliefs_fit
from assessment.resident.rules.pipeline import compute
from assessment.resident.runs import law_of, notice_numbers_used, run_computed, run_open, run_released
from assessment.resident.runs.computing import collection_shares
from taxsys.platform import clock


def named_run_open(
    *, tax_year: int, kind: str, title_ja: str, requested_by: str, city_code: str, job_run_id: int | None = None
) -> AssessmentRun:
    """A run of the year with today's papers. Raises RunNotReady (unproved year, unreviewed legal values)."""
    run = run_open(
        tax_year=tax_year, kind=kind, documents_until=clock.today(), requested_by=requested_by, city_code=city_code,
        job_run_id=job_run_id,
    )  # fmt: skip
    run.title_ja = title_ja
    run.save(update_fields=["title_ja"])
    return run


@transaction.atomic
def standing_recompute(
    run: AssessmentRun, party_ids: Sequence[UUID], *, city_code: str, edit: Callable[[BuiltFacts], None] | None = None
) -> BuiltFacts:
    """The decided facts of these people, changed by `edit`, computed again by the run's law as rows of the run.

    Papers are not looked at; who withholds follows the notified changes. Without an `edit` the standing remissions
    follow the tax. Idempotent: earlier rows are replaced.
    """
    rows.rows_clear(run.pk, party_ids)
    built, _ = standing_take(run, party_ids)
    employers_take(run, built)
    law = law_of(run, city_code)
    if edit is not None:
        edit(built)
    else:
        reliefs_fit(run, built, law)
    rows.rows_clear(run.pk, party_ids)
    computed = compute(built.batch, law)
    stops = {failure.row: failure for failure in computed.failures}
    rows.facts_copy(run.pk, built)
    rows.results_copy(run.pk, built.party_ids, computed.columns, stops=stops)
    sound = np.setdiff1d(np.arange(len(built.party_ids)), np.fromiter(stops, np.intp, len(stops)))
    rows.shares_copy(run.pk, built, sound, collection_shares(built, computed.columns, sound, law))
    return built


@transaction.atomic
def named_release(
    run: AssessmentRun, reasons: Mapping[UUID, str], *, cause: str, released_by: str, city_code: str
) -> Moved:
    """Decisions of everybody in the run with `cause` (決定 for who had none), their instalments, and the run's release.

    `reasons`: 理由附記 of each person (行政手続法14条). Raises RunNotReady where the proposer would release it.
    """
    rows_of = ResidentResult.objects.filter(run=run, stop_code="").order_by("party__person_no")
    run_computed(run)
    _, moved = named_chunk(
        run, list(rows_of.values_list("party_id", flat=True)), reasons, cause=cause, released_by=released_by,
        city_code=city_code,
    )  # fmt: skip
    run_released(run, released_by=released_by)
    return moved


@transaction.atomic
def named_chunk(
    run: AssessmentRun, people: Sequence[UUID], reasons: Mapping[UUID, str], *, cause: str, released_by: str,
    city_code: str,
) -> tuple[int, Moved]:  # fmt: skip
    """Decisions of these people of the run and their changed instalments. Idempotent by (run, person).

    Answers the number of decisions and what was raised and lowered (yen).
    """
    if run.requested_by == released_by:
        raise RunNotReady("起案者本人は決裁できません。別の職員が決裁してください。")
    with connection.cursor() as cursor:
        first_no = notice_numbers_used(run.tax_year) + 1
        if not people or not bulk.decisions_stage(cursor, run, people, first_no=first_no):
            return 0, Moved(0, 0)
        bulk.decisions_named(
            cursor, run, cause=cause, first_cause=DecisionCause.DETERMINATION,
            reasons={party: reasons.get(party, "") for party in people}, released_by=released_by,
        )  # fmt: skip
        losses_record(cursor, run)
        told = bulk.decisions_told(cursor)
    notices = {party: notice_no for party, _, _, _, notice_no in told}
    moved = changes_levy(run, notices, key=f"run:{run.pk}:{told[0][4]}", actor=released_by, city_code=city_code)
    changes_settle(run, list(notices))
    decisions_announce(run.tax_year, ((party, version) for party, version, *_ in told))
    return len(told), moved

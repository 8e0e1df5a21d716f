"""Release of a run by a second person: decisions come into being, their instalments are levied."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from assessment.decisions.announce import decisions_announce
from assessment.errors import RunNotReady
from assessment.models import AssessmentRun, Decision, RunKind, RunState
from assessment.pensions.models import ProvisionalLevy
from assessment.pensions.services import pension_stops_settle
from assessment.resident.bulk import release as bulk
from assessment.resident.losses import losses_record
from assessment.resident.moves.services import changes_settle
from assessment.resident.runs.opening import TAX_KIND
from collection.services.levy import levy_adjust, levy_post
from taxsys.platform import clock


class PersonToRelease(NamedTuple):
    """A person with a sound row in the run; `is_new` needs a notice number of the year."""

    party_id: UUID
    is_new: bool


def people_to_release(run: AssessmentRun) -> list[PersonToRelease]:
    """Everybody of the run without a stopped row, a withholder's people together."""
    return [PersonToRelease(*row) for row in bulk.people(run.pk, tax_year=run.tax_year)]


@transaction.atomic
def run_release_chunk(
    run: AssessmentRun, party_ids: Sequence[UUID], *, first_no: int, released_by: str
) -> dict[str, int]:
    """Decisions and levies for these people (ordered as given); `first_no` is the first free notice number.

    A person with an earlier decision of the year keeps the notice number and gets the next version; only differences
    reach the ledger. Idempotent by (run, person) and by the ledger's key.
    """
    if run.requested_by == released_by:
        raise RunNotReady("起案者本人は決裁できません。別の職員が決裁してください。")
    if run.kind == RunKind.TRIAL:
        raise RunNotReady("試算は決定できません。")
    with connection.cursor() as cursor:
        if not bulk.decisions_stage(cursor, run, party_ids, first_no=first_no):
            return {"決定": 0, "年税額": 0}
        bulk.decisions_insert(cursor, run, released_by=released_by)
        losses_record(cursor, run)
        bulk.instalments_stage(cursor, run)
        told = bulk.decisions_told(cursor)
    key = f"run:{run.pk}:{told[0][4]}"
    if any(is_fresh for _, _, _, is_fresh, _ in told):
        levy_post(
            bulk.FIRST_LEVY,
            dedupe_key=key,
            occurred_on=run.business_on,
            actor=released_by,
            legal_ground="地方税法319条の2・321条の4",
        )
    if not all(is_fresh for _, _, _, is_fresh, _ in told):
        with connection.cursor() as cursor:
            bulk.changes_record(cursor, run)
        levy_adjust(
            bulk.CHANGED_LEVY,
            dedupe_key=f"{key}:adjust",
            occurred_on=run.business_on,
            actor=released_by,
            legal_ground="地方税法321条の6",
        )
    changes_settle(run, [party for party, *_ in told])
    pension_stops_settle(run, [party for party, *_ in told])
    decisions_announce(run.tax_year, ((party, version) for party, version, *_ in told))
    return {"決定": len(told), "年税額": sum(annual_yen for _, _, annual_yen, _, _ in told)}


@transaction.atomic
def run_released(run: AssessmentRun, *, released_by: str) -> None:
    """The run is let go: its rows are the snapshot of its decisions from now on."""
    run.state = RunState.RELEASED
    run.released_by = released_by
    run.released_at = clock.now()
    run.save(update_fields=["state", "released_by", "released_at"])


def notice_numbers_used(tax_year: int) -> int:
    """How many notice numbers of the year are taken (they run without gaps); a 仮徴収 takes the first."""
    provisional = ProvisionalLevy.objects.filter(tax_year=tax_year).exclude(notice_no="")
    firsts = Decision.objects.filter(tax_kind=TAX_KIND, tax_year=tax_year, version=1)
    return firsts.exclude(party__in=provisional.values("party")).count() + provisional.count()

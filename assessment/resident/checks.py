"""全件検証: the checks over the whole population of a run, their findings, and the gate they make (incidents I1–I6).

A red one blocks the release (CONVENTIONS §6). The people behind a number stand in 検証結果 (Finding), so that a clerk
can work them off.
"""

from collections.abc import Iterator
from datetime import date

from django.db import connection
from django.db.backends.utils import CursorWrapper

from assessment.models import AssessmentRun, Finding, FindingSeverity
from assessment.resident.collection_split import ORDINARY
from assessment.resident.due_dates import run_due_dates
from assessment.resident.population_checks import CHECKS, PopulationCheck
from taxsys.platform.jobs.declaration import GateResult
from taxsys.platform.plans import whole_city

# So many people are listed by name for one check; the number counts all.
LISTED_MAX = 1000


def run_checks(run: AssessmentRun) -> Iterator[GateResult]:
    """Every check over the run, in order; open findings of earlier passes are replaced."""
    Finding.objects.filter(run=run, check_id__in=[check.id for check in CHECKS], settled_at__isnull=True).delete()
    facts: dict[str, int | str | date] = {
        "run": run.pk,
        "year": run.tax_year,
        "kind": run.kind,
        "until": run.documents_until,
        "on": run.business_on,
        "first_bill_on": min(run_due_dates(run, ORDINARY)),
    }
    with whole_city(), connection.cursor() as cursor:
        counts = [_find(cursor, check, facts) for check in CHECKS]
    for check, count in zip(CHECKS, counts, strict=True):
        yield GateResult(
            id=check.id,
            title_ja=check.title_ja,
            ok=count == 0 or check.severity != FindingSeverity.STOP,
            count=count,
            detail_ja="" if count == 0 else f"{count:,}人が条件を満たしません。",
            guards=check.guards,
        )


def _find(cursor: CursorWrapper, check: PopulationCheck, facts: dict[str, int | str | date]) -> int:
    """Number of people with a faulty row; the first of them, in order of the parties, become findings."""
    cursor.execute(
        f"""WITH faulty AS MATERIALIZED ({check.sql}),
                 listed AS (
                     INSERT INTO assessment_finding (run_id, check_id, severity, party_id, message_ja, detail,
                            settled_by, settled_reason)
                     SELECT %(run)s, %(check)s, %(severity)s, one.party_id, %(title)s, '{{}}', '', ''
                       FROM (SELECT DISTINCT party_id FROM faulty ORDER BY party_id LIMIT %(limit)s) AS one
                      WHERE NOT EXISTS (SELECT FROM assessment_finding AS f WHERE f.run_id = %(run)s
                                           AND f.check_id = %(check)s AND f.party_id IS NOT DISTINCT FROM one.party_id))
            SELECT count(DISTINCT party_id) FROM faulty""",  # noqa: S608 -- the statements of this duty's own checks
        {
            **facts,
            "check": check.id,
            "severity": check.severity,
            "title": check.title_ja,
            "limit": LISTED_MAX,
        },
    )
    return int(cursor.fetchone()[0])

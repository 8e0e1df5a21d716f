"""全件検証: the checks over the whole population of a run, their findings, and the gate they make (incidents I1–I6).

A red one blocks the release (CONVENTIONS §6). The people behind a number stand in 検証結果 (Finding), so that a clerk
can work them off. Row checks are asked in one pass, set checks in one statement each, run checks in Python.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

from assessment.models import AssessmentRun, Finding, FindingSeverity
from assessment.resident.collection_split import KEYS, ORDINARY, PENSION, WAGE
from assessment.resident.due_dates import run_due_dates
from assessment.resident.population_checks import CHECKS, ROW_CHECKS, SET_CHECKS, WHOLE
from assessment.resident.population_checks.law import law_values
from assessment.resident.population_checks.model import PopulationCheck, RowCheck
from assessment.resident.population_checks.rows import STAGE, rows_query
from assessment.resident.population_checks.whole import RunCheck
from assessment.resident.runs.opening import law_of
from taxsys.platform.jobs.declaration import GateResult
from taxsys.platform.plans import whole_city

# So many people are listed by name for one check; the number counts all.
LISTED_MAX = 1000

Check = RowCheck | PopulationCheck | RunCheck
Value = int | str | date | list[Any]


def run_checks(run: AssessmentRun) -> Iterator[GateResult]:
    """Every check over the run, in order; open findings of earlier passes are replaced."""
    Finding.objects.filter(run=run, check_id__in=[check.id for check in CHECKS], settled_at__isnull=True).delete()
    facts = _facts(run)
    counts: dict[str, int] = {}
    details: dict[str, str] = {}
    for whole in WHOLE:
        details[whole.id], people = whole.find(run)
        counts[whole.id] = len(people) or int(bool(details[whole.id]))
        _found_list(run, whole, people or [None] * counts[whole.id])
    with whole_city(), connection.cursor() as cursor:
        for statement in STAGE:
            cursor.execute(statement, facts)
        counts |= _rows(cursor, run, facts)
        counts |= {check.id: _set(cursor, check, facts) for check in SET_CHECKS}
    for check in CHECKS:
        count = counts[check.id]
        found = details.get(check.id) or f"{count:,}人が条件を満たしません。"
        yield GateResult(
            id=check.id,
            title_ja=check.title_ja,
            ok=count == 0 or check.severity != FindingSeverity.STOP,
            count=count,
            detail_ja=f"{found}{check.remedy_ja}" if count else "",
            guards=check.guards,
        )


def _facts(run: AssessmentRun) -> dict[str, Value]:
    """What the SQL of the checks may ask of the run and of its law."""
    law = law_of(run, settings.TAXSYS_MUNICIPALITY_CODE)
    return {
        "run": run.pk,
        "year": run.tax_year,
        "kind": run.kind,
        "until": run.documents_until,
        "on": run.business_on,
        "first_bill_on": min(run_due_dates(run, ORDINARY)),
        "ordinary_keys": list(KEYS[ORDINARY]),
        "wage_keys": list(KEYS[WAGE]),
        "pension_keys": list(KEYS[PENSION]),
        # 令和6: who has 定額減税 pays by a pattern of its own, the first instalments lowered one after the other.
        "reduction_pattern": law["resident.collection.reduction_wage_start"].integer > 1,
        **law_values(law),
    }


def _rows(cursor: CursorWrapper, run: AssessmentRun, facts: dict[str, Value]) -> dict[str, int]:
    """Faults of all row checks in one pass: how many people each has; the first of them become findings."""
    cursor.execute("DROP TABLE IF EXISTS row_fault")
    cursor.execute(f"CREATE TEMP TABLE row_fault ON COMMIT DROP AS {rows_query(ROW_CHECKS)}", facts)
    cursor.execute("SELECT check_id, count(*) FROM row_fault GROUP BY check_id")
    counted: dict[str, int] = dict(cursor.fetchall())
    for check in ROW_CHECKS:
        if check.id in counted:
            cursor.execute(
                "SELECT party_id FROM row_fault WHERE check_id = %s ORDER BY party_id LIMIT %s", [check.id, LISTED_MAX]
            )
            _found_list(run, check, [party for (party,) in cursor.fetchall()])
    return {check.id: counted.get(check.id, 0) for check in ROW_CHECKS}


def _found_list(run: AssessmentRun, check: Check, people: Sequence[UUID | None]) -> None:
    """Findings of these people (None: the run as a whole), except those that somebody has settled."""
    if not people:
        return
    settled = set(Finding.objects.filter(run=run, check_id=check.id).values_list("party_id", flat=True))
    Finding.objects.bulk_create(
        Finding(run=run, check_id=check.id, severity=check.severity, party_id=party, message_ja=check.message_ja)
        for party in people[:LISTED_MAX]
        if party not in settled
    )


def _set(cursor: CursorWrapper, check: PopulationCheck, facts: dict[str, Value]) -> int:
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
            "title": check.message_ja,
            "limit": LISTED_MAX,
        },
    )
    return int(cursor.fetchone()[0])

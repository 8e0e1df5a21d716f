"""法定値の訂正による更正 (B-PI-19-L): who was decided by another set than the one in force now, and by how much.

The decided facts are computed again with today's reviewed values; whoever's tax does not change is left out, whoever
lies beyond the time limits stays and is named. Nothing is decided before a second person lets the whole run go.
I1, I4; R-173; 地方税法17条の5.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q

from assessment.amendments.law_archive import law_archived, law_differences
from assessment.amendments.limits import limit_for, limit_refusal_ja
from assessment.amendments.named import named_chunk, standing_recompute
from assessment.amendments.rules.time_limits import LimitGround
from assessment.decisions.selectors import standing_decisions
from assessment.models import AssessmentRun, DecisionCause, Finding, FindingSeverity, RunKind
from assessment.resident.bulk import corrections as bulk
from assessment.resident.bulk.rows import rows_clear
from assessment.resident.rules.pipeline import resident_law
from taxsys.platform.files.payloads.spreadsheet import table_csv

LATE, STOPPED = "law_late", "law_stopped"


def replaced_population(tax_year: int) -> list[UUID]:
    """Everybody of the year whose decision in force was computed with another set than the one in force, ordered."""
    law = resident_law(tax_year, settings.TAXSYS_MUNICIPALITY_CODE)
    rows = standing_decisions(tax_year=tax_year).exclude(run__kind=RunKind.TAKEN_OVER)
    found = rows.exclude(run__parameter_hash=law.hash).order_by("party_id")
    return list(found.values_list("party_id", flat=True))


@transaction.atomic
def replaced_compute_chunk(run: AssessmentRun, party_ids: Sequence[UUID]) -> dict[str, int]:
    """Rows of these people by the law in force; only who changes and may be changed keeps them. Idempotent."""
    city_code = settings.TAXSYS_MUNICIPALITY_CODE
    Finding.objects.filter(run=run, party_id__in=party_ids, check_id__in=[LATE, STOPPED]).delete()
    standing_recompute(run, party_ids, city_code=city_code)
    same = bulk.unchanged_drop(run, party_ids)
    late = _late(run, party_ids)
    rows_clear(run.pk, [party for party, _ in late])
    findings = [_finding(run, party, LATE, text) for party, text in late]
    findings += [_finding(run, party, STOPPED, text) for party, text in _stopped(run, party_ids)]
    Finding.objects.bulk_create(findings)
    return {"再計算": len(party_ids), "変更なし": same, "期限経過": len(late), "停止": len(findings) - len(late)}


def _finding(run: AssessmentRun, party: UUID, check: str, text: str) -> Finding:
    severity = FindingSeverity.INFO if check == LATE else FindingSeverity.REVIEW
    return Finding(run=run, check_id=check, severity=severity, party_id=party, message_ja=text[:300])


def _stopped(run: AssessmentRun, party_ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT party_id, stop_message_ja FROM assessment_residentresult
                WHERE run_id = %s AND party_id = ANY (%s) AND stop_code <> '' ORDER BY party_id""",
            [run.pk, list(party_ids)],
        )
        return cursor.fetchall()


def _late(run: AssessmentRun, party_ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """People whose change lies beyond the limit of its direction, with the sentence."""
    texts = {
        is_increase: limit_refusal_ja(
            run.tax_year,
            limit_for(run.tax_year, is_increase=is_increase, ground=LimitGround()),
            is_increase=is_increase,
            day=run.business_on,
        )
        for is_increase in (True, False)
    }
    if not any(texts.values()):
        return []
    changes = [(party, after - before) for party, _, before, after in changes_of(run, party_ids)]
    return [(party, texts[yen > 0]) for party, yen in changes if yen and texts[yen > 0]]


def changes_of(run: AssessmentRun, party_ids: Sequence[UUID] | None = None) -> list[tuple[UUID, str, int, int]]:
    """(party, 宛名番号, yen before, yen after) of the run's sound rows, by 宛名番号."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT r.party_id, p.person_no, coalesce(b.annual_yen, 0), r.annual_tax_yen
                 FROM assessment_residentresult r JOIN addressbook_party p ON p.id = r.party_id
                 LEFT JOIN LATERAL (
                      SELECT d.annual_yen FROM assessment_decision d JOIN assessment_assessmentrun q ON q.id = d.run_id
                       WHERE d.party_id = r.party_id AND d.tax_kind = '10' AND d.tax_year = %(year)s
                             AND d.run_id <> %(run)s AND q.state = 'released'
                       ORDER BY d.version DESC LIMIT 1) b ON true
                WHERE r.run_id = %(run)s AND r.stop_code = ''
                  AND (%(people)s::uuid[] IS NULL OR r.party_id = ANY (%(people)s::uuid[]))
                ORDER BY p.person_no""",
            {
                "run": run.pk, "year": run.tax_year,
                "people": list(party_ids) if party_ids is not None else None,
            },
        )  # fmt: skip
        return cursor.fetchall()


@dataclass(frozen=True, slots=True)
class ReplacedTotals:
    """誰に、いくら: people raised and lowered, yen each way, people whose tax stays though other figures move, late."""

    raised: int
    raised_yen: int
    lowered: int
    lowered_yen: int
    level: int
    late: int


def replaced_totals(run: AssessmentRun) -> ReplacedTotals:
    """The answer before anything is decided (and after): from the run's own rows."""
    changes = [after - before for _, _, before, after in changes_of(run)]
    more, less = [yen for yen in changes if yen > 0], [-yen for yen in changes if yen < 0]
    late = Finding.objects.filter(run=run, check_id=LATE).count()
    return ReplacedTotals(len(more), sum(more), len(less), sum(less), changes.count(0), late)


def replaced_list(run: AssessmentRun) -> bytes:
    """対象者一覧 (CSV): 宛名番号, tax before and after, difference; no name and no address."""
    rows = [(number, before, after, after - before) for _, number, before, after in changes_of(run)]
    return table_csv(("宛名番号", "訂正前の年税額", "訂正後の年税額", "増減額"), rows)


@transaction.atomic
def replaced_release_chunk(run: AssessmentRun, party_ids: Sequence[UUID], *, released_by: str) -> dict[str, int]:
    """Next versions of these people with cause 法定値の訂正 and the run's reason. Idempotent by (run, person)."""
    counts, moved = named_chunk(
        run, party_ids, dict.fromkeys(party_ids, run.title_ja), cause=DecisionCause.LAW_CORRECTED,
        released_by=released_by, city_code=settings.TAXSYS_MUNICIPALITY_CODE,
    )  # fmt: skip
    return {"更正": counts, "増額": moved.more_yen, "減額": moved.less_yen}


@dataclass(frozen=True, slots=True)
class SetInUse:
    """A parameter set by which decisions of the year stand: how many, what of it differs from the set in force."""

    parameter_hash: str
    people: int
    is_current: bool
    is_kept: bool
    differences: tuple[tuple[str, str, str, str], ...]


def sets_in_use(tax_year: int) -> list[SetInUse]:
    """The sets behind the year's standing decisions, the one in force first."""
    code = settings.TAXSYS_MUNICIPALITY_CODE
    law = resident_law(tax_year, code)
    counted = standing_decisions(tax_year=tax_year).exclude(Q(run__kind=RunKind.TAKEN_OVER))
    rows: Mapping[str, Any] = dict(
        counted.values_list("run__parameter_hash").annotate(people=Count("pk")).order_by("run__parameter_hash")
    )
    found = []
    for parameter_hash, people in rows.items():
        is_current = parameter_hash == law.hash
        old = None if is_current else law_archived(parameter_hash, code)
        differences = tuple(law_differences(old, law)) if old is not None else ()
        found.append(SetInUse(parameter_hash, people, is_current, is_current or old is not None, differences))
    return sorted(found, key=lambda one: (not one.is_current, one.parameter_hash))

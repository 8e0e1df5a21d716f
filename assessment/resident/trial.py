"""翌年度試算 (writes of a trial): the decided year rolled over by a year, under the law of the next (R-016; N2).

Who died or moved away since is left out. Rows of the run only: a trial is never released and owes nobody anything. A
legal value of the next year that is not there yet stops the trial by its name; it is never guessed.
"""

# ruff: noqa: S608 -- column names of the rules' own sets; values travel as parameters

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection, transaction
from django.db.models import F

from addressbook.codes import PartyState
from assessment.decisions.selectors import standing_decisions
from assessment.errors import RunNotReady
from assessment.models import AssessmentRun, RunKind, RunState
from assessment.resident.bulk import rows as bulk
from assessment.resident.bulk.columns import columns_read, uuids_of
from assessment.resident.consolidation import Consolidated, age_at_year_end, dependant_class
from assessment.resident.facts import BuiltFacts
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import compute, pipeline_of
from assessment.resident.rules.roll_over import rolled_over
from assessment.resident.runs import law_of, run_open
from collection.bulk.staging import stage_query
from taxsys.kernel.columns import Batch
from taxsys.params.model import ParameterSet
from taxsys.platform import clock

CHUNK_PERSONS = 10_000
GONE = (PartyState.DEAD, PartyState.MOVED_OUT, PartyState.ERASED)


def trial_open(*, tax_year: int, requested_by: str, city_code: str, job_run_id: int | None = None) -> AssessmentRun:
    """Open a trial of the year. Raises LookupError (Japanese) for a year or legal value that is not there,
    RunNotReady where the year before has no decision to roll over."""
    if not standing_decisions(tax_year=tax_year - 1).exists():
        raise RunNotReady(f"{tax_year - 1}年度の決定がないため、{tax_year}年度の試算はできません。")
    run = run_open(
        tax_year=tax_year,
        kind=RunKind.TRIAL,
        documents_until=clock.today(),
        requested_by=requested_by,
        city_code=city_code,
        job_run_id=job_run_id,
    )
    values_required(law_of(run, city_code))
    return run


def values_required(law: ParameterSet) -> None:
    """Ask for every legal value that the year's calculation uses, before anybody is computed.

    Raises MissingParameterError, which names the value in Japanese; nothing is computed with a guess.
    """
    for rule in pipeline_of(law).rules:
        for _, key in rule.uses:
            _ = law[key]


def trial_ranges(run: AssessmentRun) -> list[dict[str, str]]:
    """Ranges of people decided in the year before and still here, by id."""
    with connection.cursor() as cursor:
        _stage_base(cursor, run)
        cursor.execute(
            """SELECT min(party_id::text), max(party_id::text)
                 FROM (SELECT party_id, (row_number() OVER (ORDER BY party_id) - 1) / %s AS part FROM trial_base)
                      AS numbered GROUP BY part ORDER BY part""",
            [CHUNK_PERSONS],
        )
        return [{"first": first, "last": last} for first, last in cursor.fetchall()]


def _stage_base(cursor: Any, run: AssessmentRun) -> None:
    standing = standing_decisions(tax_year=run.tax_year - 1).exclude(party__state__in=GONE)
    query, params = standing.values("party_id", "run_id", birth_on=F("party__birth_on")).query.sql_with_params()
    stage_query(cursor, "trial_base", query, params)


@transaction.atomic
def trial_range(run: AssessmentRun, payload: Mapping[str, str], *, city_code: str) -> dict[str, int]:
    """Facts moved on by a year and their results, for one range of people. Idempotent: earlier rows are replaced."""
    if run.state not in {RunState.PREPARED, RunState.COMPUTED} or run.kind != RunKind.TRIAL:
        raise RunNotReady(f"この計算は「{run.get_state_display()}」のため試算できません。")
    span = {"first": payload["first"], "last": payload["last"]}
    with connection.cursor() as cursor:
        _stage_base(cursor, run)
        cursor.execute(
            "SELECT b.party_id, b.birth_on, f.document_ids FROM trial_base b JOIN assessment_residentfacts f"
            " ON f.run_id = b.run_id AND f.party_id = b.party_id"
            " WHERE b.party_id BETWEEN %(first)s AND %(last)s ORDER BY b.party_id",
            span,
        )
        people: list[tuple[UUID, date | None, list[int]]] = cursor.fetchall()
    columns = ", ".join(f"f.{column.name}" for column in RESIDENT_FACTS)
    keys, facts = columns_read(
        f"SELECT f.party_id, {columns} FROM trial_base b JOIN assessment_residentfacts f"
        " ON f.run_id = b.run_id AND f.party_id = b.party_id"
        " WHERE b.party_id BETWEEN %(first)s AND %(last)s ORDER BY b.party_id",
        span,
        ids=("party",),
        columns=list(RESIDENT_FACTS),
    )
    ids = uuids_of(keys["party"])
    births = np.array([birth for _, birth, _ in people], dtype="datetime64[D]")
    moved = rolled_over(facts, births, run.tax_year)
    _relatives_move_on(moved, people, run.tax_year)
    law = law_of(run, city_code)
    computed = compute(moved, law)
    bulk.rows_clear(run.pk, ids)
    bulk.facts_copy(
        run.pk,
        BuiltFacts(
            ids, moved, [Consolidated({}, papers) for _, _, papers in people], [birth for _, birth, _ in people]
        ),
    )
    bulk.results_copy(run.pk, ids, computed.columns, stops={failure.row: failure for failure in computed.failures})
    return {
        "試算": len(ids),
        "停止": len(computed.failures),
        "年税額": int(computed.columns["annual_tax_yen"].sum()),
    }


def _relatives_move_on(moved: Batch, people: list[tuple[UUID, date | None, list[int]]], tax_year: int) -> None:
    """Relatives written down with their birth dates change class as they grow older (法314条の2第1項11号)."""
    births = _births_of({paper for _, _, papers in people for paper in papers})
    for row, (_, _, papers) in enumerate(people):
        for birth, relation in (one for paper in papers for one in births.get(paper, ())):
            before = dependant_class(age_at_year_end(birth, tax_year - 2), relation)
            after = dependant_class(age_at_year_end(birth, tax_year - 1), relation)
            if before != after and moved[before][row] > 0:
                moved[before][row] -= 1
                moved[after][row] += 1


def _births_of(papers: Iterable[int]) -> dict[int, list[tuple[date, str]]]:
    found: dict[int, list[tuple[date, str]]] = defaultdict(list)
    with connection.cursor() as cursor:
        # Set-based: the relatives of many papers, one row each.
        cursor.execute(
            """SELECT d.id, (r ->> 'birth_on')::date, coalesce(r ->> 'relation', '')
                 FROM assessment_sourcedocument d CROSS JOIN LATERAL jsonb_array_elements(d.relatives) AS r
                WHERE d.id = ANY(%s) AND r ->> 'role' NOT IN ('spouse', 'specific_relative')
                      AND r ->> 'birth_on' IS NOT NULL ORDER BY d.id""",
            [list(papers)],
        )
        for paper, birth, relation in cursor.fetchall():
            found[paper].append((birth, relation))
    return found

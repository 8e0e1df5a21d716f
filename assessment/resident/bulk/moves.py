"""徴収方法の異動 in sets: the rows of the decisions in force, taken over as they are, and the decisions to come."""

# ruff: noqa: S608 -- put together from column names of the rules' own sets; values travel as parameters

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet

from assessment.decisions.selectors import standing_decisions
from assessment.models import AssessmentRun, CollectionShare
from assessment.resident.bulk.columns import columns_read
from assessment.resident.consolidation import Consolidated
from assessment.resident.facts import BuiltFacts
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import RESIDENT_RESULT
from collection.bulk.staging import stage_query
from taxsys.kernel.columns import Batch

_TABLES = {
    "residentfacts": ("document_ids", *(column.name for column in RESIDENT_FACTS)),
    "residentresult": ("stop_code", "stop_message_ja", *(column.name for column in RESIDENT_RESULT)),
}


def standing_take(run: AssessmentRun, party_ids: Sequence[UUID]) -> tuple[BuiltFacts, Batch]:
    """Facts and results of these people's decisions in force become rows of the run; answers them, ordered by id."""
    standing = standing_decisions(tax_year=run.tax_year).filter(party_id__in=party_ids)
    query, params = standing.values("party_id", "run_id", birth_on=F("party__birth_on")).query.sql_with_params()
    with connection.cursor() as cursor:
        stage_query(cursor, "moves_standing", query, params)
        for table, columns in _TABLES.items():
            names = ", ".join(columns)
            cursor.execute(
                f"INSERT INTO assessment_{table} (run_id, party_id, {names})"
                f" SELECT %s, s.party_id, {', '.join('t.' + one for one in columns)} FROM moves_standing s"
                f" JOIN assessment_{table} t ON t.run_id = s.run_id AND t.party_id = s.party_id ORDER BY s.party_id",
                [run.pk],
            )
        cursor.execute(
            "SELECT s.party_id, s.birth_on, f.document_ids FROM moves_standing s JOIN assessment_residentfacts f"
            " ON f.run_id = s.run_id AND f.party_id = s.party_id ORDER BY s.party_id"
        )
        people: list[tuple[UUID, date | None, list[int]]] = cursor.fetchall()
    facts, result = (_columns(name) for name in _TABLES)
    ids = [party for party, _, _ in people]
    built = BuiltFacts(ids, facts, [Consolidated({}, papers) for _, _, papers in people], [b for _, b, _ in people])
    return built, result


def _columns(table: str) -> Batch:
    columns = RESIDENT_FACTS if table == "residentfacts" else RESIDENT_RESULT
    _, batch = columns_read(
        f"SELECT s.party_id, {', '.join('t.' + column.name for column in columns)} FROM moves_standing s"
        f" JOIN assessment_{table} t ON t.run_id = s.run_id AND t.party_id = s.party_id ORDER BY s.party_id",
        {},
        ids=("party",),
        columns=list(columns),
    )
    return batch


def standing_shares(run: AssessmentRun, party_ids: Sequence[UUID]) -> dict[UUID, set[tuple[str, int | None, int]]]:
    """(method, withholder, yen) of the decisions in force of these people."""
    standing = standing_decisions(tax_year=run.tax_year).filter(party_id__in=party_ids)
    pairs = set(standing.values_list("run_id", "party_id"))
    rows = CollectionShare.objects.filter(run_id__in={one for one, _ in pairs}, party_id__in=party_ids)
    return _sets(rows, pairs, party_ids)


def run_shares(run: AssessmentRun, party_ids: Sequence[UUID]) -> dict[UUID, set[tuple[str, int | None, int]]]:
    """The same of the run's own rows."""
    rows = CollectionShare.objects.filter(run=run, party_id__in=party_ids)
    return _sets(rows, {(run.pk, party) for party in party_ids}, party_ids)


def _sets(
    rows: QuerySet[CollectionShare], pairs: set[tuple[int, UUID]], party_ids: Sequence[UUID]
) -> dict[UUID, set[tuple[str, int | None, int]]]:
    found: dict[UUID, set[tuple[str, int | None, int]]] = {party: set() for party in party_ids}
    for run_id, party, method, payer, yen in rows.values_list(
        "run_id", "party_id", "method", "withholder_id", "total_yen"
    ):
        if (run_id, party) in pairs:
            found[party].add((method, payer, yen))
    return found

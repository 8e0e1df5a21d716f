"""前年比較 (writes): the rows of a run against last year's standing decisions, with a reason for every yen.

Chunked by ranges of people, set-based, idempotent: a range that is compared again replaces its rows. Part of every run
before its release (R-016; incidents I1 郡山市, I5, I6). The reasons themselves are `rules.year_change`.
"""
# ruff: noqa: S608

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from assessment.decisions.selectors import standing_decisions
from assessment.errors import RunNotReady
from assessment.models import AssessmentRun, ComparisonKind, DecisionCause, RunKind, RunState, YearComparison
from assessment.resident.bulk.columns import columns_read
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import RESIDENT_RESULT, resident_law
from assessment.resident.rules.year_change import REASONS, year_change
from collection.bulk.staging import stage_query
from taxsys.kernel.columns import Array, Batch
from taxsys.platform.copying import CopyColumn, Same, bigint, copy_columns

CHUNK_PERSONS = 20_000
# Kinds of run after which nobody of the year is still to come: who is missing then has vanished.
CLOSING_KINDS = frozenset({RunKind.INITIAL_ORDINARY, RunKind.TRIAL})

_PAIR = """
  FROM assessment_residentfacts f
  JOIN assessment_residentresult r ON r.run_id = f.run_id AND r.party_id = f.party_id AND r.stop_code = ''
  JOIN year_base b ON b.party_id = f.party_id
  JOIN assessment_residentfacts bf ON bf.run_id = b.run_id AND bf.party_id = f.party_id
 WHERE f.run_id = %(run)s AND f.party_id BETWEEN %(first)s AND %(last)s
 ORDER BY f.party_id"""


def comparison_ranges(run: AssessmentRun) -> list[dict[str, str]]:
    """Ranges of people of the run, as payloads of a job's stage; the last one stands for those who have vanished.

    Empty where last year has no decision at all: then there is nothing to compare with.
    """
    if not standing_decisions(tax_year=run.tax_year - 1, tax_kind=run.tax_kind).exists():
        return []
    with connection.cursor() as cursor:
        # Set-based: first and last person of every range of equal size, by id.
        cursor.execute(
            """SELECT min(party_id::text), max(party_id::text)
                 FROM (SELECT party_id, (row_number() OVER (ORDER BY party_id) - 1) / %s AS part
                         FROM assessment_residentresult WHERE run_id = %s) AS numbered GROUP BY part ORDER BY part""",
            [CHUNK_PERSONS, run.pk],
        )
        ranges = [{"first": first, "last": last} for first, last in cursor.fetchall()]
    return [*ranges, {"vanished": "1"}] if run.kind in CLOSING_KINDS else ranges


@transaction.atomic
def run_compare_range(run: AssessmentRun, payload: Mapping[str, str], *, city_code: str) -> dict[str, int]:
    """Compare one range of people (a payload of `comparison_ranges`). Answers 件数 and 円 for the console."""
    if run.state not in {RunState.PREPARED, RunState.COMPUTED}:
        raise RunNotReady(f"この計算は「{run.get_state_display()}」のため比較できません。")
    with connection.cursor() as cursor:
        _stage_base(cursor, run)
        if "vanished" in payload:
            return {"前年比較(消滅)": _vanished(cursor, run)}
        span: dict[str, Any] = {"run": run.pk, "first": payload["first"], "last": payload["last"]}
        cursor.execute(
            "DELETE FROM assessment_yearcomparison WHERE run_id = %(run)s"
            " AND party_id BETWEEN %(first)s AND %(last)s AND kind IN ('continuing', 'new')",
            span,
        )
        continuing = _continuing(cursor, run, span, city_code=city_code)
        return {"前年比較(継続)": continuing, "前年比較(新規)": _new(cursor, span)}


def _stage_base(cursor: CursorWrapper, run: AssessmentRun) -> None:
    """`year_base`: last year's standing decision of every person."""
    standing = standing_decisions(tax_year=run.tax_year - 1, tax_kind=run.tax_kind)
    query, params = standing.values("id", "party_id", "run_id", "annual_yen", "cause").query.sql_with_params()
    stage_query(cursor, "year_base", query, params)
    cursor.execute("CREATE INDEX ON year_base (party_id)")


def _continuing(cursor: CursorWrapper, run: AssessmentRun, span: Mapping[str, Any], *, city_code: str) -> int:
    facts = list(RESIDENT_FACTS)
    annual = RESIDENT_RESULT["annual_tax_yen"]
    now_columns = ", ".join(f"f.{column.name}" for column in facts)
    base_columns = ", ".join(f"bf.{column.name}" for column in facts)
    keys, now = columns_read(
        f"SELECT f.party_id, b.id, b.annual_yen, (b.cause = '{DecisionCause.TAKEN_OVER}')::int::bigint,"
        f" {now_columns}, r.annual_tax_yen {_PAIR}",
        span,
        ids=("party", "decision:int8", "base_yen:int8", "is_taken_over:int8"),
        columns=[*facts, annual],
    )
    _, base = columns_read(f"SELECT f.party_id, {base_columns} {_PAIR}", span, ids=("party",), columns=facts)
    decided = now.pop("annual_tax_yen")
    parts = _parts(keys, base, now, decided, _laws(run, city_code))
    columns: dict[str, CopyColumn] = {
        "party_id": keys["party"],
        "run_id": Same(bigint(run.pk)),
        "kind": Same(ComparisonKind.CONTINUING.value.encode()),
        "base_decision_id": keys["decision"],
        "base_yen": keys["base_yen"],
        "now_yen": decided,
        "difference_yen": decided - keys["base_yen"],
    }
    return copy_columns(cursor, "assessment_yearcomparison", columns | parts)


def _laws(run: AssessmentRun, city_code: str) -> tuple[Any, Any]:
    return resident_law(run.tax_year - 1, city_code), resident_law(run.tax_year, city_code)


def _parts(keys: Mapping[str, Array], base: Batch, now: Batch, decided: Array, laws: tuple[Any, Any]) -> Batch:
    """Columns `<reason>_yen`: the computed parts, what a take-over brought along, and what nothing explains."""
    change = year_change(base, laws[0], now, laws[1])
    before = change.base - keys["base_yen"]
    taken_over: Array = before * keys["is_taken_over"]
    zero = decided * 0
    parts: Batch = {f"{code}_yen": change.parts.get(code, zero) for code, _ in REASONS}
    parts["taken_over_yen"] = taken_over
    parts["unexplained_yen"] = (before - taken_over) + (decided - change.now)
    return parts


def _new(cursor: CursorWrapper, span: Mapping[str, Any]) -> int:
    cursor.execute(
        _insert(
            "SELECT r.run_id, r.party_id, 'new', NULL::bigint, 0, r.annual_tax_yen, r.annual_tax_yen,"
            "       r.annual_tax_yen, 0"
            "  FROM assessment_residentresult r LEFT JOIN year_base b ON b.party_id = r.party_id"
            " WHERE r.run_id = %(run)s AND r.party_id BETWEEN %(first)s AND %(last)s AND r.stop_code = ''"
            "   AND b.party_id IS NULL"
        ),
        span,
    )
    return cursor.rowcount


def _vanished(cursor: CursorWrapper, run: AssessmentRun) -> int:
    """People decided last year of whom this year has neither a row here nor a standing decision."""
    kinds = (ComparisonKind.VANISHED_LEFT, ComparisonKind.VANISHED_NO_PAPERS)
    YearComparison.objects.filter(run=run, kind__in=kinds).delete()
    query, params = standing_decisions(tax_year=run.tax_year).values("party_id").query.sql_with_params()
    stage_query(cursor, "year_now", query, params)
    cursor.execute(
        _insert(
            "SELECT %(run)s, b.party_id, CASE WHEN p.id IS NULL THEN 'vanished_left' ELSE 'vanished_no_papers' END,"
            "       b.id, b.annual_yen, 0, -b.annual_yen, 0, -b.annual_yen"
            "  FROM year_base b LEFT JOIN assessment_taxablepopulation p"
            "       ON p.party_id = b.party_id AND p.tax_year = %(year)s"
            " WHERE NOT EXISTS (SELECT FROM assessment_residentresult r"
            "                    WHERE r.run_id = %(run)s AND r.party_id = b.party_id)"
            "   AND NOT EXISTS (SELECT FROM year_now n WHERE n.party_id = b.party_id)"
        ),
        {"run": run.pk, "year": run.tax_year},
    )
    return cursor.rowcount


def _insert(select: str) -> str:
    """INSERT of rows whose only reason is `new` or `vanished`; the other reasons are nil."""
    others = [f"{code}_yen" for code, _ in REASONS if code not in {"new", "vanished"}]
    return (
        "INSERT INTO assessment_yearcomparison (run_id, party_id, kind, base_decision_id, base_yen, now_yen,"
        f" difference_yen, new_yen, vanished_yen, {', '.join(others)})"
        f" SELECT s.*, {', '.join('0' for _ in others)} FROM ({select}) AS s"
    )

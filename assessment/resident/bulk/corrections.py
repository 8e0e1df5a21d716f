"""随時更正 in sets: whose papers changed since their decision, whose result did not, and the decisions to come."""

# ruff: noqa: S608 -- put together from constants of this module and column names; values travel as parameters

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from assessment.decisions.selectors import standing_decisions
from assessment.models import AssessmentRun, SourceKind
from assessment.resident.bulk.release import RELIEF_SENTENCE
from assessment.resident.rules.pipeline import RESIDENT_RESULT
from collection.bulk.staging import stage_query
from taxsys.platform import clock

# A correction or cancellation speaks of the person of the paper it replaces.
_CHANGED = """
    WITH seen AS (
        SELECT b.party_id, max(r.documents_until) AS until, max(r.recorded_at) AS at
          FROM assessment_decision b JOIN assessment_assessmentrun r ON r.id = b.run_id
         WHERE b.tax_kind = %(kind)s AND b.tax_year = %(year)s AND r.state = 'released'
               AND r.kind NOT IN ('moves', 'relief', 'replaced_law') GROUP BY b.party_id),
    papers AS (
        SELECT coalesce(d.party_id, o.party_id) AS party_id, d.arrived_on, d.kind
          FROM assessment_sourcedocument d LEFT JOIN assessment_sourcedocument o ON o.id = d.supersedes_id
         WHERE d.tax_year = %(year)s AND d.arrived_on <= %(until)s
               AND d.state IN ('active', 'superseded', 'cancelled')),
    changed AS (
        SELECT p.party_id, p.kind FROM papers p LEFT JOIN seen s USING (party_id)
         WHERE p.party_id IS NOT NULL AND (s.until IS NULL OR p.arrived_on > s.until)
        UNION
        SELECT e.party_id, d.kind FROM assessment_matchevent e
          JOIN assessment_sourcedocument d ON d.id = e.document_id AND d.tax_year = %(year)s
               AND d.arrived_on <= %(until)s
          JOIN seen s ON s.party_id = e.party_id WHERE e.recorded_at > s.at
        UNION
        SELECT t.party_id, 'premises' FROM assessment_taxablepopulation t
          JOIN premises_premises r ON r.party_id = t.party_id AND r.first_year <= %(year)s
               AND r.received_on <= %(until)s
          LEFT JOIN seen s ON s.party_id = t.party_id
         WHERE t.tax_year = %(year)s AND (t.basis = 'premises' AND s.at IS NULL
               OR t.basis IN ('premises', 'ended') AND r.changed_at > s.at))
"""


def _params(run: AssessmentRun) -> dict[str, Any]:
    return {"kind": run.tax_kind, "year": run.tax_year, "until": run.documents_until}


def changed_people(run: AssessmentRun) -> list[UUID]:
    """People with a paper that came, was replaced, cancelled or bound after their last decision, ordered by id."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_CHANGED} SELECT DISTINCT party_id FROM changed ORDER BY party_id", _params(run))
        return [row[0] for row in cursor.fetchall()]


def unchanged_drop(run: AssessmentRun, party_ids: Sequence[UUID]) -> int:
    """Take the rows of these people away whose result and ways of collecting are what stands decided. Their number."""
    query, params = standing_decisions(tax_year=run.tax_year).values("party_id", "run_id").query.sql_with_params()
    now = ", ".join(f"r.{name}" for name in RESIDENT_RESULT.names)
    base = ", ".join(f"b.{name}" for name in RESIDENT_RESULT.names)
    shares = (
        "SELECT method, withholder_id, total_yen FROM assessment_collectionshare WHERE party_id = r.party_id AND run_id"
    )
    with connection.cursor() as cursor:
        stage_query(cursor, "run_standing", query, params)
        stage_query(
            cursor,
            "run_unchanged",
            f"""SELECT r.party_id FROM assessment_residentresult r JOIN run_standing s ON s.party_id = r.party_id
                  JOIN assessment_residentresult b ON b.run_id = s.run_id AND b.party_id = r.party_id
                 WHERE r.run_id = %(run)s AND r.party_id = ANY(%(people)s) AND r.stop_code = ''
                   AND ({now}) IS NOT DISTINCT FROM ({base})
                   AND NOT EXISTS (({shares} = r.run_id) EXCEPT ({shares} = b.run_id))
                   AND NOT EXISTS (({shares} = b.run_id) EXCEPT ({shares} = r.run_id))""",
            {"run": run.pk, "people": list(party_ids)},
        )
        for table in ("residentfacts", "residentresult", "collectionshare"):
            cursor.execute(
                f"DELETE FROM assessment_{table} t USING run_unchanged u"
                " WHERE t.run_id = %s AND t.party_id = u.party_id",
                [run.pk],
            )
        cursor.execute("SELECT count(*) FROM run_unchanged")
        return int(cursor.fetchone()[0])


def decisions_correct(cursor: CursorWrapper, run: AssessmentRun, *, released_by: str) -> None:
    """The staged decisions (`run_decision`) come into being with the cause and the papers that brought them about."""
    labels = "".join(f" WHEN '{kind.value}' THEN '{kind.label}'" for kind in SourceKind)
    labels += " WHEN 'premises' THEN '家屋敷等の登録・終了・住所地の回答'"
    stage_query(
        cursor,
        "run_reason",
        f"""{_CHANGED} SELECT c.party_id,
                   '課税資料の追加・訂正: ' || string_agg(DISTINCT CASE c.kind{labels} END, '、') AS reason_ja
              FROM changed c JOIN run_decision d USING (party_id) GROUP BY c.party_id""",
        _params(run),
    )
    cursor.execute(
        f"""INSERT INTO assessment_decision (id, party_id, tax_kind, tax_year, version, cause, decided_on, run_id,
                  annual_yen, notice_no, reason_ja, released_by, recorded_at, previous_id)
           SELECT d.id, d.party_id, d.tax_kind, d.tax_year, d.version,
                  CASE WHEN d.is_first THEN 'additional' ELSE 'correction' END, %s, d.run_id, d.annual_yen,
                  d.notice_no, left(coalesce(r.reason_ja, '') || {RELIEF_SENTENCE}, 300), %s, %s, d.previous_id
             FROM run_decision d LEFT JOIN run_reason r USING (party_id) ORDER BY d.id""",
        [run.business_on, released_by, clock.now()],
    )

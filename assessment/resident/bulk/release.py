"""Release of a run in sets: decisions, and the instalments that its shares make of them."""

# ruff: noqa: S608 -- put together from constants of this module; values travel as parameters

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import numpy as np
from django.db import connection
from django.db.backends.utils import CursorWrapper

from assessment.models import AssessmentRun, RunKind
from assessment.resident.collection_split import KEYS, PENSION, WAGE
from assessment.resident.due_dates import run_due_dates
from assessment.resident.tax_parts import TaxParts, apportion
from assessment.withholders.selectors import agent_due_places
from collection.bulk.levy import LevyQuery
from collection.bulk.staging import scalar, stage, stage_query
from taxsys.platform import clock
from taxsys.platform.copying import Same, copy_columns, day_number

# Instalments of the new decisions as they should be; a withholder's months are charged to the withholder, by employee.
_SHOULD_BE = """
    SELECT concat_ws(':', 'decision', d.party_id, d.tax_year), coalesce(w.party_id, d.party_id), d.tax_kind,
           d.tax_year, d.tax_year, s.method, coalesce(w.designation_no, d.notice_no), i.instalment_no,
           coalesce(v.due_on, i.due_on), i.statutory_due_on, i.city_yen, i.prefecture_yen, i.forest_yen,
           CASE WHEN w.id IS NOT NULL THEN d.party_id END
      FROM run_decision AS d
      JOIN assessment_collectionshare AS s ON s.run_id = d.run_id AND s.party_id = d.party_id
      JOIN run_instalment AS i ON i.share_id = s.id
      LEFT JOIN assessment_withholder AS w ON w.id = s.withholder_id
      LEFT JOIN run_agent_due AS v ON v.withholder_id = s.withholder_id AND v.instalment_no = i.instalment_no
"""
# Who had a 仮徴収 owes something already: only what differs is posted, as for a later decision.
FIRST_LEVY = LevyQuery(f"{_SHOULD_BE} WHERE d.is_fresh")
_CHARGE = (
    "c.party_id, c.tax_kind_id, c.levy_year, c.tax_year, c.method, c.notice_no, c.instalment_no, c.due_on, "
    "c.statutory_due_on"
)
# Whatever was levied of the person before and is in no instalment now comes to nothing.
CHANGED_LEVY = LevyQuery(
    f"""WITH should_be (source_ref, party_id, tax_kind, levy_year, tax_year, method, notice_no, instalment_no, due_on,
                        statutory_due_on, city_yen, prefecture_yen, forest_yen, employee_id) AS (
            {_SHOULD_BE} WHERE NOT d.is_fresh),
        levied AS (
            SELECT concat_ws(':', 'decision', d.party_id, d.tax_year) AS source_ref, NULL::uuid AS employee_id,
                   {_CHARGE}
              FROM run_decision AS d JOIN collection_charge AS c
                   ON c.notice_no = d.notice_no AND c.tax_kind_id = d.tax_kind AND c.levy_year = d.tax_year
                      AND c.tax_year = d.tax_year AND c.method <> 'wage' AND c.amount_yen > 0
             WHERE NOT d.is_fresh
            UNION ALL
            SELECT w.source_ref, w.employee_id,
                   {_CHARGE}
              FROM run_decision AS d JOIN collection_withheldshare AS w
                   ON w.employee_id = d.party_id AND w.amount_yen > 0
                      AND w.source_ref = concat_ws(':', 'decision', d.party_id, d.tax_year)
              JOIN collection_charge AS c ON c.id = w.charge_id
             WHERE NOT d.is_fresh)
        SELECT * FROM should_be
         WHERE city_yen + prefecture_yen + forest_yen > 0
        UNION ALL
        SELECT l.source_ref::text, l.party_id, l.tax_kind_id, l.levy_year, l.tax_year, l.method, l.notice_no,
               l.instalment_no, l.due_on, l.statutory_due_on, 0, 0, 0, l.employee_id
          FROM levied AS l
         WHERE NOT EXISTS (
               SELECT FROM should_be AS n
                WHERE n.source_ref = l.source_ref AND n.method = l.method AND n.notice_no = l.notice_no
                      AND n.instalment_no = l.instalment_no
                      AND n.city_yen + n.prefecture_yen + n.forest_yen > 0)"""
)


def people(run_id: int, *, tax_year: int) -> list[tuple[UUID, bool]]:
    """Everybody of a run with a sound row, and whether the year has no notice number of theirs yet.

    Ordered by withholder, then 宛名番号: a withholder's months are then moved by few postings, and the same city gets
    the same notice numbers wherever it is computed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT r.party_id, NOT EXISTS (
                          SELECT FROM assessment_decision AS d
                           WHERE d.party_id = r.party_id AND d.tax_kind = '10' AND d.tax_year = %(year)s
                                 AND d.run_id <> %(run)s)
                      AND NOT EXISTS (
                          SELECT FROM pensions_provisionallevy AS v
                           WHERE v.party_id = r.party_id AND v.tax_year = %(year)s AND v.notice_no <> '')
                 FROM assessment_residentresult AS r
                 JOIN addressbook_party AS p ON p.id = r.party_id
                 LEFT JOIN assessment_collectionshare AS s
                      ON s.run_id = r.run_id AND s.party_id = r.party_id AND s.method = 'wage'
                 LEFT JOIN assessment_withholder AS w ON w.id = s.withholder_id
                WHERE r.run_id = %(run)s AND r.stop_code = ''
                ORDER BY w.designation_no NULLS LAST, p.person_no""",
            {"run": run_id, "year": tax_year},
        )
        return cursor.fetchall()


def decisions_stage(cursor: CursorWrapper, run: AssessmentRun, party_ids: Sequence[UUID], *, first_no: int) -> int:
    """`run_decision`: the decisions to come of these people who have none of this run yet. Answers their number.

    A person with an earlier decision of the year, or with a 仮徴収, keeps the notice number and gets the next version;
    the others are numbered from `first_no` in the order given. `is_first`: no earlier decision of the year stands (a
    recalled one does not); `is_fresh`: nor a 仮徴収, so that everything is levied anew.
    """
    stage_query(
        cursor,
        "run_decision",
        """SELECT nextval(pg_get_serial_sequence('assessment_decision', 'id')) AS id, n.*,
                  n.is_first AND NOT n.has_provisional AS is_fresh
             FROM (SELECT p.party_id, r.run_id, %(kind)s::text AS tax_kind, %(year)s::int AS tax_year,
                          coalesce(b.version, 0) + 1 AS version, b.id AS previous_id, NOT EXISTS (
                              SELECT FROM assessment_decision AS d
                                 JOIN assessment_assessmentrun AS q ON q.id = d.run_id
                               WHERE d.party_id = p.party_id AND d.tax_kind = %(kind)s AND d.tax_year = %(year)s
                                     AND d.run_id <> %(run)s AND q.state = 'released') AS is_first,
                          v.id IS NOT NULL AS has_provisional,
                          r.annual_tax_yen AS annual_yen,
                          coalesce(b.notice_no, v.notice_no, %(year)s || '-' || %(kind)s || '-' || lpad((%(first)s - 1 +
                              count(*) FILTER (WHERE b.id IS NULL AND v.id IS NULL) OVER (ORDER BY p.place)
                              )::text, 7, '0')) AS notice_no
                     FROM unnest(%(people)s::uuid[]) WITH ORDINALITY AS p (party_id, place)
                     JOIN assessment_residentresult AS r
                          ON r.run_id = %(run)s AND r.party_id = p.party_id AND r.stop_code = ''
                     LEFT JOIN LATERAL (
                          SELECT d.id, d.version, d.notice_no FROM assessment_decision AS d
                           WHERE d.party_id = p.party_id AND d.tax_kind = %(kind)s AND d.tax_year = %(year)s
                                 AND d.run_id <> %(run)s
                           ORDER BY d.version DESC LIMIT 1) AS b ON true
                     LEFT JOIN pensions_provisionallevy AS v
                          ON v.party_id = p.party_id AND v.tax_year = %(year)s AND v.notice_no <> ''
                    ORDER BY p.place) AS n
            WHERE NOT EXISTS (SELECT FROM assessment_decision AS d
                               WHERE d.run_id = %(run)s AND d.party_id = n.party_id)""",
        {
            "kind": run.tax_kind,
            "year": run.tax_year,
            "run": run.pk,
            "first": first_no,
            "people": list(party_ids),
        },
    )
    return int(scalar(cursor, "SELECT count(*) FROM run_decision"))


def decisions_insert(cursor: CursorWrapper, run: AssessmentRun, *, released_by: str) -> None:
    """The staged decisions come into being."""
    cursor.execute(
        """INSERT INTO assessment_decision (id, party_id, tax_kind, tax_year, version, cause, decided_on, run_id,
                  annual_yen, notice_no, reason_ja, released_by, recorded_at, previous_id)
           SELECT id, party_id, tax_kind, tax_year, version,
                  CASE WHEN is_first THEN 'initial' ELSE 'correction' END, %s, run_id, annual_yen,
                  notice_no, '', %s, %s, previous_id
             FROM run_decision ORDER BY id""",
        [run.business_on, released_by, clock.now()],
    )


# 税額の変更に伴う減免額の変更, told with the reason of every decision that is not about a remission itself.
RELIEF_SENTENCE = """coalesce((
    SELECT '。税額の変更に伴い、減免額を' || trim(to_char(b.yen, '999,999,999,990')) || '円から'
           || trim(to_char(n.yen, '999,999,999,990')) || '円に改めました'
      FROM assessment_decision AS q,
           LATERAL (SELECT relief_city_yen + relief_prefecture_yen + relief_forest_yen AS yen
                      FROM assessment_residentfacts WHERE run_id = q.run_id AND party_id = d.party_id) AS b,
           LATERAL (SELECT relief_city_yen + relief_prefecture_yen + relief_forest_yen AS yen
                      FROM assessment_residentfacts WHERE run_id = d.run_id AND party_id = d.party_id) AS n
     WHERE q.id = d.previous_id AND b.yen <> n.yen), '')"""


def decisions_named(
    cursor: CursorWrapper, run: AssessmentRun, *, cause: str, reasons: Mapping[UUID, str], released_by: str,
    first_cause: str = "",
) -> None:  # fmt: skip
    """The staged decisions come into being with one cause and each person's reason; `first_cause`: of who had none."""
    told = "''" if run.kind == RunKind.RELIEF else RELIEF_SENTENCE
    cursor.execute(
        f"""INSERT INTO assessment_decision (id, party_id, tax_kind, tax_year, version, cause, decided_on, run_id,
                  annual_yen, notice_no, reason_ja, released_by, recorded_at, previous_id)
           SELECT d.id, d.party_id, d.tax_kind, d.tax_year, d.version, CASE WHEN d.is_first THEN %s ELSE %s END, %s,
                  d.run_id, d.annual_yen, d.notice_no, left(coalesce(r.reason_ja, '') || {told}, 300), %s, %s,
                  d.previous_id
             FROM run_decision d
             LEFT JOIN unnest(%s::uuid[], %s::text[]) AS r (party_id, reason_ja) USING (party_id) ORDER BY d.id""",
        [
            first_cause or cause, cause, run.business_on, released_by, clock.now(), list(reasons),
            list(reasons.values()),
        ],
    )  # fmt: skip


def instalments_stage(cursor: CursorWrapper, run: AssessmentRun) -> None:
    """`run_instalment`: every place of the shares of the staged decisions, apportioned to whom it belongs.

    `run_agent_due`: the due dates of agents who pay twice a year (納期の特例).
    """
    _agent_dues_stage(cursor, run)
    cursor.execute("DROP TABLE IF EXISTS pg_temp.run_instalment")
    cursor.execute(
        """CREATE TEMP TABLE run_instalment (share_id int8, instalment_no int2, due_on date, statutory_due_on date,
                  city_yen int8, prefecture_yen int8, forest_yen int8) ON COMMIT DROP"""
    )
    for method in KEYS:
        cursor.execute(
            """SELECT s.id, s.city_yen, s.prefecture_yen, s.forest_yen, s.instalments
                 FROM run_decision AS d
                 JOIN assessment_collectionshare AS s ON s.run_id = d.run_id AND s.party_id = d.party_id
                WHERE s.method = %s ORDER BY s.id""",
            [method],
        )
        if rows := cursor.fetchall():
            _instalments_copy(cursor, run_due_dates(run, method), rows, is_by_person=method == PENSION)
    cursor.execute("ANALYZE run_instalment")


def _agent_dues_stage(cursor: CursorWrapper, run: AssessmentRun) -> None:
    dues = run_due_dates(run, WAGE)
    stage(
        cursor,
        "run_agent_due",
        (("withholder_id", "int8"), ("instalment_no", "int2"), ("due_on", "date")),
        (
            (agent, no, dues[place - 1])
            for agent, places in sorted(agent_due_places(run.tax_year).items())
            for no, place in enumerate(places, start=1)
        ),
    )


def _instalments_copy(
    cursor: CursorWrapper, dues: Sequence[date], rows: Sequence[tuple[object, ...]], *, is_by_person: bool
) -> None:  # fmt: skip
    ids, city, prefecture, forest = (np.array(column, dtype=np.int64) for column in list(zip(*rows, strict=True))[:4])
    amounts = np.array([row[4] for row in rows], dtype=np.int64)
    parts = apportion(TaxParts(city, prefecture, forest), amounts)
    # 法定納期限 of withheld months: the first that has an amount, by whose year everything else is counted.
    days = np.array([day_number(one) for one in dues], dtype=np.int32)
    statutory = days[np.argmax(amounts > 0, axis=1)] if is_by_person else np.full(len(ids), min(days), dtype=np.int32)
    for place, due_on in enumerate(dues):
        copy_columns(
            cursor,
            "run_instalment",
            {
                "share_id": ids,
                "instalment_no": Same((place + 1).to_bytes(2, "big")),
                "due_on": Same(day_number(due_on).to_bytes(4, "big", signed=True)),
                "statutory_due_on": statutory,
                "city_yen": parts.city_yen[:, place],
                "prefecture_yen": parts.prefecture_yen[:, place],
                "forest_yen": parts.forest_yen[:, place],
            },
        )


def changes_record(cursor: CursorWrapper, run: AssessmentRun) -> None:
    """調定の増減の明細: every instalment that CHANGED_LEVY will move, with its parts before and after."""
    cursor.execute(
        f"""INSERT INTO assessment_levychange (run_id, party_id, debtor_id, method, notice_no, instalment_no, due_on,
                   statutory_due_on, city_before_yen, prefecture_before_yen, forest_before_yen, city_yen,
                   prefecture_yen, forest_yen)
            SELECT %s, coalesce(n.employee_id, n.party_id), n.party_id, n.method, n.notice_no, n.instalment_no,
                   n.due_on, n.statutory_due_on, b.city_yen, b.prefecture_yen, b.forest_yen, n.city_yen,
                   n.prefecture_yen, n.forest_yen
              FROM ({CHANGED_LEVY.sql}) AS n
              LEFT JOIN collection_charge AS c
                   ON c.notice_no = n.notice_no AND c.tax_kind_id = n.tax_kind AND c.levy_year = n.levy_year
                      AND c.tax_year = n.tax_year AND c.method = n.method AND c.instalment_no = n.instalment_no
              LEFT JOIN collection_withheldshare AS w ON w.charge_id = c.id AND w.employee_id = n.employee_id
             CROSS JOIN LATERAL (
                   SELECT coalesce(CASE WHEN n.employee_id IS NULL THEN c.city_yen ELSE w.city_yen END, 0),
                          coalesce(CASE WHEN n.employee_id IS NULL THEN c.prefecture_yen
                                        ELSE w.prefecture_yen END, 0),
                          coalesce(CASE WHEN n.employee_id IS NULL THEN c.forest_yen ELSE w.forest_yen END, 0)
                   ) AS b (city_yen, prefecture_yen, forest_yen)
             WHERE (n.city_yen, n.prefecture_yen, n.forest_yen)
                   <> (b.city_yen, b.prefecture_yen, b.forest_yen)""",
        [run.pk],
    )


def decisions_told(cursor: CursorWrapper) -> list[tuple[UUID, int, int, bool, str]]:
    """(party, version, annual yen, nothing levied yet, notice number) of the staged decisions, in order."""
    cursor.execute("SELECT party_id, version, annual_yen, is_fresh, notice_no FROM run_decision ORDER BY id")
    return cursor.fetchall()

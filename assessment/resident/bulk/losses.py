"""繰越損失の台帳 in sets: movements of the decisions being released, and what stands of them for many people."""

# ruff: noqa: S608 -- put together from constants of this module; values travel as parameters

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from assessment.models import AssessmentRun
from assessment.resident.loss_lots import LossLedger, LossYear, loss_ledger
from taxsys.platform import clock
from taxsys.platform.among import uuid_array

# kind → (column of what arose, column of what was used)
COLUMNS: Mapping[str, tuple[str, str]] = {
    "net": ("net_loss_arising_yen", "net_loss_used_yen"),
    "home": ("home_loss_arising_yen", "home_loss_used_yen"),
    "casualty": ("casualty_loss_arising_yen", "casualty_used_yen"),
    "shares": ("shares_loss_arising_yen", "shares_loss_used_yen"),
    "futures": ("futures_loss_arising_yen", "futures_loss_used_yen"),
}
_KINDS = ", ".join(f"('{kind}', r.{arising}, r.{used})" for kind, (arising, used) in COLUMNS.items())
_ANY = " + ".join(f"r.{column}" for pair in COLUMNS.values() for column in pair)


def movements_insert(cursor: CursorWrapper, run: AssessmentRun, *, carry_years: int, disaster_years: int) -> int:
    """Movements of the staged decisions (`run_decision`); idempotent by decision and kind. Their number.

    A net loss carries whole with a blue return, else as far as the paper names it (変動所得・被災事業用資産).
    """
    cursor.execute(
        f"""INSERT INTO assessment_lossmovement (decision_id, party_id, kind, tax_year, arising_yen, used_yen,
                   carry_years, recorded_at)
            SELECT decision_id, party_id, kind, tax_year, arising_yen, used_yen,
                   CASE WHEN is_disaster THEN %(disaster)s ELSE %(carry)s END, %(now)s
              FROM (SELECT d.id AS decision_id, d.party_id, v.kind, d.tax_year, p.is_disaster, v.used_yen,
                           CASE WHEN v.kind = 'net' AND NOT p.is_blue THEN least(v.arising_yen, p.named_yen)
                                ELSE v.arising_yen END AS arising_yen
                      FROM run_decision AS d
                      JOIN assessment_residentresult AS r ON r.run_id = d.run_id AND r.party_id = d.party_id
                      JOIN assessment_residentfacts AS f ON f.run_id = d.run_id AND f.party_id = d.party_id
                     CROSS JOIN LATERAL (VALUES {_KINDS}) AS v (kind, arising_yen, used_yen)
                     CROSS JOIN LATERAL (
                           SELECT coalesce(bool_or(s.items ? 'is_blue_return'), false) AS is_blue,
                                  coalesce(bool_or(s.items ? 'is_named_disaster'), false) AS is_disaster,
                                  coalesce(sum((s.items ->> 'carriable_loss_yen')::bigint), 0) AS named_yen
                             FROM assessment_sourcedocument AS s WHERE s.id = ANY (f.document_ids)) AS p
                     WHERE {_ANY} > 0) AS one
             WHERE arising_yen > 0 OR used_yen > 0
                ON CONFLICT (decision_id, kind) DO NOTHING""",
        {"carry": carry_years, "disaster": disaster_years, "now": clock.now()},
    )
    return int(cursor.rowcount)


def standing_movements(party_ids: Sequence[UUID], *, before_year: int) -> dict[UUID, dict[str, list[LossYear]]]:
    """What stands of these people's losses in the years before, by person and kind."""
    found: dict[UUID, dict[str, list[LossYear]]] = defaultdict(lambda: defaultdict(list))
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT m.party_id, m.kind, m.tax_year, m.arising_yen, m.used_yen, m.carry_years
                 FROM assessment_lossmovement AS m
                 JOIN assessment_decision AS d ON d.id = m.decision_id
                 JOIN assessment_assessmentrun AS r ON r.id = d.run_id
                WHERE m.party_id = ANY (%s::uuid[]) AND m.tax_year < %s AND r.state = 'released'
                      AND NOT EXISTS (
                          SELECT FROM assessment_decision AS e JOIN assessment_assessmentrun AS q ON q.id = e.run_id
                           WHERE e.party_id = d.party_id AND e.tax_kind = d.tax_kind AND e.tax_year = d.tax_year
                                 AND e.version > d.version AND q.state = 'released')""",
            [uuid_array(party_ids), before_year],
        )
        for party, kind, tax_year, arising, used, years in cursor.fetchall():
            found[party][kind].append(LossYear(tax_year, arising, used, years))
    return found


def ledgers_of(party_ids: Sequence[UUID], *, before_year: int) -> dict[UUID, dict[str, LossLedger]]:
    """The ledgers of these people as they stand for the year: person → kind → ledger; only who has any."""
    standing = standing_movements(party_ids, before_year=before_year)
    return {party: {kind: loss_ledger(years) for kind, years in kinds.items()} for party, kinds in standing.items()}

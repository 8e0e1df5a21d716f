"""調定済の期別 (what stands levied of a taxpayer): bills, pension months, shares behind withholders' months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection


@dataclass(frozen=True, slots=True)
class LeviedInstalment:
    """One instalment of one taxpayer as it stands in the books, by part in yen; `debtor_id` owes it."""

    taxpayer_id: UUID
    debtor_id: UUID
    method: str
    notice_no: str
    instalment_no: int
    due_on: date
    statutory_due_on: date
    city_yen: int
    prefecture_yen: int
    forest_yen: int


def levied_instalments(*, tax_kind: str, tax_year: int, taxpayer_ids: Sequence[UUID]) -> list[LeviedInstalment]:
    """調定済の期別 of these taxpayers and year with an amount, ordered; one statement however many there are."""
    with connection.cursor() as cursor:
        # Two kinds of debt in one answer: what the taxpayer owes, and the employee's part of what a withholder owes.
        cursor.execute(
            """SELECT c.party_id AS taxpayer_id, c.party_id, c.method, c.notice_no, c.instalment_no, c.due_on,
                      c.statutory_due_on, c.city_yen, c.prefecture_yen, c.forest_yen
                 FROM collection_charge AS c
                WHERE c.party_id = ANY(%(people)s) AND c.tax_kind_id = %(kind)s AND c.tax_year = %(year)s
                      AND c.method <> 'wage' AND c.amount_yen > 0
               UNION ALL
               SELECT w.employee_id, c.party_id, c.method, c.notice_no, c.instalment_no, c.due_on,
                      c.statutory_due_on, w.city_yen, w.prefecture_yen, w.forest_yen
                 FROM collection_withheldshare AS w JOIN collection_charge AS c ON c.id = w.charge_id
                WHERE w.employee_id = ANY(%(people)s) AND c.tax_kind_id = %(kind)s AND c.tax_year = %(year)s
                      AND w.amount_yen > 0
                ORDER BY 1, 3, 4, 5""",
            {"people": list(taxpayer_ids), "kind": tax_kind, "year": tax_year},
        )
        return [LeviedInstalment(*row) for row in cursor.fetchall()]

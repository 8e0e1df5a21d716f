"""Builders for the ledger tests: parties, levy rows, totals of the books."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import connection

from addressbook.models import Party
from collection.services.levy import LevyRow
from taxsys.platform import clock

DUES = (date(2026, 6, 30), date(2026, 8, 31), date(2026, 11, 2), date(2027, 2, 1))


def party(number: int) -> UUID:
    """A party of its own for the test."""
    one, _made = Party.objects.get_or_create(
        person_no=f"P{number:014d}", defaults={"kind": "resident", "name": f"試験 {number}", "recorded_at": clock.now()}
    )
    return one.id


def ordinary(
    debtor: UUID,
    notice_no: str,
    amounts: Iterable[tuple[int, int, int]],
    *,
    source_ref: str = "",
    due_ons: tuple[date, ...] = DUES,
) -> list[LevyRow]:
    """Instalments of the resident tax in ordinary collection, parts (city, prefecture, forest)."""
    return [
        LevyRow(
            source_ref=source_ref or f"D-{notice_no}-1",
            party_id=debtor,
            tax_kind="10",
            levy_year=2026,
            tax_year=2026,
            method="ordinary",
            notice_no=notice_no,
            instalment_no=number,
            due_on=due_ons[number - 1],
            statutory_due_on=due_ons[0],
            city_yen=city,
            prefecture_yen=prefecture,
            forest_yen=forest,
        )
        for number, (city, prefecture, forest) in enumerate(amounts, start=1)
    ]


def balance(kind: str) -> int:
    """Debit minus credit of all accounts of a kind, in yen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(debit_yen - credit_yen), 0)::bigint FROM collection_balance WHERE kind = %s", [kind]
        )
        return int(cursor.fetchone()[0])

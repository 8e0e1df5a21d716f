"""Measurement of the ledger: levy posting and payment matching against plain COPY of the same rows.

The peer is COPY of the very rows that came into being, into tables with the same keys, indexes and foreign keys but no
balance trigger: `run(levies=…, payments=…)` as the tables' owner in a database of its own.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import django
from django.apps import apps
from django.db import connection, transaction

from tests.bench.copying import column, copy_again, keys_checked, marks

if not apps.ready:
    django.setup()

from collection.services.levy import LevyRow, levy_post
from collection.services.receipts import ReceiptRecord, receipts_post
from collection.services.slips import SlipRequest, slip_issue_many
from tests.collection.books import DUES

ON = date(2026, 6, 10)
LEVY_TABLES = tuple(f"collection_{name}" for name in ("charge", "account", "journalentry", "transfer", "balance"))
RECEIPT_TABLES = tuple(
    f"collection_{name}" for name in ("receipt", "journalentry", "transfer", "allocation", "suspense", "overpayment")
)


def run(*, levies: int, payments: int) -> dict[str, Any]:
    """Levy `levies` taxpayers × 4 instalments, issue slips, match `payments`. Seconds and ratios by stage."""
    parties = _parties(levies)
    out: dict[str, Any] = {}
    since = marks(LEVY_TABLES)
    started = time.perf_counter()
    levy_post(_rows(parties), dedupe_key="bench", occurred_on=ON, actor="bench")
    keys_checked()
    out["levy_s"] = time.perf_counter() - started
    out["levy_copy_s"], out["levy_rows"] = copy_again(LEVY_TABLES, since)
    out["levy_ratio"] = out["levy_s"] / out["levy_copy_s"]
    charges = column("SELECT id FROM collection_charge WHERE instalment_no = 1 ORDER BY id LIMIT %s", payments)
    started = time.perf_counter()
    slips = slip_issue_many((SlipRequest((charge,), DUES[0]) for charge in charges), issued_on=ON)
    out["slips_per_s"] = len(slips) / (time.perf_counter() - started)
    records = list(_records([slip.el_number[2][4:] for slip in slips], [slip.amount_yen for slip in slips]))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    since = marks(RECEIPT_TABLES)
    started = time.perf_counter()
    result = receipts_post(records, actor="bench", as_of=date(2026, 11, 20))
    keys_checked()
    out["match_s"] = time.perf_counter() - started
    out["match"] = result
    out["match_copy_s"], out["match_rows"] = copy_again(RECEIPT_TABLES, since)
    out["match_ratio"] = out["match_s"] / out["match_copy_s"]
    return out


def _parties(count: int) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO addressbook_party (id, person_no, kind, name, name_kana, name_key, strict_key, loose_key,
                      birth_on, sex, state, corporate_no, recorded_at)
               SELECT gen_random_uuid(), 'B' || lpad(n::text, 14, '0'), 'resident', '計測', '', '', '', '', NULL, '0',
                      'registered', NULL, now()
                 FROM generate_series(1, %s) AS n RETURNING id""",
            [count],
        )
        return [row[0] for row in cursor.fetchall()]


def _rows(parties: list[UUID]) -> Iterator[LevyRow]:
    for number, party in enumerate(parties):
        for instalment, due_on in enumerate(DUES, start=1):
            yield LevyRow(
                f"D{number}", party, "10", 2026, 2026, "ordinary", f"{number:010d}", instalment, due_on, DUES[0],
                6000 + number % 90 * 100, 4000, 1000 if instalment == 1 else 0,
            )  # fmt: skip


def _records(cases: list[str], amounts: list[int]) -> Iterator[ReceiptRecord]:
    """96 % exact, the rest over, part, unknown and twice."""
    for number, (case, amount) in enumerate(zip(cases, amounts, strict=True)):
        yen = amount + {1: 500, 2: -500}.get(number % 100, 0)
        key = "9" * 16 if number % 100 == 3 else case
        yield ReceiptRecord("common", f"P{number}", "confirmed", "case", key, yen, DUES[0], DUES[0], number)
        if number % 100 == 4:
            yield ReceiptRecord("common", f"Q{number}", "confirmed", "case", key, yen, DUES[0], DUES[0], number)


def main() -> None:
    """Migrate the database at hand, which must be empty, and measure; nothing is kept."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    levies = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with transaction.atomic():
        found = run(levies=levies, payments=levies)
        transaction.set_rollback(True)
    print(f"ledger: levy        {found['levy_rows'] / found['levy_s']:10,.0f} rows/s  ({found['levy_rows']:,} rows)")
    print(f"ledger: levy        {found['levy_ratio']:10.1f} x plain COPY")
    print(f"ledger: slips       {found['slips_per_s']:10,.0f} slips/s")
    print(f"ledger: matching    {levies / found['match_s']:10,.0f} payments/s")
    print(f"ledger: matching    {found['match_ratio']:10.1f} x plain COPY   (target 5)")


if __name__ == "__main__":
    main()

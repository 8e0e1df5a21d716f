"""Measurement of the ledger: levy posting and payment matching against plain COPY of the same rows.

The peer is COPY of the very rows that came into being, into tables with the same keys, indexes and foreign keys but no
balance trigger. Called by the bench suite as the tables' owner: `run(levies=…, payments=…)` in a database of its own.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from collection.services.levy import LevyRow, levy_post
from collection.services.receipts import ReceiptRecord, receipts_post
from collection.services.slips import SlipRequest, slip_issue_many
from tests.collection.books import DUES

ON = date(2026, 6, 10)
LEVY_TABLES = ("charge", "account", "journalentry", "transfer", "balance")
RECEIPT_TABLES = ("receipt", "journalentry", "transfer", "allocation", "suspense", "overpayment")


def run(*, levies: int, payments: int) -> dict[str, Any]:
    """Levy `levies` taxpayers × 4 instalments, issue slips, match `payments`. Seconds and ratios by stage."""
    parties = _parties(levies)
    out: dict[str, Any] = {}
    marks = _marks()
    started = time.perf_counter()
    levy_post(_rows(parties), dedupe_key="bench", occurred_on=ON, actor="bench")
    _check_keys()
    out["levy_s"] = time.perf_counter() - started
    out["levy_copy_s"], out["levy_rows"] = _copy_again(LEVY_TABLES, marks)
    out["levy_ratio"] = out["levy_s"] / out["levy_copy_s"]
    charges = _column("SELECT id FROM collection_charge WHERE instalment_no = 1 ORDER BY id LIMIT %s", payments)
    started = time.perf_counter()
    slips = slip_issue_many((SlipRequest((charge,), DUES[0]) for charge in charges), issued_on=ON)
    out["slips_per_s"] = len(slips) / (time.perf_counter() - started)
    records = list(_records([slip.el_number[2][4:] for slip in slips], [slip.amount_yen for slip in slips]))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    marks = _marks()
    started = time.perf_counter()
    result = receipts_post(records, actor="bench", as_of=date(2026, 11, 20))
    _check_keys()
    out["match_s"] = time.perf_counter() - started
    out["match"] = result
    out["match_copy_s"], out["match_rows"] = _copy_again(RECEIPT_TABLES, marks)
    out["match_ratio"] = out["match_s"] / out["match_copy_s"]
    return out


def _check_keys() -> None:
    """Let the deferred foreign keys be checked now, as a commit would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


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


def _column(query: str, *params: object) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return [row[0] for row in cursor.fetchall()]


def _marks() -> dict[str, int]:
    names = {*LEVY_TABLES, *RECEIPT_TABLES} - {"balance"}
    return {name: _column(f"SELECT coalesce(max(id), 0) FROM collection_{name}")[0] for name in names}


def _copy_again(tables: tuple[str, ...], marks: dict[str, int]) -> tuple[float, int]:
    """Seconds of plain COPY of the rows made since the marks into twins of their tables; and how many rows."""
    seconds, rows = 0.0, 0
    with connection.cursor() as cursor:
        for name in tables:
            table = f"collection_{name}"
            since = f" WHERE id > {marks[name]}" if name in marks else ""
            cursor.execute(f"CREATE TABLE twin_{name} (LIKE {table} INCLUDING ALL)")
            cursor.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass",
                [table],
            )
            for (definition,) in cursor.fetchall():
                cursor.execute(f"ALTER TABLE twin_{name} ADD {definition}")
            with cursor.copy(f"COPY (SELECT * FROM {table}{since}) TO STDOUT (FORMAT BINARY)") as copy:
                content = b"".join(bytes(block) for block in copy)
            started = time.perf_counter()
            with cursor.copy(f"COPY twin_{name} FROM STDIN (FORMAT BINARY)") as copy:
                copy.write(content)
            _check_keys()
            seconds += time.perf_counter() - started
            cursor.execute(f"SELECT count(*) FROM twin_{name}")
            rows += cursor.fetchone()[0]
            cursor.execute(f"DROP TABLE twin_{name}")
    return seconds, rows

"""Ten years of books of a whole city: the account screen, and the nightly proof over everything (R-005).

330,000 residents with four instalments a year over ten years are 13 million instalments and 39 million transfers. They
are written by set-based statements without triggers and indexes (these are made again afterwards), consistent to the
yen, so that the proofs hold; slips stand for the last two years. `python -m tests.bench.decade 330000` in a database of
its own. The peer of the screen is one bare query by the party's key, the peer of the proof is COPY of all transfers out
of the database.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from random import Random
from statistics import median, quantiles

import django
from django.apps import apps
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

if not apps.ready:
    django.setup()

from collection.selectors.proofs import prove_ledger
from tests.bench.copying import column, copy_out
from tests.bench.year import own_database

YEARS, LAST = 10, 2026
TODAY = date(LAST, 11, 20)
DUES = ((6, 30), (8, 31), (10, 31), (12, 28))
BARE = (
    "collection_charge", "collection_account", "collection_journalentry", "collection_transfer", "collection_balance",
    "collection_receipt", "collection_allocation", "collection_slip", "collection_slipline",
)  # fmt: skip
SCREENS = 300
ACCOUNT0 = 1000  # receivables stand after the accounts of the city


def main() -> None:
    """Build the books and measure; the first argument is the number of residents (3,300)."""
    residents = int(sys.argv[1]) if len(sys.argv) > 1 else 3300
    own_database("taxsys_decade")
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET lock_timeout = 0")
    started = time.perf_counter()
    _build(residents)
    transfers = column("SELECT count(*) FROM collection_transfer")[0]
    print(
        f"decade: {residents:,} residents, {YEARS} years, {transfers:,} transfers"
        f" (written in {time.perf_counter() - started:.0f} s)", flush=True,
    )  # fmt: skip
    _screens(residents)
    _proof(transfers)


# --- the books --------------------------------------------------------------------------------------------------------


def _build(residents: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO addressbook_party (id, person_no, kind, name, name_kana, name_key, strict_key, loose_key,
                      birth_on, sex, state, corporate_no, recorded_at)
               SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'B' || lpad(n::text, 14, '0'),
                      'resident', '計測', '', '', '', '', NULL, '0', 'registered', NULL, now()
                 FROM generate_series(1, %s) AS n""",
            [residents],
        )
        with _bare(cursor):
            for year in range(LAST - YEARS + 1, LAST + 1):
                with transaction.atomic():
                    _year(cursor, year, residents)
            _balances(cursor)
        for table in ("charge", "account", "journalentry", "receipt", "slip"):
            sequence = f"pg_get_serial_sequence('collection_{table}', 'id')"
            cursor.execute(f"SELECT setval({sequence}, (SELECT max(id) FROM collection_{table}))")
        cursor.execute("VACUUM ANALYZE")


@contextmanager
def _bare(cursor: CursorWrapper) -> Iterator[None]:
    """Without triggers and without indexes other than those of constraints; they are made again at the end."""
    cursor.execute("SET session_replication_role = replica")
    cursor.execute(
        """SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY (%s) AND NOT EXISTS (
                  SELECT FROM pg_constraint WHERE conname = indexname)""",
        [list(BARE)],
    )
    kept = cursor.fetchall()
    for name, _definition in kept:
        cursor.execute(f"DROP INDEX {name}")
    yield
    cursor.execute("SET maintenance_work_mem = '1GB'")
    for _name, definition in kept:
        cursor.execute(definition)
    cursor.execute("SET session_replication_role = origin")


def _year(cursor: CursorWrapper, year: int, residents: int) -> None:
    """A year's levies, receipts and, of the last two years, slips; 2 % of old instalments stay open, 5 % of new."""
    index = year - (LAST - YEARS + 1)
    values = {
        "r": residents, "y": year, "i": index, "charge0": index * residents * 4, "entry0": index * residents * 5,
        "city": index * 2 + 1, "prefecture": index * 2 + 2, "cash": 100 + index * 4, "a": ACCOUNT0,
        "last": year == LAST, "due": [date(year, month, day) for month, day in DUES],
    }  # fmt: skip
    cursor.execute(
        """CREATE TEMP TABLE made ON COMMIT DROP AS
           SELECT n, k, %(charge0)s + (n - 1) * 4 + k AS charge, %(entry0)s + n AS levy,
                  %(entry0)s + %(r)s + (n - 1) * 4 + k AS receipt, 6000 + n %% 90 * 100 AS city, 4000 AS prefecture,
                  (%(due)s::date[])[k] AS due,
                  CASE WHEN %(last)s THEN k < 4 AND (n * 7 + k) %% 20 <> 0 ELSE (n * 7 + %(i)s * 3 + k) %% 50 <> 0 END
                      AS is_paid
             FROM generate_series(1, %(r)s) AS n, generate_series(1, 4) AS k""",
        values,
    )
    for statement in _STATEMENTS if year > LAST - 2 else _STATEMENTS[:-2]:
        cursor.execute(statement, values)


_STATEMENTS = (
    """INSERT INTO collection_account (id, kind, component, key, charge_id)
       SELECT id, kind, '', concat_ws(':', kind, 10, %(y)s, %(y)s), NULL
         FROM (VALUES (%(city)s, 'revenue_city'), (%(prefecture)s, 'revenue_prefecture')) AS k (id, kind)""",
    """INSERT INTO collection_account (id, kind, component, key, charge_id)
       SELECT %(cash)s + k, 'cash_in', '', 'cash_in:common:' || (%(due)s::date[])[k], NULL
         FROM generate_series(1, 4) AS k""",
    """INSERT INTO collection_charge (id, levy_year, tax_year, method, notice_no, instalment_no, due_on,
              statutory_due_on, city_yen, prefecture_yen, forest_yen, amount_yen, state, source_ref, party_id,
              tax_kind_id)
       SELECT charge, %(y)s, %(y)s, 'ordinary', lpad(n::text, 10, '0'), k, due, (%(due)s::date[])[1], city, prefecture,
              0, city + prefecture, 'active', 'D' || n,
              ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, '10'
         FROM made ORDER BY charge""",
    """INSERT INTO collection_account (id, kind, component, key, charge_id)
       SELECT %(a)s + charge, 'receivable', 'principal', '', charge FROM made ORDER BY charge""",
    """INSERT INTO collection_journalentry (id, reason, legal_ground, source_document, actor, approval_ref, occurred_on,
              value_date, recorded_at, dedupe_key, transfer_count, total_yen)
       SELECT levy, 'levy', '', '', 'bench', '', make_date(%(y)s, 6, 10), make_date(%(y)s, 6, 10), now(),
              concat_ws('|', 'decade', %(y)s, n), 8, sum(city + prefecture) FROM made GROUP BY levy, n ORDER BY levy""",
    """INSERT INTO collection_journalentry (id, reason, legal_ground, source_document, actor, approval_ref, occurred_on,
              value_date, recorded_at, dedupe_key, transfer_count, total_yen)
       SELECT receipt, 'receipt', '', '', 'bench', '', due, due, now(), 'receipt:common:D' || charge, 1,
              city + prefecture
         FROM made WHERE is_paid ORDER BY receipt""",
    """INSERT INTO collection_transfer (entry_id, debit_id, credit_id, yen)
       SELECT levy, %(a)s + charge, %(city)s, city FROM made
       UNION ALL SELECT levy, %(a)s + charge, %(prefecture)s, prefecture FROM made
       UNION ALL SELECT receipt, %(cash)s + k, %(a)s + charge, city + prefecture FROM made WHERE is_paid""",
    """INSERT INTO collection_receipt (id, channel, external_key, paid_on, account_on, amount_yen, key_kind, match_key,
              is_reported, is_confirmed, is_lifted, is_corrected, state, line_no, actor, entry_id)
       SELECT charge, 'common', 'D' || charge, due, due, city + prefecture, 'case', lpad(charge::text, 16, '0'), false,
              true, false, false, 'confirmed', n, 'bench', receipt FROM made WHERE is_paid ORDER BY charge""",
    """INSERT INTO collection_allocation (component, paid_on, yen, charge_id, entry_id, receipt_id)
       SELECT 'principal', due, city + prefecture, charge, receipt, charge FROM made WHERE is_paid ORDER BY charge""",
    """INSERT INTO collection_slip (id, case_no, version, tax_kind_code, notice_no, amount_yen, valid_until, issued_on,
              cvs_barcode, el_municipality_code, el_item_code, el_case_key, el_confirm_no, state)
       SELECT charge, lpad(charge::text, 16, '0'), 1, '10', lpad(n::text, 10, '0'), city + prefecture, due,
              make_date(%(y)s, 6, 10), '', '012041', '010', lpad(charge::text, 20, '0'), '000000',
              CASE WHEN is_paid THEN 'paid' ELSE 'active' END FROM made ORDER BY charge""",
    """INSERT INTO collection_slipline (principal_yen, reminder_fee_yen, late_interest_yen, charge_id, slip_id)
       SELECT city + prefecture, 0, 0, charge, charge FROM made ORDER BY charge""",
)


def _balances(cursor: CursorWrapper) -> None:
    cursor.execute("SET work_mem = '512MB'")
    cursor.execute(
        """INSERT INTO collection_balance (account_id, kind, debit_yen, credit_yen)
           SELECT a.id, a.kind, s.debit, s.credit FROM collection_account AS a JOIN (
                  SELECT account_id, sum(debit) AS debit, sum(credit) AS credit
                    FROM (SELECT debit_id AS account_id, yen AS debit, 0 AS credit FROM collection_transfer
                          UNION ALL SELECT credit_id, 0, yen FROM collection_transfer) AS sides
                   GROUP BY account_id) AS s ON s.account_id = a.id"""
    )
    cursor.execute("RESET work_mem")


# --- what is measured -------------------------------------------------------------------------------------------------


def _screens(residents: int) -> None:
    from django.test import Client

    from addressbook.permissions import VIEW_PARTY
    from collection.permissions import VIEW_LEDGER
    from taxsys.platform import clock
    from tests.platform.actors import officer, sign_in

    client = sign_in(Client(), officer("2001", permissions=[VIEW_LEDGER, VIEW_PARTY], unit_name="納税管理課"))
    draw = Random(1)
    seconds, bare = [], []
    with clock.at(TODAY):
        for turn in range(SCREENS + 10):
            party = f"00000000-0000-4000-8000-{draw.randint(1, residents):012d}"
            started = time.perf_counter()
            answer = client.get(f"/party/{party}/collection/")
            if turn >= 10:  # the first ones compile templates
                seconds.append(time.perf_counter() - started)
            if answer.status_code != 200 or b"<table" not in answer.content:
                raise SystemExit(f"the account screen answers {answer.status_code}")
            started = time.perf_counter()
            column("SELECT count(*) FROM collection_charge WHERE party_id = %s", party)
            bare.append(time.perf_counter() - started)
    p95 = quantiles(seconds, n=20)[-1]
    print(
        f"decade: account screen of {YEARS} years  p50 {median(seconds) * 1000:.0f} ms  p95 {p95 * 1000:.0f} ms"
        f" (target < 100 ms; one bare query by key {median(bare) * 1000:.1f} ms)", flush=True,
    )  # fmt: skip


def _proof(transfers: int) -> None:
    started = time.perf_counter()
    proof = prove_ledger()
    seconds = time.perf_counter() - started
    out = copy_out("SELECT * FROM collection_transfer")
    print(
        f"decade: nightly proof  {seconds:.1f} s for {transfers:,} transfers, agrees: {proof.is_ok}"
        f" ({seconds / out:.1f} x COPY out of the transfers, {out:.1f} s; target < 60 s of 30,000,000)", flush=True,
    )  # fmt: skip
    for check in proof.checks:
        print(f"decade:   {check.title_ja}: {check.compared:,}, {check.difference_yen:,} yen off", flush=True)


if __name__ == "__main__":
    main()

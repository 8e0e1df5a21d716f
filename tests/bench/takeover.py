"""A take-over from the old system's tables to the reconciled ledger (B-CL-40), as the weekend of the change needs it.

Measured is what the office does: the four files are received, the job checks them against the control slip, reads,
posts and reconciles them by count and yen. Peer: plain COPY of the very rows that came into being.
`python -m tests.bench.takeover 20000` (taxpayers; four instalments each) in a database of its own.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

if not apps.ready:
    django.setup()

from collection.selectors.proofs import prove_ledger
from collection.takeover.models import TakeoverBatch
from taxsys.kernel.checkdigits import gs1_mod10
from taxsys.platform import clock
from taxsys.platform.files import layouts
from taxsys.platform.files.services import file_receive
from taxsys.platform.jobs.registry import all_jobs
from taxsys.platform.jobs.services import job_approve, job_request, job_run_inline
from tests.bench.copying import copy_again, marks
from tests.bench.ledger import LEVY_TABLES, RECEIPT_TABLES, _parties
from tests.bench.year import own_database
from tests.platform.actors import officer

CUTOVER = date(2026, 4, 1)
DUES = (date(2025, 6, 30), date(2025, 9, 1), date(2025, 10, 31), date(2026, 2, 2))
TABLES = (
    *dict.fromkeys((*LEVY_TABLES, *RECEIPT_TABLES)), "collection_slip", "collection_slipline", "takeover_slipcode",
)  # fmt: skip
CITY_YEN, PREFECTURE_YEN, FOREST_YEN = 18_000, 11_000, 1_000
YEN, INTEREST_YEN = 30_000, 1_500


def main() -> None:
    """Measure; the first argument is the number of taxpayers (5,000)."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    own_database("taxsys_takeover")
    settings.TAXSYS_DATA_DIR = Path(tempfile.mkdtemp(prefix="taxsys-bench-"))
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    _parties(people)
    files, control = _files(people)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    all_jobs()  # a worker has imported its jobs long before
    since = marks(TABLES)
    started = time.perf_counter()
    with clock.at(CUTOVER):
        _take(files, control)
    seconds = time.perf_counter() - started
    if not prove_ledger().is_ok:
        raise SystemExit("the ledger does not agree")
    with transaction.atomic():
        copied, rows = copy_again(TABLES, since)
    lines = sum(count for name, count in control.items() if name.endswith("_count"))
    print(f"take-over: {people:,} taxpayers, {lines:,} records, files to reconciled ledger {seconds:.1f} s", flush=True)
    print(f"take-over: {seconds / copied:9.1f} x plain COPY of the same {rows:,} rows ({copied:.2f} s; target 5 x)")


def _files(people: int) -> tuple[dict[str, bytes], dict[str, int]]:
    """Four instalments a head: three paid, one in ten of the first late with interest, slips for what is open."""
    charges: list[dict[str, Any]] = []
    receipts: list[dict[str, Any]] = []
    states: list[dict[str, Any]] = []
    slips: list[dict[str, Any]] = []
    for number in range(1, people + 1):
        key = {
            "municipality_code": settings.TAXSYS_MUNICIPALITY_CODE, "tax_kind": "10", "levy_year": 2025,
            "tax_year": 2025, "method": "ordinary", "notice_no": f"OLD{number:09d}",
        }  # fmt: skip
        for place, due_on in enumerate(DUES, 1):
            one = {**key, "instalment_no": place}
            is_paid = place < len(DUES)
            charges.append({
                **one, "person_no": f"B{number:014d}", "due_on": due_on, "statutory_due_on": DUES[0],
                "levied_on": date(2025, 6, 10), "city_yen": CITY_YEN, "prefecture_yen": PREFECTURE_YEN,
                "forest_yen": FOREST_YEN, "unpaid_yen": 0 if is_paid else YEN,
            })  # fmt: skip
            if is_paid:
                is_late = place == 1 and number % 10 == 0
                receipts.append({
                    **one, "payment_no": f"P{number}-{place}", "paid_on": due_on,
                    "amount_yen": YEN + INTEREST_YEN * is_late,
                })  # fmt: skip
                if is_late:
                    states.append({
                        **one, "reminder_fee_yen": 0, "late_interest_yen": INTEREST_YEN, "fixed_on": due_on,
                    })  # fmt: skip
            else:
                slips.append({
                    **one, "slip_no": f"S-{number}", "principal_yen": YEN, "reminder_fee_yen": 0,
                    "late_interest_yen": 0, "issued_on": date(2026, 3, 1), "valid_until": date(2026, 8, 31),
                    "barcode": _barcode(number),
                })  # fmt: skip
    tables = {"charges": charges, "receipts": receipts, "states": states, "slips": slips}
    control = {
        "charges_count": len(charges), "charges_yen": YEN * len(charges), "receipts_count": len(receipts),
        "receipts_yen": sum(one["amount_yen"] for one in receipts), "fees_count": len(states),
        "fees_yen": INTEREST_YEN * len(states), "slips_count": len(slips), "slips_yen": YEN * len(slips),
    }  # fmt: skip
    return {name: layouts.get(LAYOUTS[name]).write(rows) for name, rows in tables.items()}, control


LAYOUTS = {
    "charges": "local_ikou_chotei", "receipts": "local_ikou_shuno", "states": "local_ikou_entai",
    "slips": "local_ikou_nofusho",
}  # fmt: skip


def _barcode(number: int) -> str:
    body = f"9198765477777{number:016d}0260831{0}{YEN:06d}"
    return body + str(gs1_mod10(body))


def _take(files: dict[str, bytes], control: dict[str, int]) -> None:
    """Receive the files, ask for the run, let it start and work on it here."""
    params: dict[str, object] = {"batch_no": "BENCH", "cutover_on": CUTOVER.isoformat(), **control}
    for name, content in files.items():
        file = file_receive(name=f"{name}.csv", content=content, format=LAYOUTS[name], sender="bench", channel="media")
        params[name] = str(file.pk)
    clerk, chief = (
        officer(number, permissions=["collection.take_over"], unit_name="納税管理課") for number in ("2001", "2002")
    )
    run = job_request("B-CL-40", params, actor=clerk, business_on=CUTOVER)
    job_approve(run.pk, actor=chief)
    job_run_inline(run.pk, raise_errors=True)
    if not TakeoverBatch.objects.exists():
        raise SystemExit("".join(run.log_lines.values_list("text_ja", flat=True)))


if __name__ == "__main__":
    main()

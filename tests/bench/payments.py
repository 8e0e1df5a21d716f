"""A day's payments from the portal's file to the proved ledger: 100,000 payments against 600,000 open instalments.

What is measured is what the office does: the file is received, its job checks, stages, matches and posts it, and all
proofs of the ledger run. Peers: plain COPY of the very rows that came into being (tests.bench.copying), and the same
payments posted one by one through the ORM (a sample of them, in a transaction each, without the proofs).
`python -m tests.bench.payments 100000` in a database of its own.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

if not apps.ready:
    django.setup()

from collection.models import Account, Allocation, Charge, JournalEntry, Receipt, Slip, Transfer
from collection.selectors.proofs import prove_ledger
from collection.services.levy import levy_post
from collection.services.slips import SlipRequest, slip_issue_many
from taxsys.platform import clock
from taxsys.platform.files import layouts
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.services import file_receive
from taxsys.platform.jobs.services import SYSTEM, job_request, job_run_inline
from tests.bench.copying import copy_again, marks
from tests.bench.ledger import ON, RECEIPT_TABLES, _parties, _rows
from tests.bench.year import own_database
from tests.collection.books import DUES

TODAY = date(2026, 7, 6)
LAYOUT = "local_kyotsu_nofu_result"
OPEN_PER_PAYMENT, SAMPLE, PART = 6, 300, 20_000


def main() -> None:
    """Measure; the first argument is the number of payments (2,000)."""
    payments = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    own_database("taxsys_payments")
    settings.TAXSYS_DATA_DIR = Path(tempfile.mkdtemp(prefix="taxsys-bench-"))
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    slips = _open_books(payments)
    content = layouts.get(LAYOUT).write(_records(slips[:payments]))
    since = marks(RECEIPT_TABLES)
    started = time.perf_counter()
    with clock.at(TODAY):
        _take(content)
    posted = time.perf_counter() - started
    proof = prove_ledger()
    seconds = time.perf_counter() - started
    if not proof.is_ok:
        raise SystemExit("the ledger does not agree")
    with transaction.atomic():
        copied, rows = copy_again(RECEIPT_TABLES, since)
    one_by_one = _one_by_one(slips[payments : payments + SAMPLE])
    ratio = seconds / copied
    print(
        f"payments: {payments:,} against {OPEN_PER_PAYMENT * payments:,} open instalments, file to proved ledger"
        f" {seconds:.1f} s (posted {posted:.1f} s, proofs {seconds - posted:.1f} s)", flush=True,
    )  # fmt: skip
    print(f"payments: {ratio:10.1f} x plain COPY of the same {rows:,} rows ({copied:.2f} s; target 4 x)")
    faster = one_by_one * payments / seconds
    print(f"payments: {faster:10.1f} x faster than row by row ({one_by_one * 1000:.1f} ms each; target 30 x)")


def _open_books(payments: int) -> list[Slip]:
    """Levies of enough taxpayers with four instalments, and a slip for each payment and each of the sample."""
    levy_post(_rows(_parties(payments * OPEN_PER_PAYMENT // len(DUES))), dedupe_key="b", occurred_on=ON, actor="bench")
    wanted = list(Charge.objects.order_by("instalment_no", "pk").values_list("pk", flat=True)[: payments + SAMPLE])
    issued = []
    for first in range(0, len(wanted), PART):
        part = [SlipRequest((pk,), date(2027, 3, 31)) for pk in wanted[first : first + PART]]
        issued += [one.slip_id for one in slip_issue_many(part, issued_on=ON)]
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    slips = Slip.objects.in_bulk(issued)
    return [slips[pk] for pk in issued]


def _records(slips: Sequence[Slip]) -> list[dict[str, object]]:
    """96 % exact, the rest too much, too little, of an unknown key, and twice."""
    out = []
    for number, slip in enumerate(slips):
        lot = number % 100
        out.append({
            "notice_kind": "02", "payment_no": f"P{number}", "municipality_code": settings.TAXSYS_MUNICIPALITY_CODE,
            "case_key": "0000" + "9" * 16 if lot == 3 else slip.el_case_key, "channel": "01", "paid_on": DUES[0],
            "amount": slip.amount_yen + {1: 500, 2: -500}.get(lot, 0), "remitted_on": TODAY,
        })  # fmt: skip
        if lot == 4:
            out.append({**out[-1], "payment_no": f"Q{number}"})
    return out


def _take(content: bytes) -> None:
    received = file_receive(name="bench.csv", content=content, format=LAYOUT, sender="bench", channel="line")
    run = job_request("B-CL-11", {"file": str(received.pk)}, actor=SYSTEM, business_on=TODAY)
    job_run_inline(run.pk, raise_errors=True)
    received.refresh_from_db()
    if received.state != ReceivedFile.State.APPLIED:
        raise SystemExit(f"the file is {received.state}")


def _one_by_one(slips: Sequence[Slip]) -> float:
    """Seconds a payment, posted as a careful programmer would by the ORM: the same locks, rows and checks."""
    started = time.perf_counter()
    for number, slip in enumerate(slips):
        with transaction.atomic():
            line = slip.lines.select_related("charge").get()
            charge = Charge.objects.select_for_update().get(pk=line.charge_id)
            account = Account.objects.select_related("balance").get(charge=charge, component="principal")
            cash, _made = Account.objects.get_or_create(key=f"cash_in:bank:{TODAY}", defaults={"kind": "cash_in"})
            yen = min(slip.amount_yen, account.balance.debit_yen - account.balance.credit_yen)
            entry = JournalEntry.objects.create(
                reason="receipt", actor="bench", occurred_on=TODAY, value_date=DUES[0], recorded_at=clock.now(),
                dedupe_key=f"one:{number}", transfer_count=1, total_yen=yen, source_document=slip.case_no,
            )  # fmt: skip
            Transfer.objects.create(entry=entry, debit=cash, credit=account, yen=yen)
            receipt = Receipt.objects.create(
                channel="bank", external_key=f"one:{number}", paid_on=DUES[0], account_on=TODAY, amount_yen=yen,
                key_kind="case", match_key=slip.case_no, is_confirmed=True, state="confirmed", slip=slip, entry=entry,
                actor="bench",
            )  # fmt: skip
            Allocation.objects.create(
                receipt=receipt, charge=charge, component="principal", paid_on=DUES[0], yen=yen, entry=entry
            )
            account.balance.refresh_from_db()
            if account.balance.debit_yen == account.balance.credit_yen:
                slip.state = "paid"
                slip.save(update_fields=["state"])
    return (time.perf_counter() - started) / len(slips)


if __name__ == "__main__":
    main()

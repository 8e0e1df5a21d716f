"""50 clerks and 4 import jobs on the same accounts at once: everybody is answered, no yen is lost or doubled."""

from collections import Counter
from datetime import date
from random import Random

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client

from collection.errors import CollectionError
from collection.models import Charge, Overpayment, Receipt, Slip, Suspense
from collection.selectors.account import charge_standing
from collection.selectors.proofs import prove_ledger
from collection.services.levy import levy_adjust, levy_post
from collection.services.masters import tax_kinds_apply
from collection.services.receipts import counter_payment_post
from collection.services.reversals import matching_reverse, receipt_reverse, suspense_resolve
from collection.services.slips import SlipRequest, slip_issue_many
from taxsys.platform import clock
from taxsys.platform.files import layouts
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.services import file_receive
from taxsys.platform.jobs.failures import sqlstate_of
from taxsys.platform.jobs.services import SYSTEM, job_request, job_run_inline
from tests.collection.books import balance, ordinary, party
from tests.collection.files_of import at_desk
from tests.collection.test_concurrency import at_once
from tests.collection.test_desk_screens import UNIT, till
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
ON, TODAY = date(2026, 6, 10), date(2026, 11, 20)
PEOPLE, CLERKS, FILES, LINES, ACTS = 5, 50, 4, 60, 4
# Not a fault: somebody else was quicker, or the lock was held too long; the clerk is told and nothing was done.
BUSY = {"55P03", "40P01"}


@pytest.fixture
def charges() -> list[Charge]:
    tax_kinds_apply()
    for number in range(1, PEOPLE + 1):
        rows = ordinary(party(number), f"N{number:09d}", [(20_000, 0, 0)] * 4)
        levy_post(rows, dedupe_key=f"crowd-{number}", occurred_on=ON, actor="job:test")
    found = list(Charge.objects.order_by("pk"))
    slip_issue_many([SlipRequest((one.pk,), date(2026, 12, 28)) for one in found], issued_on=ON)
    return found


def portal_file(number: int, slips: list[Slip]) -> ReceivedFile:
    """60 payments of the same twenty slips; the last ten stand in every one of the four files."""
    records = [
        {
            "notice_kind": "02", "payment_no": f"ALL{line}" if line >= LINES - 10 else f"F{number}-{line}",
            "municipality_code": settings.TAXSYS_MUNICIPALITY_CODE, "case_key": slips[line % len(slips)].el_case_key,
            "channel": "01", "paid_on": TODAY, "amount": 700, "remitted_on": TODAY,
        }
        for line in range(LINES)
    ]  # fmt: skip
    with at_desk(TODAY):
        return file_receive(
            name=f"crowd-{number}.csv", content=layouts.get("local_kyotsu_nofu_result").write(records),
            format="local_kyotsu_nofu_result", sender="portal", channel="line",
        )  # fmt: skip


def clerk(number: int, charges: list[Charge]) -> Counter[str]:
    """A clerk's acts of the minute, each drawn from a lot of its own; what became of them."""
    answers: Counter[str] = Counter()
    for turn in range(ACTS):
        rng = Random(f"crowd/{number}/{turn}")
        try:
            with at_desk(TODAY):
                answers[_act(rng, rng.choice(charges), f"crowd:{number}:{turn}")] += 1
        except CollectionError:
            answers["refused"] += 1
        except OperationalError as error:
            if sqlstate_of(error) not in BUSY:
                raise
            answers["busy"] += 1
    return answers


def _act(rng: Random, charge: Charge, key: str) -> str:
    what = rng.choice(("pay", "pay", "pay", "unmatch", "resolve", "reverse", "slip", "correct"))
    if what == "pay":
        counter_payment_post(
            till_key=key, charge_key=charge.business_key, amount_yen=900, paid_on=TODAY, actor="staff:1"
        )
    elif what == "slip":
        slip_issue_many([SlipRequest((charge.pk,), date(2026, 12, 28))], issued_on=TODAY)
    elif what == "correct":
        rows = ordinary(charge.party_id, charge.notice_no, [(20_000 + rng.randint(0, 9), 0, 0)] * 4)
        levy_adjust(rows, dedupe_key=key, occurred_on=TODAY, actor="staff:1")
    elif what == "resolve":
        held = Suspense.objects.filter(remaining_yen__gt=0).order_by("pk").first()
        if held:
            yen = held.remaining_yen
            suspense_resolve(held.pk, charge_id=charge.pk, yen=yen, occurred_on=TODAY, actor="staff:1")
    else:
        receipt = Receipt.objects.filter(state="confirmed").order_by("?").first()
        if receipt and what == "unmatch":
            matching_reverse(receipt.pk, occurred_on=TODAY, actor="staff:1", reason_ja="誤り")
        elif receipt:
            receipt_reverse(receipt.pk, occurred_on=TODAY, actor="staff:1", reason_ja="組戻し")
    return what


def test_fifty_clerks_and_four_import_jobs_on_the_same_accounts_lose_and_double_no_yen(charges) -> None:
    files = [portal_file(number, list(Slip.objects.order_by("pk"))) for number in range(FILES)]

    def work(number: int) -> object:
        if number >= FILES:
            return clerk(number, charges)
        with at_desk(TODAY):
            run = job_request("B-CL-11", {"file": str(files[number].pk)}, actor=SYSTEM, business_on=TODAY)
            return job_run_inline(run.pk).state

    answers = at_once(FILES + CLERKS, work)
    assert answers[:FILES] == ["finished"] * FILES
    assert [one for one in answers[FILES:] if not isinstance(one, Counter)] == []
    assert sum(sum(one.values()) for one in answers[FILES:] if isinstance(one, Counter)) == CLERKS * ACTS
    assert Receipt.objects.filter(channel="common").count() == FILES * (LINES - 10) + 10
    kept = sum(Receipt.objects.filter(state="confirmed").values_list("amount_yen", flat=True))
    assert balance("cash_in") == kept
    levied = sum(Charge.objects.values_list("amount_yen", flat=True))
    owed_back = sum(Overpayment.objects.values_list("remaining_yen", flat=True))
    waiting = sum(Suspense.objects.values_list("remaining_yen", flat=True))
    assert levied - balance("receivable") == kept - owed_back - waiting
    assert prove_ledger().is_ok


def test_a_clerk_who_meets_a_locked_account_is_told_so_and_nothing_is_done(charges, client: Client) -> None:
    rights = ["collection.take_payment", "addressbook.view_party"]
    sign_in(client, officer("2001", permissions=rights, unit_name=UNIT))
    values = connection.settings_dict
    with (
        psycopg.connect(
            dbname=values["NAME"], user=values["USER"], password=values["PASSWORD"], host=values["HOST"],
            port=values["PORT"] or None,
        ) as other,
        connection.cursor() as cursor,
    ):  # fmt: skip
        other.execute("SELECT 1 FROM collection_charge WHERE id = %s FOR UPDATE", [charges[0].pk])
        cursor.execute("SET lock_timeout = '50ms'")
        with clock.at(TODAY):
            answer = client.post(f"/collection/counter/{charges[0].pk}/", till(900))
        cursor.execute("RESET lock_timeout")
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "同じ納税者や期別を他の職員またはバッチが更新しているため、登録しませんでした。" in html
    assert "少し待って画面を開き直し" in html
    assert (Receipt.objects.count(), charge_standing(charges[0].pk, as_of=TODAY).open_yen) == (0, 20_000)

"""証明: the proof is 0 yen after honest work, and finds each planted fault."""

from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collection.models import Charge, Receipt, Suspense
from collection.selectors.proofs import levy_source_register, prove_ledger
from collection.services.levy import levy_adjust, levy_post, levy_reverse
from collection.services.receipts import ReceiptRecord, receipts_post
from collection.services.reversals import matching_reverse, receipt_reverse, suspense_resolve
from tests.collection.books import ordinary, party
from tests.collection.files_of import run_job

pytestmark = pytest.mark.django_db
ON = date(2026, 6, 10)
AS_OF = date(2026, 11, 20)


def levy(number: int, source: str = "1", yen: int = 5000) -> None:
    rows = ordinary(party(number), f"N{number:09d}", [(yen, yen // 2, 1000), (yen, 0, 0)], source_ref=f"D-{number}")
    levy_post(rows, dedupe_key=f"run-{source}", occurred_on=ON, actor="job:test")


def pay(number: int, instalment: int, yen: int, serial: int, channel: str = "counter") -> None:
    record = ReceiptRecord(
        channel=channel,
        external_key=f"S{serial}",
        kind="confirmed",
        key_kind="charge",
        match_key=f"10|2026|2026|ordinary|N{number:09d}|{instalment}",
        amount_yen=yen,
        paid_on=date(2026, 7, 1),
        account_on=date(2026, 7, 2),
    )
    receipts_post([record], actor="job:test", as_of=AS_OF)


def differences() -> list[str]:
    return [f"{check.title_ja} {check.difference_yen}" for check in prove_ledger().checks if not check.is_ok]


_NUMBER = st.integers(1, 3)
_EVENT = st.one_of(
    st.tuples(st.just("levy"), _NUMBER, st.integers(1, 9999)),
    st.tuples(st.just("adjust"), _NUMBER, st.integers(0, 9999)),
    st.tuples(st.just("recall"), _NUMBER, st.just(0)),
    st.tuples(st.just("pay"), _NUMBER, st.integers(1, 15000)),
    st.tuples(st.just("again"), _NUMBER, st.integers(1, 15000)),
    st.tuples(st.just("reverse"), _NUMBER, st.just(0)),
    st.tuples(st.just("unmatch"), _NUMBER, st.just(0)),
    st.tuples(st.just("resolve"), _NUMBER, st.just(0)),
)


def act(serial: int, kind: str, number: int, yen: int) -> None:
    """Do one event; what the house refuses leaves no trace."""
    levied = Charge.objects.filter(notice_no=f"N{number:09d}", state="active").exists()
    standing = Receipt.objects.filter(entry__isnull=False, is_corrected=False).order_by("pk")
    if kind == "levy" and not levied:
        levy(number, str(serial), yen)
    elif kind == "adjust" and levied:
        rows = ordinary(
            party(number), f"N{number:09d}", [(yen, 0, 0), (yen // 3, yen // 5, 7)], source_ref=f"D-{number}"
        )
        levy_adjust(rows, dedupe_key=f"adj-{serial}", occurred_on=ON, actor="staff:1")
    elif kind == "recall":
        levy_reverse([f"D-{number}"], dedupe_key=f"rec-{serial}", occurred_on=ON, actor="staff:1")
    elif kind in {"pay", "again"}:
        pay(number, 1 + yen % 2, yen, serial if kind == "pay" else number)
    elif kind == "reverse" and standing.exists():
        receipt_reverse(standing[number % len(standing)].id, occurred_on=AS_OF, actor="staff:1", reason_ja="組戻し")
    elif kind == "unmatch":
        held = standing.filter(allocations__yen__gt=0).exclude(allocations__yen__lt=0).distinct()
        if held:
            matching_reverse(held[0].id, occurred_on=AS_OF, actor="staff:1", reason_ja="誤り")
    elif kind == "resolve" and levied and (waiting := Suspense.objects.filter(remaining_yen__gt=1).first()):
        charge = Charge.objects.filter(notice_no=f"N{number:09d}").earliest("pk")
        half = waiting.remaining_yen // 2
        suspense_resolve(waiting.id, charge_id=charge.id, yen=half, occurred_on=AS_OF, actor="staff:1")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(_EVENT, min_size=1, max_size=14))
def test_books_agree_after_any_sequence_of_events(db, events) -> None:
    from django.db import transaction

    with transaction.atomic():
        for serial, (kind, number, yen) in enumerate(events, start=10):
            act(serial, kind, number, yen)
            assert differences() == [], (serial, kind)
        transaction.set_rollback(True)


@pytest.mark.req("R-005")
def test_command_proves_and_speaks_japanese(capsys) -> None:
    levy(1)
    pay(1, 1, 3000, 1)
    call_command("prove", "ledger")
    out = capsys.readouterr().out
    assert "証明できました(差額0円)" in out
    assert "試算表" in out


@pytest.mark.parametrize(
    ("statement", "title"),
    [
        ("UPDATE collection_balance SET debit_yen = debit_yen + 1 WHERE kind = 'cash_in'", "残高"),
        ("UPDATE collection_receipt SET amount_yen = amount_yen + 1", "収納"),
        ("UPDATE collection_charge SET city_yen = city_yen + 1, amount_yen = amount_yen + 1", "期別"),
        ("UPDATE collection_suspense SET remaining_yen = remaining_yen - 1", "仮受"),
        # Errors that cancel each other in every plain sum: a yen moved from one account, charge or receipt to another.
        (
            "UPDATE collection_balance SET debit_yen = debit_yen + CASE WHEN account_id % 2 = 0 THEN 1 ELSE -1 END"
            " WHERE account_id IN (SELECT id FROM collection_account WHERE kind = 'receivable' ORDER BY id LIMIT 2)",
            "残高",
        ),
        (
            "UPDATE collection_charge SET city_yen = city_yen + CASE WHEN instalment_no = 1 THEN 1 ELSE -1 END,"
            " amount_yen = amount_yen + CASE WHEN instalment_no = 1 THEN 1 ELSE -1 END",
            "期別",
        ),
        (
            "UPDATE collection_receipt SET amount_yen = amount_yen + CASE WHEN external_key = 'S1' THEN 1 ELSE -1 END",
            "収納",
        ),
        (
            "UPDATE collection_journalentry SET total_yen = total_yen + CASE WHEN reason = 'levy' THEN 1 ELSE -1 END"
            " WHERE dedupe_key IN ('receipt:counter:S1', (SELECT min(dedupe_key) FROM collection_journalentry"
            " WHERE reason = 'levy'))",
            "仕訳",
        ),
    ],
)
def test_each_planted_fault_is_found_and_the_command_fails(statement, title, database_role, capsys) -> None:
    levy(1)
    pay(1, 1, 3000, 1)
    pay(9, 1, 3000, 2)
    with database_role("taxsys_owner"), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE collection_journalentry DISABLE TRIGGER USER")
        cursor.execute(statement)
    with pytest.raises(SystemExit) as stop:
        call_command("prove", "ledger")
    assert stop.value.code == 1
    assert any(line.startswith(title) and "不一致" in line for line in capsys.readouterr().out.splitlines())


def test_levies_are_compared_with_what_the_decisions_say() -> None:
    levy(1)
    levy_source_register("決定との一致", lambda: {("10", 2026, 2026): 13_501})
    try:
        check = prove_ledger().checks[-1]
        assert (check.differing, check.difference_yen) == (1, 1)
    finally:
        levy_source_register("決定との一致", dict)


@pytest.mark.req("R-005")
def test_nightly_job_is_green_on_honest_books_and_red_on_one_yen(database_role) -> None:
    levy(1)
    pay(1, 1, 3000, 1)
    green = run_job("B-CL-29", {}, AS_OF)
    assert {gate.ok for gate in green.gates.all()} == {True}
    assert green.outputs.get().name == "元帳証明.csv"
    with database_role("taxsys_owner"), connection.cursor() as cursor:
        cursor.execute("UPDATE collection_balance SET debit_yen = debit_yen + 1 WHERE kind = 'cash_in'")
    red = run_job("B-CL-29", {}, AS_OF)
    assert {gate.title_ja.split(":")[0] for gate in red.gates.all() if not gate.ok} == {"試算表", "残高", "収納"}

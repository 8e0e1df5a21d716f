"""締め: what must be clean, closed periods refuse postings at every door, seals are proved, another lifts one."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from collection.closing.books import seals_check
from collection.closing.errors import ClosingError, PeriodClosedError
from collection.closing.models import BookLine, PeriodClosing
from collection.closing.services import books_build, period_close, period_reopen
from collection.models import Charge, JournalEntry, Receipt
from collection.selectors.proofs import prove_ledger
from collection.services.levy import levy_adjust, levy_post
from collection.services.receipts import ReceiptRecord, counter_payment_post, receipts_post
from collection.services.reversals import receipt_reverse
from collection.services.till import bank_total_note
from taxsys.platform import clock
from tests.collection.books import ordinary, party
from tests.collection.files_of import run_job

pytestmark = pytest.mark.django_db
TODAY = date(2026, 8, 3)
JULY = date(2026, 7, 31)


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(TODAY):
        yield


def pay(charge: Charge, yen: int, on: date, key: str) -> Receipt:
    """A payment over the bank's counter, on a day."""
    record = ReceiptRecord("bank", key, "confirmed", "charge", charge.business_key, yen, on, on)
    receipts_post([record], actor="job:test", as_of=TODAY)
    return Receipt.objects.get(external_key=key)


@pytest.fixture
def charge() -> Charge:
    """Two instalments levied on 10 June, 30,000 (city 18,000, prefecture 11,000, forest 1,000) and 20,000 yen."""
    levy_post(
        ordinary(party(1), "N1", [(18_000, 11_000, 1_000), (20_000, 0, 0)]),
        dedupe_key="run", occurred_on=date(2026, 6, 10), actor="job:test",
    )  # fmt: skip
    return Charge.objects.get(instalment_no=1)


@pytest.fixture
def clean(charge: Charge) -> Charge:
    """30,000 yen received on 30 June as the bank says, the books proved on 3 August."""
    pay(charge, 30_000, date(2026, 6, 30), "b1")
    bank_total_note(channel="bank", account_on=date(2026, 6, 30), yen=30_000, reference="日報1", actor="staff:2001")
    run_job("B-CL-29", {}, TODAY)
    return charge


def close(span: str = "month", last_on: date = JULY, note: str = "") -> PeriodClosing:
    return period_close(span=span, last_on=last_on, note=note, actor="staff:2001")


@pytest.mark.req("R-005")
@pytest.mark.req("R-022")
def test_a_clean_month_is_closed_with_its_seal_and_the_books_say_what_the_ledger_says(clean: Charge) -> None:
    closing = close()
    assert (closing.first_on, closing.last_on) == (date(2026, 6, 10), JULY)
    assert (closing.transfers, closing.yen, len(closing.seal)) == (5, 80_000, 64)
    lines = {
        (line.occurred_on, line.debit_kind, line.credit_kind, line.yen, line.origin_year)
        for line in BookLine.objects.all()
    }
    assert lines == {
        (date(2026, 6, 10), "receivable", "revenue_city", 38_000, 2026),
        (date(2026, 6, 10), "receivable", "revenue_prefecture", 11_000, 2026),
        (date(2026, 6, 10), "receivable", "revenue_forest", 1_000, 2026),
        (date(2026, 6, 30), "cash_in", "receivable", 30_000, 2026),
    }
    assert {check.code: check.is_ok for check in closing.checks.all()} == dict.fromkeys(
        ["PROOF", "FILES", "RECEIPTS", "BANK", "BANK-NOTED", "SUSPENSE", "TILL", "DEBIT", "BOOKS"], True
    )


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("bank", "指定金融機関の入金額と一致する"),
        ("proof", "元帳の証明が一致している"),
        ("till", "窓口がすべて締められている"),
    ],
)
@pytest.mark.req("R-005")
def test_a_period_that_is_not_clean_is_not_closed(clean: Charge, fault: str, said: str) -> None:
    if fault == "bank":
        bank_total_note(channel="bank", account_on=date(2026, 6, 30), yen=29_999, reference="訂正", actor="staff:2001")
    elif fault == "till":
        second = Charge.objects.get(instalment_no=2)
        counter_payment_post(
            till_key="till:2001:a", charge_key=second.business_key, amount_yen=100, paid_on=JULY, actor="staff:2001"
        )
    last_on = date(2026, 7, 31) if fault != "proof" else TODAY
    with clock.at(TODAY if fault != "proof" else date(2026, 8, 4)), pytest.raises(ClosingError, match=said):
        close("month" if fault != "proof" else "day", last_on if fault != "proof" else date(2026, 8, 4), note="理由")
    assert not PeriodClosing.objects.exists()


def test_what_is_only_unusual_wants_a_reason(charge: Charge) -> None:
    pay(charge, 30_000, date(2026, 6, 30), "b1")
    run_job("B-CL-29", {}, TODAY)
    with pytest.raises(ClosingError, match="説明の要る点検: 指定金融機関の入金額が記録されている"):
        close()
    closing = close(note="日報は書面で照合済み")
    assert closing.checks.get(code="BANK-NOTED").yen == 30_000


@pytest.mark.req("R-005")
def test_every_door_refuses_a_date_in_a_closed_period(clean: Charge) -> None:
    close()
    entries = JournalEntry.objects.count()
    second = Charge.objects.get(instalment_no=2)
    with pytest.raises(PeriodClosedError, match="会計日2026-07-31は締め済み"):
        pay(second, 20_000, JULY, "late")
    with pytest.raises(PeriodClosedError):
        receipt_reverse(Receipt.objects.get().pk, occurred_on=JULY, actor="staff:1", reason_ja="組戻し")
    with pytest.raises(PeriodClosedError):
        levy_adjust(
            ordinary(party(1), "N1", [(17_000, 11_000, 1_000)]), dedupe_key="adj", occurred_on=JULY, actor="staff:1"
        )
    assert (JournalEntry.objects.count(), Receipt.objects.count()) == (entries, 1)
    pay(second, 20_000, date(2026, 8, 1), "in time")
    assert prove_ledger().is_ok


def test_the_database_refuses_it_where_a_program_forgets(clean: Charge) -> None:
    close()
    with pytest.raises(IntegrityError, match="締め済み"), transaction.atomic():
        JournalEntry.objects.create(
            reason="receipt", actor="x", occurred_on=JULY, value_date=JULY, recorded_at=clock.now(), dedupe_key="x",
            transfer_count=1, total_yen=1,
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="締めた月の帳簿は変更できません"), transaction.atomic():
        BookLine.objects.filter(occurred_on=date(2026, 6, 30)).delete()


def test_a_charge_paid_in_a_closed_month_but_credited_later_is_accounted_for_later(clean: Charge) -> None:
    close()
    second = Charge.objects.get(instalment_no=2)
    record = ReceiptRecord(
        "bank", "b2", "confirmed", "charge", second.business_key, 20_000, date(2026, 7, 30), date(2026, 8, 3)
    )
    receipts_post([record], actor="job:test", as_of=TODAY)
    entry = JournalEntry.objects.get(dedupe_key="receipt:bank:b2")
    assert (entry.occurred_on, entry.value_date) == (date(2026, 8, 3), date(2026, 7, 30))


@pytest.mark.req("R-005")
def test_seals_are_proved_and_a_forged_line_is_found(clean: Charge, database_role) -> None:
    close()
    assert seals_check().is_ok
    titles = [check.title_ja for check in prove_ledger().checks]
    assert "帳簿: 締めた月の封印と元帳の再集計" in titles
    with database_role("taxsys_owner"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE closing_bookline DISABLE TRIGGER USER")
        cursor.execute("UPDATE closing_bookline SET yen = yen + 1 WHERE debit_kind = 'cash_in'")
        cursor.execute("ALTER TABLE closing_bookline ENABLE TRIGGER USER")
    check = seals_check()
    assert not check.is_ok
    assert (check.differing, check.difference_yen) == (2, 2)  # the seal, and the day counted anew
    assert not prove_ledger().is_ok


def test_months_follow_each_other_and_seals_chain(clean: Charge) -> None:
    first = close("month", date(2026, 6, 30))
    second = close()
    assert (second.first_on, second.previous_seal) == (date(2026, 7, 1), first.seal)
    assert (second.transfers, second.yen) == (0, 0)
    with pytest.raises(ClosingError, match="締め済み"):
        close()


@pytest.mark.parametrize(
    ("span", "last_on", "said"),
    [
        ("month", date(2026, 7, 30), "末日ではありません"),
        ("month", date(2026, 8, 31), "未来です"),
        ("day", date(2026, 8, 4), "未来です"),
        ("year", date(2027, 5, 31), "B-CL-17"),
        ("week", JULY, "B-CL-17"),
    ],
)
def test_no_period_that_is_none(clean: Charge, span: str, last_on: date, said: str) -> None:
    with pytest.raises(ClosingError, match=said):
        close(span, last_on, note="x")


def test_a_day_is_closed_and_lifted_by_another_person_with_a_reason(clean: Charge) -> None:
    closing = close("day", JULY)
    with pytest.raises(ClosingError, match="締めた人は解除できません"):
        period_reopen(closing.pk, reason="誤り", actor="staff:2001")
    with pytest.raises(ClosingError, match="理由"):
        period_reopen(closing.pk, reason=" ", actor="staff:2002")
    period_reopen(closing.pk, reason="入金額の訂正", actor="staff:2002")
    pay(Charge.objects.get(instalment_no=2), 20_000, JULY, "late")
    with pytest.raises(ClosingError, match="すでに解除"):
        period_reopen(closing.pk, reason="入金額の訂正", actor="staff:2002")


def test_only_the_newest_closing_is_lifted(clean: Charge) -> None:
    june = close("month", date(2026, 6, 30))
    close("month", JULY)
    with pytest.raises(ClosingError, match="後の締めを先に"):
        period_reopen(june.pk, reason="誤り", actor="staff:2002")


def test_the_books_are_counted_anew_as_often_as_one_likes(clean: Charge) -> None:
    first = books_build()
    again = books_build()
    assert (first.lines, first.transfers, first.yen) == (again.lines, again.transfers, again.yen) == (4, 5, 80_000)

"""The remittance in the ledger: payable once, paid once, reversed when recalled; below zero it is set off."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.test import Client

from collection.closing.models import Remittance
from collection.models import EntryReason, JournalEntry
from collection.remitting.errors import RemittingError
from collection.remitting.models import RemittanceOrder
from collection.remitting.services import order_make, order_pay, order_recall
from collection.selectors.proofs import prove_ledger
from collection.services.levy import levy_adjust
from taxsys.platform import clock
from taxsys.platform.jobs.services import job_release
from tests.collection import files_of
from tests.collection.books import balance, ordinary, party
from tests.collection.files_of import run_job
from tests.collection.test_remittance import close, decided, levy, pay
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db
UNIT = "納税管理課"
DAY = date(2026, 7, 9)


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(DAY):
        yield


@pytest.fixture
def june() -> Remittance:
    """33,333 of 100,000 yen received: 12,999 of the prefecture, 333 of the forest tax."""
    levy(1, (60_000, 39_000, 1_000))
    pay(1, 33_333, date(2026, 6, 30))
    close(date(2026, 6, 30))
    return decided(date(2026, 6, 1))


def make(month: Remittance) -> RemittanceOrder:
    return order_make(month.pk, actor="staff:2002", ordered_on=DAY)


def books() -> tuple[int, int, int]:
    return balance("remitted"), balance("remittance_payable"), balance("prefecture_cash")


@pytest.mark.req("R-022")
def test_a_decided_month_is_owed_once_and_paid_once(june: Remittance) -> None:
    order = make(june)
    assert (order.net_yen, order.state, books()) == (13_332, "ordered", (13_332, -13_332, 0))
    assert make(june) == order
    assert JournalEntry.objects.filter(reason=EntryReason.REMITTANCE).count() == 1
    parts = sorted(order.entry.transfers.values_list("debit__key", "yen"))
    assert parts == [("remitted:10:forest:2026", 333), ("remitted:10:prefecture:2026", 12_999)]
    order_pay(order.pk, paid_on=DAY, reference="払込書 第6号", actor="staff:2001")
    assert books() == (13_332, 0, -13_332)
    with pytest.raises(RemittingError, match="払込済"):
        order_pay(order.pk, paid_on=DAY, reference="払込書 第6号", actor="staff:2001")
    assert prove_ledger().is_ok


@pytest.mark.parametrize("on", [date(2026, 7, 8), date(2026, 7, 10)])
def test_a_payment_before_the_decision_or_ahead_of_today_is_refused(june: Remittance, on: date) -> None:
    order = make(june)
    with pytest.raises(RemittingError, match="決定日から今日まで"):
        order_pay(order.pk, paid_on=on, reference="x", actor="staff:2001")
    assert books() == (13_332, -13_332, 0)


@pytest.mark.req("R-022")
def test_another_person_recalls_it_whole_and_it_is_ordered_anew(june: Remittance) -> None:
    order = order_pay(make(june).pk, paid_on=DAY, reference="x", actor="staff:2001")
    for actor in ("staff:2001", "staff:2002"):
        with pytest.raises(RemittingError, match="別の職員"):
            order_recall(order.pk, reason_ja="組戻し", actor=actor)
    with pytest.raises(RemittingError, match="理由"):
        order_recall(order.pk, reason_ja=" ", actor="staff:2003")
    order_recall(order.pk, reason_ja="組戻し", actor="staff:2003")
    assert books() == (0, 0, 0)
    assert JournalEntry.objects.filter(reason="remittance_recall", reverses__isnull=False).count() == 2
    with pytest.raises(RemittingError, match="取消済み"):
        order_recall(order.pk, reason_ja="組戻し", actor="staff:2003")
    again = make(june)
    assert (again.attempt, again.net_yen, books()) == (2, 13_332, (13_332, -13_332, 0))
    assert prove_ledger().is_ok


@pytest.mark.req("R-022")
def test_a_month_below_zero_is_taken_off_the_next_payment(june: Remittance) -> None:
    order_pay(make(june).pk, paid_on=DAY, reference="6", actor="staff:2001")
    rows = ordinary(party(1), "N1", [(60_000, 19_000, 1_000)])
    levy_adjust(rows, dedupe_key="A", occurred_on=date(2026, 7, 10), actor="staff:1")
    with clock.at(date(2026, 9, 2)):
        close(date(2026, 7, 31))
        july = decided(date(2026, 7, 1))
        # 33,333 × 19,000/80,000 = 7,916 instead of 12,999; × 1,000/80,000 = 416 instead of 333.
        assert (july.prefecture_yen, july.forest_yen) == (-5_083, 83)
        carried = make_on(july)
        assert (carried.state, carried.net_yen) == ("carried", -5_000)
        pay(1, 46_667, date(2026, 8, 20))
        close(date(2026, 8, 31))
        august = make_on(decided(date(2026, 8, 1)))
        assert (august.prefecture_yen, august.forest_yen, august.carried_yen) == (11_084, 584, -5_000)
        with pytest.raises(RemittingError, match="後の月"):
            order_recall(carried.pk, reason_ja="誤り", actor="staff:2003")
        order_pay(august.pk, paid_on=date(2026, 9, 2), reference="8", actor="staff:2001")
    # Paid in all: 19,000 and 1,000.
    assert books() == (20_000, 0, -20_000)
    assert prove_ledger().is_ok


def make_on(month: Remittance) -> RemittanceOrder:
    return order_make(month.pk, actor="staff:2002", ordered_on=date(2026, 9, 2))


def test_the_release_of_the_count_posts_the_debt(june: Remittance) -> None:
    levy(2, (6_000, 3_900, 100), on=date(2026, 7, 1))
    pay(2, 10_000, date(2026, 7, 3))
    with clock.at(date(2026, 8, 3)):
        make(june)
        close(date(2026, 7, 31))
    run = run_job("B-PI-25", {"month_on": "2026-07-01"}, date(2026, 8, 3))
    chief = officer("2002", permissions=["collection.release_remittance"], unit_name=UNIT)
    with files_of.at_desk(date(2026, 8, 3)):
        job_release(run.pk, chief, inline=True)
    order = RemittanceOrder.objects.get(remittance__month_on=date(2026, 7, 1))
    assert (order.net_yen, order.ordered_by, order.ordered_on) == (4_000, "staff:2002", date(2026, 8, 3))


def test_a_month_that_is_not_decided_or_skips_one_is_not_ordered(june: Remittance) -> None:
    with clock.at(date(2026, 8, 3)):
        close(date(2026, 7, 31))
        july = decided(date(2026, 7, 1))
        with pytest.raises(RemittingError, match="先に前の月"):
            make(july)
    assert RemittanceOrder.objects.count() == 0


def test_the_screens_pay_print_and_recall(client: Client, june: Remittance) -> None:
    make(june)
    way = f"/collection/remittances/{june.pk}/order/"
    clerk = sign_in(client, officer("2001", permissions=["collection.remit"], unit_name=UNIT))
    page = clerk.get(way).content.decode()
    assert "13,332円" in page
    assert "払込を取り消す" not in page
    refused = clerk.post(way, {"on": "R8.7.10", "reference": "払込書 第6号"})
    assert refused.status_code == 422
    assert "払込書 第6号" in refused.content.decode()
    assert clerk.get(f"/collection/remittances/{june.pk}/statement.pdf").content.startswith(b"%PDF")
    assert clerk.post(way, {"on": "R8.7.9", "reference": "払込書 第6号"}).status_code == 302
    assert clerk.post(f"{way}recall", {"reason": "誤り"}).status_code == 403
    rights = ["collection.remit", "collection.release_remittance"]
    chief = sign_in(Client(), officer("2003", permissions=rights, unit_name=UNIT))
    assert "払込を取り消す" in chief.get(way).content.decode()
    assert chief.post(f"{way}recall", {"reason": ""}).status_code == 422
    assert chief.post(f"{way}recall", {"reason": "組戻し"}).status_code == 302
    assert books() == (0, 0, 0)
    assert chief.post(f"{way}recall", {}).status_code == 302  # ordered anew
    assert books() == (13_332, -13_332, 0)
    assert chief.get("/collection/remittances/9999/order/").status_code == 404

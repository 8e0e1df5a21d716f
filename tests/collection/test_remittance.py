"""払込・滞納繰越・出納閉鎖: the shares of the month to the yen, arrears carried over by count and yen."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client

from collection.closing.apportioning import remittance_count, remittance_decide, remittance_faults
from collection.closing.carry_over import carry_over, year_close
from collection.closing.errors import ClosingError
from collection.closing.models import CarryOver, PeriodClosing, Remittance, RemittanceLine
from collection.closing.rules import Parts, apportion
from collection.closing.services import period_close, period_reopen
from collection.models import Charge, Receipt
from collection.services.levy import levy_adjust, levy_post
from collection.services.receipts import ReceiptRecord, receipts_post
from collection.services.reversals import receipt_reverse
from taxsys.platform import clock
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.selectors import run_counts
from taxsys.platform.jobs.services import job_approve, job_release, job_request, job_run_inline
from tests.collection import files_of
from tests.collection.books import ordinary, party
from tests.collection.files_of import run_job
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db


def levy(number: int, parts: tuple[int, int, int], *, on: date = date(2026, 6, 10)) -> None:
    rows = ordinary(party(number), f"N{number}", [parts])
    levy_post(rows, dedupe_key=f"L{number}", occurred_on=on, actor="job:test")


def pay(number: int, yen: int, on: date) -> Receipt:
    charge = Charge.objects.get(notice_no=f"N{number}")
    record = ReceiptRecord("bank", f"{number}:{on}", "confirmed", "charge", charge.business_key, yen, on, on)
    receipts_post([record], actor="job:test", as_of=on)
    return Receipt.objects.get(external_key=f"{number}:{on}")


def close(last_on: date) -> PeriodClosing:
    """月締め on the first day of the month after, with the books proved that day."""
    day = date(last_on.year + last_on.month // 12, last_on.month % 12 + 1, 1)
    run_job("B-CL-29", {}, day)
    with clock.at(day):
        return period_close(span="month", last_on=last_on, note="試験", actor="staff:2001")


def decided(month_on: date) -> Remittance:
    remittance_count(month_on)
    return remittance_decide(month_on, actor="staff:2002")


def figures(row: Remittance) -> tuple[int, int, int, int]:
    return row.receipts_yen, row.city_yen, row.prefecture_yen, row.forest_yen


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(date(2026, 10, 1)):
        yield


@pytest.mark.parametrize(
    ("received", "levied", "expected"),
    [
        (10_000, Parts(6_000, 3_000, 1_000), Parts(6_000, 3_000, 1_000)),
        (9_999, Parts(6_000, 3_000, 1_000), Parts(6_001, 2_999, 999)),
        (1, Parts(6_000, 3_000, 1_000), Parts(1, 0, 0)),
        (0, Parts(6_000, 3_000, 1_000), Parts(0, 0, 0)),
        (500, Parts(0, 0, 0), Parts(500, 0, 0)),
        (1_000, Parts(0, 0, 1_000), Parts(0, 0, 1_000)),
    ],
)
def test_parts_are_cut_to_the_yen_and_the_rest_is_the_citys(received: int, levied: Parts, expected: Parts) -> None:
    assert apportion(received, levied) == expected
    assert expected.total_yen == received


@pytest.mark.req("R-022")
def test_a_month_is_divided_by_the_levies_of_its_tax_year_and_the_next_takes_the_difference() -> None:
    levy(1, (60_000, 39_000, 1_000))
    pay(1, 33_333, date(2026, 6, 30))
    close(date(2026, 6, 30))
    june = decided(date(2026, 6, 1))
    # 33,333 × 39,000/100,000 = 12,999.87; × 1,000/100,000 = 333.33
    assert figures(june) == (33_333, 20_001, 12_999, 333)
    assert (june.pay_by, june.payable_yen) == (date(2026, 7, 10), 13_332)
    pay(1, 66_667, date(2026, 7, 15))
    close(date(2026, 7, 31))
    july = decided(date(2026, 7, 1))
    assert figures(july) == (66_667, 39_999, 26_001, 667)  # together 39,000 and 1,000, nothing lost to the cuts
    assert july.pay_by == date(2026, 8, 10)
    assert remittance_faults(july) == []


@pytest.mark.req("R-022")
def test_a_later_correction_of_the_levy_is_settled_in_the_next_month() -> None:
    levy(1, (60_000, 39_000, 1_000))
    pay(1, 50_000, date(2026, 6, 30))
    close(date(2026, 6, 30))
    assert figures(decided(date(2026, 6, 1))) == (50_000, 30_000, 19_500, 500)
    rows = ordinary(party(1), "N1", [(60_000, 19_000, 1_000)])
    levy_adjust(rows, dedupe_key="A", occurred_on=date(2026, 7, 3), actor="staff:1")
    close(date(2026, 7, 31))
    # 50,000 × 19,000/80,000 = 11,875 instead of 19,500; × 1,000/80,000 = 625.
    july = decided(date(2026, 7, 1))
    assert figures(july) == (0, 7_500, -7_625, 125)
    assert july.payable_yen == -7_500


def test_money_taken_back_is_taken_back_from_the_shares_too() -> None:
    levy(1, (60_000, 39_000, 1_000))
    receipt = pay(1, 50_000, date(2026, 6, 30))
    close(date(2026, 6, 30))
    decided(date(2026, 6, 1))
    receipt_reverse(receipt.pk, occurred_on=date(2026, 7, 2), actor="staff:1", reason_ja="組戻し")
    close(date(2026, 7, 31))
    assert figures(decided(date(2026, 7, 1))) == (-50_000, -30_000, -19_500, -500)


def test_what_was_received_before_the_first_month_stays_with_who_paid_it_over() -> None:
    levy(1, (60_000, 39_000, 1_000))
    pay(1, 30_000, date(2026, 6, 30))
    close(date(2026, 6, 30))
    pay(1, 10_000, date(2026, 7, 31))
    close(date(2026, 7, 31))
    assert figures(decided(date(2026, 7, 1))) == (10_000, 6_000, 3_900, 100)


def test_only_a_closed_month_is_counted_and_a_decided_one_stays() -> None:
    levy(1, (60_000, 39_000, 1_000))
    with pytest.raises(ClosingError, match="まだ月締めされていません"):
        remittance_count(date(2026, 6, 1))
    close(date(2026, 6, 30))
    with pytest.raises(ClosingError, match="まだ月締めされていません"):
        remittance_count(date(2026, 6, 2))
    decided(date(2026, 6, 1))
    with pytest.raises(ClosingError, match="決定済み"):
        remittance_count(date(2026, 6, 1))
    with pytest.raises(ClosingError, match="決定済み"):
        remittance_decide(date(2026, 6, 1), actor="staff:2002")
    with pytest.raises(IntegrityError, match="決定した払込"), transaction.atomic():
        Remittance.objects.update(city_yen=1, receipts_yen=1)
    close(date(2026, 7, 31))
    close(date(2026, 8, 31))
    with pytest.raises(ClosingError, match="間の月"):
        remittance_count(date(2026, 8, 1))


@pytest.mark.req("R-022")
def test_the_job_shows_the_arithmetic_and_a_second_person_decides() -> None:
    levy(1, (60_000, 39_000, 1_000))
    pay(1, 33_333, date(2026, 6, 30))
    close(date(2026, 6, 30))
    run = run_job("B-PI-25", {"month_on": "2026-06-01"}, date(2026, 7, 1))
    assert (run.state, [gate.ok for gate in run.gates.filter(gate_id="CL-REMIT-PARTS")]) == ("finished", [True])
    assert run_counts(run) == {"収入の金額": 33_333, "払込の金額": 13_332}
    listed = (settings.TAXSYS_DATA_DIR / run.outputs.get().path).read_bytes().decode("utf-8-sig").splitlines()
    assert listed[1] == "2026-06,2026,本税,100000,39000,1000,33333,33333,20001,12999,333"
    chief = officer("2002", permissions=["collection.release_remittance"], unit_name="納税管理課")
    with files_of.at_desk(date(2026, 7, 2)):
        job_release(run.pk, chief, inline=True)
    assert Remittance.objects.get().decided_by == "2002"


def test_a_forged_count_is_red_and_is_not_decided() -> None:
    levy(1, (60_000, 39_000, 1_000))
    pay(1, 33_333, date(2026, 6, 30))
    close(date(2026, 6, 30))
    row = remittance_count(date(2026, 6, 1))
    RemittanceLine.objects.filter(remittance=row).update(receipts_yen=33_334, city_yen=20_002)
    Remittance.objects.filter(pk=row.pk).update(receipts_yen=33_334, city_yen=20_002)
    with pytest.raises(ClosingError, match="元帳の収入額33,333円と集計33,334円"):
        remittance_decide(date(2026, 6, 1), actor="staff:2002")


@pytest.fixture
def old_year() -> None:
    """令和7: 100,000 and 20,000 levied; 60,000 paid in the year, 10,000 on 31 May 2026, 5,000 on 2 June; all closed."""
    rows = ordinary(party(1), "N1", [(100_000, 0, 0), (20_000, 0, 0)], due_ons=(date(2025, 6, 30), date(2025, 9, 1)))
    levy_post(rows, dedupe_key="L", occurred_on=date(2025, 6, 10), actor="job:test")
    charge = Charge.objects.get(instalment_no=1)
    for yen, on in ((60_000, date(2025, 7, 1)), (10_000, date(2026, 5, 31)), (5_000, date(2026, 6, 2))):
        record = ReceiptRecord("bank", str(on), "confirmed", "charge", charge.business_key, yen, on, on)
        receipts_post([record], actor="job:test", as_of=on)


@pytest.mark.req("R-022")
def test_arrears_are_carried_over_by_count_and_yen_as_claims_and_books_agree(old_year: None) -> None:
    with pytest.raises(ClosingError, match="まだ月締めされていません"):
        carry_over(2025, "current", actor="staff:2002")
    close(date(2026, 5, 31))
    row = carry_over(2025, "current", actor="staff:2002")
    # The payment of 2 June belongs to the next year: 30,000 and 20,000 are carried over.
    assert (row.fiscal_year, row.carried_on, row.claims, row.yen, row.books_yen) == (
        2026, date(2026, 6, 1), 2, 50_000, 50_000,
    )  # fmt: skip
    assert [(line.tax_kind, line.tax_year, line.claims, line.principal_yen) for line in row.lines.all()] == [
        ("10", 2026, 2, 50_000)
    ]
    assert carry_over(2025, "current", actor="staff:2002") == row
    assert CarryOver.objects.count() == 1


def test_a_month_whose_arrears_were_carried_over_is_not_opened_again(old_year: None) -> None:
    march = close(date(2026, 3, 31))
    assert carry_over(2025, "carried", actor="staff:2002").yen == 0
    with pytest.raises(ClosingError, match="滞納繰越の済んだ"):
        period_reopen(march.pk, reason="誤り", actor="staff:2003")


def test_a_closed_year_is_not_opened_again(old_year: None) -> None:
    month = close(date(2026, 5, 31))
    year = year_close(2025, actor="staff:2002")
    assert (year.span, year.first_on, year.last_on) == ("year", date(2025, 4, 1), date(2026, 5, 31))
    assert year_close(2025, actor="staff:2002") == year
    for closing in (month, year):
        with pytest.raises(ClosingError, match="出納閉鎖した年度"):
            period_reopen(closing.pk, reason="誤り", actor="staff:2003")


def year_end() -> JobRun:
    """B-CL-17 of 令和7, asked for by one and let start by another."""
    clerk, chief = (
        officer(number, permissions=["collection.close_year"], unit_name="納税管理課") for number in ("2001", "2002")
    )
    with files_of.at_desk(date(2026, 6, 3)):
        run = job_request("B-CL-17", {"fiscal_year": 2025}, actor=clerk, business_on=date(2026, 6, 3))
        job_approve(run.pk, actor=chief)
        return job_run_inline(run.pk)


@pytest.mark.req("R-022")
def test_the_job_of_the_year_end_wants_two_people_and_lists_the_claims(old_year: None) -> None:
    close(date(2026, 5, 31))
    run = year_end()
    assert run.state == "finished"
    assert run_counts(run) == {"繰越": 2, "繰越の金額": 50_000}
    listed = (settings.TAXSYS_DATA_DIR / run.outputs.get().path).read_bytes().decode("utf-8-sig").splitlines()
    assert listed[1:] == [
        "10,2026,現年課税分,普通徴収,N1,1,2025,30000,0",
        "10,2026,現年課税分,普通徴収,N1,2,2025,20000,0",
    ]


def test_the_job_says_why_it_does_not_carry_over(old_year: None) -> None:
    run = year_end()
    assert run.state == "failed"
    assert "月締め" in "".join(run.log_lines.values_list("text_ja", flat=True))


@pytest.mark.req("R-022")
def test_the_screen_shows_how_the_part_came_about(client: Client) -> None:
    levy(1, (60_000, 39_000, 1_000))
    pay(1, 33_333, date(2026, 6, 30))
    close(date(2026, 6, 30))
    row = decided(date(2026, 6, 1))
    desk = sign_in(client, officer("2001", permissions=["collection.remit"], unit_name="納税管理課"))
    assert "13,332" in desk.get("/collection/remittances/").content.decode()
    page = desk.get(f"/collection/remittances/{row.pk}/").content.decode()
    assert "12,999" in page
    assert "1円まで一致" in page
    listed = desk.get(f"/collection/remittances/{row.pk}/?as=csv").content.decode("utf-8-sig")
    assert "2026-06,2026,本税,100000,39000,1000,33333,33333,20001,12999,333" in listed
    assert desk.get("/collection/remittances/99999/").status_code == 404

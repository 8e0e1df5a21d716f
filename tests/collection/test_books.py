"""調定簿・収入簿・収納率: the fiscal year of every yen, carry-over, rates beside last year, charts and CSV."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from collection import permissions
from collection.closing.books import book_moves, rate_bp, year_book
from collection.closing.charts import percent, rate_chart
from collection.closing.law import attribution_law
from collection.closing.rates import dashboard
from collection.closing.rules import Place, accounts_end, carried_from, origin_year, place, unrolled
from collection.closing.services import books_build
from collection.models import Charge
from collection.services.levy import LevyRow, levy_adjust, levy_post
from collection.services.receipts import ReceiptRecord, receipts_post
from taxsys.platform import clock
from tests.collection.books import party
from tests.collection.files_of import run_job
from tests.platform.actors import officer, sign_in

LAW = attribution_law()


@pytest.mark.req("R-022")
@pytest.mark.parametrize(
    ("due_on", "method", "year"),
    [
        (date(2026, 6, 30), "ordinary", 2026),
        (date(2027, 2, 1), "ordinary", 2026),
        (date(2027, 4, 30), "ordinary", 2027),
        # 給与特別徴収: June to March of the levy's year, April and May of the next.
        (date(2026, 7, 10), "wage", 2026),
        (date(2027, 4, 12), "wage", 2026),
        (date(2027, 5, 10), "wage", 2027),
        (date(2027, 6, 10), "wage", 2027),
        (date(2027, 3, 10), "pension", 2026),
        # 31 March 2029 is a Saturday: the time for payment rolls to Monday 2 April, the year is that of March.
        (date(2029, 4, 2), "ordinary", 2028),
        (date(2026, 4, 1), "ordinary", 2026),
    ],
)
def test_a_claim_belongs_to_the_fiscal_year_of_its_last_day_before_any_roll(
    due_on: date, method: str, year: int
) -> None:
    assert origin_year(due_on, method, LAW) == year


@pytest.mark.req("R-022")
@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 6, 1), Place(2026, "current")),
        (date(2027, 3, 31), Place(2026, "current")),
        (date(2027, 4, 1), Place(2026, "current")),
        (date(2027, 5, 31), Place(2026, "current")),
        (date(2027, 6, 1), Place(2027, "carried")),
        (date(2028, 3, 31), Place(2027, "carried")),
        (date(2028, 4, 1), Place(2028, "carried")),
    ],
)
def test_money_of_april_and_may_belongs_to_the_year_before_until_its_accounts_end(on: date, expected: Place) -> None:
    assert place(2026, on, LAW) == expected


def test_the_day_of_carrying_over_is_the_day_after_the_accounts_end_then_each_first_of_april() -> None:
    assert accounts_end(2026, LAW) == date(2027, 5, 31)
    assert [carried_from(2026, year, LAW) for year in (2026, 2027, 2028)] == [None, date(2027, 6, 1), date(2028, 4, 1)]
    assert unrolled(date(2026, 6, 30)) == date(2026, 6, 30)


def test_a_rate_is_cut_off_and_none_without_a_levy() -> None:
    assert (rate_bp(2, 3), rate_bp(1, 0), rate_bp(-1, 300), rate_bp(5, 5)) == (6666, None, -34, 10_000)
    assert [percent(value) for value in (6666, None, -34, 10_000)] == ["66.66%", "―", "△0.34%", "100.00%"]


def levy(number: int, tax_year: int, dues: list[date], yen: int, *, kind: str = "10", method: str = "ordinary") -> None:
    rows = [
        LevyRow(
            f"D{number}", party(number), kind, tax_year, tax_year, method, f"N{number}", place_no, due, dues[0], yen
        )
        for place_no, due in enumerate(dues, start=1)
    ]
    levy_post(rows, dedupe_key=f"L{number}", occurred_on=date(tax_year, 5, 10), actor="job:test")


def pay(number: int, instalment: int, yen: int, on: date) -> None:
    charge = Charge.objects.get(notice_no=f"N{number}", instalment_no=instalment)
    key = f"{number}:{instalment}:{on}"
    record = ReceiptRecord("bank", key, "confirmed", "charge", charge.business_key, yen, on, on)
    receipts_post([record], actor="job:test", as_of=on)


@pytest.fixture
def two_years(db: None) -> Iterator[None]:
    """令和7: 100,000 levied, 60,000 paid in the year, 10,000 in May 2026, 5,000 in July 2026. 令和8: 200,000,
    50,000 paid."""
    levy(1, 2025, [date(2025, 6, 30)], 100_000)
    pay(1, 1, 60_000, date(2025, 7, 1))
    pay(1, 1, 10_000, date(2026, 5, 31))
    pay(1, 1, 5_000, date(2026, 7, 1))
    levy(2, 2026, [date(2026, 6, 30)], 200_000)
    pay(2, 1, 50_000, date(2026, 7, 2))
    with clock.at(date(2026, 11, 20)):
        books_build()
        yield


def sums(year: int) -> list[tuple[object, ...]]:
    return [
        (row.section, row.tax_year, row.brought_yen, row.levied_yen, row.received_yen, row.open_yen)
        for row in year_book(year)
    ]


@pytest.mark.req("R-022")
def test_the_books_of_two_years_and_what_is_carried_over(two_years: None) -> None:
    assert sums(2025) == [("current", 2025, 0, 100_000, 70_000, 30_000)]
    assert sums(2026) == [
        ("current", 2026, 0, 200_000, 50_000, 150_000),
        ("carried", 2025, 30_000, 0, 5_000, 25_000),
    ]
    # The year after: what is open of 令和7 was carried on at 1 April, of 令和8 after its accounts ended.
    assert sums(2027) == [
        ("carried", 2026, 150_000, 0, 0, 150_000),
        ("carried", 2025, 25_000, 0, 0, 25_000),
    ]


def test_a_levy_lowered_after_the_accounts_ended_lowers_the_carried_section(two_years: None) -> None:
    rows = [
        LevyRow("D1", party(1), "10", 2025, 2025, "ordinary", "N1", 1, date(2025, 6, 30), date(2025, 6, 30), 70_000)
    ]
    levy_adjust(rows, dedupe_key="A1", occurred_on=date(2026, 9, 1), actor="job:test")
    books_build()
    # 30,000 carried over, 30,000 less levied; 5,000 paid since became an overpayment.
    assert sums(2026)[1] == ("carried", 2025, 30_000, -30_000, 0, 0)
    assert sums(2025) == [("current", 2025, 0, 100_000, 70_000, 30_000)]


@pytest.mark.req("R-022")
def test_withheld_tax_of_april_and_may_is_levied_in_one_year_and_counted_in_the_next(db: None) -> None:
    levy(3, 2026, [date(2027, 4, 12), date(2027, 5, 10)], 1_000, method="wage")
    books_build()
    assert sums(2026) == [("current", 2026, 0, 1_000, 0, 1_000)]
    assert sums(2027)[0] == ("current", 2026, 0, 1_000, 0, 1_000)


@pytest.mark.req("R-022")
def test_rates_stand_beside_the_same_day_of_last_year(two_years: None) -> None:
    board = dashboard(2026, date(2026, 11, 20), tax_kind="10")
    by_key = {(row.tax_kind, row.section): row for row in board.rows}
    row = by_key["10", "current"]
    assert (row.now.due_yen, row.now.received_yen, row.now.rate_bp) == (200_000, 50_000, 2_500)
    assert row.before is not None
    assert (row.before.received_yen, row.before.rate_bp, row.difference_bp) == (60_000, 6_000, -3_500)
    assert by_key["10", "carried"].now.rate_bp == 1_666
    assert by_key["", ""].now.due_yen == 230_000
    assert [(point.label, point.rate_bp, point.before_bp) for point in board.curve[:5]] == [
        ("4月", None, None), ("5月", 0, 0), ("6月", 0, 0), ("7月", 2_500, 6_000), ("8月", 2_500, 6_000),
    ]  # fmt: skip
    assert len(board.curve) == 8


def test_the_dashboard_asks_the_books_and_never_the_journal(two_years: None) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        dashboard(2026, date(2026, 11, 20))
    assert len(asked) <= 5
    assert not [query for query in asked if "collection_transfer" in query["sql"] or "journalentry" in query["sql"]]


@pytest.fixture
def desk(client: Client, two_years: None) -> Client:
    return sign_in(client, officer("2001", permissions=[permissions.VIEW_BOOKS], unit_name="納税管理課"))


@pytest.mark.req("R-022")
def test_the_screen_shows_rates_chart_and_csv(desk: Client) -> None:
    page = desk.get("/rates/?fiscal_year=2026&on=令和8年11月20日").content.decode()
    assert "25.00%" in page
    assert "60.00%" in page
    assert "△35.00%" in page
    assert page.count("<polyline") == 2
    assert "4月 ―（前年 ―）、5月 0.00%（前年 0.00%）" in page
    answer = desk.get("/rates/?fiscal_year=2026&on=令和8年11月20日&as=csv")
    assert answer["Content-Type"].startswith("text/csv")
    assert "2026,2026-11-20,市民税・道民税・森林環境税,現年課税分,200000,50000,150000,25.00%,60.00%,△35.00%" in (
        answer.content.decode("utf-8-sig")
    )


@pytest.mark.parametrize(
    "query", ["fiscal_year=x", "fiscal_year=99999", "on=昨日", "tax_kind=99", "section=x", "on=13/13"]
)
def test_a_query_that_is_none_says_so(desk: Client, query: str) -> None:
    assert desk.get(f"/rates/?{query}&as=csv").status_code == 422


def test_the_book_screen_and_its_list(desk: Client) -> None:
    page = desk.get("/collection/books/?fiscal_year=2026").content.decode()
    assert "滞納繰越分" in page
    assert "25,000" in page
    listed = desk.get("/collection/books/?fiscal_year=2026&as=csv").content.decode("utf-8-sig").splitlines()
    assert listed[2] == "2026,市民税・道民税・森林環境税,滞納繰越分,2025,30000,0,5000,0,25000"
    assert desk.post("/rates/").status_code == 302


def test_no_chart_without_a_levy() -> None:
    assert rate_chart([], title_ja="x", this_ja="y", last_ja="z") is None


@pytest.mark.req("R-022")
def test_the_nightly_job_gives_the_books_and_the_levy_list(two_years: None) -> None:
    run = run_job("B-CL-18", {}, date(2026, 11, 20))
    files = {
        output.name: (settings.TAXSYS_DATA_DIR / output.path).read_bytes().decode("utf-8-sig").splitlines()
        for output in run.outputs.all()
    }
    assert files["調定表.csv"][1:] == [
        "10,2026,2026,普通徴収,1,2026-06-30,1,200000,200000,0,0,1,150000",
        "10,2025,2025,普通徴収,1,2025-06-30,1,100000,100000,0,0,1,25000",
    ]
    assert "2026,市民税・道民税・森林環境税,滞納繰越分,2025,30000,0,5000,0,25000" in files["調定収入簿.csv"]


def test_many_years_behind_come_as_few_rows(two_years: None) -> None:
    every_day = book_moves(date(2026, 11, 20), days=[date(2025, 7, 1), date(2026, 7, 1)])
    few = book_moves(date(2026, 11, 20), days=[date(2026, 3, 31)])
    assert [(move.occurred_on, move.received_yen) for move in few] == [
        (date(2026, 3, 31), 60_000), (date(2026, 11, 20), 15_000), (date(2026, 11, 20), 50_000),
    ]  # fmt: skip
    assert sum(move.received_yen for move in every_day) == sum(move.received_yen for move in few) == 125_000

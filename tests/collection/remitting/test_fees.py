"""徴収取扱費 and the year's report: the parts of the law to the yen, nobody counted twice, claimed by two people."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.conf import settings
from django.test import Client

from collection.remitting.errors import RemittingError
from collection.remitting.models import FeeClaim
from collection.remitting.rules import FeeLaw, InterestPaid, fee_parts
from collection.remitting.selectors import taxpayers_levied, year_report
from collection.remitting.services import fee_claim, fee_count, fee_receive, order_make, order_pay
from collection.selectors.proofs import prove_ledger
from collection.services.levy import levy_post
from taxsys.kernel.rates import Rate
from taxsys.platform import clock
from taxsys.platform.jobs.services import job_release
from tests.collection import files_of
from tests.collection.books import balance, party
from tests.collection.files_of import run_job
from tests.collection.test_levy import wage_rows
from tests.collection.test_remittance import close, decided, levy, pay
from tests.platform.actors import officer, sign_in

LAW = FeeLaw(3_000, Rate(2, 5), ((4, 5, 6), (7, 8, 9), (10, 11, 12), (1, 2, 3)))
DAY = date(2026, 7, 9)


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(DAY):
        yield


@pytest.mark.parametrize(
    ("term", "first_on", "behind"),
    [
        (1, date(2026, 4, 1), date(2026, 7, 1)),
        (3, date(2026, 10, 1), date(2027, 1, 1)),
        (4, date(2027, 1, 1), date(2027, 4, 1)),
    ],
)
def test_the_terms_of_a_fiscal_year(term: int, first_on: date, behind: date) -> None:
    assert LAW.period(2026, term) == (first_on, behind)


@pytest.mark.req("R-022")
def test_the_parts_of_the_fee_with_their_arithmetic() -> None:
    interest = [InterestPaid(2025, 1_000, 39_000, 100_000), InterestPaid(2026, 999, 1, 3), InterestPaid(2024, 5, 0, 0)]
    parts = fee_parts(taxpayers=330, counted_before=30, interest=interest, shortfall_yen=12_344, law=LAW)
    assert [(one.part, one.yen) for one in parts] == [
        ("taxpayers", 900_000), ("refunds", 0), ("interest", 390 + 333), ("rewards", 0), ("shortfalls", 4_937),
    ]  # fmt: skip
    assert parts[0].formula_ja == "（330人－前期までの30人）×3,000円"
    assert "2025年度 1,000円×39,000÷100,000＝390円" in parts[2].formula_ja


@pytest.mark.django_db
def test_people_are_counted_once_a_year_with_the_employees_behind_an_agent() -> None:
    levy(1, (6_000, 3_900, 100))
    levy(2, (6_000, 0, 1_000))  # no prefectural tax
    rows = wage_rows(party(10), [(1, party(1)), (2, party(12))], months=(1, 2))
    levy_post(rows, dedupe_key="w", occurred_on=date(2026, 6, 10), actor="job:test")
    levy(3, (6_000, 3_900, 100), on=date(2026, 7, 2))
    assert taxpayers_levied(from_tax_year=2026, until=date(2026, 6, 30)) == 2
    assert taxpayers_levied(from_tax_year=2026, until=date(2026, 7, 31)) == 3
    assert taxpayers_levied(from_tax_year=2027, until=date(2026, 7, 31)) == 0


@pytest.mark.django_db
@pytest.mark.req("R-022")
def test_a_term_is_counted_claimed_by_another_and_received_and_the_next_takes_off_who_was_counted() -> None:
    levy(1, (6_000, 3_900, 100))
    levy(2, (6_000, 3_900, 100))
    with pytest.raises(RemittingError, match="まだ月締め"):
        fee_count(2026, 1)
    with pytest.raises(RemittingError, match="1期から4期まで"):
        fee_count(2026, 5)
    close(date(2026, 6, 30))
    run = run_job("B-PI-25-F", {"fiscal_year": 2026, "term": 1}, DAY)
    assert (run.state, [gate.ok for gate in run.gates.filter(gate_id="CL-FEE-PARTS")]) == ("finished", [True])
    names = {one.name: one for one in run.outputs.all()}
    listed = (settings.TAXSYS_DATA_DIR / names["徴収取扱費.csv"].path).read_bytes().decode("utf-8-sig")
    assert '2026,1,納税義務者数による額（1号）,"（2人－前期までの0人）×3,000円",6000' in listed
    chief = officer("2002", permissions=["collection.release_remittance"], unit_name="納税管理課")
    with files_of.at_desk(DAY):
        job_release(run.pk, chief, inline=True)
    claim = FeeClaim.objects.get()
    assert (claim.state, claim.claimed_by, claim.total_yen) == ("claimed", "staff:2002", 6_000)
    assert (balance("fee_receivable"), balance("fee_income")) == (6_000, -6_000)
    with pytest.raises(RemittingError, match="請求済み"):
        fee_count(2026, 1)
    fee_receive(claim.pk, received_on=DAY, reference="納入通知 第1号", actor="staff:2001")
    assert (balance("fee_receivable"), balance("prefecture_cash")) == (0, 6_000)
    with pytest.raises(RemittingError, match="受入済"):
        fee_receive(claim.pk, received_on=DAY, reference="納入通知 第1号", actor="staff:2001")
    levy(3, (6_000, 3_900, 100), on=date(2026, 7, 20))
    with clock.at(date(2026, 10, 1)):
        close(date(2026, 9, 30))
        second = fee_count(2026, 2)
        assert (second.taxpayers, second.counted_before, second.total_yen) == (3, 2, 3_000)
        assert fee_count(2026, 2).total_yen == 3_000  # a draft is counted anew
    with clock.at(date(2027, 1, 4)):
        close(date(2026, 12, 31))
        with pytest.raises(RemittingError, match="請求されていません"):
            fee_count(2026, 3)
    assert prove_ledger().is_ok


@pytest.mark.django_db
def test_the_screens_show_the_arithmetic_and_the_years_report(client: Client) -> None:
    levy(1, (60_000, 39_000, 1_000))
    pay(1, 33_333, date(2026, 6, 30))
    close(date(2026, 6, 30))
    order = order_make(decided(date(2026, 6, 1)).pk, actor="staff:2002", ordered_on=DAY)
    order_pay(order.pk, paid_on=DAY, reference="6", actor="staff:2001")
    fee_count(2026, 1)
    claim = fee_claim(2026, 1, actor="staff:2002", claimed_on=DAY)
    desk = sign_in(client, officer("2001", permissions=["collection.remit"], unit_name="納税管理課"))
    assert "第1期" in desk.get("/collection/fees/").content.decode()
    page = desk.get(f"/collection/fees/{claim.pk}/").content.decode()
    assert "（1人－前期までの0人）×3,000円" in page
    assert desk.get(f"/collection/fees/{claim.pk}/claim.pdf").content.startswith(b"%PDF")
    way = f"/collection/fees/{claim.pk}/"
    refused = desk.post(way, {"on": "R8.7.10", "reference": "第1号"})
    assert refused.status_code == 422
    assert "第1号" in refused.content.decode()
    assert desk.post(way, {"on": "R8.7.9", "reference": "第1号"}).status_code == 302
    assert desk.get("/collection/fees/999/").status_code == 404
    assert desk.get("/collection/fees/999/claim.pdf").status_code == 404
    report = desk.get("/collection/remittances/report/").content.decode()
    assert "12,999" in report
    assert "13,332" in report
    assert "3,000円" in report
    listed = desk.get("/collection/remittances/report/?as=csv").content.decode("utf-8-sig").splitlines()
    assert listed[1] == "2026,2026-06,33333,20001,12999,333,13332,2026-07-09"
    assert desk.get("/collection/remittances/report/?as=pdf").content.startswith(b"%PDF")
    assert year_report(2026).totals == {
        "receipts_yen": 33_333, "city_yen": 20_001, "prefecture_yen": 12_999, "forest_yen": 333, "paid_yen": 13_332,
        "fee_yen": 3_000,
    }  # fmt: skip
    assert "まだありません" in desk.get("/collection/remittances/report/?fiscal_year=2020").content.decode()

"""移行: opening balances by table, posted whole when count and yen agree, old slips payable, hostile files refused."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from django.conf import settings

from addressbook.models import Party
from collection.closing.books import year_book
from collection.closing.services import books_build
from collection.models import Allocation, Charge, JournalEntry, Overpayment, Receipt, Slip, Suspense
from collection.selectors.account import charge_standing
from collection.selectors.proofs import prove_ledger
from collection.services.imports import PlainRecord, receipts_import_cvs
from collection.services.receipts import ReceiptFileFacts
from collection.takeover.models import SlipCode, TakeoverBatch, TakeoverTotal
from taxsys.kernel.checkdigits import gs1_mod10
from taxsys.platform import clock
from taxsys.platform.files import layouts
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.services import file_receive
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.services import job_approve, job_request, job_run_inline
from tests.collection.books import party
from tests.collection.files_of import at_desk
from tests.platform.actors import officer

pytestmark = pytest.mark.django_db
CUTOVER = date(2026, 4, 1)
BODY = "91987654" + "77777" + "0000000000004321" + "0" + "260831" + "0" + "030000"
BARCODE = BODY + str(gs1_mod10(BODY))
KEY = {
    "municipality_code": "012041", "tax_kind": "10", "levy_year": 2025, "tax_year": 2025, "method": "ordinary",
    "notice_no": "OLD1",
}  # fmt: skip
CHARGE = {
    **KEY, "instalment_no": 1, "due_on": date(2025, 6, 30), "statutory_due_on": date(2025, 6, 30),
    "levied_on": date(2025, 6, 10), "city_yen": 18_000, "prefecture_yen": 11_000, "forest_yen": 1_000,
}  # fmt: skip
CONTROL = {
    "charges_count": 3, "charges_yen": 90_000, "receipts_count": 2, "receipts_yen": 45_000, "fees_count": 1,
    "fees_yen": 1_500, "slips_count": 1, "slips_yen": 30_000,
}  # fmt: skip


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(CUTOVER):
        yield


@pytest.fixture
def debtor() -> Party:
    return Party.objects.get(pk=party(7))


def tables(debtor: Party) -> dict[str, list[dict[str, Any]]]:
    """Three instalments of 30,000: the first paid with its interest and 13,500 too much, two open, one with a slip."""
    who = {"person_no": debtor.person_no}
    return {
        "local_ikou_chotei": [
            {**who, **CHARGE, "unpaid_yen": 0},
            {**who, **CHARGE, "instalment_no": 2, "due_on": date(2025, 9, 1), "unpaid_yen": 30_000},
            {**who, **CHARGE, "instalment_no": 3, "due_on": date(2025, 10, 31), "unpaid_yen": 30_000},
        ],
        "local_ikou_shuno": [
            {**KEY, "instalment_no": 1, "payment_no": "P1", "paid_on": date(2025, 7, 1), "account_on": date(2025, 7, 3),
             "amount_yen": 30_000},
            {**KEY, "instalment_no": 1, "payment_no": "P2", "paid_on": date(2025, 8, 1), "amount_yen": 15_000},
        ],
        "local_ikou_entai": [
            {**KEY, "instalment_no": 1, "reminder_fee_yen": 0, "late_interest_yen": 1_500,
             "fixed_on": date(2025, 8, 1)},
            {**KEY, "instalment_no": 3, "reminder_fee_yen": 0, "late_interest_yen": 0,
             "relief_from": date(2025, 11, 1), "relief_until": date(2026, 3, 31), "relief_effect": "zero",
             "legal_ground": "地方税法15条", "decision_no": "U1"},
        ],
        "local_ikou_nofusho": [
            {**KEY, "instalment_no": 2, "slip_no": "S-1", "principal_yen": 30_000, "reminder_fee_yen": 0,
             "late_interest_yen": 0, "issued_on": date(2026, 3, 1), "valid_until": date(2026, 8, 31),
             "barcode": BARCODE},
        ],
    }  # fmt: skip


PARAMS = {
    "local_ikou_chotei": "charges", "local_ikou_shuno": "receipts", "local_ikou_entai": "states",
    "local_ikou_nofusho": "slips",
}  # fmt: skip


def received(layout: str, content: bytes) -> str:
    with at_desk(CUTOVER):
        file = file_receive(name=f"{layout}.csv", content=content, format=layout, sender="旧システム", channel="media")
    return str(file.pk)


def take_over(given: Mapping[str, list[dict[str, Any]]], **params: object) -> JobRun:
    """B-CL-40 over these tables, asked for by one and let start by another."""
    files = {PARAMS[name]: received(name, layouts.get(name).write(rows)) for name, rows in given.items()}
    return run_of({"batch_no": "R8-1", "cutover_on": CUTOVER.isoformat(), **files, **CONTROL, **params})


def run_of(params: dict[str, object]) -> JobRun:
    clerk, chief = (
        officer(number, permissions=["collection.take_over"], unit_name="納税管理課") for number in ("2001", "2002")
    )
    with at_desk(CUTOVER):
        run = job_request("B-CL-40", params, actor=clerk, business_on=CUTOVER)
        job_approve(run.pk, actor=chief)
        return job_run_inline(run.pk)


def told(run: JobRun) -> str:
    return "".join(run.log_lines.values_list("text_ja", flat=True))


@pytest.mark.req("R-022")
def test_books_of_the_old_system_are_posted_and_agree_by_count_and_yen(debtor: Party) -> None:
    run = take_over(tables(debtor))
    assert run.state == "finished", told(run)
    assert [gate.ok for gate in run.gates.filter(gate_id="CL-TAKEOVER")] == [True]
    assert list(
        TakeoverTotal.objects.order_by("subject").values_list("subject", "file_count", "file_yen", "ledger_yen")
    ) == [
        ("charges", 3, 90_000, 90_000),
        ("interest", 1, 1_500, 1_500),
        ("overpaid", 0, 13_500, 13_500),
        ("receipts", 2, 45_000, 45_000),
        ("slips", 1, 30_000, 30_000),
        ("unpaid", 2, 60_000, 60_000),
    ]
    listed = (settings.TAXSYS_DATA_DIR / run.outputs.get().path).read_bytes().decode("utf-8-sig").splitlines()
    assert listed[1] == "R8-1,調定(本税),10,2025,3,90000,3,90000"
    assert prove_ledger().is_ok
    assert {entry.reason for entry in JournalEntry.objects.all()} == {"opening", "receipt"}
    assert Overpayment.objects.get().yen == 13_500
    assert set(ReceivedFile.objects.values_list("state", flat=True)) == {"applied"}


def test_dates_interest_and_relief_of_the_old_system_count_on(debtor: Party) -> None:
    take_over(tables(debtor))
    first, second, third = (Charge.objects.get(instalment_no=number) for number in (1, 2, 3))
    standing = charge_standing(first.pk, as_of=date(2025, 7, 15))
    assert (standing.paid_yen, standing.open_yen) == (30_000, 0)
    assert list(Allocation.objects.filter(charge=first).order_by("pk").values_list("component", "yen")) == [
        ("principal", 30_000), ("late_interest", 1_500),
    ]  # fmt: skip
    # Due on 31 October, remitted until 31 March: nothing has run yet; the one before has seven months of interest.
    assert charge_standing(third.pk, as_of=date(2026, 3, 31)).interest_yen == 0
    assert (charge_standing(second.pk, as_of=date(2026, 3, 31)).interest_yen or 0) > 1_000
    books_build()
    assert [
        (row.section, row.levied_yen, row.received_yen, row.open_yen) for row in year_book(2025, until=CUTOVER)
    ] == [("current", 90_000, 30_000, 60_000)]


@pytest.mark.req("R-111")
def test_a_slip_of_the_old_system_is_paid_at_the_convenience_store(debtor: Party) -> None:
    take_over(tables(debtor))
    record = PlainRecord(1, {"kind": "02", "barcode": BARCODE, "paid_date": date(2026, 4, 20), "amount": 30_000})
    facts = ReceiptFileFacts("cvs", "k", "h", date(2026, 4, 21), date(2026, 4, 21), 1, 30_000)
    outcome = receipts_import_cvs([record], facts=facts, actor="job:test", as_of=date(2026, 4, 21))
    assert (outcome.allocated_yen, outcome.suspense_yen) == (30_000, 0)
    second = Charge.objects.get(instalment_no=2)
    assert charge_standing(second.pk, as_of=date(2026, 4, 21)).open_yen == 0
    assert Slip.objects.get().state == "paid"
    assert not Suspense.objects.exists()
    assert SlipCode.objects.count() == 2  # the whole bar code, and what we would read out of it


@pytest.mark.req("R-110")
def test_a_report_before_the_confirmation_finds_the_old_slip_too(debtor: Party) -> None:
    take_over(tables(debtor))
    record = PlainRecord(1, {"kind": "01", "barcode": BARCODE, "paid_date": date(2026, 4, 20), "amount": 30_000})
    facts = ReceiptFileFacts("cvs", "k", "h", date(2026, 4, 21), date(2026, 4, 21), 1, 30_000)
    receipts_import_cvs([record], facts=facts, actor="job:test", as_of=date(2026, 4, 21))
    second = Charge.objects.get(instalment_no=2)
    assert charge_standing(second.pk, as_of=date(2026, 4, 21)).is_reported


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("charges_count", 4, "調定(本税) 送付票4件90,000円 ファイル3件90,000円"),
        ("charges_yen", 90_001, "調定(本税) 送付票3件90,001円 ファイル3件90,000円"),
        ("receipts_yen", 44_999, "収納 送付票2件44,999円"),
        ("fees_yen", 0, "督促手数料 送付票1件0円"),
        ("slips_count", 0, "流通中の納付書 送付票0件"),
        ("batch_no", "R8%", "英数字とハイフン"),
    ],
)
@pytest.mark.req("R-022")
def test_other_totals_refuse_everything(debtor: Party, name: str, value: object, said: str) -> None:
    run = take_over(tables(debtor), **{name: value})
    assert said in told(run)
    assert [gate.ok for gate in run.gates.filter(gate_id="CL-TAKEOVER")] == [False]
    nothing_posted()


def nothing_posted() -> None:
    for model in (JournalEntry, Charge, Receipt, Slip, SlipCode, TakeoverBatch, TakeoverTotal):
        assert not model.objects.exists(), model


@pytest.mark.parametrize(
    ("table", "line", "change", "said"),
    [
        ("local_ikou_chotei", 1, {"person_no": "999999999999999"}, "3行目: 宛名番号に当たる人がいません"),
        ("local_ikou_chotei", 0, {"tax_kind": "99"}, "税目99は登録されていません"),
        ("local_ikou_chotei", 1, {"unpaid_yen": 30_001}, "調定額と未納額の大小が合いません"),
        ("local_ikou_chotei", 1, {"unpaid_yen": 29_999}, "未納額が旧システムの未納額と違う期別が1件"),
        ("local_ikou_shuno", 1, {"notice_no": "OTHER"}, "収納の期別が調定のファイルにありません"),
        ("local_ikou_entai", 0, {"fixed_on": None}, "確定日がありません"),
        ("local_ikou_entai", 1, {"relief_until": date(2025, 10, 31)}, "猶予の期間または効果がありません"),
        ("local_ikou_nofusho", 0, {"barcode": BODY + str((gs1_mod10(BODY) + 1) % 10)}, "チェックデジット"),
        ("local_ikou_nofusho", 0, {"instalment_no": 9}, "納付書の期別が調定のファイルにありません"),
    ],
)
def test_one_line_that_cannot_be_refuses_everything(
    debtor: Party, table: str, line: int, change: dict[str, Any], said: str
) -> None:
    given = tables(debtor)
    given[table][line] = {**given[table][line], **change}
    run = take_over(given)
    assert said in told(run)
    nothing_posted()


def test_a_line_that_the_layout_sets_aside_refuses_everything(debtor: Party) -> None:
    given = tables(debtor)
    content = layouts.get("local_ikou_chotei").write(given["local_ikou_chotei"]).replace(b"2025-09-01", b"2025-09-31")
    receipts = received("local_ikou_shuno", layouts.get("local_ikou_shuno").write(given["local_ikou_shuno"]))
    run = run_of(
        {
            "batch_no": "R8-1", "cutover_on": CUTOVER.isoformat(), "charges": received("local_ikou_chotei", content),
            "receipts": receipts, **CONTROL,
        }
    )  # fmt: skip
    assert "行エラー" in told(run)
    nothing_posted()


@pytest.mark.req("R-022")
@pytest.mark.parametrize("table", ["local_ikou_chotei", "local_ikou_shuno", "local_ikou_entai", "local_ikou_nofusho"])
def test_a_file_of_another_city_refuses_everything_with_the_reason(debtor: Party, table: str) -> None:
    given = tables(debtor)
    given[table] = [{**row, "municipality_code": "011002"} for row in given[table]]
    run = take_over(given)
    assert "他団体のファイルです" in told(run)
    assert ReceivedFile.objects.get(format=table).state == "quarantined"
    nothing_posted()


def test_one_record_of_another_city_refuses_everything_too(debtor: Party) -> None:
    given = tables(debtor)
    given["local_ikou_shuno"][1]["municipality_code"] = "011002"
    assert "行エラー1件" in told(take_over(given))
    problem = ReceivedFile.objects.get(format="local_ikou_shuno").line_errors.get()
    assert (problem.line_no, problem.field) == (3, "municipality_code")
    nothing_posted()


def test_the_same_batch_again_and_a_claim_that_stands_here_are_refused(debtor: Party) -> None:
    take_over(tables(debtor))
    entries = JournalEntry.objects.count()
    charges = str(ReceivedFile.objects.get(format="local_ikou_chotei").pk)
    again = run_of({"batch_no": "R8-1", "cutover_on": "2026-04-01", "charges": charges, **CONTROL})
    assert "計上済み" in told(again)
    other = run_of(
        {
            "batch_no": "R8-2", "cutover_on": "2026-04-01", "charges": charges, "charges_count": 3,
            "charges_yen": 90_000,
        }
    )  # fmt: skip
    assert "未納額が旧システムの未納額と違う" in told(other)
    assert JournalEntry.objects.count() == entries


def test_a_file_of_another_kind_is_none(debtor: Party) -> None:
    given = tables(debtor)
    file = received("local_ikou_shuno", layouts.get("local_ikou_shuno").write(given["local_ikou_shuno"]))
    for number, charges in enumerate((file, "x", "00000000-0000-4000-8000-000000000001")):
        run = run_of({"batch_no": f"R8-{number}", "cutover_on": "2026-04-01", "charges": charges, **CONTROL})
        assert run.state == "failed"
    nothing_posted()

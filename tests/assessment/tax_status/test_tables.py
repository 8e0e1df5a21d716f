"""課税状況の調: the tables are the decisions, to the person and the yen; outside the house small figures are hidden."""

import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from django.conf import settings
from django.db.models import Sum

from assessment.models import Decision, ResidentResult
from assessment.resident.tax_status.outside import for_outside, hidden_rows
from assessment.resident.tax_status.proof import proofs
from assessment.resident.tax_status.selectors import Counted, Row, tax_status_count
from assessment.resident.tax_status.tables import PEOPLE, TABLES, YEN
from taxsys.platform.jobs.models import JobGate, JobOutput, JobRun
from taxsys.platform.jobs.services import job_request, job_run_inline
from taxsys.platform.staff.models import Staff
from taxsys.platform.staff.services import demo_accounts_create
from tests.assessment.tax_status.people import WAGES, fourteen


def table(*people: int) -> Counted:
    rows = tuple(Row(f"行{place}", (count, count * 1_000)) for place, count in enumerate(people))
    return Counted(
        "T", "表", "区分", (("人数", PEOPLE), ("額", YEN)), rows, Row("合計", (sum(people), sum(people) * 1_000))
    )


@pytest.mark.django_db
def test_every_table_adds_up_to_the_decisions() -> None:
    fourteen()
    tables, whole = tax_status_count(2026)
    annual = Decision.objects.aggregate(yen=Sum("annual_yen"))["yen"]
    assert (whole.people, whole.annual_yen) == (len(WAGES), annual)
    assert [gate.ok for gate in proofs(tables, whole)] == [True] * 7
    assert [one.code for one in tables] == [one.code for one in TABLES]
    by_code = {one.code: one for one in tables}
    bands = {row.label_ja: row.figures[0] for row in by_code["T1"].rows}
    assert bands["0円"] == 1
    assert bands["300万円以下"] == 10
    assert bands["1,000万円以下"] + bands["2,000万円以下"] == 1
    assert sum(row.figures[0] or 0 for row in by_code["T4"].rows) == len(WAGES)
    basic = next(row for row in by_code["T7"].rows if row.label_ja == "基礎控除")
    assert basic.figures == (14, 14 * 430_000)
    levies = ResidentResult.objects.aggregate(yen=Sum("income_levy_city_yen"))["yen"]
    assert by_code["T6"].rows[0].figures[1] == levies


@pytest.mark.django_db
def test_a_yen_that_is_not_of_a_decision_is_found() -> None:
    fourteen()
    tables, whole = tax_status_count(2026)
    red = [gate.id for gate in proofs(tables, replace(whole, annual_yen=whole.annual_yen + 1)) if not gate.ok]
    assert red == [f"tax_status_T{n}" for n in range(1, 7)]
    red = [gate.id for gate in proofs(tables, replace(whole, deduction_yen=0)) if not gate.ok]
    assert red == ["tax_status_T7"]


@pytest.mark.parametrize(
    ("people", "hidden"),
    [
        ((20, 30, 40), set()),
        ((20, 3, 40), {0, 1}),
        ((3, 4, 40, 50), {0, 1, 2}),
        ((5, 6, 40), {0, 1}),
        ((0, 9, 0), {1}),
        ((0, 0, 0), set()),
    ],
)
@pytest.mark.req("R-172")
def test_small_rows_and_what_would_give_them_away_are_hidden(people: tuple[int, ...], hidden: set[int]) -> None:
    assert hidden_rows(people, 10) == hidden


def test_a_single_small_row_hides_the_total_too() -> None:
    shown = for_outside(table(0, 9, 0), 10)
    assert [row.figures for row in shown.rows] == [(0, 0), (None, None), (0, 0)]
    assert shown.total.figures == (None, None)


def test_a_table_of_many_people_is_shown_whole() -> None:
    assert for_outside(table(20, 30), 10) == table(20, 30)


def counted(use: str) -> JobRun:
    run = job_request(
        "B-PI-26", {"tax_year": 2026, "use": use}, actor=Staff.objects.get(staff_no="1001"),
        business_on=date(2026, 11, 20),
    )  # fmt: skip
    return job_run_inline(run.pk, raise_errors=True)


@pytest.mark.django_db
def test_the_job_writes_tables_for_the_desk_and_for_outside(quick_hashes: None) -> None:
    demo_accounts_create({"*": "correct-horse-battery-26"}, from_on=date(2025, 4, 1))
    fourteen()
    inside = counted("inside")
    assert JobGate.objects.filter(run=inside, ok=True, gate_id__startswith="tax_status_").count() == 7
    files = {one.name: one for one in JobOutput.objects.filter(run=inside)}
    assert set(files) == {f"T{n}.{form}" for n in range(1, 9) for form in ("csv", "xlsx")} | {"tax_status.pdf"}
    rows = list(csv.reader(io.StringIO(content(files["T1.csv"]).decode("utf-8-sig"))))
    assert rows[0][0] == "合計所得金額の段階"
    assert rows[-1][0] == "合計"
    assert int(rows[-1][-1]) == Decision.objects.aggregate(yen=Sum("annual_yen"))["yen"]
    sheet = openpyxl.load_workbook(io.BytesIO(content(files["T1.xlsx"]))).active
    assert sheet.cell(sheet.max_row, sheet.max_column).value == int(rows[-1][-1])
    text = "".join(
        page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content(files["tax_status.pdf"]))
    )
    assert "独自様式" in text
    assert "第8表 税額控除の種類別" in text
    outside = counted("outside")
    hidden = content(JobOutput.objects.get(run=outside, name="T1.csv")).decode("utf-8-sig")
    assert ",x," in hidden
    assert "0円,1," not in hidden


def content(output: JobOutput) -> bytes:
    return (Path(settings.TAXSYS_DATA_DIR) / output.path).read_bytes()


@pytest.mark.django_db
def test_a_year_without_decisions_is_refused_by_its_name(quick_hashes: None) -> None:
    demo_accounts_create({"*": "correct-horse-battery-26"}, from_on=date(2025, 4, 1))
    run = job_request(
        "B-PI-26", {"tax_year": 2026, "use": "inside"}, actor=Staff.objects.get(staff_no="1001"),
        business_on=date(2026, 11, 20),
    )  # fmt: skip
    assert job_run_inline(run.pk).state == "failed"
    assert not JobOutput.objects.filter(run=run).exists()

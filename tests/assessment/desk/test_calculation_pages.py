"""住民税タブ and 計算過程 in the browser's eyes: what is decided, how it came about, and what must not be seen."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from addressbook.models import Party
from assessment.models import AssessmentRun, Decision, ResidentResult, RunKind, SourceDocument
from assessment.permissions import VIEW_ASSESSMENT, VIEW_RUNS
from assessment.resident.legal_values import legal_values, years_offered
from assessment.resident.selectors import calculation_of
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.staff.catalogue import catalogue
from tests.addressbook.people import protect
from tests.assessment.desk.scene import computed, decided, resident, wage_paper, withholder
from tests.assessment.runs.test_initial_runs import CITY_CODE
from tests.platform.actors import officer, sign_in
from tests.printing.conftest import page_texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def taxpayer() -> Party:
    return resident(1)


@pytest.fixture
def employed(taxpayer: Party) -> AssessmentRun:
    """The published example, withheld from wages, decided."""
    wage_paper(taxpayer, withholder=withholder(), items={"wage_yen": 6_543_200, "social_insurance_yen": 1_668_200})
    return decided(RunKind.INITIAL_WAGE, date(2026, 5, 10))


def reader(client: Client, *more: Any) -> Client:
    codes = [code for code in catalogue() if code != "addressbook.reveal_protected"]
    return sign_in(client, officer("5001", permissions=[*codes, *more]))


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content.decode()[:500]
    return str(answer.content.decode())


def test_the_tab_shows_versions_instalments_withholder_and_papers(
    client: Client, taxpayer: Party, employed: AssessmentRun
) -> None:
    html = page(reader(client), f"/party/{taxpayer.id}/assessment")
    for words in ("令和8年度 第1版", "当初", "R8.5.10", "271,700円", "有効", "給与特別徴収", "株式会社北斗",
                  "6月", "23,100円", "22,600円", "給与支払報告書", "S-CHIEF"):  # fmt: skip
        assert words in html, words


def test_a_person_without_decisions_is_told_so(client: Client, taxpayer: Party) -> None:
    assert "住民税の決定はありません" in page(reader(client), f"/party/{taxpayer.id}/assessment")


def test_an_older_version_and_a_recalled_one_say_so(client: Client, taxpayer: Party, employed: AssessmentRun) -> None:
    wage_paper(taxpayer, line_no=2, arrived_on=date(2026, 5, 20), items={"wage_yen": 100_000})
    decided()
    html = page(reader(client), f"/party/{taxpayer.id}/assessment")
    assert html.index("第2版") < html.index("第1版")
    assert ("後の版あり" in html, "前の版と比べる" in html) == (True, True)
    AssessmentRun.objects.filter(kind=RunKind.INITIAL_ORDINARY).update(state="recalled")
    html = page(client, f"/party/{taxpayer.id}/assessment")
    assert "撤回" in html
    assert "第1版の税額と徴収方法" in html


def test_the_calculation_unfolds_without_scripts_and_leaves_an_event(
    client: Client, taxpayer: Party, employed: AssessmentRun
) -> None:
    html = page(reader(client), f"/party/{taxpayer.id}/assessment/2026/1")
    assert html.count("<details") > 60
    assert "<details open" not in html
    for words in ("令和8年度の年税額は271,700円です",
                  "総所得金額 4,792,000円 − 所得控除の合計 2,098,200円 = 2,693,000円",
                  "1,000円未満切捨て(地方税法20条の4の2第1項)", "地方税法314条の2", "給与支払報告書(受付R8.1.20)",
                  "/parameters/2026#resident.rate.city"):  # fmt: skip
        assert words in html, words
    event = AccessEvent.objects.filter(record_type="assessment.calculation").get()
    assert (event.subjects, event.tax_year, event.action) == ([str(taxpayer.id)], 2026, "view")


@pytest.mark.req("R-175")
def test_the_page_for_paper_is_unfolded_and_the_sheet_is_a_pdf_of_the_same_words(
    client: Client, taxpayer: Party, employed: AssessmentRun
) -> None:
    html = page(reader(client), f"/party/{taxpayer.id}/assessment/2026/1/print")
    assert html.count("<details") == html.count(" open>")
    assert "2026-10-0000001" in html
    stamp = html.split('class="tx-stamp">')[1].split("</p>")[0]
    assert re.search(r"職員5001（5001）　端末 T0001　.*　印刷 R\d+\.\d+\.\d+ \d\d:\d\d:\d\d$", stamp)
    answer = client.get(f"/party/{taxpayer.id}/assessment/2026/1/sheet.pdf")
    assert answer["Content-Type"] == "application/pdf"
    text = "".join("".join(page_texts(answer.content)).split())
    assert "令和8年度の年税額は271,700円です" in text
    assert "四条通" not in text
    assert AccessEvent.objects.filter(action="print", record_type="assessment.calculation").count() == 2


@pytest.mark.req("N-087")
def test_the_employer_and_address_of_a_protected_person_stand_on_no_page(
    client: Client, taxpayer: Party, employed: AssessmentRun
) -> None:
    protect(taxpayer)
    document = SourceDocument.objects.get()
    reader(client)
    for address in (
        f"/party/{taxpayer.id}/assessment",
        f"/party/{taxpayer.id}/assessment/2026/1",
        f"/party/{taxpayer.id}/assessment/2026/1/print",
        f"/party/{taxpayer.id}/documents",
        f"/assessment/documents/{document.pk}",
        f"/assessment/runs/{employed.pk}/party/{taxpayer.id}",
    ):
        html = page(client, address)
        assert "株式会社北斗" not in html, address
        assert "四条通" not in html, address


def test_a_result_that_the_rules_no_longer_give_is_banded_and_never_printed(client: Client, taxpayer: Party) -> None:
    wage_paper(taxpayer)
    run = computed()
    ResidentResult.objects.filter(run=run).update(city_tax_yen=1)
    html = page(reader(client), f"/assessment/runs/{run.pk}/party/{taxpayer.id}")
    assert "一致しません" in html
    assert "市民税額：登録 1円 ／ 計算 163,000円" in html


def test_changed_law_values_since_the_run_are_said(client: Client, taxpayer: Party, employed: AssessmentRun) -> None:
    AssessmentRun.objects.update(parameter_hash="0" * 64)
    assert "法定値のファイルが変わっています" in page(reader(client), f"/party/{taxpayer.id}/assessment/2026/1")


def test_a_year_without_its_law_values_has_no_sheet_and_a_reason(taxpayer: Party, employed: AssessmentRun) -> None:
    employed.tax_year = 2031
    found = calculation_of(employed, taxpayer.id, municipality_code=CITY_CODE)
    assert found.sheet is None
    assert found.failure_ja == "計算過程を作れません。課税年度 2031 の個人住民税の計算は用意されていません。"


def test_two_versions_stand_side_by_side_with_word_and_sign(
    client: Client, taxpayer: Party, employed: AssessmentRun
) -> None:
    wage_paper(taxpayer, line_no=2, arrived_on=date(2026, 5, 20), items={"wage_yen": 1_000_000})
    decided()
    html = page(reader(client), f"/party/{taxpayer.id}/assessment/2026/compare")
    assert "増 ＋1,000,000円" in html
    assert "課税総所得金額" in html
    assert "社会保険料" not in html
    swapped = page(client, f"/party/{taxpayer.id}/assessment/2026/compare?before=2&after=1&all=1")
    assert ("減 △1,000,000円" in swapped, "社会保険料" in swapped) == (True, True)
    page(client, f"/party/{taxpayer.id}/assessment/2026/compare?before=x&after=99999")
    page(client, f"/party/{taxpayer.id}/assessment/2025/compare", status=404)


def test_addresses_that_name_nothing_answer_404(client: Client, taxpayer: Party, employed: AssessmentRun) -> None:
    other = resident(2)
    reader(client)
    for address in (
        f"/party/{taxpayer.id}/assessment/2026/9",
        f"/party/{taxpayer.id}/assessment/1999/1/sheet.pdf",
        f"/party/{other.id}/assessment/2026/1",
        f"/assessment/runs/{employed.pk}/party/{other.id}",
        "/assessment/runs/99999/findings/nothing",
        "/assessment/documents/999999",
    ):
        page(client, address, status=404)


def test_the_pages_ask_a_fixed_number_of_questions(client: Client, taxpayer: Party, employed: AssessmentRun) -> None:
    reader(client)
    for address, most in (
        (f"/party/{taxpayer.id}/assessment", 34),
        (f"/party/{taxpayer.id}/assessment/2026/1", 32),
        ("/assessment", 16),
        (f"/assessment/runs/{employed.pk}", 26),
    ):
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            page(client, address)
        assert len(asked) <= most, (address, len(asked), [one["sql"][:120] for one in asked])


def test_without_the_right_to_parties_the_tab_does_not_open(client: Client, taxpayer: Party) -> None:
    sign_in(client, officer("5009", permissions=[VIEW_ASSESSMENT, VIEW_RUNS]))
    page(client, f"/party/{taxpayer.id}/assessment", status=403)


def test_a_decision_always_reproduces(employed: AssessmentRun) -> None:
    for decision in Decision.objects.select_related("run"):
        found = calculation_of(decision.run, decision.party_id, municipality_code=CITY_CODE)
        assert found.sheet is not None
        assert found.sheet.mismatches == ()


def test_where_the_decided_amount_is_another_the_decided_one_is_told(client: Client, taxpayer: Party) -> None:
    wage_paper(taxpayer)
    run = computed()
    Decision.objects.create(
        party=taxpayer, tax_year=2026, version=1, cause="taken_over", decided_on=date(2026, 6, 2), run=run,
        annual_yen=271_600, notice_no="K1", released_by="S-CHIEF", recorded_at=run.recorded_at,
    )  # fmt: skip
    AssessmentRun.objects.update(kind=RunKind.TAKEN_OVER, state="released")
    reader(client)
    for address in ("", "/2026/1", "/2026/1/print"):
        html = page(client, f"/party/{taxpayer.id}/assessment{address}")
        assert "令和8年度の年税額は271,600円です（移行の決定による額）" in html
        assert "移行元のシステムで決定した年度です" in html
    refused = page(client, f"/party/{taxpayer.id}/assessment/2026/1/sheet.pdf", status=409)
    assert "計算書を作れません" in refused


def test_the_legal_values_of_a_year_are_listed_with_article_mark_history_and_state(client: Client) -> None:
    html = page(reader(client), "/parameters/2026")
    for words in ("市民税所得割の税率", "6%", "地方税法314条の3", "未確認", "一部検証", "30件一致",
                  "改正の経過", "上限なし", "値はファイルが正本"):  # fmt: skip
        assert words in html, words
    assert client.get("/parameters")["Location"].startswith("/parameters/20")
    page(client, "/parameters/1999", status=404)


def test_every_year_s_values_can_be_shown_and_count_what_is_unconfirmed() -> None:
    for year in years_offered():
        values = legal_values(year, CITY_CODE)
        assert len(values.parameters) > 100
        assert {one.id for one in values.unconfirmed} <= {one.id for one in values.parameters if one.current}
        assert all(one.current is None for one in values.missing)
    forest = next(one for one in legal_values(2026, CITY_CODE).parameters if one.id == "resident.exemption.forest_base")
    assert forest.current is not None
    assert (forest.current.mark_ja, forest.current.is_unconfirmed) == ("未確認", True)

"""The pages of a case: registered from the card, calculated, proposed, decided; wrong input is kept and named."""

from collections.abc import Iterator
from datetime import date

import pypdfium2
import pytest
from django.test import Client

from assessment.amendments.models import AmendmentCase, Relief
from assessment.amendments.reliefs import ReliefDraft, relief_receive, relief_refuse
from taxsys.platform import clock
from taxsys.platform.approvals.models import Approval
from taxsys.platform.audit.context import using
from tests.addressbook.conftest import full_context
from tests.addressbook.people import protect
from tests.assessment.amendments.scene import tax_return
from tests.assessment.amendments.test_cases import annual, three_years
from tests.assessment.desk.test_documents import clerk, page, token

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_the_desk() -> Iterator[None]:
    with clock.at(date(2026, 11, 20)), using(full_context(actor_kind="staff", actor_id="1001")):
        yield


@pytest.mark.req("R-173")
def test_a_case_from_the_card_to_the_decision(client: Client) -> None:
    party = three_years()
    before = annual(party)
    tax_return(party, 2024, arrived_on=date(2026, 11, 2), is_blue_return=1, business_income_yen=-100_000)
    desk = clerk(client)
    address = f"/party/{party.pk}/assessment/amend"
    assert f'href="{address}"' in page(desk, f"/party/{party.pk}/assessment")
    html = page(desk, address)
    assert "R9.7.1" in html
    values = {
        "subject_token": token(html),
        "first_year": "2024",
        "cause": "request",
        "reason_ja": "帳簿の調査",
        "relatives": "",
    }
    answer = desk.post(address, values)
    assert answer.status_code == 422
    assert "更正の請求の日を入力してください" in answer.content.decode()
    assert "帳簿の調査" in answer.content.decode()
    answer = desk.post(address, {**values, "cause": "inquiry", "relatives": "000000000000999"})
    assert "宛名番号000000000000999の人がいません" in answer.content.decode()
    assert desk.post(address, {**values, "cause": "inquiry"}).status_code == 302
    case = AmendmentCase.objects.get()
    one = f"/assessment/amendments/{case.pk}"
    assert case.case_no == "2026-00001"
    assert case.case_no in page(desk, "/assessment/amendments")
    html = page(desk, one)
    assert "まだ計算していません" in html
    # What is proposed must have been calculated.
    answer = desk.post(f"{one}/act", {"act": "propose", "subject_token": token(html)})
    assert (answer.status_code, "変更する年度がありません" in answer.content.decode()) == (422, True)
    assert desk.post(f"{one}/act", {"act": "calculate", "subject_token": token(html)}).status_code == 302
    # The page seen before the calculation is old now.
    assert desk.post(f"{one}/act", {"act": "propose", "subject_token": token(html)}).status_code == 409
    html = page(desk, one)
    assert "80,000円" in html
    assert desk.post(f"{one}/act", {"act": "propose", "subject_token": token(html)}).status_code == 302
    approval = Approval.objects.get()
    chief = clerk(Client(), "1002")
    shown = page(chief, f"/approvals/{approval.pk}")
    assert "令和7年度 年税額" in shown
    assert annual(party) == before
    answer = chief.post(f"/approvals/{approval.pk}/decide", {"decision": "approve", "seen_hash": approval.content_hash})
    assert answer.status_code == 302, answer.content.decode()[:400]
    html = page(desk, one)
    assert "決定済" in html
    assert "副本・他課への連携 済" in html
    assert annual(party)[2025] == before[2025] + 80_000


def test_an_unknown_case_is_not_found(client: Client) -> None:
    desk = clerk(client)
    assert desk.get("/assessment/amendments/999").status_code == 404
    assert desk.post("/assessment/amendments/999/act", {"act": "propose"}).status_code == 404


@pytest.mark.req("R-114")
def test_a_remission_from_the_card_to_its_notice(client: Client) -> None:
    party = three_years()
    before = annual(party)[2026]
    desk = clerk(client)
    address = f"/party/{party.pk}/assessment/relief"
    html = page(desk, address)
    assert "罹災証明書" in html
    values = {
        "subject_token": token(html), "tax_year": "2026", "choice": "public_aid:all", "applied_on": "R8.11.20",
        "documents_ja": "", "opinion_ja": "保護の開始を確認",
    }  # fmt: skip
    answer = desk.post(address, values)
    assert answer.status_code == 422
    assert "保護の開始を確認" in answer.content.decode()
    assert desk.post(address, {**values, "documents_ja": "生活保護決定通知書"}).status_code == 302
    relief = Relief.objects.get()
    one = f"/assessment/reliefs/{relief.pk}"
    assert relief.relief_no in page(desk, "/assessment/reliefs")
    html = page(desk, one)
    assert "今日決定した場合に減免する期別" in html
    assert desk.get(f"{one}/notice.pdf").status_code == 404
    answer = desk.post(f"{one}/act", {"act": "refuse", "subject_token": token(html), "reason_ja": ""})
    assert (answer.status_code, "理由を入力してください" in answer.content.decode()) == (422, True)
    assert desk.post(f"{one}/act", {"act": "grant", "subject_token": token(html)}).status_code == 302
    assert desk.post(f"{one}/act", {"act": "grant", "subject_token": token(html)}).status_code == 409
    approval = Approval.objects.get()
    chief = clerk(Client(), "1002")
    assert "生活保護を受けることになった" in page(chief, f"/approvals/{approval.pk}")
    chief.post(f"/approvals/{approval.pk}/decide", {"decision": "approve", "seen_hash": approval.content_hash})
    relief.refresh_from_db()
    assert annual(party)[2026] == before - relief.total_yen < before
    assert "減免中" in page(desk, one)
    answer = desk.get(f"{one}/notice.pdf")
    assert answer["Content-Type"] == "application/pdf"
    text = "".join(pypdfium2.PdfDocument(answer.content)[0].get_textpage().get_text_range().split())
    assert "減免決定通知書" in text
    assert f"{before:,}円" in text


def test_an_unknown_remission_is_not_found(client: Client) -> None:
    desk = clerk(client)
    for address in ("/assessment/reliefs/999", "/assessment/reliefs/999/notice.pdf"):
        assert desk.get(address).status_code == 404


def test_the_notice_on_the_screen_hides_the_address_of_a_protected_person(client: Client) -> None:
    party = three_years()
    relief = relief_receive(ReliefDraft(party.pk, 2026, "other:half", date(2026, 11, 20), "申立書"), actor_id="1001")
    Relief.objects.filter(pk=relief.pk).update(act_reason_ja="基準を超えるため")
    relief_refuse(relief.pk, decided_by="1002")
    desk = clerk(client)

    def text() -> str:
        answer = desk.get(f"/assessment/reliefs/{relief.pk}/notice.pdf")
        return "".join(pypdfium2.PdfDocument(answer.content)[0].get_textpage().get_text_range().split())

    # The office's own address and the taxpayer's; then the office's alone.
    assert text().count("条通") == 2
    protect(party)
    shown = text()
    assert "減免不承認通知書" in shown
    assert shown.count("条通") == 1

"""紙の資料の入力 at the desk: nothing typed is lost, the person is chosen, the document lives like one from a file."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from assessment.entry.paper_forms import FORMS
from assessment.entry.services import EnteredPaper, paper_register
from assessment.errors import EntryRefused
from assessment.models import PaperEntry, SourceDocument
from assessment.permissions import ENTER_SOURCES, VIEW_SOURCES
from assessment.sources.services import DocumentRow, documents_register
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.staff.permissions import HOME, SELF
from tests.addressbook.conftest import full_context
from tests.addressbook.people import person, protect
from tests.assessment.desk.scene import YEAR, paper_file, resident, withholder
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db
ADDRESS = f"/assessment/entry/wage/{YEAR}"
TYPED = {
    "act": "register", "arrived_on": "R8.1.20", "filing_kind": "0", "designation_no": "000000900",
    "employee_no": "E1", "name": "旭川 太郎", "name_kana": "アサヒカワ タロウ", "birth_on": "S55.5.5",
    "wage_yen": "6,543,200", "social_insurance_yen": "1,668,200",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _at_the_desk() -> Iterator[None]:
    with clock.at(date(2026, 3, 20)), using(full_context(actor_kind="staff", actor_id="1001")):
        yield


@pytest.fixture
def desk(client: Client) -> Client:
    return sign_in(client, officer("1001", permissions=[ENTER_SOURCES, VIEW_SOURCES, HOME, SELF]))


def typed(**fields: Any) -> dict[str, Any]:
    return {**TYPED, "key": str(uuid4()), **fields}


def html_of(answer: Any, status: int = 200) -> str:
    html = answer.content.decode()
    assert answer.status_code == status, html[:3000]
    return str(html)


def value_in(html: str, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', html)
    assert found, name
    value = re.search(r'value="([^"]*)"', found[0])
    return value[1] if value else ""


@pytest.mark.req("R-018")
def test_a_paper_becomes_the_document_that_a_file_would_have_brought(desk: Client) -> None:
    party, agent = resident(1), withholder()
    answer = desk.post(ADDRESS, typed(party=str(party.pk)))
    assert answer.status_code == 302
    paper = SourceDocument.objects.get()
    assert (paper.kind, paper.tax_year, paper.state, paper.party, paper.withholder) == (
        "wage", YEAR, "active", party, agent,
    )  # fmt: skip
    assert paper.items == {
        "wage_yen": 6_543_200, "social_insurance_yen": 1_668_200, "designation_no": "000000900", "employee_no": "E1",
    }  # fmt: skip
    assert (paper.business_key, paper.received_file, paper.arrived_on) == (
        "315:7:000000900:E1", None, date(2026, 1, 20),
    )  # fmt: skip
    assert paper.match_events.get().actor_id == "1001"
    assert PaperEntry.objects.get().document == paper
    assert AccessEvent.objects.filter(action="create", subjects=[str(party.pk)]).count() == 1


def test_the_next_page_keeps_the_day_and_shows_the_one_before(desk: Client) -> None:
    party, _agent = resident(1), withholder()
    answer = desk.post(ADDRESS, typed(party=str(party.pk)), follow=True)
    html = html_of(answer)
    assert value_in(html, "arrived_on") == "R8.1.20"
    assert value_in(html, "wage_yen") == ""
    assert f"/assessment/documents/{SourceDocument.objects.get().pk}" in html


def test_an_error_stands_at_its_box_and_nothing_typed_is_lost(desk: Client) -> None:
    resident(1)
    fields = typed(
        wage_yen="６５４万", withheld_tax_yen="１２，３００", dependant_1_name="旭川 一郎", address="四条通８丁目"
    )
    html = html_of(desk.post(ADDRESS, fields), 422)
    assert "支払金額：金額は円単位の整数で入力してください" in html
    for name in ("wage_yen", "withheld_tax_yen", "dependant_1_name", "address", "birth_on", "key"):
        assert value_in(html, name) == fields[name]
    assert SourceDocument.objects.count() == 0


def test_a_warning_is_shown_once_and_kept_by_pressing_again(desk: Client) -> None:
    party, _agent = resident(1), withholder()
    fields = typed(party=str(party.pk), spouse_deduction_yen="380000", wage_after_deduction_yen="4,792,001")
    html = html_of(desk.post(ADDRESS, fields), 422)
    assert "支払金額から計算した額は4,792,000円です" in html
    assert SourceDocument.objects.count() == 0
    accepted = value_in(html, "accepted")
    assert [mark.partition(":")[0] for mark in accepted.split(",")] == [
        "spouse_deduction_yen", "wage_after_deduction_yen",
    ]  # fmt: skip
    # Another amount in the box is another matter, whatever was read before.
    changed = {**fields, "wage_yen": "6,643,200", "accepted": accepted}
    assert "支払金額から計算した額は" in html_of(desk.post(ADDRESS, changed), 422)
    assert desk.post(ADDRESS, {**fields, "accepted": accepted}).status_code == 302
    assert PaperEntry.objects.get().kept_warnings == ["spouse_deduction_yen", "wage_after_deduction_yen"]


def test_what_no_paper_can_say_is_not_kept_however_often_it_is_sent(desk: Client) -> None:
    party, _agent = resident(1), withholder()
    fields = typed(party=str(party.pk), withheld_tax_yen="9,999,999", accepted="withheld_tax_yen:00000000")
    assert "源泉徴収税額が、支払金額より多くあります" in html_of(desk.post(ADDRESS, fields), 422)
    assert SourceDocument.objects.count() == 0


def test_the_person_is_found_by_kana_and_birth_and_must_be_chosen(desk: Client) -> None:
    party, other = resident(1), person(2, birth_on=date(1980, 5, 6))
    withholder()
    html = html_of(desk.post(ADDRESS, typed(act="find", wage_yen="")))
    assert party.person_no in html
    assert other.person_no not in html
    assert "誤り：" not in html
    html = html_of(desk.post(ADDRESS, typed()), 422)
    assert "宛名を選んでください" in html
    assert party.person_no in html
    assert desk.post(ADDRESS, typed(person_no=other.person_no)).status_code == 302
    assert SourceDocument.objects.get().party == other
    assert "この宛名番号の宛名はありません" in html_of(desk.post(ADDRESS, typed(person_no="R9")), 422)
    assert "個人番号は書けません" in html_of(desk.post(ADDRESS, typed(person_no="123456789018")), 422)


def test_nobody_is_a_choice_too_and_leads_to_the_work_list(desk: Client) -> None:
    withholder()
    assert desk.post(ADDRESS, typed(party="none")).status_code == 302
    paper = SourceDocument.objects.get()
    assert (paper.state, paper.party, paper.match_events.count()) == ("unmatched", None, 0)


def test_the_address_of_a_protected_candidate_is_hidden(desk: Client) -> None:
    party = resident(1, address_text="北海道旭川市隠里町七十一番")
    protect(party, valid_from=date(2026, 1, 5), accepted_on=date(2026, 1, 5))
    html = html_of(desk.post(ADDRESS, typed(act="find")))
    assert party.person_no in html
    assert "隠里" not in html


def test_the_same_page_sent_twice_is_one_document(desk: Client) -> None:
    party, _agent = resident(1), withholder()
    fields = typed(party=str(party.pk))
    assert desk.post(ADDRESS, fields).status_code == 302
    assert desk.post(ADDRESS, fields).status_code == 302
    assert (SourceDocument.objects.count(), PaperEntry.objects.count()) == (1, 1)


def of_a_file(party: Any, wage: int, key: str = "315:7:000000900:E1") -> SourceDocument:
    row = DocumentRow(
        kind="wage", tax_year=YEAR, line_no=1, business_key=key, filing_kind="0", arrived_on=date(YEAR, 1, 15),
        name="旭川　太郎", name_kana="アサヒカワ　タロウ", birth_on=date(1980, 5, 5), address="",
        content={"wage_yen": wage}, party_id=party.pk,
    )  # fmt: skip
    documents_register([row], received_file_id=paper_file().pk)
    return SourceDocument.objects.get()


@pytest.mark.req("R-018")
def test_a_paper_correction_replaces_the_report_of_the_same_payer_from_a_file(desk: Client) -> None:
    party, _agent = resident(1), withholder()
    original = of_a_file(party, 500)
    assert desk.post(ADDRESS, typed(party=str(party.pk), filing_kind="2")).status_code == 302
    original.refresh_from_db()
    correction = SourceDocument.objects.exclude(pk=original.pk).get()
    assert (original.state, correction.state, correction.supersedes) == ("superseded", "active", original)


@pytest.mark.req("R-018")
def test_a_cancellation_without_the_payer_s_keys_names_its_original(desk: Client) -> None:
    party, _agent = resident(1), withholder()
    original = of_a_file(party, 500, key="315:7:ANOTHER:KEY")
    html = html_of(desk.post(ADDRESS, typed(act="find", party=str(party.pk))))
    assert f'<option value="{original.pk}"' in html
    fields = typed(party=str(party.pk), filing_kind="3", original=str(original.pk))
    assert desk.post(ADDRESS, fields).status_code == 302
    original.refresh_from_db()
    assert original.state == "cancelled"


def test_nobody_replaces_another_person_s_report(desk: Client) -> None:
    party, other, _agent = resident(1), resident(2, birth_on=date(1970, 1, 1)), withholder()
    original = of_a_file(other, 500)
    fields = typed(party=str(party.pk), filing_kind="2", original=str(original.pk))
    assert "元の資料がこの人の有効な資料ではありません" in html_of(desk.post(ADDRESS, fields), 422)
    original.refresh_from_db()
    assert original.state == "active"
    assert PaperEntry.objects.count() == 0


def test_the_report_of_a_payer_whose_file_is_here_waits_for_the_clerk(desk: Client) -> None:
    party, _agent = resident(1), withholder()
    of_a_file(party, 500)
    answer = desk.post(ADDRESS, typed(party=str(party.pk)), follow=True)
    assert "開いて扱いを決めてください" in html_of(answer)
    assert SourceDocument.objects.filter(state="held").count() == 1


def test_the_services_refuse_what_the_page_refuses() -> None:
    party = resident(1)
    values = {"arrived_on": "2026-01-20", "wage_yen": 5, "withheld_tax_yen": 6}
    entered = EnteredPaper(key=uuid4(), form=FORMS["wage"], tax_year=YEAR, values=values, party_id=party.pk)
    with pytest.raises(EntryRefused) as refused:
        paper_register(entered, actor=officer("1001"))
    assert refused.value.field == "withheld_tax_yen"


def test_nobody_reads_another_officer_s_paper_by_its_number(desk: Client) -> None:
    party, _agent = resident(1), withholder()
    desk.post(ADDRESS, typed(party=str(party.pk)))
    document = SourceDocument.objects.get()
    assert "前の1件" in html_of(desk.get(f"{ADDRESS}?last={document.pk}"))
    other = sign_in(Client(), officer("1009", permissions=[ENTER_SOURCES, HOME, SELF]))
    html = html_of(other.get(f"{ADDRESS}?last={document.pk}"))
    assert "前の1件" not in html
    assert document.name not in html


@pytest.mark.parametrize("address", ["/assessment/entry/nothing/2026", "/assessment/entry/wage/1999"])
def test_no_such_form_or_year(desk: Client, address: str) -> None:
    assert desk.get(address).status_code == 404


@pytest.mark.parametrize("code", FORMS)
def test_every_paper_opens_for_every_year_and_draws_all_its_boxes(desk: Client, code: str) -> None:
    for year in (2024, 2025, 2026, 2027):
        html = html_of(desk.get(f"/assessment/entry/{code}/{year}?party={resident(year).pk}"))
        for box in FORMS[code].boxes():
            assert box.kind == "number" or f'id="id_{box.name}"' in html
        assert value_in(html, "name") == "旭川　太郎"
    assert FORMS[code].title in html_of(desk.get("/assessment/entry"))

"""The pages of the register of premises: from a candidate to the registered row, its answer, its end, the letters."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.test import Client

from addressbook.models import HouseholdMembership
from assessment.premises.models import CandidateDismissal, DomicileAnswer, Premises
from assessment.premises.services import premises_freeze
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from tests.addressbook.conftest import full_context
from tests.addressbook.people import person, protect
from tests.assessment.desk.scene import resident
from tests.assessment.desk.test_documents import clerk, page, token
from tests.assessment.premises.test_premises import SAPPORO, outsider, registered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]


@pytest.fixture(autouse=True)
def _at_the_desk() -> Iterator[None]:
    with clock.at(date(2026, 11, 20)), using(full_context(actor_kind="staff", actor_id="1001")):
        yield


def test_a_candidate_is_registered_answered_for_ended_and_told_to_the_other_city(client: Client) -> None:
    left = date(2025, 4, 10)
    party = person(1, name="札幌　次郎", state="moved_out", household="S77", left_on=left)
    HouseholdMembership.objects.filter(party=party).update(valid_to=left)
    resident(2, household="S77", relation="03")
    desk = clerk(client)
    html = page(desk, "/assessment/premises?state=candidates&tax_year=2026")
    assert "札幌　次郎" in html
    assert "世帯員が市内に残る" in html
    address = f"/party/{party.pk}/assessment/premises"
    assert address in html
    values = {
        "subject_token": token(page(desk, address)), "kind": "house", "address_text": "旭川市一条通1丁目1番1号",
        "first_year": "2026", "ground": "moved_out", "evidence_ja": "現地調査票", "home_municipality": "999999",
        "received_on": "R8.11.20",
    }  # fmt: skip
    answer = desk.post(address, values)
    assert answer.status_code == 422
    assert "住所地の市区町村コード(6桁)がありません" in answer.content.decode()
    assert "現地調査票" in answer.content.decode()
    assert desk.post(address, {**values, "home_municipality": SAPPORO}).status_code == 302
    row = Premises.objects.get()
    one = f"/assessment/premises/{row.pk}"
    html = page(desk, one)
    assert "北海道札幌市（011002）" in html
    given = {"subject_token": token(html), "tax_year": "2026", "is_exempt": "1", "answered_on": "R8.11.20"}
    assert desk.post(f"{one}/answer", {**given, "answered_on": "R8.11.21"}).status_code == 422
    assert desk.post(f"{one}/answer", given).status_code == 302
    assert DomicileAnswer.objects.get().is_exempt
    # The page seen before the answer is old now.
    ending = {"subject_token": given["subject_token"], "last_year": "2027", "reason_ja": "売却"}
    assert desk.post(f"{one}/end", ending).status_code == 409
    premises_freeze(tax_year=2026)
    letter = page(desk, "/assessment/premises/letters/2026")
    assert "北海道札幌市　御中" in letter
    assert "札幌　次郎" in letter
    assert desk.post(f"{one}/end", {**ending, "subject_token": token(page(desk, one))}).status_code == 302
    assert "令和9年度まで" in page(desk, one)


def test_a_candidate_is_put_aside_with_a_reason_and_kept_text_is_not_lost(client: Client) -> None:
    party = outsider(1)
    desk = clerk(client)
    values = {"party": str(party.pk), "tax_year": "2026", "reason_ja": ""}
    assert desk.post("/assessment/premises/dismiss", values).status_code == 422
    assert desk.post("/assessment/premises/dismiss", {**values, "reason_ja": "借家を解約済み"}).status_code == 302
    assert CandidateDismissal.objects.get().reason_ja == "借家を解約済み"


def test_where_a_protected_person_has_premises_and_lives_is_hidden_and_told_to_nobody(client: Client) -> None:
    party = outsider(1)
    row = registered(party)
    protect(party)
    premises_freeze(tax_year=2026)
    desk = clerk(client)
    for html in (page(desk, "/assessment/premises?tax_year=2026"), page(desk, f"/assessment/premises/{row.pk}")):
        assert "一条通1丁目1番1号" not in html
        assert "札幌市" not in html
    letter = page(desk, "/assessment/premises/letters/2026")
    assert party.name not in letter
    assert "支援措置の人1人" in letter

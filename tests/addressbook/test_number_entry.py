"""A number is entered by one officer and becomes the party's by another, who has read the paper himself."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from addressbook.models import NumberEntry, Party
from addressbook.permissions import (
    APPROVE_NUMBER,
    REGISTER_NUMBER,
    REVEAL_NUMBER,
    VIEW_NUMBER_STATE,
    VIEW_PARTY,
)
from addressbook.services.number_entry import KIND
from addressbook.services.numbers import number_assign, numbers_read, parties_by_numbers, parties_with_number
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.permissions import DECIDE, VIEW_QUEUE
from taxsys.platform.audit.context import using
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.staff.permissions import HOME
from tests.addressbook.conftest import full_context
from tests.addressbook.people import TODAY, person
from tests.addressbook.test_number_reveal import number_terminal
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db
NUMBER, OTHER, THIRD = "123456789018", "123456789026", "123456789050"
BASE = [HOME, VIEW_PARTY, VIEW_NUMBER_STATE, VIEW_QUEUE]


@pytest.fixture(autouse=True)
def _day(settings: Any) -> None:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()
    number_terminal()


@pytest.fixture
def clerk(db: None) -> Client:
    return sign_in(Client(), officer("5001", permissions=[*BASE, REGISTER_NUMBER, APPROVE_NUMBER, DECIDE]))


@pytest.fixture
def chief(db: None) -> Client:
    return sign_in(Client(), officer("5002", permissions=[*BASE, APPROVE_NUMBER, DECIDE, REVEAL_NUMBER]))


def fields(**changes: str) -> dict[str, str]:
    return {
        "form_code": "resident_return", "acquired_on": "R8.11.20", "number": NUMBER, "name_kana": "アサヒカワ　タロウ",
        "birth_on": "S55.5.5", "sex": "1", "address_text": "旭川市四条通8丁目1番3号", "number_evidence": "card",
        "identity_evidence": "card", "is_agent": "", "agent_authority": "", **changes,
    }  # fmt: skip


def enter(client: Client, party: Party, **changes: str) -> Any:
    where = f"/party/{party.id}/number/new"
    token = client.get(where).context["form"].initial["token"]
    return client.post(where, {"token": token, **fields(**changes)})


def confirm(client: Client, party: Party, number: str = NUMBER) -> Any:
    return client.post(f"/party/{party.id}/number/confirm", {"number": number})


def decide(client: Client, decision: str = "approve", reason: str = "") -> Any:
    approval = Approval.objects.get(kind=KIND, state="proposed")
    values = {"decision": decision, "reason": reason, "seen_hash": approval.content_hash}
    return client.post(f"/approvals/{approval.pk}/decide", values)


def number_of(party: Party) -> str:
    with using(full_context()):
        found = numbers_read([party.id]).get(party.id)
    return found.expose() if found else ""


def held_count(database_role: Any) -> int:
    with database_role("taxsys_owner"), connection.cursor() as cursor:
        cursor.execute("SET ROLE taxsys_vault")
        cursor.execute("SELECT count(*) FROM vault.held_number")
        return int(cursor.fetchone()[0])


def assigned(party: Party, number: str) -> Party:
    with using(full_context()):
        number_assign(party.id, number, source="juki", verified_by="resident-record")
    return party


@pytest.mark.req("R-207", "R-197")
def test_entered_by_one_read_again_and_approved_by_another(clerk: Client, chief: Client, database_role: Any) -> None:
    party = person(1)
    assert enter(clerk, party)["Location"] == f"/party/{party.id}/number"
    approval = Approval.objects.get(kind=KIND)
    assert NUMBER not in str(approval.content) + approval.title_ja
    assert approval.content["after"]["number_evidence"] == "個人番号カード"
    assert number_of(party) == ""
    assert confirm(chief, party)["Location"] == f"/approvals/{approval.pk}"
    assert "個人番号カード" in chief.get(f"/approvals/{approval.pk}").content.decode()
    assert decide(chief).status_code == 302
    assert number_of(party) == NUMBER
    entry = NumberEntry.objects.get()
    assert (entry.state, entry.entered_by, entry.confirmed_by) == ("effective", "5001", "5002")
    assert held_count(database_role) == 0
    assert "窓口で本人確認" in clerk.get(f"/party/{party.id}/number").content.decode()


@pytest.mark.req("R-207")
def test_nobody_confirms_or_approves_the_own_entry(clerk: Client, chief: Client) -> None:
    party = person(1)
    enter(clerk, party)
    assert confirm(clerk, party).status_code == 403
    assert decide(clerk).status_code == 403
    assert "先に書類の番号を照合入力" in decide(chief).content.decode()
    third = sign_in(Client(), officer("5003", permissions=[*BASE, APPROVE_NUMBER, DECIDE]))
    assert confirm(third, party).status_code == 302
    assert decide(chief).status_code == 403
    assert (number_of(party), NumberEntry.objects.get().state) == ("", "proposed")
    with pytest.raises(DatabaseError, match="numberentry_by_second_person"), transaction.atomic():
        NumberEntry.objects.update(confirmed_by="5001")


def test_a_second_reading_that_differs_does_not_confirm_and_is_counted(
    clerk: Client, chief: Client, settings: Any
) -> None:
    settings.TAXSYS_NUMBERS_PER_MINUTE = 2
    party = person(1)
    enter(clerk, party)
    answers = [confirm(chief, party, number) for number in (OTHER, THIRD, NUMBER)]
    assert [answer.status_code for answer in answers] == [422, 422, 429]
    assert "一致しません" in answers[0].content.decode()
    assert OTHER not in answers[0].content.decode()
    assert NumberEntry.objects.get().confirmed_by == ""


@pytest.mark.req("R-208")
@pytest.mark.parametrize("typed", ["123456789019", "12345678901", ""])
def test_a_wrong_check_digit_is_a_hard_error(clerk: Client, typed: str, database_role: Any) -> None:
    answer = enter(clerk, person(1), number=typed)
    assert answer.status_code == 422
    assert not typed or typed not in answer.content.decode()
    assert NumberEntry.objects.count() + Approval.objects.count() + held_count(database_role) == 0


@pytest.mark.req("R-197", "R-198", "R-205", "R-015")
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number_evidence": ""}, "番号確認書類（本人のもの）を選んでください"),
        ({"identity_evidence": ""}, "身元確認書類（代理のときは代理人のもの）を選んでください"),
        ({"form_code": ""}, "受け付けた書類を選んでください"),
        ({"form_code": "memo"}, "正しく選択してください"),
        ({"is_agent": "on"}, "代理権の確認書類を選んでください"),
        ({"agent_authority": "mandate"}, "代理人からの提出に印"),
        ({"acquired_on": "H27.10.4"}, "平成27年10月5日より前"),
        ({"acquired_on": "R8.11.21"}, "業務日より後"),
    ],
)
def test_an_entry_without_its_evidence_is_refused(clerk: Client, changes: dict[str, str], words: str) -> None:
    answer = enter(clerk, person(1), **changes)
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert NumberEntry.objects.count() == 0


@pytest.mark.req("R-198")
def test_an_agent_brings_authority_identity_and_the_persons_number_paper(clerk: Client) -> None:
    enter(clerk, person(1), is_agent="on", agent_authority="mandate", identity_evidence="licence",
          number_evidence="record")  # fmt: skip
    after = Approval.objects.get(kind=KIND).content["after"]
    assert (after["agent"], after["identity_evidence"]) == ("委任状（任意代理人）", "運転免許証・運転経歴証明書")


@pytest.mark.req("R-200")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name_kana": "アサヒカワ　ジロウ"}, "kana"),
        ({"birth_on": "S55.5.6"}, "birth_on"),
        ({"sex": "2"}, "sex"),
        ({"address_text": "旭川市四条通8丁目11番3号"}, "address"),
    ],
)
def test_each_of_the_four_items_that_differs_holds_the_entry(
    clerk: Client, chief: Client, changes: dict[str, str], code: str
) -> None:
    party = person(1)
    enter(clerk, party, **changes)
    assert NumberEntry.objects.get().mismatches == [code]
    assert Approval.objects.count() == 0
    assert party.person_no in clerk.get("/party/number-entries").content.decode()
    assert confirm(chief, party).status_code == 409
    assert clerk.post(f"/party/{party.id}/number/release", {}).status_code == 422
    assert clerk.post(f"/party/{party.id}/number/release", {"reason": "paper"}).status_code == 302
    assert confirm(chief, party).status_code == 302
    assert decide(chief).status_code == 302
    assert number_of(party) == NUMBER


def test_a_held_entry_is_taken_back_and_its_number_erased(clerk: Client, database_role: Any) -> None:
    party = person(1)
    enter(clerk, party, sex="2")
    assert held_count(database_role) == 1
    assert clerk.post(f"/party/{party.id}/number/cancel").status_code == 302
    assert (NumberEntry.objects.get().state, held_count(database_role)) == ("dropped", 0)
    assert clerk.post(f"/party/{party.id}/number/cancel").status_code == 409


@pytest.mark.parametrize("how", ["send_back", "reject", "withdraw"])
def test_what_is_not_approved_is_erased(clerk: Client, chief: Client, how: str, database_role: Any) -> None:
    party = person(1)
    enter(clerk, party)
    if how == "withdraw":
        assert clerk.post(f"/approvals/{Approval.objects.get().pk}/withdraw").status_code == 302
    else:
        assert decide(chief, how, "書類が違います").status_code == 302
    assert (NumberEntry.objects.get().state, number_of(party), held_count(database_role)) == ("dropped", "", 0)
    assert enter(clerk, party).status_code == 302


@pytest.mark.req("R-207")
def test_a_number_of_another_person_cannot_be_released(clerk: Client, database_role: Any) -> None:
    assigned(person(2), NUMBER)
    party = person(1)
    enter(clerk, party)
    assert NumberEntry.objects.get().mismatches == ["holder"]
    answer = clerk.post(f"/party/{party.id}/number/release", {"reason": "paper"})
    assert (answer.status_code, "他の方に登録されている" in answer.content.decode()) == (422, True)
    assert Approval.objects.count() == 0


def test_a_number_that_another_got_meanwhile_is_not_bound(clerk: Client, chief: Client) -> None:
    party, rival = person(1), person(2)
    enter(clerk, party)
    confirm(chief, party)
    assigned(rival, NUMBER)
    assert decide(chief).status_code == 409
    assert (number_of(party), Approval.objects.get().state) == ("", "void")


def test_a_change_keeps_the_old_number_in_the_history_and_searchable(clerk: Client, chief: Client) -> None:
    party = assigned(person(1), OTHER)
    enter(clerk, party, form_code="number_change")
    assert NumberEntry.objects.get().kind == "change"
    assert number_of(party) == OTHER
    confirm(chief, party)
    decide(chief)
    assert number_of(party) == NUMBER
    with using(full_context()):
        assert parties_by_numbers([OTHER, NUMBER]) == [party.id, party.id]
    again = enter(clerk, party, number=OTHER)
    assert (again.status_code, "登録済み" in again.content.decode()) == (422, True)


def test_one_open_entry_per_person_and_the_same_form_twice_is_one_entry(clerk: Client) -> None:
    party = person(1)
    where = f"/party/{party.id}/number/new"
    token = clerk.get(where).context["form"].initial["token"]
    assert [clerk.post(where, {"token": token, **fields()}).status_code for _ in range(2)] == [302, 302]
    assert NumberEntry.objects.count() == 1
    second = enter(clerk, party, number=OTHER)
    assert (second.status_code, "ほかに処理中" in second.content.decode()) == (422, True)


def test_a_changed_entry_is_not_what_was_approved(clerk: Client, chief: Client) -> None:
    party = person(1)
    enter(clerk, party)
    confirm(chief, party)
    NumberEntry.objects.update(number_evidence="juki")
    assert decide(chief).status_code == 409
    assert number_of(party) == ""


def test_entry_needs_a_number_terminal_and_the_right(clerk: Client, chief: Client) -> None:
    party = person(1)
    assert chief.get(f"/party/{party.id}/number/new").status_code == 403
    place = number_terminal()
    place.is_number_use = False
    place.save()
    for where in ("new", "release", "confirm"):
        assert clerk.get(f"/party/{party.id}/number/{where}").status_code == 403
    assert clerk.post(f"/party/{party.id}/number/new", fields()).status_code == 403
    assert NumberEntry.objects.count() == 0


@pytest.mark.req("R-214")
def test_neither_proposal_nor_entry_nor_log_holds_a_digit_of_the_number(clerk: Client, chief: Client) -> None:
    party = person(1)
    enter(clerk, party)
    confirm(chief, party)
    decide(chief)
    for table in ("approvals_approval", "addressbook_numberentry", "audit_accessevent", "django_session"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
            assert NUMBER not in cursor.fetchone()[0]
    assert AccessEvent.objects.filter(action="write_number", actor_id="5002").exists()


def test_a_merged_partys_number_is_not_bound_to_what_no_longer_stands(clerk: Client, chief: Client) -> None:
    party, survivor = person(1), person(2)
    enter(clerk, party)
    confirm(chief, party)
    Party.objects.filter(pk=party.pk).update(merged_into=survivor)
    assert decide(chief).status_code == 409
    with using(full_context()):
        assert parties_with_number([party.id, survivor.id, uuid4()]) == set[UUID]()


def test_entered_on_the_first_day_of_the_law(clerk: Client) -> None:
    enter(clerk, person(1), acquired_on="H27.10.5")
    assert NumberEntry.objects.get().acquired_on == date(2015, 10, 5)

"""The number on the screen: masked, shown on a purpose for thirty seconds, counted, and never anywhere else."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test import Client

from addressbook.models import NumberAlarm, Party
from addressbook.permissions import REVEAL_NUMBER, REVIEW_NUMBER_USE, SEARCH_NUMBER, VIEW_NUMBER_STATE, VIEW_PARTY
from addressbook.services.numbers import number_assign, number_change
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.search.permissions import SEARCH
from taxsys.platform.staff.models import Staff, Terminal
from taxsys.platform.staff.permissions import HOME
from tests.addressbook.conftest import full_context
from tests.addressbook.people import TODAY, person
from tests.platform.actors import officer, sign_in, terminal
from tests.platform.test_keyboard import signed_in

NUMBER, OTHER = "123456789018", "123456789026"
SHOWN = "1234 5678 9018"
RIGHTS = [HOME, SEARCH, VIEW_PARTY, VIEW_NUMBER_STATE, REVEAL_NUMBER, SEARCH_NUMBER]
PURPOSE = {"purpose": "number_form"}


@pytest.fixture(autouse=True)
def _day(settings: Any) -> None:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()


def number_terminal() -> Terminal:
    place = terminal()
    place.is_number_use = True
    place.save()
    return place


def holder(number: str = NUMBER, no: int = 1, **fields: Any) -> Party:
    party = person(no, **fields)
    with using(full_context()):
        number_assign(party.id, number, source="juki", verified_by="resident-record")
    return party


@pytest.fixture
def clerk(db: None, client: Client) -> Client:
    number_terminal()
    return sign_in(client, officer(permissions=RIGHTS))


def show(client: Client, party: Party, **fields: str) -> Any:
    return client.post(f"/party/{party.id}/number/reveal", fields or PURPOSE)


def find(client: Client, number: str, **fields: str) -> Any:
    return client.post("/party/by-number", {**PURPOSE, "number": number, **fields})


# ---- 表示


@pytest.mark.req("R-174", "R-214")
def test_no_page_holds_the_number_before_it_is_revealed(clerk: Client) -> None:
    party = holder()
    for where in ("", "number", "number/reveal", "household", "history"):
        html = clerk.get(f"/party/{party.id}/{where}").content.decode()
        assert NUMBER not in re.sub(r"[\s-]", "", html), where
    html = clerk.get(f"/party/{party.id}/number").content.decode()
    assert "****-****-****" in html
    assert "住民記録による確認" in html


@pytest.mark.req("R-010", "R-174")
def test_a_purpose_shows_the_number_once_and_is_recorded_in_the_same_act(clerk: Client) -> None:
    party = holder()
    answer = show(clerk, party)
    assert SHOWN in answer.content.decode()
    assert answer["Cache-Control"].split(", ").count("no-store") == 1
    assert answer["Refresh"] == f"30; url=/party/{party.id}/number"
    event = AccessEvent.objects.get(action="reveal_number")
    assert (event.actor_id, event.subjects, event.terminal) == ("5001", [str(party.id)], terminal().code)
    assert (event.purpose, event.legal_base) == ("申告書・届出書に記載された番号との照合", "番号法9条1項・別表24")
    assert SHOWN not in clerk.get(f"/party/{party.id}/number/reveal").content.decode()
    assert SHOWN not in clerk.get(f"/party/{party.id}/number").content.decode()


def test_without_a_purpose_of_the_list_nothing_is_shown_or_read(clerk: Client) -> None:
    party = holder()
    for fields in ({"purpose": ""}, {"purpose": "curious"}):
        answer = show(clerk, party, **fields)
        assert answer.status_code == 422
        assert SHOWN not in answer.content.decode()
    assert not AccessEvent.objects.filter(action="reveal_number").exists()


@pytest.mark.req("R-174")
@pytest.mark.parametrize("lacking", ["right", "step-up", "terminal"])
def test_right_step_up_and_a_number_terminal_are_each_needed(client: Client, db: None, lacking: str) -> None:
    party = holder()
    place = number_terminal()
    rights = [one for one in RIGHTS if lacking != "right" or one not in {REVEAL_NUMBER, SEARCH_NUMBER}]
    sign_in(client, officer(permissions=rights), step_up=lacking != "step-up")
    if lacking == "terminal":
        place.is_number_use = False
        place.save()
    for answer in (show(client, party), find(client, NUMBER)):
        assert answer.status_code == (401 if lacking == "step-up" else 403)
        assert SHOWN not in answer.content.decode()
    assert not AccessEvent.objects.filter(action__in=("reveal_number", "search")).exists()
    assert AccessEvent.objects.filter(action="denied").count() == (0 if lacking == "step-up" else 2)


def test_people_without_a_number_and_corporations_say_so(clerk: Client) -> None:
    nobody, company = person(2), person(3, kind="corporation", name="旭川商事", birth_on=None)
    assert "登録なし" in clerk.get(f"/party/{nobody.id}/number").content.decode()
    assert show(clerk, nobody).status_code == 404
    assert clerk.get(f"/party/{company.id}/number").status_code == 404
    assert show(clerk, company).status_code == 404


@pytest.mark.req("R-194")
def test_a_dead_persons_number_stays_under_the_same_rules(clerk: Client) -> None:
    party = holder(state="dead", died_on=TODAY)
    assert "****-****-****" in clerk.get(f"/party/{party.id}/number").content.decode()
    assert SHOWN in show(clerk, party).content.decode()
    assert AccessEvent.objects.filter(action="reveal_number", subjects=[str(party.id)]).count() == 1


def test_a_changed_number_is_listed_and_only_the_current_one_is_shown(clerk: Client) -> None:
    party = holder()
    with using(full_context()):
        number_change(party.id, OTHER, source="staff", verified_by="counter")
    html = clerk.get(f"/party/{party.id}/number").content.decode()
    assert html.index("窓口で本人確認") < html.index("住民記録による確認")
    assert "変更前" in html
    shown = show(clerk, party).content.decode()
    assert "1234 5678 9026" in shown
    assert SHOWN not in shown


@pytest.mark.req("R-197")
def test_a_vault_that_does_not_open_shows_nothing_and_leaves_an_incident_event(
    clerk: Client, database_role: Any
) -> None:
    party = holder()
    with database_role("taxsys_owner"), connection.cursor() as cursor:
        cursor.execute("SET ROLE taxsys_vault")
        cursor.execute("UPDATE vault.number SET tag = set_bit(tag, 7, 1 - get_bit(tag, 7))")
    answer = show(clerk, party)
    assert answer.status_code == 503
    assert "封印が合いません" in answer.content.decode()
    event = AccessEvent.objects.get(result="failed")
    assert (event.reason, event.subjects) == ("A0902", [str(party.id)])


# ---- 番号による検索


@pytest.mark.req("R-213", "R-065")
def test_the_number_search_opens_the_card_and_leaves_no_number_in_any_address(clerk: Client) -> None:
    party = holder()
    answer = find(clerk, "１２３４ ５６７８ ９０１８")
    assert answer["Location"] == f"/party/{party.id}/"
    event = AccessEvent.objects.get(action="search", record_type="vault.number")
    assert (event.subjects, event.count) == ([str(party.id)], 1)
    unknown = find(clerk, OTHER)
    assert (unknown.status_code, "登録はありません" in unknown.content.decode()) == (422, True)
    assert OTHER not in unknown.content.decode()
    assert clerk.get("/party/by-number", {"number": NUMBER, "purpose": "number_form"}).status_code == 200
    assert AccessEvent.objects.filter(action="search", record_type="vault.number").count() == 2


@pytest.mark.req("R-213")
def test_the_ordinary_search_still_refuses_a_number(clerk: Client) -> None:
    holder()
    answer = clerk.post("/search/", {"q": NUMBER})
    assert answer.status_code == 422
    assert NUMBER not in answer.content.decode()
    assert AccessEvent.objects.get(action="denied").reason == "my_number_in_search"


@pytest.mark.req("R-208")
@pytest.mark.parametrize("typed", ["123456789019", "12345678901", "000000000000", "個人番号"])
def test_a_wrong_number_is_an_error_that_does_not_repeat_it(clerk: Client, typed: str) -> None:
    answer = find(clerk, typed)
    html = answer.content.decode()
    assert (answer.status_code, "検査用数字が合いません" in html) == (422, True)
    assert f'value="{typed}"' not in html
    assert not AccessEvent.objects.filter(record_type="vault.number", action="search").exists()


# ---- 件数の上限と警報


@pytest.mark.req("R-213")
def test_the_minute_limit_refuses_and_passes_with_the_minute(clerk: Client, settings: Any) -> None:
    settings.TAXSYS_NUMBERS_PER_MINUTE = 3
    party = holder()
    with time_machine.travel(clock.now(), tick=False) as moving:
        assert [show(clerk, party).status_code for _ in range(2)] == [200, 200]
        assert find(clerk, NUMBER).status_code == 302
        refused = show(clerk, party)
        assert (refused.status_code, SHOWN in refused.content.decode()) == (429, False)
        assert "1分間に表示・検索できる3件" in refused.content.decode()
        assert find(clerk, NUMBER).status_code == 429
        moving.shift(timedelta(seconds=70))
        assert show(clerk, party).status_code == 200
    assert AccessEvent.objects.filter(action="denied", reason="number_limit").count() == 2
    assert NumberAlarm.objects.count() == 0


@pytest.mark.req("R-174")
def test_the_day_limit_refuses_and_raises_one_alarm(clerk: Client, settings: Any) -> None:
    settings.TAXSYS_NUMBERS_PER_DAY = 2
    party = holder()
    assert [show(clerk, party).status_code for _ in range(4)] == [200, 200, 429, 429]
    alarm = NumberAlarm.objects.get()
    assert (alarm.kind, alarm.staff_no, alarm.count) == ("limit", "5001", 2)
    assert AccessEvent.objects.filter(record_type="number_alarm", reason="number_limit").count() == 1


def earlier_days(staff: Staff, uses: list[int]) -> None:
    now = clock.now()
    AccessEvent.objects.bulk_create(
        AccessEvent(
            actor_kind="staff", actor_id=staff.staff_no, action="reveal_number", record_type="vault.number",
            function_id="F-CM-016", occurred_at=now - timedelta(days=day), count=1,
        )
        for day, count in enumerate(uses, start=1)
        for _ in range(count)
    )  # fmt: skip


def test_twice_the_usual_day_is_an_alarm_and_less_is_none(clerk: Client, settings: Any) -> None:
    settings.TAXSYS_NUMBERS_ALARM_FROM = 2
    party = holder()
    earlier_days(officer(), [2, 2, 9])  # the usual day: 2
    for _ in range(3):
        show(clerk, party)
    assert NumberAlarm.objects.count() == 0
    for _ in range(2):
        show(clerk, party)
    alarm = NumberAlarm.objects.get()
    assert (alarm.kind, alarm.count, alarm.usual) == ("unusual", 4, 2)


def test_matching_of_papers_does_not_use_up_the_limit(clerk: Client, settings: Any) -> None:
    settings.TAXSYS_NUMBERS_PER_DAY = 1
    party = holder()
    AccessEvent.objects.create(actor_kind="staff", actor_id="5001", action="search", record_type="vault.number",
                               function_id="F-PI-017", count=100)  # fmt: skip
    assert [show(clerk, party).status_code for _ in range(2)] == [200, 429]


def test_an_alarm_is_looked_into_by_another_officer(clerk: Client, settings: Any) -> None:
    settings.TAXSYS_NUMBERS_ALARM_FROM = 1
    show(clerk, holder())
    alarm = NumberAlarm.objects.get()
    own = sign_in(Client(), officer(permissions=[REVIEW_NUMBER_USE]))
    assert own.post(f"/party/number-alarms/{alarm.pk}/note").status_code == 403
    auditor = sign_in(Client(), officer("3001", permissions=[HOME, REVIEW_NUMBER_USE], unit_name="税制課"))
    assert "個人番号の利用の警報" in auditor.get("/").content.decode()
    assert "普段の2倍以上" in auditor.get("/party/number-alarms").content.decode()
    assert auditor.post(f"/party/number-alarms/{alarm.pk}/note").status_code == 302
    alarm.refresh_from_db()
    assert (alarm.noted_by, alarm.noted_at is not None) == ("3001", True)
    with pytest.raises(DatabaseError, match="numberalarm_noted_by_another"), transaction.atomic():
        NumberAlarm.objects.update(noted_by="5001")


# ---- in a real browser


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.req("R-174")
def test_the_number_leaves_the_screen_and_does_not_come_back(
    browser_page: Any, data_folder: Path, settings: Any
) -> None:
    settings.TAXSYS_REVEAL_SECONDS = 2
    party = holder()
    page = signed_in(browser_page, data_folder)
    number_terminal()
    page.goto(f"/party/{party.id}/number/reveal")
    page.get_by_label("課税資料の突合").check()
    page.keyboard.press("F9")
    page.wait_for_selector(".tx-reveal")
    assert page.locator(".tx-reveal").inner_text() == SHOWN
    assert NUMBER not in page.url
    page.wait_for_url(f"**/party/{party.id}/number")
    page.go_back()
    page.wait_for_load_state()
    assert SHOWN not in page.content()
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.state])")
    assert "9018" not in stored

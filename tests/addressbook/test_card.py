"""The card of a party: who it is about stands on every page, warnings first, and nothing hidden comes through."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from addressbook import badges, card
from addressbook.badges import BadgeKind
from addressbook.card import CardPanel, CardTab, age_text
from addressbook.models import PartyLink
from addressbook.permissions import VIEW_PARTY
from addressbook.relations import relation_text
from addressbook.selectors.protections import hidden_parties, protection_marks
from taxsys.platform import clock
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.staff.permissions import HOME, SELF
from tests.addressbook.people import TODAY, person, protect
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _day(settings: Any) -> None:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()


@pytest.fixture
def clerk(client: Client) -> Client:
    return sign_in(client, officer(permissions=[HOME, VIEW_PARTY]))


def page(client: Client, party_id: UUID) -> str:
    return client.get(f"/party/{party_id}/").content.decode()


def test_the_band_says_who_and_the_look_is_recorded(clerk: Client) -> None:
    party = person(12, alias="")
    html = page(clerk, party.id)
    for words in (
        "R00000000000012", "旭川　太郎", "アサヒカワ　タロウ", "昭和55年5月5日（46歳）", "四条通八丁目12番3号",
        "世帯主", "<title>0012 アサヒカワ　タロウ", 'aria-current="page"',
    ):  # fmt: skip
        assert words in html
    event = AccessEvent.objects.get(record_type="card.overview")
    assert (event.subjects, event.action, event.function_id) == ([str(party.id)], "view", "addressbook.view_party")


@pytest.mark.req("R-091")
def test_a_protected_person_and_her_household_show_no_address_and_no_name_in_the_title(clerk: Client) -> None:
    mother = person(21, name="神居　花子", kana="カムイ　ハナコ", sex="2")
    child = person(22, name="神居　次郎", kana="カムイ　ジロウ", household="S0000000021", relation="20",
                   address_text="北海道旭川市四条通八丁目21番3号")  # fmt: skip
    protect(mother)
    for party, words in ((mother, "支援措置対象者です"), (child, "支援措置対象者と同じ世帯の方です")):
        html = page(clerk, party.id)
        assert words in html
        assert "21番3号" not in html
        assert "非表示" in html
        assert f"<title>{party.person_no[-4:]} 対象者" in html
    assert AccessEvent.objects.filter(record_type="card.overview", reason="protected").count() == 1


def test_a_protection_that_began_later_hides_the_earlier_days_too() -> None:
    party = person(23)
    protect(party)
    staff = officer(permissions=[VIEW_PARTY])
    early = card.person_of(party, staff=staff, on=date(2020, 1, 1))
    assert (early["address_text"], early["is_protected"]) == ("", True)
    assert "番3号" not in str(early)


def test_marks_follow_the_rule_of_the_whole_register() -> None:
    protected, beside, relative, stranger, ended = (person(number) for number in range(31, 36))
    relative.householdmembership_set.update(household_no=protected.householdmembership_set.get().household_no)
    protect(protected, beside)
    protect(ended, state="2")
    everyone = [party.id for party in (protected, beside, relative, stranger, ended)]
    marks = protection_marks(everyone, on=TODAY)
    assert marks == {protected.id: True, beside.id: True, relative.id: False}
    assert set(marks) == hidden_parties(on=TODAY)
    assert protection_marks([], on=TODAY) == {}


def test_the_opponent_bears_a_neutral_lock_without_a_name(clerk: Client) -> None:
    victim, opponent = person(41, name="神楽　秋子"), person(42, name="神楽　冬男")
    protect(victim, opponent_party=opponent)
    html = page(clerk, opponent.id)
    assert "取扱注意" in html
    assert "神楽　秋子" not in html
    assert str(victim.id) not in html


def test_dead_people_say_when_and_show_the_age_they_reached(clerk: Client) -> None:
    party = person(51, state="dead", died_on=date(2026, 3, 1), birth_on=date(1950, 3, 2))
    html = page(clerk, party.id)
    assert "死亡 R8.3.1" in html
    assert "（75歳）" in html


def test_a_merged_party_opens_its_survivor_and_says_so(clerk: Client) -> None:
    survivor, merged = person(61, name="永山　一"), person(62, name="永山　壱")
    merged.merged_into = survivor
    merged.save()
    html = page(clerk, merged.id)
    assert "永山　一" in html
    assert "名寄せで統合されています" in html
    assert f"/party/{survivor.id}/" in html


def test_a_corporation_shows_its_number_and_no_sex_or_age(clerk: Client) -> None:
    party = person(
        71, name="株式会社旭川", kana="アサヒカワ", kind="corporation", state="active", sex="0", birth_on=None,
        corporate_no="1234567890128", household="", address_text="北海道旭川市六条通九丁目46番地",
    )  # fmt: skip
    html = page(clerk, party.id)
    assert "1234567890128" in html
    assert ">性別</dt>" not in html
    assert "六条通九丁目46番地" in html


def test_badges_stand_in_the_fixed_order_and_ask_the_right_of_their_reader(clerk: Client) -> None:
    party, agent = person(81), person(82)
    PartyLink.objects.create(kind="tax_administrator", party=party, agent=agent, valid_from=date(2025, 1, 1),
                             recorded_at=clock.now())  # fmt: skip
    protect(party)

    def arrears(party_ids: Sequence[UUID], _on: date) -> dict[UUID, list[tuple[str, str]]]:
        return {party_id: [("danger", "滞納")] for party_id in party_ids}

    badges.badges_register(BadgeKind(id="test.arrears", find=arrears, permission=SELF))
    try:
        without = badges.badges_for([party.id], staff=officer(permissions=[]), on=TODAY)
        with_right = badges.badges_for([party.id], staff=officer("5009", permissions=[SELF]), on=TODAY)
    finally:
        badges.badges_unregister("test.arrears")
    assert without[party.id] == [("stop", "支援措置"), ("info", "納税管理人あり")]
    assert with_right[party.id] == [("stop", "支援措置"), ("danger", "滞納"), ("info", "納税管理人あり")]


@pytest.fixture
def extra() -> Iterator[None]:
    card.tab_register(
        CardTab(id="test.tab", title_ja="試験の札", order=30, permission=SELF, url_name="party-overview",
                count=lambda _party, _staff: 7)
    )  # fmt: skip
    card.panel_register(
        CardPanel(id="test.panel", title_ja="試験の欄", order=30, permission=SELF, template="components/badges.html",
                  context=lambda party, _staff, _on: None if party.name == "なし" else {})
    )  # fmt: skip
    yield
    card.tab_unregister("test.tab")
    card.panel_unregister("test.panel")


@pytest.mark.usefixtures("extra")
def test_tabs_and_panels_of_other_apps_appear_for_who_may_see_them(clerk: Client) -> None:
    party = person(91)
    poor = page(clerk, party.id)
    assert ("試験の札" in poor, "試験の欄" in poor) == (False, False)
    officer(permissions=[SELF])
    rich = page(clerk, party.id)
    assert ("試験の札" in rich, "（7）" in rich, "試験の欄" in rich) == (True, True, True)
    assert "試験の欄" not in page(clerk, person(92, name="なし").id)


def test_an_unknown_party_is_not_found_and_the_right_is_asked(clerk: Client) -> None:
    assert clerk.get(f"/party/{uuid4()}/").status_code == 404
    assert clerk.get("/party/R00000000000012/").status_code == 404
    other = sign_in(Client(), officer("5002", permissions=[HOME]))
    assert other.get(f"/party/{person(95).id}/").status_code == 403


@pytest.mark.parametrize(
    ("code", "text"),
    [("02", "世帯主"), ("12", "妻"), ("2012", "子の妻"), ("2020", "子の子"), ("88", "続柄88"), ("", "")],
)
def test_relations_are_read_step_by_step(code: str, text: str) -> None:
    assert relation_text(code) == text


def test_ages_change_on_the_birthday() -> None:
    assert age_text(date(1980, 11, 21), TODAY) == "45歳"
    assert age_text(date(1980, 11, 20), TODAY) == "46歳"
    assert age_text(date(2027, 1, 1), TODAY) == ""
    assert age_text(None, TODAY) == ""

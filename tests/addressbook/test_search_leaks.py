"""What a search answers does not depend on where a protected person lives: count, order and text (H062, N-100).

The same register is searched twice; between the two only the protected person's address differs, once a house of its
own and once the very house that is searched for.
"""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from addressbook.address_text import address_key
from addressbook.models import Address, HouseholdMembership, Party
from addressbook.permissions import SEARCH_PARTY, VIEW_PARTY
from addressbook.search_terms import PartyQuery
from addressbook.selectors.search import parties_found
from taxsys.platform import clock
from taxsys.platform.search.permissions import SEARCH
from taxsys.platform.staff.permissions import HOME
from tests.addressbook.people import TODAY, person, protect
from tests.platform.actors import officer, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.req("N-100")]
HOUSE, ELSEWHERE = "北海道旭川市錦町5番6号", "北海道旭川市隠里町9番9号"
TYPED = (
    "錦町5番6号", "錦町", "隠里町9番9号", "隠里町", "アイテ", "アイテ 錦町", "相手方男", "カムイ", "カムイ 錦町5番6号",
    "カムイ 隠里町", "神居花子", "神居花子 隠里町", "S55.5.5", "カムイ S55.5.5", "*ムイ",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _day(settings: Any) -> None:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()


@pytest.fixture
def victim() -> Party:
    """The protected woman; her opponent, a neighbour and a namesake stand in the register beside her."""
    victim = person(1, name="神居　花子", kana="カムイ　ハナコ", address_text=ELSEWHERE)
    opponent = person(3, name="相手　方男", kana="アイテ　カタオ", address_text=HOUSE)
    person(4, name="相手　方子", kana="アイテ　カタコ", address_text="北海道旭川市錦町5番7号")
    person(5, name="神居　三郎", kana="カムイ　サブロウ", address_text="北海道旭川市隠里町9番8号")
    person(6, name="神居　花子", kana="カムイ　ハナコ", address_text="北海道旭川市春光町1番1号")
    protect(victim, opponent_name=opponent.name, opponent_party=opponent)
    return victim


def key_of(where: str) -> str:
    return address_key(where.removeprefix("北海道旭川市"))


def moved(party: Party, where: str) -> None:
    """The register says that she lives there, and always has."""
    Address.objects.filter(party=party).update(full_text=where, address_key=key_of(where))


def lived_once(party: Party, where: str) -> None:
    """An earlier address of hers."""
    Address.objects.create(
        party=party, full_text=where, address_key=key_of(where), kind="residence",
        valid_from=date(2005, 4, 1), valid_to=date(2010, 4, 1), recorded_at=clock.now(), source="test",
    )  # fmt: skip


def answers(client: Client) -> dict[str, list[str]]:
    """What was typed → the one party it leads to, or the words and rows of the list."""
    told: dict[str, list[str]] = {}
    for typed in TYPED:
        answer = client.post("/search/", {"q": typed})
        where = answer.headers.get("Location", "")
        if where.startswith("/party/"):
            told[typed] = [where]
            continue
        page = client.get(where) if where else answer
        main = re.findall(r"<main.*?</main>", page.content.decode(), re.S)[0]
        told[typed] = re.findall(r"<h1.*?</h1>|<caption.*?</caption>|<tr.*?</tr>|[0-9,]+件|[0-9,]+人", main, re.S)
    return told


@pytest.mark.parametrize("change", ["lives in the house", "lived in the house", "of the opponents household"])
def test_no_answer_depends_on_the_protected_persons_address(client: Client, victim: Party, change: str) -> None:
    clerk = sign_in(client, officer(permissions=[HOME, SEARCH, SEARCH_PARTY, VIEW_PARTY]))
    before = answers(clerk)
    if change == "lives in the house":
        moved(victim, HOUSE)
    elif change == "lived in the house":
        lived_once(victim, HOUSE)
    else:
        HouseholdMembership.objects.filter(party=victim).update(household_no="S9999999999")
    after = answers(clerk)
    assert [typed for typed in TYPED if before[typed] != after[typed]] == []
    assert sum(len(rows) > 2 for rows in before.values()) >= 4


@pytest.mark.parametrize("where", ["錦町5番6号", "隠里町9番9号", "錦町", "隠里町"])
def test_a_house_or_town_search_counts_the_same_with_and_without_the_protected_person(
    victim: Party, where: str
) -> None:
    query = PartyQuery(address=where)
    without = [party.pk for party in parties_found(query)]
    for place in (HOUSE, ELSEWHERE):
        moved(victim, place)
        assert [party.pk for party in parties_found(query)] == without
    assert victim.pk not in without


def test_the_order_of_namesakes_is_not_the_order_of_their_addresses(victim: Party) -> None:
    orders = set()
    for place in (HOUSE, ELSEWHERE, "北海道旭川市あ町1番", "北海道旭川市ん町9番"):
        moved(victim, place)
        orders.add(tuple(party.person_no for party in parties_found(PartyQuery(text="カムイ"))))
    assert len(orders) == 1

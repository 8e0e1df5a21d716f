"""Relations of a protected person lead nowhere, from either side (N-089)."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from addressbook.disclosure import links_shown
from addressbook.models import Party, PartyLink
from addressbook.permissions import REVEAL_PROTECTED
from addressbook.services.parties import link_set
from taxsys.platform.audit.context import using
from tests.addressbook.people import TODAY, person, protect
from tests.platform.actors import officer, sign_in, staff_context

pytestmark = [pytest.mark.django_db, pytest.mark.req("N-089")]


@pytest.fixture(autouse=True)
def _day(settings: Any) -> None:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()


@pytest.fixture
def linked() -> tuple[Party, Party, Party]:
    """A protected person, the opponent who acts for her, and a third whose papers he gets too."""
    her = person(1, name="忍野　初音", kana="オシノ　ハツネ")
    him = person(2, name="相手　方男", kana="アイテ　カタオ")
    third = person(3, name="第三　三郎", kana="ダイサン　サブロウ")
    protect(her, opponent_party=him, opponent_name=him.name)
    with using(staff_context(officer("5001"))):
        for party in (her, third):
            link_set(PartyLink(kind="tax_administrator", party=party, agent=him, valid_from=date(2026, 4, 1)))
    return her, him, third


def pages(client: Client, party: Party) -> str:
    return "".join(client.get(f"/party/{party.id}/{tab}").content.decode() for tab in ("household", ""))


def test_neither_page_leads_to_the_other_and_other_relations_stay(
    linked: tuple[Party, Party, Party], client: Client
) -> None:
    her, him, third = linked
    sign_in(client, officer("5001", permissions=["addressbook.view_party"]))
    of_him, of_her = pages(client, him), pages(client, her)
    assert str(her.id) not in of_him
    assert her.name not in of_him
    assert str(him.id) not in of_her
    assert him.name not in of_her
    assert "支援措置のため表示しません。" in of_her
    assert str(third.id) in of_him
    assert him.name in pages(client, third)


def test_who_may_see_protected_people_sees_their_relations(linked: tuple[Party, Party, Party], client: Client) -> None:
    her, him, _third = linked
    sign_in(client, officer("5002", permissions=["addressbook.view_party", REVEAL_PROTECTED]))
    assert her.name in pages(client, him)
    assert him.name in pages(client, her)


def test_members_of_the_same_household_are_hidden_with_the_protected(linked: tuple[Party, Party, Party]) -> None:
    her, him, third = linked
    child = person(4, name="忍野　児子", household="S0000000001")
    assert links_shown(him.id, [child.id, third.id, her.id], viewer=None) == {third.id}
    assert links_shown(child.id, [him.id], viewer=None) == set()

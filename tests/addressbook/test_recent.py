"""業務ホーム: the people of this sitting, from the access log, nobody else's and nobody's of yesterday."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from addressbook.permissions import VIEW_PARTY
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.staff.permissions import HOME
from tests.addressbook.people import TODAY, person, protect
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _day(settings: Any) -> None:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()


def home(client: Client) -> str:
    return str(client.get("/").content.decode())


def test_home_lists_the_people_of_this_sitting_newest_first(client: Client) -> None:
    first, second = person(1, name="旭川　一郎"), person(2, name="旭川　二郎")
    protect(second)
    sign_in(client, officer(permissions=[HOME, VIEW_PARTY]))
    assert "最近開いた宛名" not in home(client)
    for party in (first, second, first, second):
        client.get(f"/party/{party.id}/")
    html = home(client)
    assert html.index("旭川　二郎") < html.index("旭川　一郎")
    assert html.count("旭川　一郎") == 1
    assert "支援措置" in html
    assert "番3号" not in html
    event = AccessEvent.objects.get(record_type="home.recent")
    assert event.subjects == [str(second.id), str(first.id)]


def test_at_most_ten_and_none_of_another_officer_or_an_earlier_sitting(client: Client) -> None:
    people = [person(number, name=f"旭川　{number}郎") for number in range(1, 13)]
    with time_machine.travel("2026-11-20 01:00:00+00:00", tick=False) as moving:
        sign_in(client, officer(permissions=[HOME, VIEW_PARTY]))
        other = sign_in(Client(), officer("5002", permissions=[HOME, VIEW_PARTY]))
        for party in people:
            client.get(f"/party/{party.id}/")
        assert home(client).count("郎</a>") == 10
        assert "最近開いた宛名" not in home(other)
        moving.shift(timedelta(minutes=5))
        sign_in(client, officer())
        assert "最近開いた宛名" not in home(client)


def test_who_may_not_open_parties_sees_none(client: Client) -> None:
    party = person(1)
    sign_in(client, officer(permissions=[HOME, VIEW_PARTY]))
    client.get(f"/party/{party.id}/")
    staff = officer()
    staff.grants.filter(permission_code=str(VIEW_PARTY)).delete()
    assert "最近開いた宛名" not in home(client)

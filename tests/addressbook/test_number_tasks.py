"""Numbers that were not stored are worked off: listed, filtered, opened, settled with a reason by one who may."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from addressbook.models import NumberTask
from addressbook.number_desk import tasks_waiting
from addressbook.permissions import REGISTER_NUMBER, VIEW_NUMBER_STATE, VIEW_PARTY
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.staff.permissions import HOME
from tests.addressbook.people import TODAY, person
from tests.platform.actors import officer, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.req("R-208")]
LIST = "/party/number-tasks"
OPENED = datetime(2026, 11, 19, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
ANSWER = {"outcome": "asked", "reason": "送付元に訂正を依頼した"}


@pytest.fixture(autouse=True)
def _day(settings: Any) -> None:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()


@pytest.fixture
def clerk(db: None) -> Client:
    permissions = [HOME, VIEW_PARTY, VIEW_NUMBER_STATE, REGISTER_NUMBER]
    return sign_in(Client(), officer("5001", permissions=permissions))


@pytest.fixture
def reader(db: None) -> Client:
    return sign_in(Client(), officer("5002", permissions=[HOME, VIEW_PARTY, VIEW_NUMBER_STATE]))


def task(kind: str, line: int, **fields: Any) -> NumberTask:
    return NumberTask.objects.create(
        kind=kind, source="wage.csv", source_label=f"{line}行目", opened_at=OPENED + timedelta(minutes=line), **fields
    )


def test_the_list_shows_what_waits_oldest_first_and_filters_by_kind(reader: Client) -> None:
    mine, holder = person(1, name="旭川　一"), person(2, name="永山　二")
    task("collision", 7, party=mine, other_party=holder)
    task("bad_check_digit", 3)
    html = reader.get(LIST).content.decode()
    assert html.index("3行目") < html.index("7行目")
    assert all(word in html for word in ("旭川　一", "永山　二", mine.person_no, "番号が他の者に登録済み", "wage.csv"))
    assert f"/party/{mine.pk}/number" in html
    only = reader.get(LIST, {"kind": "bad_check_digit"}).content.decode()
    assert "3行目" in only
    assert "7行目" not in only
    shown = AccessEvent.objects.filter(record_type="number_task").order_by("pk").first()
    assert shown is not None
    assert set(shown.subjects) == {str(mine.pk), str(holder.pk)}


def test_a_settled_task_leaves_the_list_with_outcome_reason_officer_and_event(clerk: Client) -> None:
    party = person(1)
    one = task("different_number", 4, party=party)
    assert tasks_waiting(None) == 1
    page = clerk.get(f"{LIST}/{one.pk}").content.decode()
    assert "別の番号が登録済みです" in page
    assert clerk.post(f"{LIST}/{one.pk}", ANSWER)["Location"] == LIST
    one.refresh_from_db()
    assert (one.outcome, one.reason, one.closed_by) == ("asked", "送付元に訂正を依頼した", "5001")
    assert one.closed_at is not None
    event = AccessEvent.objects.get(record_type="number_task", action="update")
    assert (event.actor_id, event.subjects) == ("5001", [str(party.pk)])
    assert tasks_waiting(None) == 0
    assert "4行目" not in clerk.get(LIST).content.decode()
    done = clerk.get(LIST, {"state": "closed"}).content.decode()
    assert all(word in done for word in ("4行目", "送付元に訂正を依頼した", "5001"))


def test_what_is_settled_cannot_be_settled_again(clerk: Client) -> None:
    one = task("bad_check_digit", 4)
    assert clerk.post(f"{LIST}/{one.pk}", ANSWER).status_code == 302
    assert clerk.post(f"{LIST}/{one.pk}", {**ANSWER, "reason": "もう一度"}).status_code == 409
    assert NumberTask.objects.get().reason == "送付元に訂正を依頼した"


@pytest.mark.parametrize(
    "fields", [{"reason": ""}, {"reason": " "}, {"outcome": ""}, {"outcome": "x"}, {"reason": "番号は123456789018"}]
)
def test_without_outcome_or_reason_or_with_a_number_in_it_nothing_is_settled(
    clerk: Client, fields: dict[str, str]
) -> None:
    one = task("bad_check_digit", 4)
    assert clerk.post(f"{LIST}/{one.pk}", {**ANSWER, **fields}).status_code == 422
    assert NumberTask.objects.get().closed_at is None


def test_who_may_only_look_settles_nothing(reader: Client) -> None:
    one = task("bad_check_digit", 4)
    assert f"{LIST}/{one.pk}" not in reader.get(LIST).content.decode()
    assert reader.post(f"{LIST}/{one.pk}", ANSWER).status_code == 403
    assert NumberTask.objects.get().closed_at is None
    assert AccessEvent.objects.filter(action="denied").exists()


def test_a_task_that_does_not_exist_is_not_found(clerk: Client) -> None:
    assert clerk.get(f"{LIST}/999999").status_code == 404

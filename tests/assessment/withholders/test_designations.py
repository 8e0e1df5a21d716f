"""指定番号: issued once, the next in order, never one of any time; old numbers are found wherever they are typed."""

from datetime import date

import pytest
from django.test import Client

from assessment.models import Withholder
from assessment.search import PROVIDERS
from assessment.withholders.errors import DesignationRefused
from assessment.withholders.issuing import Designation, next_number, withholder_issue
from assessment.withholders.selectors import withholder_by_number
from collection.withheld.services import number_change
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from tests.addressbook.conftest import full_context
from tests.addressbook.people import person
from tests.assessment.desk.scene import withholder
from tests.assessment.desk.test_documents import clerk
from tests.platform.actors import officer

pytestmark = pytest.mark.django_db
DAY = date(2026, 8, 5)


@pytest.fixture(autouse=True)
def _at_the_desk():
    with clock.at(DAY), using(full_context(actor_kind="staff", actor_id="1001")):
        yield


def company(no: int):
    return person(no, name=f"株式会社見本{no}", kana="ミホン", kind="corporation", state="active", household="")


def issue(person_no: str, number: str = "") -> Withholder:
    wanted = Designation(person_no=person_no, name="", valid_from=DAY, number=number)
    return withholder_issue(wanted, actor=officer("1001", permissions=[]))


@pytest.mark.req("R-017")
def test_numbers_follow_each_other_and_are_never_given_twice() -> None:
    one, two, three = company(701), company(702), company(703)
    assert next_number() == "0000001"
    assert issue(one.person_no, "0000041").designation_no == "0000041"
    made = issue(two.person_no)
    assert (made.designation_no, made.name, made.party) == ("0000042", two.name, two)
    number_change("0000099", "0000042", change="merged", effective_on=DAY, reason="合併", actor_id="1001")
    for number in ("0000042", "42", "0000099"):
        with pytest.raises(DesignationRefused, match="使われています"):
            issue(three.person_no, number)
    with pytest.raises(DesignationRefused, match="0000041があります"):
        issue(one.person_no)
    with pytest.raises(DesignationRefused, match="宛名がありません"):
        issue("C99999999999999")


@pytest.mark.req("R-017")
def test_an_old_number_finds_the_agent_from_the_day_it_changed_and_in_the_search() -> None:
    old, new = withholder(911), withholder(912)
    for one, number in ((old, "0000911"), (new, "0000912")):
        one.designation_no = number
        one.save(update_fields=["designation_no"])
    number_change(
        old.designation_no, new.designation_no, change="merged", effective_on=date(2026, 7, 1), reason="合併",
        actor_id="1001",
    )  # fmt: skip
    assert withholder_by_number(old.designation_no) == new
    assert withholder_by_number("911") == new
    assert withholder_by_number(old.designation_no, on=date(2026, 6, 30)) == old
    assert withholder_by_number("") is None
    assert withholder_by_number("ZZZ") is None
    find = next(one.find for one in PROVIDERS if one.kind == "designation")
    assert find(old.designation_no, None) == [str(new.pk)]


def test_the_desk_designates(client: Client) -> None:
    desk = clerk(client)
    one = company(704)
    typed = {"person_no": one.person_no, "name": "", "number": "<b>", "valid_from": "R8.8.1"}
    answer = desk.post("/assessment/withholders/new", typed)
    assert answer.status_code == 422
    assert one.person_no in answer.content.decode()
    assert desk.post("/assessment/withholders/new", {**typed, "number": ""}).status_code == 302
    assert Withholder.objects.get(party=one).valid_from == date(2026, 8, 1)

"""Decided people of 令和8 in two districts, and a planner."""

from datetime import date

import pytest
from django.test import Client

from addressbook.models import Address, Party
from assessment.permissions import WHAT_IF
from taxsys.platform.audit.context import using
from taxsys.platform.staff.permissions import HOME
from tests.assessment.desk.scene import decided, resident, wage_paper
from tests.platform.actors import officer, sign_in, staff_context

PEOPLE = 26


def people_decided() -> None:
    """PEOPLE residents with wages from 1,110,000 yen up, 60,000 apart, all decided."""
    for no in range(1, PEOPLE + 1):
        home = {"household": f"S{(no + 1) // 2:010d}", "relation": "02" if no % 2 else "20"}
        party = resident(no, birth_on=date(1940 + 2 * no, 5, 5), **home)
        wage_paper(party, no, items={"wage_yen": 1_050_000 + 60_000 * no, "social_insurance_yen": 100_000})
    for number, town in ((1, "旭町"), (2, "大町")):
        # Half of the people in each town, two to a household, long before 1 January.
        chosen = Party.objects.filter(person_no__in=[f"R{no:014d}" for no in range(number, PEOPLE + 1, 2)])
        Address.objects.filter(party__in=chosen).update(
            municipality_code="012041", town_code=f"010{number}000", full_text=f"北海道旭川市{town}一丁目1番1号",
            valid_from=date(2020, 1, 1),
        )  # fmt: skip
    decided()


@pytest.fixture
def decided_people(db: None, data_folder: object) -> None:
    """The decided people."""
    people_decided()


@pytest.fixture
def planner(client: Client, db: None) -> Client:
    """A planner of 税制課, signed in."""
    return sign_in(client, officer("3003", permissions=[HOME, WHAT_IF], unit_name="税制課"))


@pytest.fixture
def on_record(db: None):  # type: ignore[no-untyped-def]
    """The planner acts, outside a request."""
    with using(staff_context(officer("3003", permissions=[WHAT_IF], unit_name="税制課"))):
        yield

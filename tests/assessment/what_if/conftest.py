"""Decided people of 令和8 in two districts, and a planner."""

from datetime import date

import pytest
from django.test import Client

from assessment.permissions import WHAT_IF
from taxsys.platform.audit.context import using
from taxsys.platform.staff.permissions import HOME
from tests.assessment.desk.scene import decided, resident, wage_paper
from tests.platform.actors import officer, sign_in, staff_context

PEOPLE = 26


@pytest.fixture
def decided_people(db: None, data_folder: object) -> None:
    """PEOPLE residents with wages from 1,110,000 yen up, 60,000 apart, all decided."""
    for no in range(1, PEOPLE + 1):
        party = resident(no, birth_on=date(1940 + 2 * no, 5, 5))
        wage_paper(party, no, items={"wage_yen": 1_050_000 + 60_000 * no, "social_insurance_yen": 100_000})
    decided()


@pytest.fixture
def planner(client: Client, db: None) -> Client:
    """A planner of 税制課, signed in."""
    return sign_in(client, officer("3003", permissions=[HOME, WHAT_IF], unit_name="税制課"))


@pytest.fixture
def on_record(db: None):  # type: ignore[no-untyped-def]
    """The planner acts, outside a request."""
    with using(staff_context(officer("3003", permissions=[WHAT_IF], unit_name="税制課"))):
        yield

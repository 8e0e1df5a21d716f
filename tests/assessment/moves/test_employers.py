"""特別徴収義務者の画面 and succession: months by the books, employees behind them, everybody moved in one act."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from django.db.models import Sum
from django.test import Client

from addressbook.models import Party
from assessment.models import EmploymentChange, Withholder
from assessment.resident.moves.employers import employer_employees, employer_months, employer_succeed
from assessment.resident.moves.services import ChangeRefused
from collection.models import Charge
from collection.selectors.proofs import prove_ledger
from collection.withheld.selectors import number_now
from taxsys.city.deliveries import CityDeliveries
from taxsys.platform import clock
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.audit.context import using
from taxsys.platform.staff.catalogue import catalogue
from tests.addressbook.conftest import full_context
from tests.addressbook.people import protect
from tests.assessment.desk.test_documents import clerk
from tests.assessment.moves.scene import YEAR, books, employee, move, other_employer
from tests.assessment.runs.test_initial_runs import on
from tests.platform.actors import officer

DAY = date(2026, 10, 9)


@pytest.fixture
def desk(year: CityDeliveries, client: Client) -> Iterator[Client]:
    with clock.at(DAY), using(full_context(actor_kind="staff", actor_id="1001")):
        yield clerk(client)


@pytest.mark.req("R-017")
def test_months_and_employees_are_those_of_the_books(year: CityDeliveries) -> None:
    _, employer = employee()
    months = employer_months(employer, tax_year=YEAR, as_of=DAY)
    people = employer_employees(employer, tax_year=YEAR)
    assert [one.instalment_no for one in months] == list(range(1, 13))
    assert [one.levied_yen for one in months] == [sum(one.months[place] for one in people) for place in range(12)]
    whole = Charge.objects.filter(notice_no=employer.designation_no, method="wage", tax_year=YEAR)
    assert sum(one.total_yen for one in people) == whole.aggregate(yen=Sum("amount_yen"))["yen"]


@pytest.mark.req("R-017")
def test_a_merger_moves_everybody_in_one_act_and_ends_the_designation(year: CityDeliveries) -> None:
    _, employer = employee()
    successor = other_employer(employer)
    people = employer_employees(employer, tax_year=YEAR)
    before = {one.party.pk: one.months for one in people}
    with on(DAY):
        done = employer_succeed(
            employer, successor, tax_year=YEAR, event_on=date(2026, 9, 30), last_place=4, actor_id="1001"
        )
        staying = [one for one in people if any(one.months[4:])]
        assert (done.recorded, done.left) == (len(staying), ())
        again = employer_succeed(
            employer, successor, tax_year=YEAR, event_on=date(2026, 9, 30), last_place=4, actor_id="1001"
        )
        assert again.recorded == 0
        assert len(again.left) == len(staying)
    move(DAY)
    for one in staying:
        after = books(one.party.pk)
        old = after.get(("wage", employer.designation_no), {})
        assert old == {no: yen for no, yen in enumerate(before[one.party.pk][:4], start=1) if yen}
        assert sum(after[("wage", successor.designation_no)].values()) == sum(before[one.party.pk][4:])
    employer.refresh_from_db()
    assert employer.valid_to == date(2026, 10, 1)
    assert all(one.levied_yen == 0 for one in employer_months(employer, tax_year=YEAR, as_of=DAY)[4:])
    assert prove_ledger().is_ok
    with on(DAY), pytest.raises(ChangeRefused, match="承継する受給者がいません"):
        employer_succeed(employer, successor, tax_year=YEAR, event_on=DAY, last_place=4, actor_id="1001")


def test_the_page_shows_the_employer_and_hides_who_is_protected(desk: Client) -> None:
    party_id, employer = employee()
    party = Party.objects.get(pk=party_id)
    url = f"/assessment/withholders/{employer.pk}"
    html = desk.get(url).content.decode()
    assert party.name in html
    assert "6月分" in html
    assert f"/party/{party_id}/assessment/{YEAR}/change" in html
    protect(party)
    html = desk.get(url).content.decode()
    assert party.person_no not in html
    assert "支援措置のため表示しません" in html
    assert desk.get(f"{url}?year=1999").status_code == 404


def test_a_succession_is_entered_at_the_page(desk: Client) -> None:
    _, employer = employee()
    successor = other_employer(employer)
    url = f"/assessment/withholders/{employer.pk}"
    token = re.search(r'name="subject_token" value="([^"]+)"', desk.get(url).content.decode())
    assert token
    typed = {
        "subject_token": token[1], "year": YEAR, "change": "merged", "successor": "9999999", "event_on": "R8.9.30",
        "last_place": "4",
    }  # fmt: skip
    answer = desk.post(f"{url}/succeed", typed)
    assert answer.status_code == 422
    assert "特別徴収義務者がいません" in answer.content.decode()
    assert desk.post(f"{url}/succeed", {**typed, "successor": successor.designation_no}).status_code == 302
    assert not EmploymentChange.objects.filter(reason="6").exists()
    approval = Approval.objects.get(kind="assessment.succession")
    chief = officer("1002", permissions=[code for code in catalogue() if code != "addressbook.reveal_protected"])
    approval_decide(approval.pk, decision="approve", actor=chief, seen_hash=approval.content_hash)
    assert EmploymentChange.objects.filter(reason="6", withholder=employer, new_withholder=successor).exists()
    assert Withholder.objects.get(pk=employer.pk).valid_to == date(2026, 10, 1)
    assert number_now(employer.designation_no) == successor.designation_no
    html = desk.get(url).content.decode()
    assert "指定番号の履歴" in html
    # The page of before the act is refused.
    assert desk.post(f"{url}/succeed", {**typed, "successor": successor.designation_no}).status_code == 409

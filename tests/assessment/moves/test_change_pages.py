"""異動届の画面: the paper's boxes, a preview that keeps nothing, corrections, refusals in the words of the desk."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client

from addressbook.models import Party
from assessment.models import AssessmentRun, ChangeState, EmploymentChange, LevyChange
from taxsys.city.deliveries import CityDeliveries
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from tests.addressbook.conftest import full_context
from tests.addressbook.people import protect
from tests.assessment.desk.test_documents import clerk
from tests.assessment.moves.scene import YEAR, books, employee, leave, move, other_employer

DAY = date(2026, 9, 7)


@pytest.fixture
def desk(year: CityDeliveries, client: Client) -> Iterator[Client]:
    with clock.at(DAY), using(full_context(actor_kind="staff", actor_id="1001")):
        yield clerk(client)


def fields(page: str, **values: Any) -> dict[str, Any]:
    token = re.search(r'name="subject_token" value="([^"]+)"', page)
    assert token
    typed = {
        "subject_token": token[1], "received_on": "R8.9.7", "annual_yen": "", "last_place": "3", "collected_yen": "",
        "uncollected_yen": "", "event_on": "R8.8.20", "reason": "1", "after": "3", "new_withholder": "",
        "new_employee_no": "", "first_place": "", "lump_reason": "", "lump_place": "", "no_lump_reason": "",
        "difference_reason": "",
    }  # fmt: skip
    return {**typed, **values}


@pytest.mark.req("R-017")
def test_a_clerk_enters_the_paper_looks_at_what_it_moves_and_records_it(desk: Client) -> None:
    party, employer = employee()
    months = books(party)[("wage", employer.designation_no)]
    url = f"/party/{party}/assessment/{YEAR}/change"
    with clock.at(DAY):
        page = desk.get(url).content.decode()
        assert f'value="{employer.designation_no}"' in page
        assert f'value="{sum(months.values()):,}"' in page
        typed = fields(page, withholder=employer.designation_no)
        shown = desk.post(url, {**typed, "act": "preview"}).content.decode()
        assert "まだ記録していません" in shown
        assert f'<td>9月</td><td class="tx-num">{months[4]:,}円</td><td class="tx-num">0円</td>' in shown
        assert "<td>第3期</td>" in shown
        assert (EmploymentChange.objects.count(), LevyChange.objects.count()) == (0, 0)
        assert not AssessmentRun.objects.filter(kind="moves").exists()
        answer = desk.post(url, typed, follow=True)
    change = EmploymentChange.objects.get()
    assert (change.state, change.is_pending, change.last_place, change.recorded_by) == ("active", True, 3, "1001")
    assert "異動届を記録しました" in answer.content.decode()
    assert answer.redirect_chain[-1][0] == f"/assessment/changes/{change.pk}"
    with clock.at(DAY):
        listed = desk.get("/assessment/changes").content.decode()
        assert "退職" in listed
        assert "未処理" in listed


def test_errors_stand_at_their_boxes_and_keep_what_was_typed(desk: Client) -> None:
    party, employer = employee()
    url = f"/party/{party}/assessment/{YEAR}/change"
    with clock.at(DAY):
        page = desk.get(url).content.decode()
        for typed, words in (
            ({"withholder": "99999999"}, "特別徴収義務者がいません"),
            ({"withholder": employer.designation_no, "event_on": "R9.2.1"}, "一括徴収が義務"),
            ({"withholder": employer.designation_no, "event_on": "R7.2.1"}, "課税年度か日付を直してください"),
            ({"withholder": employer.designation_no, "after": "1"}, "新しい給与支払者の指定番号"),
            ({"withholder": other_employer(employer).designation_no}, "特別徴収していません"),
        ):
            answer = desk.post(url, fields(page, **typed))
            assert answer.status_code == 422
            assert words in answer.content.decode()
    assert EmploymentChange.objects.count() == 0


def test_a_correction_replaces_the_notification_and_a_withdrawal_needs_a_reason(desk: Client) -> None:
    party, employer = employee()
    first = leave(party, employer, date(2026, 8, 20), 3, day=DAY)
    url = f"/party/{party}/assessment/{YEAR}/change"
    with clock.at(DAY):
        page = desk.get(url, {"corrects": first.pk}).content.decode()
        typed = fields(page, withholder=employer.designation_no, event_on="R8.9.20", last_place="4", corrects=first.pk)
        assert desk.post(url, typed).status_code == 302
        first.refresh_from_db()
        second = EmploymentChange.objects.get(supersedes=first)
        assert (first.state, second.last_place) == (ChangeState.SUPERSEDED, 4)
        # What is replaced cannot be replaced again.
        assert desk.post(url, typed).status_code == 404
        page = desk.get(f"/assessment/changes/{second.pk}").content.decode()
        token = re.search(r'name="subject_token" value="([^"]+)"', page)
        assert token
        act = {"subject_token": token[1], "act": "withdraw", "reason": ""}
        assert desk.post(f"/assessment/changes/{second.pk}/act", act).status_code == 422
        assert desk.post(f"/assessment/changes/{second.pk}/act", {**act, "reason": "誤り"}).status_code == 302
        second.refresh_from_db()
        assert second.state == ChangeState.WITHDRAWN
        # The window of before is refused.
        assert desk.post(f"/assessment/changes/{second.pk}/act", {**act, "reason": "誤り"}).status_code == 409
    move(DAY)
    assert set(books(party)) == {("wage", employer.designation_no)}


def test_the_employer_of_a_protected_person_is_not_shown(desk: Client) -> None:
    party, employer = employee()
    change = leave(party, employer, date(2026, 8, 20), 3, day=DAY)
    protect(Party.objects.get(pk=party))
    with clock.at(DAY):
        for url in (
            "/assessment/changes", f"/assessment/changes/{change.pk}", f"/party/{party}/assessment/{YEAR}/change",
        ):  # fmt: skip
            page = desk.get(url).content.decode()
            assert employer.name not in page
            assert employer.designation_no not in page

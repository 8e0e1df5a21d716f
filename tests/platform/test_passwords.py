"""Passwords that expire, are not used again, and the yearly duties without which doors close (R-220, R-221, R-228)."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client

from addressbook.permissions import REVEAL_NUMBER, VIEW_PARTY
from taxsys.platform import clock
from taxsys.platform.approvals.errors import OwnProposal
from taxsys.platform.approvals.permissions import DECIDE, VIEW_QUEUE
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.services import SYSTEM, job_request, job_run_inline
from taxsys.platform.rights import people, permissions
from taxsys.platform.rights.appointments import appointment_give
from taxsys.platform.rights.errors import NotAppointed, NothingToDo, PeriodWrong, SamePerson
from taxsys.platform.staff.access import has_permission, permission_forget
from taxsys.platform.staff.models import PasswordHistory, Staff
from taxsys.platform.staff.passwords import password_change, password_expires_on
from taxsys.platform.staff.permissions import HOME, SELF
from tests.platform.actors import FROM_ON, officer, sign_in, staff_context, terminal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_hashes")]
PASSWORD, NEXT = "ながい合言葉-春の旭川-2026", "ながい合言葉-秋の石狩川-2026"
SET_AT = "2026-08-20 00:00:00+00:00"
DAY_89, DAY_90 = "2026-11-16 20:00:00+00:00", "2026-11-18 00:00:00+00:00"


@pytest.fixture
def clerk() -> Staff:
    terminal()
    with time_machine.travel(SET_AT, tick=False):
        staff = officer("7001", permissions=[HOME, SELF], name="長谷川原山田太郎左衛門之助")
        staff.set_password(PASSWORD)
        staff.save()
    return staff


def enter(client: Client, capsys: Any, password: str = PASSWORD) -> Any:
    first = client.post("/sign-in", {"staff_no": "7001", "password": password})
    codes = re.findall(r"  (\d{6})  ", capsys.readouterr().out)
    return client.post("/sign-in", {"code": codes[-1]}) if codes else first


def nightly() -> JobRun:
    run = job_request("B-ST-03", {}, actor=SYSTEM, business_on=clock.today())
    job_run_inline(run.pk, raise_errors=True)
    return JobRun.objects.get(pk=run.pk)


@pytest.mark.req("R-221")
def test_an_expired_password_is_refused_at_once_and_disabled_by_night(
    client: Client, clerk: Staff, capsys: Any
) -> None:
    assert password_expires_on(clerk) == date(2026, 11, 18)
    with time_machine.travel(DAY_89, tick=False):
        nightly()
        assert enter(client, capsys).status_code == 302
        page = client.get("/").content.decode()
        assert "パスワードの期限まであと1日です" in page
        client.post("/sign-out")
    with time_machine.travel(DAY_90, tick=False):
        refused = enter(client, capsys)
        assert (refused.status_code, "_auth_user_id" in client.session) == (422, False)
        nightly()
        nightly()
    clerk.refresh_from_db()
    assert (clerk.is_active, clerk.suspended_reason) == (False, "password_expired")
    event = AccessEvent.objects.get(reason="password_expired")
    assert (event.record_id, event.actor_kind) == ("7001", "job")


def test_a_running_sitting_ends_with_the_account(client: Client, clerk: Staff) -> None:
    with time_machine.travel(DAY_90, tick=False):
        sign_in(client, clerk)
        assert client.get("/").status_code == 200
        nightly()
        assert client.get("/").status_code == 401


@pytest.mark.req("R-220")
@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("短い合言葉", "短すぎます"),
        ("1q2w3e4r5t6y7u8i9o0p", "一般的すぎます"),
        ("長谷川原山田太郎左衛門之助-2026", "似すぎています"),
        (PASSWORD, "最近5回に使ったパスワード"),
    ],
)
def test_a_poor_password_is_refused_and_the_old_one_stays(client: Client, clerk: Staff, new: str, words: str) -> None:
    sign_in(client, clerk)
    answer = client.post("/password", {"current": PASSWORD, "new": new, "again": new})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    clerk.refresh_from_db()
    assert clerk.check_password(PASSWORD)
    assert PasswordHistory.objects.count() == 0


@pytest.mark.req("R-220")
def test_the_last_five_passwords_do_not_come_back_and_the_sixth_may(clerk: Staff) -> None:
    for number in range(5):
        password_change(clerk, new=f"{NEXT}-{number}")
    clerk.refresh_from_db()
    with pytest.raises(ValidationError, match="最近5回"):
        password_change(clerk, new=PASSWORD)
    password_change(clerk, new=f"{NEXT}-5")
    clerk.refresh_from_db()
    assert password_change(clerk, new=PASSWORD).check_password(PASSWORD)


def test_the_own_password_is_changed_with_the_current_one_only(client: Client, clerk: Staff) -> None:
    sign_in(client, clerk)
    wrong = client.post("/password", {"current": "x", "new": NEXT, "again": NEXT})
    assert "今のパスワードが正しくありません" in wrong.content.decode()
    assert client.post("/password", {"current": PASSWORD, "new": NEXT, "again": "x"}).status_code == 422
    assert client.post("/password", {"current": PASSWORD, "new": NEXT, "again": NEXT}).status_code == 302
    assert client.get("/").status_code == 200
    clerk.refresh_from_db()
    assert clerk.check_password(NEXT)
    assert clerk.password_changed_at.date() == clock.now().date()  # type: ignore[union-attr]
    assert AccessEvent.objects.filter(action="update", record_type="password").count() == 1
    assert AccessEvent.objects.filter(result="denied", reason="password").count() == 1


# ---- re-enabled by two


def head_and_administrator() -> tuple[Staff, Staff]:
    fresh = {"password_changed_at": datetime(2026, 11, 10, tzinfo=UTC)}
    head = officer("7002", permissions=[HOME, SELF, permissions.PEOPLE, permissions.VIEW], **fresh)
    appointment_give(head, duty="unit_head", scope="102", from_on=FROM_ON)
    rights = [HOME, VIEW_QUEUE, DECIDE, permissions.PEOPLE, permissions.APPROVE_REENABLE]
    return head, officer("7003", permissions=rights, unit_name="情報政策課", **fresh)


@pytest.mark.req("R-221")
def test_two_people_open_an_account_again_and_its_owner_must_choose_a_new_password(
    client: Client, clerk: Staff, capsys: Any
) -> None:
    head, administrator = head_and_administrator()
    with time_machine.travel(DAY_90, tick=False):
        nightly()
        clerk.refresh_from_db()
        with pytest.raises(NotAppointed):
            people.reenable_propose(clerk, actor=administrator)
        approval = people.reenable_propose(clerk, actor=head)
        with pytest.raises(OwnProposal):
            approval_decide(approval.pk, decision="approve", actor=head, seen_hash=approval.content_hash)
        approval_decide(approval.pk, decision="approve", actor=administrator, seen_hash=approval.content_hash)
        assert enter(client, capsys)["Location"] == "/password"
        refused = client.get("/")
        assert (refused.status_code, "先にパスワードを変更" in refused.content.decode()) == (403, True)
        assert client.post("/password", {"current": PASSWORD, "new": NEXT, "again": NEXT}).status_code == 302
        assert client.get("/").status_code == 200
        clerk.refresh_from_db()
        with pytest.raises(NothingToDo):
            people.reenable_propose(clerk, actor=head)


def test_a_reenabled_account_that_is_not_used_is_disabled_again_after_three_days(clerk: Staff) -> None:
    head, administrator = head_and_administrator()
    with time_machine.travel(DAY_90, tick=False) as moving:
        nightly()
        clerk.refresh_from_db()
        approval = people.reenable_propose(clerk, actor=head)
        approval_decide(approval.pk, decision="approve", actor=administrator, seen_hash=approval.content_hash)
        states = []
        for _ in range(3):
            moving.shift(timedelta(days=1))
            nightly()
            clerk.refresh_from_db()
            states.append(clerk.is_active)
    assert states == [True, True, False]


# ---- yearly duties


@pytest.mark.req("R-228")
def test_the_duty_of_secrecy_is_acknowledged_yearly_or_the_door_closes(
    client: Client, clerk: Staff, capsys: Any
) -> None:
    Staff.objects.filter(pk=clerk.pk).update(acknowledged_on=date(2025, 11, 1), password_changed_at=clock.now())
    for day, target in (
        (date(2026, 10, 31), "/"),
        (date(2026, 11, 1), "/acknowledge"),
        (date(2026, 11, 30), "/acknowledge"),
    ):
        with clock.at(day):
            assert enter(client, capsys)["Location"] == target
        client.post("/sign-out")
    with clock.at(date(2026, 12, 1)):
        refused = enter(client, capsys)
    assert "守秘義務の確認の期限を過ぎた" in refused.content.decode()
    assert "_auth_user_id" not in client.session
    assert AccessEvent.objects.filter(action="sign_in", result="denied", reason="acknowledgement").count() == 1
    head, _administrator = head_and_administrator()
    with clock.at(date(2026, 12, 1)):
        people.pledge_note(clerk, kind="pledge", on=date(2026, 12, 1), actor=head)
        assert enter(client, capsys)["Location"] == "/"


def test_the_acknowledgement_wants_its_mark(client: Client, clerk: Staff) -> None:
    sign_in(client, clerk)
    assert client.post("/acknowledge", {}).status_code == 422
    with clock.at(date(2026, 11, 20)):
        assert client.post("/acknowledge", {"agree": "on"}).status_code == 302
    clerk.refresh_from_db()
    assert clerk.acknowledged_on == date(2026, 11, 20)


@pytest.mark.req("R-228")
def test_without_a_training_in_the_year_no_number_function_is_left() -> None:
    staff = officer("7010", permissions=[HOME, VIEW_PARTY, REVEAL_NUMBER], trained_on=date(2025, 11, 20))
    answers = []
    for day in (date(2026, 11, 19), date(2026, 11, 20)):
        permission_forget(staff)
        answers.append((has_permission(staff, REVEAL_NUMBER, day), has_permission(staff, VIEW_PARTY, day)))
    assert answers == [(True, True), (False, True)]
    never = officer("7011", permissions=[REVEAL_NUMBER], trained_on=None)
    assert not has_permission(never, REVEAL_NUMBER)


def test_training_is_noted_by_the_head_and_not_for_oneself_or_in_advance(client: Client, clerk: Staff) -> None:
    head, _administrator = head_and_administrator()
    Staff.objects.filter(pk=clerk.pk).update(trained_on=None)
    with clock.at(date(2026, 11, 20)):
        with pytest.raises(SamePerson):
            people.pledge_note(head, kind="training", on=date(2026, 11, 20), actor=head)
        with pytest.raises(PeriodWrong):
            people.pledge_note(clerk, kind="training", on=date(2026, 11, 21), actor=head)
        sign_in(client, head)
        assert "番号は使えません" in client.get("/rights/people").content.decode()
        posted = {"kind": "training", "on": "R8.11.12"}
        assert client.post(f"/rights/people/{clerk.pk}/pledge", posted).status_code == 302
        assert client.post(f"/rights/people/{head.pk}/pledge", posted).status_code == 403
        assert client.post(f"/rights/people/{clerk.pk}/pledge", {**posted, "on": "R8.11.21"}).status_code == 422
    clerk.refresh_from_db()
    assert clerk.trained_on == date(2026, 11, 12)
    assert staff_context(clerk).actor_id == "7001"

"""One live sign-in per person and terminal: the second asks, the first is shown and ended, both on record."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.test import Client

from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.sittings.models import Sitting
from taxsys.platform.staff.models import Staff, Terminal
from taxsys.platform.staff.permissions import HOME, SELF
from taxsys.settings.base import seconds_within
from tests.platform.actors import officer, terminal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_hashes")]
PASSWORD = "ながい合言葉-春の旭川-2026"
HERE, THERE = "127.0.0.1", "10.0.0.7"


def account(staff_no: str = "7001", **fields: Any) -> Staff:
    staff = officer(staff_no, permissions=[HOME, SELF], **fields)
    staff.set_password(PASSWORD)
    staff.save()
    return staff


@pytest.fixture(autouse=True)
def _two_terminals() -> None:
    terminal(HERE)
    terminal(THERE)


def code_of(address: str) -> str:
    return str(Terminal.objects.get(address=address).code)


class Desk:
    """A browser at a terminal, and the console on which the codes appear."""

    def __init__(self, address: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.client = Client(REMOTE_ADDR=address)
        self.capsys = capsys

    def sign_in(self, staff_no: str = "7001", to: str = "/") -> Any:
        self.client.post("/sign-in", {"staff_no": staff_no, "password": PASSWORD})
        code = re.findall(r"  (\d{6})  ", self.capsys.readouterr().out)[-1]
        return self.client.post("/sign-in", {"code": code, "next": to})

    def take_over(self) -> Any:
        return self.client.post("/sign-in", {"take_over": "1", "next": "/"})


def events() -> list[tuple[str, str, str, str]]:
    rows = AccessEvent.objects.filter(record_type="sitting").order_by("pk")
    return list(rows.values_list("action", "actor_id", "terminal", "reason"))


@pytest.mark.req("R-217")
def test_the_second_sign_in_asks_shows_the_first_and_ends_it_when_told_to(capsys: pytest.CaptureFixture[str]) -> None:
    account()
    first, second = Desk(HERE, capsys), Desk(THERE, capsys)
    with time_machine.travel("2026-11-20 00:12:00+00:00", tick=False) as moving:
        assert first.sign_in().status_code == 302
        moving.shift(timedelta(minutes=5))
        asked = second.sign_in()
        assert asked.status_code == 409
        words = asked.content.decode()
        assert "ほかで使用中です。終了して続けますか" in words
        assert code_of(HERE) in words
        assert "R8.11.20 09:12:00" in words
        assert first.client.get("/").status_code == 200  # nothing has ended yet
        assert second.client.get("/").status_code == 401
        assert second.take_over().status_code == 302
        assert second.client.get("/").status_code == 200
        ended = first.client.get("/")
    assert ended.status_code == 401
    told = ended.content.decode()
    assert "この端末での利用は終了しました" in told
    assert f"R8.11.20 09:17:00に、あなたが端末{code_of(THERE)}でサインインしたため" in told
    assert events() == [
        ("sign_in", "7001", code_of(HERE), ""),
        ("sign_out", "7001", code_of(THERE), "other_terminal"),
        ("sign_in", "7001", code_of(THERE), ""),
    ]
    assert AccessEvent.objects.filter(action="denied", reason="other_terminal").count() == 1


def test_a_terminal_seats_one_person_and_the_first_learns_that_a_colleague_sat_down(
    capsys: pytest.CaptureFixture[str],
) -> None:
    account("7001")
    account("7002")
    first, second = Desk(HERE, capsys), Desk(HERE, capsys)
    first.sign_in("7001")
    asked = second.sign_in("7002")
    assert asked.status_code == 409
    assert "職員7001" in asked.content.decode()
    second.take_over()
    ended = first.client.get("/")
    assert "別の職員がサインインした" in ended.content.decode()
    assert "職員7002" not in ended.content.decode()


def test_two_numbers_of_one_person_never_work_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    account("7001", person_no="H1")
    account("7002", person_no="H1")
    Desk(HERE, capsys).sign_in("7001")
    assert Desk(THERE, capsys).sign_in("7002").status_code == 409


def test_the_database_itself_seats_nobody_twice() -> None:
    staff = account()
    Sitting.objects.create(staff=staff, person_key="7001", terminal_code="T1")
    for person, place in (("7001", "T2"), ("9", "T1")):
        with pytest.raises(IntegrityError, match="sitting_one_live"), transaction.atomic():
            Sitting.objects.create(staff=staff, person_key=person, terminal_code=place)


def test_taking_over_needs_both_factors_of_this_very_sign_in(capsys: pytest.CaptureFixture[str]) -> None:
    account()
    first, second = Desk(HERE, capsys), Desk(THERE, capsys)
    first.sign_in()
    assert second.take_over().status_code == 422
    second.client.post("/sign-in", {"staff_no": "7001", "password": PASSWORD})
    assert second.take_over().status_code == 422
    with time_machine.travel("2026-11-20 00:12:00+00:00", tick=False) as moving:
        Sitting.objects.update(begun_at="2026-11-20T00:11:00Z", seen_at="2026-11-20T00:11:00Z")
        second.sign_in()
        moving.shift(timedelta(minutes=5, seconds=1))
        assert second.take_over().status_code == 422
    assert Sitting.objects.filter(ended_at__isnull=True).count() == 1


def test_a_confirmed_sign_in_does_not_move_to_another_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    account()
    Desk(HERE, capsys).sign_in()
    second = Desk(THERE, capsys)
    second.sign_in()
    assert second.client.post("/sign-in", {"take_over": "1"}, REMOTE_ADDR=HERE).status_code == 422


def test_a_sitting_nobody_used_for_the_idle_time_stands_in_nobodys_way(capsys: pytest.CaptureFixture[str]) -> None:
    account()
    with time_machine.travel("2026-11-20 00:12:00+00:00", tick=False) as moving:
        Desk(HERE, capsys).sign_in()
        moving.shift(timedelta(minutes=10, seconds=31))
        assert Desk(THERE, capsys).sign_in().status_code == 302
    assert Sitting.objects.get(terminal_code=code_of(HERE)).ended_reason == "idle"


def test_signing_out_frees_person_and_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    account()
    desk = Desk(HERE, capsys)
    desk.sign_in()
    desk.client.post("/sign-out")
    assert Sitting.objects.get().ended_reason == "signed_out"
    assert events()[-1] == ("sign_out", "7001", code_of(HERE), "signed_out")
    assert Desk(THERE, capsys).sign_in().status_code == 302


def test_a_part_of_a_page_is_refused_and_the_page_still_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    account()
    first, second = Desk(HERE, capsys), Desk(THERE, capsys)
    first.sign_in()
    second.sign_in()
    second.take_over()
    assert first.client.get("/", headers={"HX-Request": "true"}).status_code == 401
    assert "あなたが端末" in first.client.get("/").content.decode()


def test_a_session_without_a_sitting_is_nobodys(client: Client) -> None:
    client.force_login(account(), backend="taxsys.platform.staff.backends.StaffBackend")
    session = client.session
    session.update({"signed_in_at": 4_000_000_000, "seen_at": 4_000_000_000, "terminal": code_of(HERE)})
    session.save()
    assert client.get("/").status_code == 401


@pytest.mark.req("R-235")
def test_an_unused_window_locks_unless_another_window_of_the_sitting_was_used(
    capsys: pytest.CaptureFixture[str],
) -> None:
    account()
    desk = Desk(HERE, capsys)
    headers = {"X-Taxsys-Background": "1", "X-Taxsys-Part": "1"}
    with time_machine.travel("2026-11-20 00:12:00+00:00", tick=False) as moving:
        desk.sign_in()
        moving.shift(timedelta(minutes=8))
        desk.client.get("/")  # the other window
        moving.shift(timedelta(minutes=2))
        assert desk.client.post("/ui/lock", headers=headers).json() == {"seconds_left": 480}
        moving.shift(timedelta(minutes=7, seconds=56))
        assert desk.client.post("/ui/lock", headers=headers).status_code == 401
        assert desk.client.get("/").status_code == 401
    assert Sitting.objects.get().ended_reason == "idle"


@pytest.mark.req("R-235")
def test_the_idle_lock_may_be_shorter_than_ten_minutes_and_never_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert seconds_within("TAXSYS_TEST_SECONDS", least=60, most=600) == 600
    monkeypatch.setenv("TAXSYS_TEST_SECONDS", "180")
    assert seconds_within("TAXSYS_TEST_SECONDS", least=60, most=600) == 180
    for wrong in ("601", "0", "-1", "ten", ""):
        monkeypatch.setenv("TAXSYS_TEST_SECONDS", wrong)
        with pytest.raises(ImproperlyConfigured, match="60 to 600 seconds"):
            seconds_within("TAXSYS_TEST_SECONDS", least=60, most=600)


@pytest.mark.req("R-235")
def test_a_shorter_lock_of_the_city_is_kept(capsys: pytest.CaptureFixture[str], settings: Any) -> None:
    settings.TAXSYS_IDLE_LOCK_SECONDS = 180
    account()
    desk = Desk(HERE, capsys)
    with time_machine.travel("2026-11-20 00:12:00+00:00", tick=False) as moving:
        desk.sign_in()
        moving.shift(timedelta(seconds=181))
        assert desk.client.get("/").status_code == 401

"""Sign-in, rights, terminals and time limits: nobody gets in without right, and every refusal leaves a trace."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from taxsys.platform import clock
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.staff import services
from taxsys.platform.staff.access import declared_permission, has_permission, is_public, permission_forget
from taxsys.platform.staff.catalogue import UnknownPermission, catalogue, permission_get
from taxsys.platform.staff.models import Grant, OneTimeCode, Staff, Terminal, Unit
from taxsys.platform.staff.permissions import HOME, SELF
from tests.platform.actors import FROM_ON, officer, sign_in, terminal

pytestmark = pytest.mark.django_db
PASSWORD = "ながい合言葉-春の旭川-2026"
PUBLIC_NAMES = {"sign-in", "sign-out", "health-live", "health-ready"}


def printed_code(capsys: pytest.CaptureFixture[str]) -> str:
    found = re.findall(r"  (\d{6})  ", capsys.readouterr().out)
    return str(found[-1])


def account(staff_no: str = "7001", **fields: Any) -> Staff:
    terminal()
    staff = officer(staff_no, permissions=[HOME, SELF], **fields)
    staff.set_password(PASSWORD)
    staff.save()
    return staff


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> list[tuple[str, URLPattern]]:
    found: list[tuple[str, URLPattern]] = []
    for entry in (resolver or get_resolver()).url_patterns:
        where = prefix + str(entry.pattern)
        found += patterns(entry, where) if isinstance(entry, URLResolver) else [(where, entry)]
    return found


@pytest.mark.req("R-013")
def test_the_thirteen_units_of_the_pia_are_there() -> None:
    assert list(Unit.objects.exclude(kind="neighbour").values_list("name", flat=True)) == [
        "税制課", "市民税課", "資産税課", "納税管理課", "納税推進課", "神居支所", "江丹別支所", "永山支所",
        "東旭川支所", "神楽支所", "西神楽支所", "東鷹栖支所", "東部まちづくりセンター",
    ]  # fmt: skip


@pytest.mark.req("R-217")
def test_password_and_code_sign_in_and_leave_one_event(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    account()
    first = client.post("/sign-in", {"staff_no": "7001", "password": PASSWORD, "next": "/search/"})
    assert first.status_code == 200
    assert "確認コード" in first.content.decode()
    assert "_auth_user_id" not in client.session
    second = client.post("/sign-in", {"code": printed_code(capsys), "next": "/"})
    assert (second.status_code, second["Location"]) == (302, "/")
    assert client.get("/").status_code == 200
    event = AccessEvent.objects.get(action="sign_in")
    assert (event.actor_id, event.result, event.terminal) == ("7001", "ok", Terminal.objects.get().code)


def test_session_holds_ids_and_times_only(client: Client) -> None:
    sign_in(client, officer(permissions=[HOME]))
    client.get("/")
    allowed = {
        "_auth_user_id",
        "_auth_user_backend",
        "_auth_user_hash",
        "signed_in_at",
        "seen_at",
        "step_up_at",
        "terminal",
        "sitting",
    }
    assert set(client.session.keys()) <= allowed


def test_wrong_code_is_refused_and_the_fifth_closes_the_challenge(
    client: Client, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    settings.AXES_FAILURE_LIMIT = 50
    account()
    client.post("/sign-in", {"staff_no": "7001", "password": PASSWORD})
    code = printed_code(capsys)
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        assert client.post("/sign-in", {"code": wrong}).status_code == 422
    assert client.post("/sign-in", {"code": code}).status_code == 422
    assert "_auth_user_id" not in client.session


def test_a_code_serves_once_and_ends_after_five_minutes(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    account()
    with time_machine.travel("2026-11-20 01:00:00+00:00", tick=False) as moving:
        client.post("/sign-in", {"staff_no": "7001", "password": PASSWORD})
        code = printed_code(capsys)
        moving.shift(timedelta(minutes=5, seconds=1))
        assert client.post("/sign-in", {"code": code}).status_code == 422
    assert OneTimeCode.objects.get().used_at is None
    assert code not in OneTimeCode.objects.get().code_hash


def test_five_wrong_passwords_make_the_number_wait(client: Client) -> None:
    account()
    answers = [client.post("/sign-in", {"staff_no": "7001", "password": "x"}).status_code for _ in range(5)]
    assert answers == [422, 422, 422, 422, 429]
    locked = client.post("/sign-in", {"staff_no": "7001", "password": PASSWORD})
    assert locked.status_code == 429
    assert "回数が多すぎる" in locked.content.decode()


@pytest.mark.parametrize(
    "fields",
    [{"is_active": False}, {"valid_to": date(2026, 11, 20)}, {"valid_from": date(2026, 11, 21)}],
    ids=["suspended", "left today", "begins tomorrow"],
)
def test_an_unusable_account_fails_like_a_wrong_password(client: Client, fields: dict[str, Any]) -> None:
    account(**fields)
    with clock.at(date(2026, 11, 20)):
        answer = client.post("/sign-in", {"staff_no": "7001", "password": PASSWORD})
    assert answer.status_code == 422
    assert "利用できない職員番号" in answer.content.decode()


@pytest.mark.parametrize("target", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "\\\\evil"])
def test_sign_in_never_leads_to_a_foreign_address(
    client: Client, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    account()
    client.post("/sign-in", {"staff_no": "7001", "password": PASSWORD})
    assert client.post("/sign-in", {"code": printed_code(capsys), "next": target})["Location"] == "/"


@pytest.mark.req("R-067")
@pytest.mark.req("R-219")
def test_an_unregistered_terminal_is_refused_and_recorded(client: Client) -> None:
    account()
    assert client.get("/sign-in", REMOTE_ADDR="10.9.9.9").status_code == 403
    sign_in(client, officer(permissions=[HOME]))
    assert client.get("/", REMOTE_ADDR="10.9.9.9").status_code == 403
    event = AccessEvent.objects.filter(action="denied").first()
    assert event is not None
    assert (event.reason, event.address) == ("terminal", "10.9.9.9")


def test_a_sitting_does_not_move_to_another_terminal(client: Client) -> None:
    sign_in(client, officer(permissions=[HOME]))
    terminal("10.0.0.7")
    assert client.get("/", REMOTE_ADDR="10.0.0.7").status_code == 403


def test_forwarded_addresses_are_believed_only_from_our_proxy(client: Client, settings: Any) -> None:
    sign_in(client, officer(permissions=[HOME]))
    forged = {"REMOTE_ADDR": "10.9.9.9", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}
    assert client.get("/", **forged).status_code == 403
    settings.TAXSYS_TRUSTED_PROXIES = ["10.9.9.9"]
    assert client.get("/", **forged).status_code == 200
    assert client.get("/", REMOTE_ADDR="10.9.9.9", HTTP_X_FORWARDED_FOR="127.0.0.1, 6.6.6.6").status_code == 403


def test_ten_idle_minutes_lock_and_background_polling_does_not_count(client: Client) -> None:
    staff = officer(permissions=[HOME])
    with time_machine.travel("2026-11-20 01:00:00+00:00", tick=False) as moving:
        sign_in(client, staff)
        moving.shift(timedelta(minutes=9))
        assert client.get("/").status_code == 200
        for _ in range(2):
            moving.shift(timedelta(minutes=5))
            client.get("/", headers={"X-Taxsys-Background": "1"})
        moving.shift(timedelta(seconds=1))
        locked = client.get("/")
    assert locked.status_code == 401
    assert "操作がなかったため終了しました" in locked.content.decode()
    assert "_auth_user_id" not in client.session


def test_twelve_hours_end_every_sitting(client: Client) -> None:
    staff = officer(permissions=[HOME])
    with time_machine.travel("2026-11-20 00:00:00+00:00", tick=False) as moving:
        sign_in(client, staff)
        for _ in range(80):
            moving.shift(timedelta(minutes=9))
            assert client.get("/").status_code == 200
        moving.shift(timedelta(seconds=1))
        assert client.get("/").status_code == 401


@pytest.mark.req("R-227")
def test_access_ends_at_midnight_of_the_transfer_date() -> None:
    staff = officer(permissions=[HOME])
    services.staff_transfer(staff, unit=Unit.objects.get(name="資産税課"), on=date(2027, 4, 1))
    staff.refresh_from_db()
    assert has_permission(staff, HOME, date(2027, 3, 31))
    permission_forget(staff)
    assert not has_permission(staff, HOME, date(2027, 4, 1))
    assert staff.unit_on(date(2027, 4, 1)).name == "資産税課"


@pytest.mark.req("R-227")
def test_a_leaver_has_nothing_from_the_leaving_date() -> None:
    staff = services.staff_leave(officer(permissions=[HOME]), on=date(2027, 4, 1))
    assert has_permission(staff, HOME, date(2027, 3, 31))
    permission_forget(staff)
    assert not has_permission(staff, HOME, date(2027, 4, 1))


def test_a_grant_acts_only_in_its_unit_and_period() -> None:
    staff = officer()
    Grant.objects.create(
        staff=staff, unit=Unit.objects.get(name="永山支所"), permission_code=str(HOME), from_on=FROM_ON
    )
    assert not has_permission(staff, HOME, date(2026, 11, 20))
    permission_forget(staff)
    Grant.objects.create(
        staff=staff, unit=staff.unit, permission_code=str(HOME), from_on=date(2026, 4, 1), to_on=date(2026, 10, 1)
    )
    answers = []
    for day in (date(2026, 3, 31), date(2026, 4, 1), date(2026, 9, 30), date(2026, 10, 1)):
        permission_forget(staff)
        answers.append(has_permission(staff, HOME, day))
    assert answers == [False, True, True, False]


def test_two_grants_of_one_permission_never_overlap() -> None:
    staff = officer(permissions=[HOME])
    with pytest.raises(IntegrityError, match="grant_once_at_a_time"), transaction.atomic():
        Grant.objects.create(staff=staff, unit=staff.unit, permission_code=str(HOME), from_on=date(2026, 1, 1))


def test_an_unknown_permission_is_an_error_not_a_no() -> None:
    with pytest.raises(UnknownPermission):
        has_permission(officer(), "nobody.declared_this")


@pytest.mark.req("R-218")
def test_every_address_declares_exactly_one_permission_or_is_listed_public() -> None:
    undeclared = []
    public = set()
    for where, pattern in patterns():
        by_action = getattr(getattr(pattern.callback, "cls", None), "permissions", None)
        if is_public(pattern.callback):
            public.add(pattern.name)
        elif declared_permission(pattern.callback) is None and by_action is None:
            undeclared.append(where)
    assert undeclared == []
    assert public >= {"sign-in", "sign-out"}
    assert all(permission_get(code).code == code for code in catalogue())


def test_the_officer_with_the_right_is_let_in(client: Client) -> None:
    sign_in(client, officer(permissions=list(catalogue())))
    for address in ("/", "/search/", "/approvals/", "/approvals/own", "/access-log/", "/ui/help", "/ui/gallery"):
        assert client.get(address).status_code == 200, address


def test_step_up_is_asked_again_after_five_minutes(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    staff = officer(permissions=list(catalogue()))
    where = "/approvals/00000000-0000-4000-8000-000000000001/decide"
    with time_machine.travel("2026-11-20 01:00:00+00:00", tick=False) as moving:
        sign_in(client, staff, step_up=False)
        refused = client.post(where, {"decision": "approve"})
        assert refused.status_code == 401
        assert "本人の再確認" in refused.content.decode()
        client.get("/step-up")
        assert client.post("/step-up", {"code": printed_code(capsys), "next": "/approvals/"}).status_code == 302
        assert client.post(where, {"decision": "approve"}).status_code == 404
        moving.shift(timedelta(minutes=5, seconds=1))
        assert client.post(where, {"decision": "approve"}).status_code == 401


def test_forged_forms_are_refused_as_an_old_page(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    sign_in(strict, officer(permissions=[HOME, SELF]))
    answer = strict.post("/ui/keep-alive")
    assert answer.status_code == 403
    assert "画面の有効期限が切れています" in answer.content.decode()
    assert AccessEvent.objects.filter(reason="csrf").count() == 1


def test_personal_pages_are_never_stored_and_carry_no_inline_script(client: Client) -> None:
    sign_in(client, officer(permissions=list(catalogue())))
    for address in ("/", "/search/", "/approvals/", "/access-log/", "/ui/gallery"):
        answer = client.get(address)
        html = answer.content.decode()
        assert answer["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", html), address


def test_production_refuses_the_console_code(settings: Any) -> None:
    from django.apps import apps
    from django.core.exceptions import ImproperlyConfigured

    settings.TAXSYS_PROFILE = "production"
    with pytest.raises(ImproperlyConfigured, match="demonstration factor"):
        apps.get_app_config("staff").ready()


def test_demonstration_accounts_get_the_rights_of_their_role_and_running_again_changes_nothing() -> None:
    first = services.demo_accounts_create({"*": PASSWORD}, from_on=FROM_ON)
    grants = Grant.objects.count()
    services.demo_accounts_create({"*": PASSWORD}, from_on=FROM_ON)
    assert [staff.staff_no for staff, _role in first] == [
        "1001", "1002", "1003", "2001", "2002", "3001", "1004", "2003", "3002", "3003", "4001", "4002", "8001", "9001",
    ]  # fmt: skip
    assert Grant.objects.count() == grants
    clerk, chief, operator = (Staff.objects.get(staff_no=number) for number in ("1001", "1002", "9001"))
    assert not has_permission(clerk, "approvals.decide")
    assert has_permission(chief, "approvals.decide")
    assert not has_permission(operator, "search.search")
    assert clerk.check_password(PASSWORD)
    assert settings.TAXSYS_IDLE_LOCK_SECONDS == 600

"""Emergency rights: half an hour, a reason, somebody told, every request on record, reviewed by another human."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from taxsys.platform.audit import context
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.audit.review.gathering import Limits, review_make
from taxsys.platform.emergency import errors
from taxsys.platform.emergency.models import EmergencyUse
from taxsys.platform.emergency.permissions import REVIEW, USE
from taxsys.platform.emergency.services import emergency_begin, emergency_review
from taxsys.platform.staff.access import has_permission, permission_forget, permissions_of
from taxsys.platform.staff.catalogue import catalogue
from taxsys.platform.staff.models import Staff
from taxsys.platform.staff.permissions import HOME, SELF
from tests.platform.actors import officer, sign_in, staff_context

pytestmark = pytest.mark.django_db
REASON = "窓口の障害で担当者が全員離れ、証明の照会が止まっている"
START = "2026-11-20 01:00:00+00:00"


def user(staff_no: str = "1002", **fields: Any) -> Staff:
    return officer(staff_no, permissions=[USE, HOME, SELF], **fields)


def reviewer(staff_no: str = "3001", **fields: Any) -> Staff:
    return officer(staff_no, permissions=[REVIEW, HOME, SELF], **fields)


def begin(staff: Staff) -> EmergencyUse:
    with context.using(staff_context(staff)):
        return emergency_begin(actor=staff, reason=REASON, terminal_code="T1")


def test_half_an_hour_opens_the_work_of_the_house_and_ends_by_itself(client: Client) -> None:
    told, staff = reviewer(), user()
    with time_machine.travel(START, tick=False) as moving:
        sign_in(client, staff)
        assert client.get("/search/").status_code == 403
        assert client.post("/emergency/", {"reason": REASON}).status_code == 302
        page = client.get("/search/")
        assert page.status_code == 200
        assert "緊急時の権限を使用中（R8.11.20 10:30:00まで）" in page.content.decode()
        for _ in range(3):
            moving.shift(timedelta(minutes=9, seconds=59))
            assert client.get("/search/").status_code == 200
        moving.shift(timedelta(seconds=3))
        assert client.get("/search/").status_code == 403
    use = EmergencyUse.objects.get()
    assert (use.reason, use.told, use.ends_at - use.begun_at) == (REASON, [told.staff_no], timedelta(minutes=30))


def test_every_request_of_the_half_hour_is_on_record_and_in_the_review_report(client: Client) -> None:
    reviewer()
    with time_machine.travel(START, tick=False):
        sign_in(client, user())
        client.post("/emergency/", {"reason": REASON})
        before = AccessEvent.objects.count()
        client.get("/")
        client.get("/access-log/")
        rows = AccessEvent.objects.order_by("pk")[before:].values_list("action", "record_id", "reason", "purpose")
        assert list(rows) == [
            ("view", "home", "emergency", "緊急時の権限"),
            ("view", "access-log", "emergency", "緊急時の権限"),
            ("denied", "access-log", "no_permission", "緊急時の権限"),
        ]
        today = timezone.localdate()
        report = review_make(from_on=today, to_on=today, limits=Limits(), run_key="t")
    assert report.findings.get(kind="emergency").count == 3


def test_an_emergency_opens_nothing_of_a_second_person_of_numbers_of_rights_or_of_the_log() -> None:
    reviewer()
    staff = user()
    begin(staff)
    held = permissions_of(staff) - {"emergency.use"}
    assert "addressbook.view_party" in held
    assert not [code for code in held if catalogue()[code].four_eyes or catalogue()[code].risk == "number"]
    assert not [code for code in held if code.startswith(("rights.", "audit.", "approvals.", "emergency."))]


def test_the_ones_to_be_told_see_it_on_every_page_while_it_waits(client: Client) -> None:
    told = reviewer()
    begin(user())
    sign_in(client, told)
    html = client.get("/password").content.decode()
    assert "緊急時の点検" in html
    assert "（1" in html
    assert "点検待ちの緊急時の権限" in client.get("/").content.decode()


def test_nobody_to_tell_no_reason_no_right_no_use() -> None:
    with pytest.raises(errors.NobodyToTell):
        begin(user())
    reviewer("3009", person_no="H1")
    with pytest.raises(errors.NobodyToTell):
        begin(user("1009", person_no="H1"))  # the same human under another number is nobody to tell
    reviewer()
    with pytest.raises(errors.NotAllowed):
        begin(officer("1008"))
    with pytest.raises(errors.NotAllowed):
        begin(user("9100", kind="contractor", contract="maintenance"))
    staff = user()
    with context.using(staff_context(staff)), pytest.raises(errors.ReasonMissing):
        emergency_begin(actor=staff, reason=" 急ぎ ", terminal_code="T1")
    assert EmergencyUse.objects.count() == 0


def test_the_review_is_another_human_s_and_until_then_no_second_use() -> None:
    told = reviewer()
    with time_machine.travel(START, tick=False) as moving:
        staff = user(person_no="H1")
        use = begin(staff)
        with context.using(staff_context(told)), pytest.raises(errors.NotOver):
            emergency_review(use.pk, actor=told, remark="すべて障害の対応であることを確かめた")
        moving.shift(timedelta(minutes=31))
        guise = reviewer("3007", person_no="H1")
        with context.using(staff_context(guise)), pytest.raises(errors.SamePerson):
            emergency_review(use.pk, actor=guise, remark="問題はない。すべて確かめた")
        for again in (staff, user("1010", person_no="H1")):
            with pytest.raises(errors.Unreviewed):
                begin(again)
        with context.using(staff_context(told)):
            emergency_review(use.pk, actor=told, remark="すべて障害の対応であることを確かめた")
            with pytest.raises(errors.NotOver):
                emergency_review(use.pk, actor=told, remark="もう一度点検したことにする")
        permission_forget(staff)
        assert not has_permission(staff, "search.search")
        begin(staff)
    assert EmergencyUse.objects.count() == 2


def test_the_database_itself_keeps_half_an_hour_a_reason_and_another_reviewer() -> None:
    reviewer()
    use = begin(user())
    wrong: list[dict[str, Any]] = [
        {"ends_at": use.begun_at + timedelta(minutes=30, seconds=1)},
        {"reason": ""},
        {"told": []},
        {"reviewed_at": use.ends_at},
        {
            "reviewed_at": use.ends_at,
            "reviewed_by": use.staff,
            "reviewed_person": use.person_key,
            "remark": "自分で点検した",
        },
    ]
    for changes in wrong:
        with pytest.raises(IntegrityError, match="emergency_"), transaction.atomic():
            EmergencyUse.objects.update(**changes)


def test_it_can_be_ended_early_and_reviewed_on_its_page(client: Client) -> None:
    told, staff = reviewer(), user()
    sign_in(client, staff)
    client.post("/emergency/", {"reason": REASON})
    assert "いま終える" in client.get("/emergency/").content.decode()
    assert client.post("/emergency/end").status_code == 302
    assert client.get("/search/").status_code == 403
    use = EmergencyUse.objects.get()
    second = sign_in(Client(), told)
    page = second.get(f"/emergency/uses/{use.pk}")
    assert "操作の記録" in page.content.decode()
    assert second.post(f"/emergency/uses/{use.pk}", {"remark": "短い"}).status_code == 422
    assert second.post(f"/emergency/uses/{use.pk}", {"remark": "記録と理由が合うことを確かめた"}).status_code == 302
    use.refresh_from_db()
    assert use.reviewed_by == told
    assert "点検済" in second.get("/emergency/uses").content.decode()


def test_there_is_no_superuser_no_admin_and_no_way_to_make_one() -> None:
    names = {field.name for field in Staff._meta.get_fields()}
    assert not names & {"is_superuser", "is_staff", "groups", "user_permissions"}
    assert not apps.is_installed("django.contrib.admin")
    assert settings.AUTH_USER_MODEL == "staff.Staff"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE column_name IN ('is_superuser', 'is_staff')"
        )
        assert cursor.fetchall() == []
    with pytest.raises((CommandError, TypeError, AttributeError)):
        call_command("createsuperuser", interactive=False, staff_no="1", verbosity=0)
    assert Staff.objects.count() == 0

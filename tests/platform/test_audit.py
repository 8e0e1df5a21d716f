"""The access log: complete, append-only, without names or numbers, and stronger than the work it records."""

from typing import Any

import pytest
from auditlog.models import LogEntry
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from taxsys.platform.audit import context, services
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.audit.permissions import VIEW_LOG
from taxsys.platform.audit.services import AccessRow, AuditWriteFailed, access_record, access_record_many
from taxsys.platform.staff.models import Role, Unit
from taxsys.platform.staff.permissions import HOME
from tests.platform.actors import officer, sign_in, staff_context

pytestmark = pytest.mark.django_db


def test_without_a_context_nothing_is_recorded_and_the_act_stops() -> None:
    with pytest.raises(context.AuditContextMissing):
        access_record(action="view")
    assert AccessEvent.objects.count() == 0


def test_an_event_carries_who_where_what_and_whom() -> None:
    who = staff_context(officer(), function_id="addressbook.view", legal_base="地方税法20条の11", request_id="abc")
    with context.using(who):
        event = access_record(action="view", subjects=["p1", "p2"], record_type="party", tax_year=2026)
    stored = AccessEvent.objects.get(pk=event.pk)
    assert (stored.actor_kind, stored.actor_id, stored.unit_code, stored.terminal) == ("staff", "5001", "102", "T0001")
    assert (stored.function_id, stored.legal_base, stored.request_id) == (
        "addressbook.view", "地方税法20条の11", "abc",
    )  # fmt: skip
    assert (stored.subjects, stored.count, stored.tax_year, stored.result) == (["p1", "p2"], 2, 2026, "ok")


def test_contexts_nest_and_end() -> None:
    outer = context.AccessContext(actor_kind="job", actor_id="run-1")
    inner = context.AccessContext(actor_kind="system", actor_id="migrate")
    with context.using(outer):
        with context.using(inner):
            assert context.current() is inner
        assert context.current() is outer
        with context.scope():
            assert context.current_or_none() is None
    assert context.current_or_none() is None


def test_bulk_events_are_written_in_few_statements(django_assert_max_num_queries: Any) -> None:
    with context.using(context.AccessContext(actor_kind="job", actor_id="run-1")):
        rows = (AccessRow(action="print", subjects=[f"p{n}"]) for n in range(5000))
        with django_assert_max_num_queries(5):
            assert access_record_many(rows) == 5000
    assert AccessEvent.objects.filter(action="print", actor_kind="job").count() == 5000


def test_an_unknown_action_is_refused() -> None:
    with context.using(staff_context(officer())), pytest.raises(ValueError, match="peek"):
        access_record(action="peek")


@pytest.mark.req("R-229")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_accessevent SET actor_id = 'someone else'",
        "DELETE FROM audit_accessevent",
        "TRUNCATE audit_accessevent",
    ],
)
@pytest.mark.parametrize("role", ["taxsys_app", "taxsys_owner"])
def test_the_database_refuses_to_change_the_log(statement: str, role: str, database_role: Any) -> None:
    with context.using(staff_context(officer())):
        access_record(action="view", subjects=["p1"])
    with database_role(role), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AccessEvent.objects.get().actor_id == "5001"


def create_role_under_record() -> None:
    with transaction.atomic():
        Role.objects.create(code="x", name="x")
        access_record(action="create")


@pytest.mark.django_db(transaction=True)
def test_when_the_log_cannot_be_written_the_work_is_undone(database_role: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE taxsys_owner")
        cursor.execute("ALTER TABLE audit_accessevent ADD CONSTRAINT broken CHECK (false) NOT VALID")
        cursor.execute("SET ROLE taxsys_app")
    try:
        with (
            context.using(context.AccessContext(actor_kind="system", actor_id="test")),
            pytest.raises(AuditWriteFailed),
        ):
            create_role_under_record()
        assert not Role.objects.filter(code="x").exists()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE taxsys_owner")
            cursor.execute("ALTER TABLE audit_accessevent DROP CONSTRAINT broken")
            cursor.execute("SET ROLE taxsys_app")


def test_a_page_that_cannot_be_recorded_is_not_shown(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(client, officer(permissions=[VIEW_LOG]))

    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(services, "event_insert", broken)
    client.raise_request_exception = False
    answer = client.get("/access-log/")
    assert answer.status_code == 500
    assert "アクセス記録（新しい順）" not in answer.content.decode()
    assert client.get("/nowhere").status_code == 503


@pytest.mark.req("R-229")
def test_an_event_is_one_statement_and_holds_every_field(django_assert_num_queries: Any) -> None:
    given = context.AccessContext(
        actor_kind="staff", actor_id="5001", unit_code="102", terminal="T0001", function_id="addressbook.view_party",
        legal_base="地方税法20条の11", purpose="照会", request_id="r1", address="10.0.0.1",
    )  # fmt: skip
    with context.using(given), django_assert_num_queries(1):
        written = access_record(
            action="view", subjects=["a", "b'\\"], record_type="party", record_id="R1", tax_year=2026, reason="x"
        )
    stored = AccessEvent.objects.get(pk=written.pk)
    for field in AccessEvent._meta.concrete_fields:
        assert getattr(stored, field.attname) == getattr(written, field.attname), field.name
    assert (stored.subjects, stored.count, stored.tax_year, stored.actor_id) == (["a", "b'\\"], 2, 2026, "5001")


def test_each_event_is_stamped_with_its_transaction() -> None:
    with context.using(staff_context(officer())):
        access_record(action="view")
    with connection.cursor() as cursor:
        cursor.execute("SELECT transaction_id::text = pg_current_xact_id()::text FROM audit_accessevent")
        assert cursor.fetchone() == (True,)


def test_the_log_screen_filters_by_subject_and_records_the_look(client: Client) -> None:
    with context.using(staff_context(officer("5002"))):
        access_record(action="view", subjects=["party-a"])
        access_record(action="view", subjects=["party-b"])
    sign_in(client, officer("5001", permissions=[VIEW_LOG]))
    html = client.post("/access-log/", {"subject": "party-a"}).content.decode()
    assert "party-a" in html
    assert "party-b" not in html
    look = AccessEvent.objects.filter(record_type="access_event").first()
    assert look is not None
    assert (look.actor_id, look.subjects, look.function_id) == ("5001", ["party-a"], "audit.view_log")


def test_the_log_screen_explains_a_wrong_period(client: Client) -> None:
    sign_in(client, officer(permissions=[VIEW_LOG]))
    answer = client.post("/access-log/", {"from_on": "R8.11.20", "to_on": "R8.11.19"})
    assert answer.status_code == 422
    assert "「まで」は「から」以後の日を入力してください。" in answer.content.decode()


def test_master_data_changes_are_logged_without_secrets() -> None:
    staff = officer("5003")
    staff.set_password("とてもながい合言葉です-2026")
    staff.title = "係長"
    staff.save()
    entry = LogEntry.objects.get_for_object(staff).first()
    assert entry.changes["title"] == ["", "係長"]
    assert "pbkdf2" not in str(entry.changes)
    assert entry.object_repr == "5003"


@pytest.mark.parametrize("statement", ["UPDATE auditlog_logentry SET changes = NULL", "DELETE FROM auditlog_logentry"])
def test_the_change_log_cannot_be_altered(statement: str) -> None:
    Unit.objects.create(code="999", name="試験課")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    with pytest.raises(CommandError, match="消去できません"):
        call_command("auditlogflush")
    assert LogEntry.objects.filter(object_repr="試験課").count() == 1


def test_changes_in_a_request_carry_its_request_id(client: Client) -> None:
    sign_in(client, officer(permissions=[HOME]))
    answer = client.get("/")
    assert len(answer["X-Request-Id"]) == 32

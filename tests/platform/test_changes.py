"""The change log: before and after by the same person, terminal and request; masked; nothing written unnoticed."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import DatabaseError, connection, transaction
from django.test import Client

from addressbook.models import DeliveryAddress
from addressbook.services.parties import delivery_set
from taxsys.platform.audit.changes.registering import all_logged, change_logged
from taxsys.platform.audit.changes.selectors import ChangeFilter, changes, entries
from taxsys.platform.audit.changes.watching import unseen_writes
from taxsys.platform.audit.context import using
from taxsys.platform.audit.models import AccessEvent, MasterWrite
from taxsys.platform.audit.permissions import VIEW_CHANGES
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.models import Grant, Role, Staff, Terminal
from taxsys.platform.staff.services import staff_leave, terminal_register
from taxsys.platform.ui.templatetags.house import moment
from tests.addressbook.people import person
from tests.platform.actors import officer, sign_in, staff_context

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief() -> Iterator[Staff]:
    staff = officer("1002", name="岩崎　隆", permissions=[VIEW_CHANGES])
    with using(staff_context(staff, request_id="req-1")):
        yield staff


def test_a_change_tells_before_after_and_the_same_person_terminal_and_request(chief: Staff) -> None:
    leaver = officer("5009")
    staff_leave(leaver, on=date(2026, 12, 1))
    event = access_record(action="update", record_type="staff", record_id="5009")
    change = changes(entries(ChangeFilter(kind="staff.staff", record=str(leaver.pk))))[0]
    assert (change.action_ja, change.title_ja) == ("更新", "職員")
    assert [(f.label_ja, f.before, f.after) for f in change.fields] == [
        ("利用終了日（この日から利用不可）", "（なし）", "2026-12-01")
    ]
    assert (change.who_ja, change.unit_ja) == ("1002　岩崎　隆", "市民税課")
    assert (change.terminal, change.request_id) == (event.terminal, event.request_id) == ("T0001", "req-1")


def test_choices_and_yes_or_no_are_shown_in_words(chief: Staff) -> None:
    terminal_register(code="T9", name="窓口", unit_name="市民税課", address="10.0.0.9", is_number_use=True)
    fields = {f.label_ja: f.after for f in changes(entries(ChangeFilter(kind="staff.terminal")))[0].fields}
    assert (fields["番号利用端末"], fields["端末番号"]) == ("はい", "T9")
    officer("9001", kind=Staff.Kind.CONTRACTOR)
    row = entries(ChangeFilter(kind="staff.staff")).first()
    assert {f.label_ja: f.after for f in changes([row])[0].fields}["種別"] == "委託先従事者"


def test_moments_are_those_of_japan_and_other_tables_stay_out(chief: Staff) -> None:
    officer("5009", permissions=[VIEW_CHANGES])
    fields = {f.label_ja: f.after for f in changes(entries(ChangeFilter(kind="staff.grant")))[0].fields}
    granted = Grant.objects.get(staff__staff_no="5009").granted_at
    assert fields["付与日時"] == moment(granted)
    labels = {f.label_ja for one in changes(entries(ChangeFilter(kind="staff.staff"))) for f in one.fields}
    assert labels <= {str(field.verbose_name) for field in Staff._meta.concrete_fields}


def test_passwords_addresses_and_names_of_parties_are_masked(chief: Staff) -> None:
    chief.set_password("correct-horse-battery-26")
    chief.save()
    party = person(1, name="旭川　太郎")
    row = DeliveryAddress(
        party=party, valid_from=date(2026, 11, 1), addressee_name="親族　花子", zip="0700034", address_text="錦町5番6号"
    )
    delivery_set(row)
    stored = " ".join(
        f"{one.changes} {one.object_repr} {one.serialized_data} {one.additional_data}" for one in LogEntry.objects.all()
    )
    for secret in ("錦町", "親族", "0700034", "旭川", chief.password, "アサヒカワ"):
        assert secret not in stored
    told = changes(entries(ChangeFilter(kind="addressbook.deliveryaddress")))[0]
    assert ("住所", "（なし）", "＊＊＊") in [(f.label_ja, f.before, f.after) for f in told.fields]
    assert told.party == str(party.pk)


def test_no_model_of_the_vault_and_no_field_with_a_number_is_registered() -> None:
    for entry in all_logged():
        assert "vault" not in entry.model.__module__
        names = {field.name for field in entry.model._meta.get_fields()}
        assert not names & {"my_number", "number", "ciphertext", "blind_index"}, entry.label


@pytest.mark.parametrize(
    ("act", "operation", "rows"),
    [
        (lambda: Role.objects.bulk_create([Role(code=f"b{n}", name="一括") for n in range(3)]), "登録", 3),
        (lambda: Role.objects.update(name="一括"), "更新", 1),
        (lambda: _sql("UPDATE staff_role SET name = 'SQL'"), "更新", 1),
        (lambda: _sql("INSERT INTO staff_role (code, name) VALUES ('s', 'SQL')"), "登録", 1),
        (lambda: _sql("DELETE FROM staff_role"), "削除", 1),
    ],
    ids=["bulk_create", "update", "SQL update", "SQL insert", "SQL delete"],
)
def test_a_write_that_signals_cannot_see_is_noticed_with_who_did_it(
    chief: Staff, act: Any, operation: str, rows: int
) -> None:
    Role.objects.create(code="r1", name="役割")
    assert _unseen("役割") == []
    act()
    access_record(action="update", record_type="role")
    assert _unseen("役割") == [(operation, rows, "1002")]


def test_what_was_saved_one_by_one_is_not_called_unnoticed(chief: Staff) -> None:
    role = Role.objects.create(code="r1", name="役割")
    role.name = "役割2"
    role.save()
    role.save()  # nothing changes: neither an entry nor a write
    role.delete()
    assert _unseen("役割") == []
    assert list(entries(ChangeFilter(kind="staff.role")).values_list("action", flat=True)) == [2, 1, 0]


def test_a_sign_in_that_only_moves_the_last_login_is_no_change(chief: Staff, client: Client) -> None:
    before = MasterWrite.objects.count()
    sign_in(client, chief)
    assert MasterWrite.objects.filter(table_name="staff_staff").count() == before - _others(before)


def test_a_delivery_address_that_is_replaced_leaves_no_gap(chief: Staff) -> None:
    party = person(1)
    for day in (date(2026, 1, 1), date(2026, 6, 1)):
        delivery_set(DeliveryAddress(party=party, valid_from=day, address_text="錦町5番6号"))
    assert _unseen("送付先") == []
    assert entries(ChangeFilter(kind="addressbook.deliveryaddress")).count() == 4


def test_every_logged_table_has_its_three_triggers(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, count(*) FROM pg_trigger WHERE tgname LIKE 'audit_watch_%' GROUP BY 1"
        )
        assert dict(cursor.fetchall()) == {entry.table: 3 for entry in all_logged()}
    master = {"staff.staff", "staff.grant", "staff.terminal", "staff.unit", "addressbook.deliveryaddress",
              "addressbook.partyversion", "collection.debitmandate", "collection.taxkind", "intermediary.registerrow",
              "audit.watchedparty", "addressbook.partylink", "addressbook.bankaccount"}  # fmt: skip
    assert master <= {entry.label for entry in all_logged()}


@pytest.mark.parametrize("role", ["taxsys_app", "taxsys_owner"])
@pytest.mark.parametrize("table", ["audit_masterwrite", "auditlog_logentry"])
def test_entries_and_counts_cannot_be_altered(chief: Staff, database_role: Any, table: str, role: str) -> None:
    Role.objects.create(code="r1", name="役割")
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = 0"):
        with database_role(role), pytest.raises(DatabaseError), transaction.atomic():
            _sql(statement)


def test_a_field_that_does_not_exist_cannot_be_masked() -> None:
    with pytest.raises(FieldDoesNotExist):
        change_logged(Terminal, masked=("adress",))


def test_the_pages_of_all_of_one_record_and_of_one_party(chief: Staff, client: Client) -> None:
    party = person(1)
    delivery_set(DeliveryAddress(party=party, valid_from=date(2026, 1, 1), address_text="錦町5番6号"))
    role = Role.objects.create(code="r1", name="役割の名前")
    Role.objects.bulk_create([Role(code="b1", name="一括")])
    sign_in(client, chief)
    whole = client.get("/access-log/changes").content.decode()
    assert "役割の名前" in whole
    assert "項目の記録がない書込み" in whole
    one = client.get(f"/access-log/changes/staff.role/{role.pk}").content.decode()
    assert "役割の名前" in one
    assert "送付先" not in one
    theirs = client.get(f"/access-log/changes/party/{party.pk}").content.decode()
    assert "送付先" in theirs
    assert "役割の名前" not in theirs
    assert AccessEvent.objects.filter(record_type="change_log").latest("pk").subjects == [str(party.pk)]
    assert client.get("/access-log/changes/vault.number/1").status_code == 404
    narrowed = client.post("/access-log/changes", {"actor": "nobody"}).content.decode()
    assert "条件に合う変更はありません。" in narrowed


def _sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _others(count: int) -> int:
    return count - MasterWrite.objects.filter(table_name="staff_staff").count()


def _unseen(title_ja: str) -> list[tuple[str, int, str]]:
    return [(one.operation_ja, one.rows, one.actor) for one in unseen_writes() if one.title_ja == title_ja]


def test_models_named_by_the_log_are_installed() -> None:
    assert all(apps.get_model(entry.label) is entry.model for entry in all_logged())

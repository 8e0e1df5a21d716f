"""番号の漏えい点検: the scanner sees a planted number in every disguise and every place, and tells no digit of it."""

import gzip
import os
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import redis
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from addressbook.models import Party
from addressbook.number_scan import scanner, views
from addressbook.number_scan.digests import DigestTable, digests_of
from addressbook.number_scan.scanner import Place, look_over
from addressbook.services.feed import feed_apply_chunk
from addressbook.services.numbers import number_hold_many
from addressbook.vault.keys import key_provider
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.outbox.models import OutboxMessage
from taxsys.web.number_scan import Report, Scope, numbers_scan
from tests.addressbook.conftest import feed_record, number_context  # noqa: F401
from tests.hostile.disguises import DISGUISES, NUMBER, made_of, printed, zipped

pytestmark = [pytest.mark.req("R-172"), pytest.mark.req("R-214")]
OTHER = "123456789026"
SALT = b"known salt"


class Knows:
    """Somebody who knows the one number."""

    def which(self, values: Any) -> Any:
        return np.isin(values, [int(NUMBER)])


def found(content: bytes, digests: DigestTable | None = None) -> int:
    return len(look_over([Place("file", "x", [content])], Knows(), digests).findings)


# ---- disguises


@pytest.mark.parametrize("name", DISGUISES)
def test_a_number_is_seen_through_its_disguise(name: str) -> None:
    for before, after in ((b"", b""), ("氏名 ".encode(), b" end")):
        assert found(before + DISGUISES[name] + after), name


def test_a_number_across_the_cut_of_two_pieces_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "PIECE", 8 << 10)
    for cut in range(1, 12):
        pieces = [b"-" * ((8 << 10) - cut) + NUMBER[:cut].encode(), NUMBER[cut:].encode() + b"y"]
        assert look_over([Place("file", "x", pieces)], Knows()).findings[0].count == 1


def test_other_numbers_are_no_finding() -> None:
    wrong_digit, other_valid, torn = NUMBER[:-1] + "9", OTHER, "氏名".join(NUMBER)
    assert found(f"{wrong_digit} {other_valid} {torn} {'0' * 40}".encode()) == 0


def test_broken_archives_and_bombs_end_the_look_at_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST_UNPACKED", 1 << 16)
    bomb = gzip.compress(b"0" * (1 << 20)) + zipped(b"0" * (1 << 20))
    broken = b"PK\x03\x04broken %PDF-1.4 broken \x1f\x8b\x08broken" + gzip.compress(os.urandom(500))[:200]
    assert max(len(view.data) for view in views.views(bomb)) < 3 << 16
    assert found(bomb + broken + NUMBER.encode()) > 0


# ---- values made of a number


@pytest.mark.parametrize("name", made_of(NUMBER, salt=SALT))
def test_a_hash_of_a_number_is_a_finding(name: str) -> None:
    digests = DigestTable(digests_of(NUMBER.encode(), [SALT]))
    assert found(b"begin " + made_of(NUMBER, salt=SALT)[name] + b" end", digests) > 0
    assert found(b"begin " + made_of(OTHER, salt=SALT)[name] + b" end", digests) == 0


# ---- places


@pytest.fixture
def numbers(db: None, number_context: AccessContext) -> Party:  # noqa: F811
    """One number of a party in the vault and one held for a file; the party."""
    feed_apply_chunk([feed_record(1, my_number=NUMBER)], source="juki")
    number_hold_many([("line 1", OTHER)], source="wage.csv")
    return Party.objects.get()


@pytest.fixture
def broker() -> Iterator[Any]:
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    yield client
    client.delete("scan-test", f"scan-{NUMBER}")


def looked(**scope: Any) -> Report:
    who = AccessContext(actor_kind="system", actor_id="cli:test")
    with using(who):
        return numbers_scan(Scope(**{"opens_numbers": True, **scope}))


def where(report: Report) -> set[str]:
    return {f"{one.kind} {one.name}" for one in report.look.findings}


def test_a_filled_house_is_clean_and_says_what_was_looked_at(numbers: Party, data_folder: Path) -> None:
    (data_folder / "note.txt").write_text("9" * 60, encoding="ascii")
    report = looked(folders=(data_folder,), redis_url=os.environ["REDIS_URL"])
    assert (report.is_clean, report.look.findings, report.unread, report.known) == (True, [], [], 2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert report.look.places > cursor.fetchone()[0] > 50
    events = AccessEvent.objects.filter(function_id="addressbook.scan_numbers").order_by("id")
    assert {(one.action, one.record_type, one.legal_base) for one in events} == {
        ("read_number", "vault.scan", "番号法12条"),
        ("search", "vault.scan", "番号法12条"),
        ("search", "number_scan", "番号法12条"),
    }
    assert (events.last().count, events.last().reason) == (0, "clean")


@pytest.mark.parametrize("planted", [NUMBER, OTHER, "１２３４－５６７８－９０１８"])
def test_a_number_in_a_row_is_told_by_table_and_column(numbers: Party, planted: str) -> None:
    Party.objects.filter(pk=numbers.pk).update(name=f"x{planted}y")
    assert where(looked()) == {"表 public.addressbook_party.name"}


def test_the_index_value_outside_the_vault_is_a_finding(numbers: Party) -> None:
    index = key_provider().index([NUMBER.encode()], index_version=1)[0]
    Party.objects.filter(pk=numbers.pk).update(name_kana=index.hex())
    assert where(looked()) == {"表 public.addressbook_party.name_kana"}
    assert where(looked(opens_numbers=False)) == set()


def test_a_number_in_a_session_an_event_and_a_queued_row_is_found(numbers: Party) -> None:
    store = Session.get_session_store_class()
    Session.objects.create(
        session_key="k", session_data=store().encode({"last": NUMBER, "x": "y" * 90}), expire_date=timezone.now()
    )
    OutboxMessage.objects.create(topic="x", subject_key="x", dedupe_key="x", payload={"deep": [{"n": NUMBER}]})
    AccessEvent.objects.create(actor_kind="system", actor_id="x", action="view", record_id=NUMBER)
    assert where(looked()) == {
        "表 public.django_session.session_data",
        f"表 public.{OutboxMessage._meta.db_table}.payload",
        "表 public.audit_accessevent.record_id",
    }


def test_a_table_that_no_model_knows_is_looked_at(numbers: Party, database_role: Any) -> None:
    with database_role("taxsys_owner"), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE left_over (body bytea)")
        cursor.execute("INSERT INTO left_over VALUES (%s)", [zipped(NUMBER.encode())])
        cursor.execute("GRANT SELECT ON left_over TO taxsys_app")
    assert where(looked()) == {"表 public.left_over.body"}


@pytest.mark.django_db(transaction=True)
def test_a_table_that_may_not_be_read_is_told(numbers: Party, database_role: Any) -> None:
    with database_role("taxsys_owner"), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE shut (body text)")
        cursor.execute("REVOKE ALL ON shut FROM taxsys_app")
    try:
        report = looked()
    finally:
        with database_role("taxsys_owner"), connection.cursor() as cursor:
            cursor.execute("DROP TABLE shut")
    assert (report.is_clean, report.look.findings) == (False, [])
    assert [text.split(":")[0] for text in report.unread] == ["表 public.shut"]


@pytest.mark.parametrize("kind", ["string", "list", "hash", "set", "zset", "stream", "key"])
def test_a_number_in_the_broker_is_found(numbers: Party, broker: Any, kind: str) -> None:
    plant = {
        "string": lambda: broker.set("scan-test", NUMBER),
        "list": lambda: broker.rpush("scan-test", '{"body": "' + NUMBER + '"}'),
        "hash": lambda: broker.hset("scan-test", NUMBER, "x"),
        "set": lambda: broker.sadd("scan-test", NUMBER),
        "zset": lambda: broker.zadd("scan-test", {NUMBER: 1}),
        "stream": lambda: broker.xadd("scan-test", {"n": NUMBER + "x"}),
        "key": lambda: broker.set(f"scan-{NUMBER}", "x"),
    }
    plant[kind]()
    report = looked(has_tables=False, redis_url=os.environ["REDIS_URL"])
    assert {one.kind for one in report.look.findings} == {"Valkey"}
    assert NUMBER not in str(report)


FILES = {
    "log/web.log": f'{{"event": "x", "path": "/party?q={NUMBER}"}}\n'.encode(),
    "log/postgres.log": f"LOG:  duration: 12 ms  parameters: $1 = '{NUMBER}'\n".encode(),
    "data/print/notice.pdf": printed(NUMBER),
    "data/issued/list.csv": f"宛名番号,番号\r\nR0001,{NUMBER}\r\n".encode("cp932"),
    "data/issued/list.xlsx": zipped(f"<v>{NUMBER}</v>".encode()),
    "tmp/tmpabc": b"--boundary\r\n\r\n" + NUMBER.encode("utf-16-le"),
    "crash/page.html": f"<td>{NUMBER[:6]}</td><td>{NUMBER[6:]}</td>".encode(),
    "core/core.1": b"\x7fELF" + os.urandom(4000) + NUMBER.encode("utf-32-le") + os.urandom(4000),
    "valkey/appendonly.aof": f"*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$12\r\n{NUMBER}\r\n".encode(),
}  # fmt: skip


@pytest.mark.parametrize("path", FILES)
def test_a_number_in_a_file_is_told_by_its_path(numbers: Party, tmp_path: Path, path: str) -> None:
    place = tmp_path / "house" / path
    place.parent.mkdir(parents=True)
    place.write_bytes(FILES[path])
    report = looked(has_tables=False, folders=(tmp_path / "house",))
    assert {one.name for one in report.look.findings} == {f"house/{path}"}


def test_the_name_of_a_file_is_looked_at(numbers: Party, tmp_path: Path) -> None:
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / f"{NUMBER}.txt").touch()
    report = looked(has_tables=False, folders=(tmp_path / "house",))
    assert where(report) == {"ファイル名 house"}


def test_the_databases_own_files_may_hold_index_values_but_no_number(numbers: Party, tmp_path: Path) -> None:
    index = key_provider().index([NUMBER.encode()], index_version=1)[0]
    (tmp_path / "base").write_bytes(index)
    assert looked(has_tables=False, vault_folders=(tmp_path,)).is_clean
    assert not looked(has_tables=False, folders=(tmp_path,)).is_clean
    (tmp_path / "base").write_bytes(NUMBER.encode())
    assert not looked(has_tables=False, vault_folders=(tmp_path,)).is_clean


# ---- the command


def command(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("numbers_scan", *arguments, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def test_the_command_tells_where_and_how_many_and_no_digit(numbers: Party, data_folder: Path) -> None:
    assert command("--derived")[0] == 0
    (data_folder / "left.txt").write_text(f"{NUMBER}\n{OTHER}\n", encoding="ascii")
    status, told = command("--derived")
    assert status == 1
    assert "発見 ファイル data/left.txt (text) 2件" in told
    assert "金庫の番号 2件" in told
    assert NUMBER not in told
    assert OTHER not in told
    with pytest.raises(CommandError, match="がありません"):
        command("--folder", str(data_folder / "nowhere"))

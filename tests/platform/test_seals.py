"""The log cannot be edited, thinned, filled up or cut without the first bad place being named (N-069, H084-H088)."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from taxsys.platform import clock
from taxsys.platform.audit import merkle, sealing
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.audit.lines import NAMES, lines_between
from taxsys.platform.audit.media.exporting import NothingSealed, export
from taxsys.platform.audit.media.verify_audit import signature_holds as plain_signature_holds
from taxsys.platform.audit.models import AccessEvent, Epoch, Seal, SignedHead
from taxsys.platform.audit.sealing import SealsLate, seal_once, seal_pending, seal_state
from taxsys.platform.audit.services import AccessRow, access_record_many
from taxsys.platform.audit.signing import head_code, head_sign, signer
from taxsys.platform.audit.verifying import Verification, verify_log

# Sealing takes only what other transactions have committed: these tests need real commits.
pytestmark = pytest.mark.django_db(transaction=True)
Change = Callable[..., None]


@pytest.fixture(autouse=True)
def somebody() -> Any:
    with using(AccessContext(actor_kind="system", actor_id="test")):
        yield


@pytest.fixture
def tamper() -> Change:
    """Do what only the owner of the database could do, with triggers off."""

    def change(statement: str, *values: object) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE NONE")
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(statement, values)

    return change


def events(count: int) -> list[int]:
    """Write events one transaction each; their ids."""
    before = set(AccessEvent.objects.values_list("id", flat=True))
    for number in range(count):
        access_record_many([AccessRow(action="view", subjects=[f"p{number}"], record_type="party")])
    return sorted(set(AccessEvent.objects.values_list("id", flat=True)) - before)


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Twelve events in three seals."""
    monkeypatch.setattr(sealing, "EVENTS_A_SEAL", 5)
    ids = events(12)
    assert seal_pending() == 12
    assert [seal.count for seal in Seal.objects.all()] == [4, 4, 4]
    return ids


def checked(**more: Any) -> Verification:
    return verify_log(public=signer().public, **more)


def test_an_untouched_log_verifies(sealed: list[int]) -> None:
    events(2)
    found = checked()
    assert (found.faults, found.seals, found.sealed, found.unsealed) == ([], 3, 12, 2)


def test_sealing_again_changes_nothing(sealed: list[int]) -> None:
    assert seal_pending() == 0
    assert Seal.objects.count() == 3


@pytest.mark.req("R-229")
@pytest.mark.parametrize(
    "column", ["actor_id = 'x'", "reason = 'x'", "subjects = '{}'", "occurred_at = occurred_at - interval '1 us'"]
)
def test_one_edited_event_is_named(sealed: list[int], tamper: Change, column: str) -> None:
    tamper(f"UPDATE audit_accessevent SET {column} WHERE id = %s", sealed[5])
    assert checked().faults == [f"封印2の2件目: 記録{sealed[5]}の内容が変えられています。"]


def test_a_deleted_event_is_named(sealed: list[int], tamper: Change) -> None:
    tamper("DELETE FROM audit_accessevent WHERE id = %s", sealed[6])
    assert checked().faults == [f"封印2の3件目: 記録{sealed[6]}がありません(削除)。"]


def test_the_last_event_of_the_last_seal_deleted_is_named(sealed: list[int], tamper: Change) -> None:
    tamper("DELETE FROM audit_accessevent WHERE id = %s", sealed[-1])
    assert checked().faults == [f"封印3の4件目: 記録{sealed[-1]}がありません(削除)。"]


def test_an_event_put_in_afterwards_is_named(sealed: list[int], tamper: Change) -> None:
    tamper(
        "INSERT INTO audit_accessevent SELECT (jsonb_populate_record(e, '{\"id\": 900000}')).* FROM audit_accessevent e"
        " WHERE id = %s",
        sealed[1],
    )
    assert checked().faults == ["封印1の3件目: 記録900000は封印の後に加えられています(挿入)。"]


def test_two_events_that_changed_places_are_named(sealed: list[int], tamper: Change) -> None:
    first, second = sealed[4], sealed[5]
    tamper(
        "UPDATE audit_accessevent e SET transaction_id = o.transaction_id FROM audit_accessevent o"
        " WHERE e.id IN (%s, %s) AND o.id IN (%s, %s) AND o.id <> e.id",
        first, second, first, second,
    )  # fmt: skip
    assert checked().faults == [f"封印2の1件目: 記録{first}の順序が変えられています(この位置に記録{second})。"]


def test_a_changed_seal_and_changed_leaves_are_told(sealed: list[int], tamper: Change) -> None:
    tamper("UPDATE audit_seal SET count = 3 WHERE seq = 2")
    assert "封印2の内容が変えられています。" in checked().faults
    tamper("UPDATE audit_seal SET count = 4 WHERE seq = 2")
    tamper("UPDATE audit_sealleaves SET hashes = overlay(hashes PLACING '\\x00'::bytea FROM 1) WHERE seal_id = 3")
    assert "封印3の葉が変えられています。" in checked().faults


def test_a_seal_taken_out_breaks_the_chain(sealed: list[int], tamper: Change) -> None:
    tamper("DELETE FROM audit_sealleaves WHERE seal_id = 2")
    tamper("DELETE FROM audit_seal WHERE seq = 2")
    assert checked().faults[:2] == ["封印2がありません(次は封印3)。", "封印3は前の封印につながっていません。"]


@pytest.mark.req("R-229")
def test_a_cut_tail_is_caught_by_the_head_kept_elsewhere(sealed: list[int], tamper: Change) -> None:
    head = head_sign(date(2026, 11, 20))
    assert head is not None
    code = head_code(head)
    tamper("DELETE FROM audit_signedhead")
    tamper("DELETE FROM audit_accessevent WHERE id >= %s", sealed[8])
    tamper("DELETE FROM audit_sealleaves WHERE seal_id = 3")
    tamper("DELETE FROM audit_seal WHERE seq = 3")
    assert checked().faults == []  # nothing inside the database can tell
    assert checked(code=code).faults == ["控えの符号が指す封印3がありません(末尾が切られています)。"]


def test_a_log_written_anew_is_caught_by_the_signed_head(
    sealed: list[int], tamper: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    head_sign(date(2026, 11, 20))
    tamper("DELETE FROM audit_sealleaves")
    tamper("DELETE FROM audit_seal")
    tamper("UPDATE audit_accessevent SET actor_id = 'x' WHERE id = %s", sealed[2])
    monkeypatch.setattr(sealing, "EVENTS_A_SEAL", 5)
    seal_pending()
    assert checked().faults == ["2026-11-20の署名が封印3と合いません(封印が置き換えられています)。"]


def test_a_head_signed_by_another_key_is_told(sealed: list[int], tamper: Change) -> None:
    head = head_sign(date(2026, 11, 20))
    assert head is not None
    other = Ed25519PrivateKey.generate()
    message = merkle.head_message("2026-11-20", head.seq, bytes(head.value), head.events_total)
    tamper("UPDATE audit_signedhead SET signature = %s", other.sign(message))
    assert checked().faults == ["2026-11-20の署名が正しくありません。"]


def test_the_application_can_change_neither_seals_nor_heads(sealed: list[int]) -> None:
    head_sign(date(2026, 11, 20))
    for table in ("audit_seal", "audit_sealleaves", "audit_signedhead", "audit_epoch"):
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
    with pytest.raises(DatabaseError), transaction.atomic():
        Epoch.objects.create(number=9, cluster="x")


def test_a_transaction_still_open_is_not_sealed_past(transactional_db: None) -> None:
    """H085: what commits late is sealed later, and nothing is skipped."""
    events(1)  # the epoch has begun
    settings = connection.settings_dict
    with psycopg.connect(
        dbname=settings["NAME"], user=settings["USER"], password=settings["PASSWORD"], host=settings["HOST"],
        port=settings["PORT"] or None,
    ) as late:  # fmt: skip
        late.execute(
            "INSERT INTO audit_accessevent (occurred_at, business_on, actor_kind, actor_id, unit_code, terminal,"
            " address, function_id, legal_base, purpose, action, subjects, record_type, record_id, result, reason,"
            " request_id) VALUES (now(), '2026-11-20', 'job', 'late', '', '', '', '', '', '', 'view', '{}', '', '',"
            " 'ok', '', '')"
        )
        events(3)
        assert seal_pending() == 1  # the three are younger than the open one
        late.commit()
    assert seal_pending() == 4
    assert checked().faults == []


def test_a_transaction_open_in_another_database_holds_nothing_up() -> None:
    settings = connection.settings_dict
    login = {"user": settings["USER"], "password": settings["PASSWORD"], "host": settings["HOST"]}
    with psycopg.connect(dbname="postgres", port=settings["PORT"] or None, **login) as elsewhere:
        elsewhere.execute("SELECT pg_current_xact_id()")  # it has a number and stays open
        events(3)
        assert seal_pending() == 3
    assert checked().faults == []


def test_a_transaction_that_ends_in_another_database_just_now_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands among the running ones and holds no lock any more when their homes are looked up."""
    slow = "FROM (SELECT pg_sleep(0.2)::text AS nap OFFSET 0) AS pause CROSS JOIN LATERAL"
    locks = f"{slow} (SELECT * FROM pg_locks WHERE pause.nap IS NOT NULL OFFSET 0) AS l"
    assert "FROM pg_locks AS l" in sealing._HORIZON
    monkeypatch.setattr(sealing, "_HORIZON", sealing._HORIZON.replace("FROM pg_locks AS l", locks))
    settings = connection.settings_dict
    login = {"user": settings["USER"], "password": settings["PASSWORD"], "host": settings["HOST"]}
    with psycopg.connect(dbname="postgres", port=settings["PORT"] or None, **login) as elsewhere:
        elsewhere.execute("SELECT pg_current_xact_id()")
        events(3)
        ending = threading.Timer(0.1, elsewhere.commit)
        ending.start()
        assert seal_once() == 3
        ending.join()
    assert checked().faults == []


def test_a_transaction_is_never_split_over_two_seals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "EVENTS_A_SEAL", 5)
    access_record_many([AccessRow(action="view") for _ in range(17)])
    events(2)
    assert seal_pending() == 19
    assert [seal.count for seal in Seal.objects.all()] == [17, 2]
    assert checked().faults == []


def test_two_sealers_make_one_chain(sealed: list[int]) -> None:
    """H086: while one holds the lock the other leaves at once."""
    settings = connection.settings_dict
    events(1)
    with psycopg.connect(
        dbname=settings["NAME"], user=settings["USER"], password=settings["PASSWORD"], host=settings["HOST"],
        port=settings["PORT"] or None,
    ) as other:  # fmt: skip
        other.execute("SELECT pg_advisory_xact_lock(%s)", [sealing._LOCK])
        assert seal_once() == 0
    assert seal_once() == 1


@pytest.mark.req("R-229")
def test_after_a_restore_on_another_cluster_the_chain_goes_on(sealed: list[int], tamper: Change) -> None:
    # The same rows, told that they come from elsewhere with far higher transaction numbers than this cluster's.
    tamper("UPDATE audit_epoch SET cluster = 'former'")
    tamper("UPDATE audit_seal SET to_xid = to_xid")
    events(3)
    assert Epoch.objects.get(number=1).cluster == "former"
    assert Epoch.objects.count() == 2
    assert seal_pending() == 3
    assert list(Seal.objects.values_list("epoch", flat=True)) == [1, 1, 1, 2]
    assert checked().faults == []


def test_what_was_left_unsealed_before_a_restore_is_sealed_in_its_own_epoch(sealed: list[int], tamper: Change) -> None:
    events(2)
    tamper("UPDATE audit_epoch SET cluster = 'former'")
    events(1)
    assert seal_pending() == 3
    assert list(Seal.objects.values_list("epoch", "count").order_by("seq"))[3:] == [(1, 2), (2, 1)]
    assert checked().faults == []


def test_the_state_tells_how_far_sealing_lags(sealed: list[int]) -> None:
    assert (seal_state().waiting, seal_state().level) == (0, "done")
    events(1)
    with time_machine.travel(clock.now() + timedelta(minutes=10)):
        assert (seal_state().waiting, seal_state().level) == (1, "caution")
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        assert seal_state().level == "danger"


def test_number_functions_stop_while_seals_lag_four_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    from addressbook.vault import manager

    monkeypatch.setattr(sealing, "_checked", {})
    events(1)
    complete = AccessContext(
        actor_kind="staff", actor_id="1", function_id="f", purpose="p", legal_base="番号法9条1項"
    )  # fmt: skip
    with using(complete), time_machine.travel(clock.now() + timedelta(hours=5)), pytest.raises(SealsLate, match="封印"):
        manager.vault.put([], [], origin=manager.Origin(source="x", verified_by="x", acquired_on=date(2026, 1, 1)))
    seal_pending()
    with using(complete):
        assert manager.vault.put(
            [], [], origin=manager.Origin(source="x", verified_by="x", acquired_on=date(2026, 1, 1))
        ) == []  # fmt: skip


# ---- the tree


@given(lines=st.lists(st.binary(max_size=20), min_size=1, max_size=40), data=st.data())
def test_every_leaf_has_a_proof_and_no_other_line_fits_it(lines: list[bytes], data: st.DataObject) -> None:
    leaves = [merkle.leaf(line) for line in lines]
    place = data.draw(st.integers(0, len(lines) - 1))
    steps = merkle.proof(leaves, place)
    assert merkle.proof_holds(lines[place], steps, merkle.root(leaves))
    assert not merkle.proof_holds(lines[place] + b"x", steps, merkle.root(leaves))


def test_a_leaf_is_not_a_node() -> None:
    a, b = merkle.leaf(b"a"), merkle.leaf(b"b")
    assert merkle.root([a, b]) != merkle.leaf(a + b)


# ---- external media


@pytest.fixture
def medium(sealed: list[int], tmp_path: Path) -> Path:
    head_sign(date(2026, 11, 20))
    today = clock.now().date()
    assert export(tmp_path / "media", first=today - timedelta(days=1), last=today + timedelta(days=1)) == 12
    return tmp_path / "media"


def verify_alone(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The verifier as its reader runs it: no Django, no package, another process."""
    command = [sys.executable, "-I", "-S", str(folder / "verify_audit.py"), str(folder), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.req("R-229")
def test_an_exported_piece_is_verified_with_nothing_but_python(medium: Path) -> None:
    done = verify_alone(medium)
    assert (done.returncode, done.stdout) == (0, "3 seals, 12 events: intact\n")
    head = SignedHead.objects.get()
    assert verify_alone(medium, "--head", head_code(head)).returncode == 0
    assert verify_alone(medium, "--head", f"3:{'0' * 64}").returncode == 1


@pytest.mark.parametrize("name", ["events.tsv", "seals.jsonl", "heads.jsonl"])
@pytest.mark.parametrize("fault", ["edit", "drop", "swap"])
def test_an_exported_piece_that_was_tampered_with_is_told(medium: Path, name: str, fault: str) -> None:
    lines = (medium / name).read_bytes().splitlines(keepends=True)
    if fault == "edit":
        lines[0] = lines[0].replace(b"1", b"2")
    elif fault == "drop":
        lines = lines[1:]
    else:
        lines = [*lines[1:], lines[0]] if len(lines) > 1 else []
    (medium / name).write_bytes(b"".join(lines))
    done = verify_alone(medium)
    assert done.returncode == 1
    assert "NOT intact" in done.stdout


def test_even_with_a_manifest_made_to_fit_the_change_is_found(medium: Path) -> None:
    import hashlib

    changed = (medium / "events.tsv").read_bytes().replace(b"party", b"PARTY", 1)
    (medium / "events.tsv").write_bytes(changed)
    manifest = json.loads((medium / "manifest.json").read_text())
    manifest["files"]["events.tsv"] = hashlib.sha256(changed).hexdigest()
    (medium / "manifest.json").write_text(json.dumps(manifest))
    done = verify_alone(medium)
    assert done.returncode == 1
    assert "seal 1: an event was changed" in done.stdout


def test_the_same_seals_give_the_same_bytes(medium: Path, tmp_path: Path) -> None:
    today = clock.now().date()
    export(tmp_path / "again", first=today - timedelta(days=1), last=today + timedelta(days=1))
    for path in medium.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


def test_no_period_without_seals_and_no_folder_in_use(medium: Path, tmp_path: Path) -> None:
    with pytest.raises(NothingSealed):
        export(tmp_path / "none", first=date(2020, 1, 1), last=date(2020, 1, 31))
    today = clock.now().date()
    with pytest.raises(FileExistsError):
        export(medium, first=today, last=today + timedelta(days=1))


def test_the_plain_signature_check_agrees_with_the_library() -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public, signature = key.public_key().public_bytes_raw(), key.sign(b"message")
    assert plain_signature_holds(public, b"message", signature)
    assert not plain_signature_holds(public, b"messagE", signature)
    for place in (0, 31, 32, 63):
        wrong = bytearray(signature)
        wrong[place] ^= 1
        assert not plain_signature_holds(public, b"message", bytes(wrong))
    assert not plain_signature_holds(public[::-1], b"message", signature)


def test_exported_columns_are_named_in_order(medium: Path) -> None:
    manifest = json.loads((medium / "manifest.json").read_text())
    assert manifest["columns"] == list(NAMES)
    first = (medium / "events.tsv").read_text().splitlines()[0].split("\t")
    row = dict(zip(manifest["columns"], first, strict=True))
    assert (row["actor_id"], row["action"], row["subjects"]) == ("test", "view", '["p0"]')


# ---- the command


def test_the_command_seals_verifies_and_exports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events(3)
    call_command("audit", "seal")
    assert "3件を封印しました" in capsys.readouterr().out
    call_command("audit", "verify")
    assert "異常なし" in capsys.readouterr().out
    today = clock.now().date()
    words = ["--from", str(today - timedelta(days=1)), "--to", str(today + timedelta(days=1))]
    call_command("audit", "export", *words, "--folder", str(tmp_path / "out"))
    assert "出力しました" in capsys.readouterr().out
    shutil.rmtree(tmp_path / "out")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x").touch()
    with pytest.raises(CommandError, match="空ではありません"):
        call_command("audit", "export", *words, "--folder", str(tmp_path / "out"))


def test_the_command_ends_with_status_1_when_something_is_wrong(
    sealed: list[int], tamper: Change, capsys: pytest.CaptureFixture[str]
) -> None:
    tamper("DELETE FROM audit_accessevent WHERE id = %s", sealed[0])
    with pytest.raises(SystemExit) as ended:
        call_command("audit", "verify")
    assert ended.value.code == 1
    assert f"記録{sealed[0]}がありません" in capsys.readouterr().out


def test_a_line_holds_no_tab_or_line_end_of_its_own() -> None:
    access_record_many([AccessRow(action="view", record_id="a\tb\nc\\d", reason="x")])
    line = next(iter(list(lines_between(Epoch.objects.get().number, 0, 2**62))))
    assert line.count(b"\t") == len(NAMES) - 1
    assert b"a\\tb\\nc\\\\d" in line

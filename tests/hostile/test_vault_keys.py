"""Keys of the vault change while the system runs, and what an erased key sealed is lost for good (H021, H079–H082)."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from addressbook.errors import KeyGone, KeyInUse, KeyProviderRefused, VaultTampered
from addressbook.permissions import APPROVE_KEYS
from addressbook.services import key_ranges, keys
from addressbook.vault import rotation
from addressbook.vault.door import data_keys
from addressbook.vault.keys import key_provider
from addressbook.vault.manager import Origin, vault
from addressbook.vault.sealing import _unwrapped, data_key_open
from taxsys.platform import clock
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.services import SYSTEM, _start, job_approve, job_request
from tests.addressbook.conftest import full_context, number_context  # noqa: F401
from tests.jobs.kill import Workshop, survives_every_kill
from tests.platform.actors import officer

ORIGIN = Origin(source="test", verified_by="resident-record", acquired_on=date(2026, 1, 5))
SIZE = 24


def digits(position: int) -> bytes:
    """Twelve digits that stand for a number; the vault itself does not look at check digits."""
    return f"{position:012d}".encode()


def filled() -> dict[uuid.UUID, bytes]:
    """Parties with numbers, and four held numbers beside them."""
    numbers = {uuid.uuid4(): digits(position) for position in range(SIZE)}
    vault.put(list(numbers), list(numbers.values()), origin=ORIGIN)
    vault.hold([uuid.uuid4() for _ in range(4)], [digits(1000 + position) for position in range(4)], source="test")
    return numbers


def opened(parties: list[uuid.UUID]) -> dict[uuid.UUID, bytes]:
    """What the seals of these parties hold (the value type would refuse such digits)."""
    rows = rotation.call(
        "SELECT id, party_id, key_version, nonce, ciphertext, tag FROM vault.number_read(%s, 'read_number', %b)",
        (rotation.context_json(), parties),
    )
    seals = [(row[0], row[1].bytes, row[2], rotation.Seal(*map(bytes, row[3:6]))) for row in rows]
    return dict(zip([row[1] for row in rows], rotation.opened(seals), strict=True))


def all_open(numbers: dict[uuid.UUID, bytes]) -> bool:
    """Whether every number reads as it was written."""
    return opened(list(numbers)) == numbers


@contextmanager
def as_vault(database_role: Any) -> Iterator[Any]:
    """A cursor of somebody who owns the vault's tables, triggers switched off: the worst database administrator."""
    with database_role("taxsys_owner"), connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        cursor.execute("SET session_replication_role = replica")
        try:
            yield cursor
        finally:
            if not connection.needs_rollback:
                cursor.execute("SET session_replication_role = origin")


@pytest.fixture
def people(db: None, number_context: AccessContext) -> dict[uuid.UUID, bytes]:  # noqa: F811
    return filled()


def rotate() -> keys.Proof:
    target = keys.key_next()
    keys.key_make(target)
    for start, stop in key_ranges.slices(3):
        keys.numbers_reseal(target, start=start, stop=stop)
    return keys.rotation_prove(target)


# ---- rotation


@pytest.mark.req("R-215")
def test_after_every_slice_every_number_opens_and_new_ones_get_the_new_key(people: dict[uuid.UUID, bytes]) -> None:
    target = keys.key_next()
    assert target == 2
    keys.key_make(target)
    seen = set()
    for start, stop in key_ranges.slices(3):
        keys.numbers_reseal(target, start=start, stop=stop)
        assert all_open(people)
        seen.add(tuple(sorted(rotation.sealed_count())))
    assert (1, 2) in seen
    newcomer = uuid.uuid4()
    vault.put([newcomer], [digits(500)], origin=ORIGIN)
    proof = keys.rotation_prove(target)
    assert (proof.sealed, proof.opened, proof.retired) == (SIZE + 4 + 1, SIZE + 4 + 1, (1,))
    assert rotation.key_states() == [(1, "file", True), (2, "file", False)]
    assert all_open({**people, newcomer: digits(500)})
    assert AccessEvent.objects.filter(record_type="vault.reseal").exists()


def test_the_same_slice_again_changes_nothing(people: dict[uuid.UUID, bytes]) -> None:
    keys.key_make(2)
    whole = {"start": uuid.UUID(int=0), "stop": None}
    assert keys.numbers_reseal(2, **whole) == SIZE + 4
    assert keys.numbers_reseal(2, **whole) == 0


def test_slices_cover_every_id_once() -> None:
    cut = list(key_ranges.slices(4))
    assert len(cut) == 16
    assert cut[0][0] == uuid.UUID(int=0)
    assert cut[-1][1] is None
    assert [stop for _, stop in cut[:-1]] == [start for start, _ in cut[1:]]


def test_a_rotation_after_an_abandoned_one_takes_everything_along(people: dict[uuid.UUID, bytes]) -> None:
    keys.key_make(2)
    keys.numbers_reseal(2, start=uuid.UUID(int=0), stop=uuid.UUID(int=1 << 127))
    proof = rotate()
    assert (proof.sealed, proof.retired) == (SIZE + 4, (1, 2))
    assert all_open(people)


def test_a_tampered_row_stops_the_rotation_and_no_key_is_retired(
    people: dict[uuid.UUID, bytes], database_role: Any
) -> None:
    with as_vault(database_role) as cursor:
        cursor.execute("UPDATE vault.number SET tag = set_bit(tag, 5, 1 - get_bit(tag, 5)) WHERE party_id = %s",
                       [list(people)[3]])  # fmt: skip
    with pytest.raises(VaultTampered):
        rotate()
    assert [is_retired for _, _, is_retired in rotation.key_states()] == [False, False]
    assert rotation.sealed_count()[1] >= 1


def test_a_key_in_use_or_the_newest_is_neither_retired_nor_erased(people: dict[uuid.UUID, bytes]) -> None:
    for act in (lambda: rotation.key_retire(1), lambda: keys.key_erase(1)):
        with pytest.raises(KeyInUse), transaction.atomic():
            act()
    keys.key_make(2)
    for act in (lambda: rotation.key_retire(1), lambda: rotation.key_retire(2), lambda: keys.key_erase(2)):
        with pytest.raises(KeyInUse), transaction.atomic():
            act()
    assert all_open(people)


def test_a_seal_of_the_first_label_opens_and_is_made_anew(people: dict[uuid.UUID, bytes], database_role: Any) -> None:
    first, number = next(iter(people.items()))
    key = data_key_open(key_provider(), 1, data_keys()[1])
    row = rotation.call("SELECT id FROM vault.number_read(%s, 'read_number', %b)", (rotation.context_json(), [first]))[
        0
    ][0]
    sealed = key.cipher.encrypt(b"n" * 12, number, f"taxsys.vault.v1|{row}|{first}|local-tax|1".encode())
    with as_vault(database_role) as cursor:
        cursor.execute("UPDATE vault.number SET nonce = %s, ciphertext = %s, tag = %s WHERE id = %s",
                       [b"n" * 12, sealed[:12], sealed[12:], row])  # fmt: skip
    assert all_open(people)
    rotate()
    assert all_open(people)


# ---- retired and erased keys


def test_a_writer_who_still_holds_the_old_key_leaves_no_row(people: dict[uuid.UUID, bytes]) -> None:
    old = data_keys()
    rotate()
    late = [uuid.uuid4()]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("addressbook.vault.door.data_keys", lambda: old)
        with pytest.raises(KeyGone):
            vault.put(late, [digits(700)], origin=ORIGIN)
    assert vault.parties_with_number(late) == set()
    assert rotation.sealed_count() == {2: SIZE + 4}


def test_an_old_row_brought_back_by_the_administrator_is_refused(
    people: dict[uuid.UUID, bytes], database_role: Any
) -> None:
    first = next(iter(people))
    with as_vault(database_role) as cursor:
        cursor.execute("CREATE TEMP TABLE kept AS SELECT * FROM vault.number WHERE party_id = %s", [first])
        cursor.execute("GRANT ALL ON kept TO PUBLIC")
    rotate()
    with as_vault(database_role) as cursor:
        cursor.execute(
            "UPDATE vault.number n SET key_version = k.key_version, nonce = k.nonce, ciphertext = k.ciphertext,"
            " tag = k.tag FROM kept k WHERE n.id = k.id"
        )
    with pytest.raises(KeyGone) as caught:
        vault.read([first], action="read_number")
    assert "退役・消去した鍵" in caught.value.message_ja
    assert all_open({party: number for party, number in people.items() if party != first})
    with as_vault(database_role) as cursor:
        cursor.execute("UPDATE vault.number SET key_version = 2 WHERE party_id = %s", [first])
    with pytest.raises(VaultTampered):
        vault.read([first], action="read_number")


@pytest.mark.req("R-215")
def test_an_erased_key_leaves_old_backups_shut_and_the_living_numbers_open(
    people: dict[uuid.UUID, bytes], data_folder: Path
) -> None:
    backup = data_keys()[1]
    assert key_provider().unwrap(backup, key_version=1)
    rotate()
    keys.key_erase(1)
    _unwrapped.clear()
    with pytest.raises(KeyProviderRefused, match="kek-v1"):
        key_provider().unwrap(backup, key_version=1)
    assert not (data_folder / "keys" / "kek-v1.key").exists()
    assert all_open(people)
    assert rotate().retired == (2,)
    assert all_open(people)
    with pytest.raises(KeyProviderRefused):
        key_provider().unwrap(backup, key_version=1)


def test_a_missing_wrapping_key_is_told_in_plain_words(people: dict[uuid.UUID, bytes], data_folder: Path) -> None:
    (data_folder / "keys" / "kek-v1.key").unlink()
    _unwrapped.clear()
    with pytest.raises(KeyProviderRefused) as caught:
        all_open(people)
    assert "鍵ファイル kek-v1.key がありません" in caught.value.message_ja


@pytest.mark.django_db(transaction=True)
def test_retiring_waits_for_a_writer_in_the_middle_of_a_put() -> None:
    with clock.at(date(2026, 11, 20)), using(full_context()):
        vault.put([uuid.uuid4()], [digits(1)], origin=ORIGIN)
        keys.key_make(2)
        keys.numbers_reseal(2, start=uuid.UUID(int=0), stop=None)
    outcome: list[BaseException] = []

    def retire() -> None:
        try:
            with clock.at(date(2026, 11, 20)), using(full_context()), transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '200ms'")
                rotation.key_retire(1)
        except psycopg.errors.LockNotAvailable as error:
            outcome.append(error)
        finally:
            connection.close()

    with clock.at(date(2026, 11, 20)), using(full_context()), transaction.atomic():
        with pytest.MonkeyPatch.context() as patch:
            one = {1: data_keys()[1]}
            patch.setattr("addressbook.vault.door.data_keys", lambda: one)
            vault.put([uuid.uuid4()], [digits(2)], origin=ORIGIN)
        other = Thread(target=retire)
        other.start()
        other.join(timeout=30)
    assert [type(error) for error in outcome] == [psycopg.errors.LockNotAvailable]
    with clock.at(date(2026, 11, 20)), using(full_context()), pytest.raises(KeyInUse), transaction.atomic():
        rotation.key_retire(1)


# ---- the declared jobs


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("R-215")
def test_a_rotation_killed_at_any_commit_leaves_every_number_open_and_resumes(data_folder: Path) -> None:
    with clock.at(date(2026, 11, 20)), using(full_context()):
        people = filled()

    reviewer = officer("3001", permissions=[APPROVE_KEYS], unit_name="税制課")

    def start() -> int:
        run = job_request("B-AB-03", {}, actor=SYSTEM, business_on=date(2026, 11, 20))
        job_approve(run.pk, actor=reviewer)
        _start(run.pk, SYSTEM)
        return run.pk

    def result(run_id: int) -> Any:
        run = JobRun.objects.get(pk=run_id)
        with clock.at(date(2026, 11, 20)), using(full_context()):
            states = rotation.key_states()
            assert [is_retired for _, _, is_retired in states] == [True] * (len(states) - 1) + [False]
            return run.state, all_open(people), list(rotation.sealed_count().values())

    with Workshop(modules=("tests.hostile.few_slices",)) as workshop:
        kills = survives_every_kill(workshop, start=start, result=result, points=range(1, 10_000, 3))
    assert kills > 5
    assert result(JobRun.objects.latest("pk").pk) == ("finished", True, [SIZE + 4])

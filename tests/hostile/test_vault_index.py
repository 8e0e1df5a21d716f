"""The key of the blind index changes while the system runs: look-ups right at every slice, single holders (H082)."""

import uuid
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from addressbook.errors import IndexKeyChanged, KeyGone, KeyInUse, KeyProviderRefused, VaultTampered
from addressbook.permissions import APPROVE_KEYS
from addressbook.services import index_keys, key_ranges, keys
from addressbook.vault import door, index_rotation
from addressbook.vault.keys import key_provider
from addressbook.vault.manager import vault
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.jobs.failures import verdict
from taxsys.platform.jobs.models import JobRun, RunState
from taxsys.platform.jobs.services import SYSTEM, _start, job_approve, job_discard, job_request, job_run_inline
from taxsys.platform.retention.models import ErasureCertificate
from tests.addressbook.conftest import full_context, number_context  # noqa: F401
from tests.hostile.test_vault_keys import ORIGIN, SIZE, all_open, as_vault, digits, filled, people  # noqa: F401
from tests.jobs.kill import Workshop, survives_every_kill
from tests.platform.actors import officer

WHOLE: dict[str, Any] = {"start": uuid.UUID(int=0), "stop": None}
People = dict[uuid.UUID, bytes]


def all_found(numbers: People) -> bool:
    """Whether every number leads to its party, and a number of nobody to none."""
    found = vault.parties_by_numbers([*numbers.values(), digits(999_999)])
    return found == [*numbers, None]


def change() -> index_keys.IndexProof:
    """A whole change of the index key."""
    target = index_keys.index_target()
    index_keys.index_make(target)
    for start, stop in key_ranges.slices(2):
        index_keys.index_fill(target, start=start, stop=stop)
    index_keys.index_switch(target)
    index_keys.index_clear(target - 1, **WHOLE)
    return index_keys.index_prove()


@pytest.mark.req("R-215")
def test_look_ups_are_right_and_holders_single_at_every_slice(people: People) -> None:  # noqa: F811
    index_keys.index_make(2)
    held, newcomer = uuid.uuid4(), uuid.uuid4()
    for position, (start, stop) in enumerate(key_ranges.slices(3)):
        index_keys.index_fill(2, start=start, stop=stop)
        assert all_found(people)
        first = next(iter(people.values()))
        assert vault.put([uuid.uuid4()], [first], origin=ORIGIN)[0].outcome == "collision"
        if position == 4:
            assert vault.put([newcomer], [digits(500)], origin=ORIGIN)[0].outcome == "stored"
            vault.hold([held], [first], source="test")
            assert vault.parties_by_held([held]) == {held: next(iter(people))}
            assert vault.held_agrees(held, first)
    index_keys.index_switch(2)
    everybody = {**people, newcomer: digits(500)}
    for start, stop in key_ranges.slices(3):
        index_keys.index_clear(1, start=start, stop=stop)
        assert all_found(everybody)
        assert vault.parties_by_held([held]) == {held: next(iter(people))}
    assert vault.put([uuid.uuid4()], [digits(500)], origin=ORIGIN)[0].outcome == "collision"
    proof = index_keys.index_prove()
    assert (proof.version, proof.indexed, proof.compared) == (2, SIZE + 6, SIZE + 6)
    assert index_rotation.index_counts() == (0, SIZE + 6, SIZE + 6)
    assert all_open(people)
    assert AccessEvent.objects.filter(record_type="vault.index").exists()


def test_the_key_can_change_again_and_again(people: People) -> None:  # noqa: F811
    assert [change().version for _ in range(5)] == [2, 3, 4, 5, 6]
    assert all_found(people)
    assert [state for _, state in index_rotation.index_states()] == ["retired"] * 5 + ["current"]


def test_the_same_slice_again_changes_nothing(people: People) -> None:  # noqa: F811
    index_keys.index_make(2)
    assert index_keys.index_fill(2, **WHOLE) == SIZE + 4
    assert index_keys.index_fill(2, **WHOLE) == 0
    index_keys.index_switch(2)
    index_keys.index_switch(2)
    assert index_keys.index_clear(1, **WHOLE) == SIZE + 4
    assert index_keys.index_clear(1, **WHOLE) == 0


def test_no_switch_while_one_number_lacks_the_new_index(people: People) -> None:  # noqa: F811
    index_keys.index_make(2)
    index_keys.index_fill(2, start=uuid.UUID(int=0), stop=uuid.UUID(int=1 << 127))
    with pytest.raises(KeyInUse, match="新しい索引のない番号"), transaction.atomic():
        index_keys.index_switch(2)
    assert all_found(people)
    with pytest.raises(KeyGone), transaction.atomic():
        index_keys.index_fill(3, **WHOLE)
    for act in (lambda: index_keys.index_clear(1, **WHOLE), lambda: index_keys.index_erase(1),
                lambda: index_keys.index_erase(2)):  # fmt: skip
        with pytest.raises(KeyInUse), transaction.atomic():
            act()
    assert all_found(people)


def test_an_abandoned_clearing_is_finished_before_the_next_change(people: People) -> None:  # noqa: F811
    index_keys.index_make(2)
    index_keys.index_fill(2, **WHOLE)
    index_keys.index_switch(2)
    with pytest.raises(KeyInUse, match="古い索引"), transaction.atomic():
        index_keys.index_prove()
    with pytest.raises(KeyInUse), transaction.atomic():
        index_rotation.index_begin(3)
    assert change().version == 3
    assert all_found(people)


def test_a_wrong_index_is_found_by_the_proof(people: People, database_role: Any) -> None:  # noqa: F811
    with as_vault(database_role) as cursor:
        cursor.execute("UPDATE vault.number SET index_odd = set_byte(index_odd, 0, (get_byte(index_odd, 0) + 1) %% 256)"
                       " WHERE party_id = %s", [next(iter(people))])  # fmt: skip
    with pytest.raises(VaultTampered):
        index_rotation.index_prove(SIZE + 4)


def test_an_index_under_a_version_that_is_not_in_force_is_refused_not_answered(people: People) -> None:  # noqa: F811
    stale = key_provider().index([next(iter(people.values()))], index_version=1)
    change()
    for sql, values in (
        ("SELECT * FROM vault.parties_by_index(%s, 1, %b)", (stale,)),
        ("SELECT vault.held_agrees(%s, %b, 1, %b)", (uuid.uuid4(), stale[0])),
    ):
        with pytest.raises(IndexKeyChanged) as caught, transaction.atomic():
            door.call(sql, (door.context_json(), *values))
        assert "もう一度" in caught.value.message_ja
        assert verdict(caught.value) == "transient"


def test_each_index_alone_keeps_one_holder_even_for_a_writer_who_forgets_the_other(
    people: People,  # noqa: F811
    database_role: Any,
) -> None:
    index_keys.index_make(2)
    index_keys.index_fill(2, **WHOLE)
    first = next(iter(people))
    with (
        as_vault(database_role) as cursor,
        pytest.raises(IntegrityError, match="number_one_holder_even"),
        transaction.atomic(),
    ):
        cursor.execute(
            "UPDATE vault.number SET index_even = (SELECT o.index_even FROM vault.number o WHERE o.party_id = %s)"
            " WHERE party_id <> %s AND valid_to IS NULL",
            [first, first],
        )


@pytest.mark.req("R-191")
def test_an_erased_index_key_answers_to_nothing(people: People, data_folder: Path) -> None:  # noqa: F811
    number = next(iter(people.values()))
    backup = key_provider().index([number], index_version=1)
    change()
    index_keys.index_erase(1)
    assert not (data_folder / "keys" / "index-v1.key").exists()
    assert key_provider().index([number], index_version=1) != backup  # another key of the demonstration profile
    assert all_found(people)
    index_keys.index_erase(1)


def test_a_missing_next_key_is_found_before_anything_begins(
    people: People,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gone(numbers: object, *, index_version: int) -> list[bytes]:
        raise KeyProviderRefused(f"鍵 taxsys-index-v{index_version} が鍵の保管装置にありません。")

    monkeypatch.setattr(type(key_provider()), "index", lambda self, numbers, *, index_version: gone(
        numbers, index_version=index_version))  # fmt: skip
    with pytest.raises(KeyProviderRefused, match="taxsys-index-v2"), transaction.atomic():
        index_keys.index_make(2)
    assert index_rotation.index_states() == [(1, "current")]


@pytest.mark.django_db(transaction=True)
def test_the_switch_waits_for_whoever_computes_an_index() -> None:
    with clock.at(date(2026, 11, 20)), using(full_context()):
        vault.put([uuid.uuid4()], [digits(1)], origin=ORIGIN)
        index_keys.index_make(2)
        index_keys.index_fill(2, **WHOLE)
    outcome: list[BaseException] = []

    def switch() -> None:
        try:
            with clock.at(date(2026, 11, 20)), using(full_context()):
                index_keys.index_switch(2)
        except (DatabaseError, psycopg.Error) as error:
            outcome.append(error)
        finally:
            connection.close()

    with clock.at(date(2026, 11, 20)), using(full_context()), transaction.atomic():
        door.index_versions()
        other = Thread(target=switch)
        other.start()
        other.join(timeout=30)
        assert vault.put([uuid.uuid4()], [digits(2)], origin=ORIGIN)[0].outcome == "stored"
    assert [verdict(error) for error in outcome] == ["transient"]
    with clock.at(date(2026, 11, 20)), using(full_context()):
        index_keys.index_switch(2)
        assert vault.parties_by_numbers([digits(2)]) != [None]


# ---- the declared jobs


def started(job_id: str, params: dict[str, object], reviewer: Any) -> int:
    run = job_request(job_id, params, actor=SYSTEM, business_on=date(2026, 11, 20))
    job_approve(run.pk, actor=reviewer)
    _start(run.pk, SYSTEM)
    return run.pk


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("R-215")
def test_a_change_killed_at_any_commit_leaves_every_look_up_right_and_resumes(data_folder: Path) -> None:
    with clock.at(date(2026, 11, 20)), using(full_context()):
        numbers = filled()
    reviewer = officer("3001", permissions=[APPROVE_KEYS], unit_name="税制課")

    def result(run_id: int) -> Any:
        run = JobRun.objects.get(pk=run_id)
        with clock.at(date(2026, 11, 20)), using(full_context()):
            states = [state for _, state in index_rotation.index_states()]
            assert states[-1] == "current"
            assert set(states[:-1]) <= {"retired"}
            odd, even, rows = index_rotation.index_counts()
            return run.state, all_found(numbers), all_open(numbers), {odd, even} == {0, rows}

    with Workshop(modules=("tests.hostile.few_slices",)) as workshop:
        kills = survives_every_kill(
            workshop, start=lambda: started("B-AB-05", {}, reviewer), result=result, points=range(1, 10_000, 5)
        )
    assert kills > 5
    assert result(JobRun.objects.latest("pk").pk) == ("finished", True, True, True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("R-191")
@pytest.mark.parametrize(("rotation_id", "erasure_id", "file"), [
    ("B-AB-03", "B-AB-04", "kek-v1.key"), ("B-AB-05", "B-AB-06", "index-v1.key"),
])  # fmt: skip
def test_the_erasure_jobs_destroy_a_retired_key_and_no_other(
    data_folder: Path, rotation_id: str, erasure_id: str, file: str
) -> None:
    with clock.at(date(2026, 11, 20)), using(full_context()):
        numbers = filled()
    reviewer = officer("3001", permissions=[APPROVE_KEYS], unit_name="税制課")

    def run(job_id: str, params: dict[str, object]) -> JobRun:
        pk = started(job_id, params, reviewer)
        job_run_inline(pk)
        return JobRun.objects.get(pk=pk)

    def is_refused(version: int) -> bool:
        refused = run(erasure_id, {"key_version": version})
        job_discard(refused.pk, actor=SYSTEM, reason="版の誤り")
        return refused.state == RunState.FAILED

    assert is_refused(1)
    assert (data_folder / "keys" / file).exists()
    assert run(rotation_id, {}).state == RunState.FINISHED
    assert is_refused(2)
    assert run(erasure_id, {"key_version": 1}).state == RunState.FINISHED
    assert not (data_folder / "keys" / file).exists()
    with clock.at(date(2026, 11, 20)), using(full_context()):
        assert all_open(numbers)
        assert all_found(numbers)


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("R-191")
@pytest.mark.parametrize(("erasure_id", "file", "certificates"), [
    ("B-AB-04", "kek-v{}.key", 1), ("B-AB-06", "index-v{}.key", 0),
])  # fmt: skip
def test_an_erasure_killed_at_any_commit_destroys_the_key_once_and_leaves_every_number_open(
    data_folder: Path, erasure_id: str, file: str, certificates: int
) -> None:
    """Each run erases the version that a change of its own has just retired."""
    with clock.at(date(2026, 11, 20)), using(full_context()):
        numbers = filled()
    reviewer = officer("3001", permissions=[APPROVE_KEYS], unit_name="税制課")

    def start() -> int:
        with clock.at(date(2026, 11, 20)), using(full_context()):
            if erasure_id == "B-AB-06":
                return started(erasure_id, {"key_version": change().version - 1}, reviewer)
            target = keys.key_next()
            keys.key_make(target)
            keys.rotation_prove(target)
            return started(erasure_id, {"key_version": target - 1}, reviewer)

    def result(run_id: int) -> Any:
        run = JobRun.objects.get(pk=run_id)
        version = int(run.params["key_version"])
        stands = [(data_folder / "keys" / file.format(one)).exists() for one in (version, version + 1)]
        made = ErasureCertificate.objects.filter(facts__key_version=version, facts__run=f"{erasure_id}#{run_id}")
        with clock.at(date(2026, 11, 20)), using(full_context()):
            return run.state, stands, made.count(), all_open(numbers), all_found(numbers)

    with Workshop(modules=("tests.hostile.few_slices",)) as workshop:
        kills = survives_every_kill(workshop, start=start, result=result, points=range(1, 10_000, 2))
    assert kills >= 3
    assert result(JobRun.objects.latest("pk").pk) == ("finished", [False, True], certificates, True, True)


def test_a_look_up_reads_an_index_and_not_every_number(people: People, database_role: Any) -> None:  # noqa: F811
    with as_vault(database_role) as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # so few rows would be read through otherwise
        for column, name in (("index_odd", "number_holders_odd"), ("index_even", "number_holders_even")):
            cursor.execute(
                f"EXPLAIN SELECT n.party_id FROM unnest(%s::bytea[]) AS r(idx) JOIN vault.number n"
                f" ON n.{column} = r.idx AND n.status NOT IN ('released', 'refused')",
                [[b"x" * 32]],
            )
            assert name in " ".join(row[0] for row in cursor.fetchall())

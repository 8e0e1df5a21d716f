"""The outbox: told once, in order, exactly once per consumer, also with failures and many workers."""

import pytest
from django.db import connection, transaction

from taxsys.platform.outbox.models import OutboxDelivery, OutboxMessage
from taxsys.platform.outbox.services import (
    OutboxRow,
    outbox_advance,
    outbox_consume,
    outbox_pending,
    outbox_put,
    outbox_put_many,
)
from taxsys.platform.staff.models import Role

pytestmark = pytest.mark.django_db


def put(subject: str, key: str) -> bool:
    return outbox_put(topic="party.changed", subject_key=subject, payload={"key": key}, dedupe_key=key)


def test_the_same_fact_is_told_once() -> None:
    assert put("p1", "a")
    assert not put("p1", "a")
    assert (
        outbox_put_many(
            topic="party.changed",
            rows=[OutboxRow(subject_key="p1", payload={}, dedupe_key=key) for key in ("a", "b", "c")],
        )
        == 2
    )
    assert OutboxMessage.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_told_and_rollback_untells() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        put("p1", "a")
    with transaction.atomic():
        assert put("p1", "a")
        transaction.set_rollback(True)
    assert OutboxMessage.objects.count() == 0


def test_each_consumer_gets_each_message_once_and_in_order() -> None:
    for number in range(7):
        put(f"p{number % 2}", f"k{number}")
    first: list[str] = []
    second: list[str] = []
    outbox_consume("party.changed", "assessment", lambda message: first.append(message.dedupe_key), limit=4)
    outbox_consume("party.changed", "assessment", lambda message: first.append(message.dedupe_key), limit=4)
    outbox_consume("party.changed", "assessment", lambda message: first.append(message.dedupe_key))
    outbox_consume("party.changed", "collection", lambda message: second.append(message.dedupe_key))
    assert first == second == [f"k{number}" for number in range(7)]
    assert outbox_pending("party.changed", "assessment") == 0


def test_a_failure_holds_back_its_own_subject_only_and_is_tried_again() -> None:
    for subject, key in (("p1", "a"), ("p2", "b"), ("p1", "c")):
        put(subject, key)
    seen: list[str] = []
    broken = True

    def handler(message: OutboxMessage) -> None:
        Role.objects.create(code=message.dedupe_key, name="x")
        if broken and message.dedupe_key == "a":
            raise ValueError("氏名 太郎")
        seen.append(message.dedupe_key)

    result = outbox_consume("party.changed", "x", handler)
    assert (result.done, result.failed, result.held_back, seen) == (1, 1, 1, ["b"])
    assert not Role.objects.filter(code="a").exists()
    failed = OutboxDelivery.objects.get(state="failed")
    assert (failed.error_code, failed.attempts) == ("ValueError", 1)
    outbox_consume("party.changed", "x", handler)
    failed.refresh_from_db()
    assert failed.attempts == 2
    broken = False
    assert outbox_consume("party.changed", "x", handler).done == 2
    assert seen == ["b", "a", "c"]


def test_a_stuck_subject_does_not_starve_the_others_behind_the_limit() -> None:
    for number in range(5):
        put("stuck", f"s{number}")
    put("free", "f")

    def handler(message: OutboxMessage) -> None:
        if message.subject_key == "stuck":
            raise ValueError

    result = outbox_consume("party.changed", "x", handler, limit=1)
    assert (result.done, result.failed, outbox_pending("party.changed", "x")) == (1, 1, 5)


def test_the_cursor_passes_only_finished_messages() -> None:
    for number in range(3):
        put(f"p{number}", f"k{number}")
    ids = list(OutboxMessage.objects.order_by("id").values_list("id", flat=True))
    outbox_consume("party.changed", "x", lambda message: None, limit=2)
    assert outbox_advance("party.changed", "x", settled_before_id=ids[2] + 1) == ids[2] - 1
    assert outbox_consume("party.changed", "x", lambda message: None).done == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_work_without_doubling() -> None:
    from threading import Barrier, Thread

    with transaction.atomic():
        for number in range(40):
            put(f"p{number}", f"k{number}")
    seen: list[str] = []
    barrier = Barrier(2)

    def work() -> None:
        barrier.wait()
        outbox_consume("party.changed", "x", lambda message: seen.append(message.dedupe_key))
        connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == sorted(f"k{number}" for number in range(40))

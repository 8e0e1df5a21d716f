"""送信箱の読み書き: put in the transaction of the work, consume exactly once per consumer, in order per subject."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.db.models.fields.json import KeyTextTransform

from taxsys.platform import clock
from taxsys.platform.outbox.models import OutboxConsumer, OutboxDelivery, OutboxMessage

Handler = Callable[[OutboxMessage], None]


@dataclass(frozen=True, kw_only=True)
class OutboxRow:
    """One message to put."""

    subject_key: str
    payload: dict[str, Any]
    dedupe_key: str


@dataclass(frozen=True)
class Consumed:
    """What one call of `outbox_consume` did."""

    done: int
    failed: int
    held_back: int


def outbox_put(*, topic: str, subject_key: str, payload: dict[str, Any], dedupe_key: str) -> bool:
    """一件入れる: False when (topic, dedupe_key) was there already; must stand in the transaction of the work."""
    return (
        outbox_put_many(topic=topic, rows=[OutboxRow(subject_key=subject_key, payload=payload, dedupe_key=dedupe_key)])
        == 1
    )


def outbox_put_many(*, topic: str, rows: Iterable[OutboxRow]) -> int:
    """まとめて入れる; returns the number of new messages. Raises RuntimeError outside a transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("outbox messages are written in the transaction of the work they tell of")
    listed = list(rows)
    with connection.cursor() as cursor:
        # Set-based: a released run tells of every one of its decisions.
        cursor.execute(
            """INSERT INTO outbox_outboxmessage (topic, subject_key, payload, dedupe_key, created_at)
               SELECT %s, r.subject_key, r.payload, r.dedupe_key, %s
                 FROM unnest(%s::text[], %s::jsonb[], %s::text[])
                      WITH ORDINALITY AS r (subject_key, payload, dedupe_key, place)
                ORDER BY r.place
               ON CONFLICT (topic, dedupe_key) DO NOTHING""",
            [
                topic,
                clock.now(),
                [row.subject_key for row in listed],
                [json.dumps(row.payload, cls=DjangoJSONEncoder) for row in listed],
                [row.dedupe_key for row in listed],
            ],
        )
        return int(cursor.rowcount)


def outbox_pending(topic: str, consumer: str) -> int:
    """How many messages of the topic this consumer has not finished."""
    return _open_messages(topic, consumer, cursor=0).count()


def _open_messages(topic: str, consumer: str, *, cursor: int) -> Any:
    done = OutboxDelivery.objects.filter(message=OuterRef("pk"), consumer=consumer, state=OutboxDelivery.State.DONE)
    return OutboxMessage.objects.filter(~Exists(done), topic=topic, id__gt=cursor).order_by("id")


def outbox_last_id() -> int:
    """The newest message's id now; a job takes it once, so that its ranges stay the same when it is resumed."""
    return OutboxMessage.objects.aggregate(last=Max("id"))["last"] or 0


def outbox_subjects(topic: str, consumer: str, payload_key: str, *, until_id: int) -> list[tuple[str, str]]:
    """(subject, payload value) of the consumer's unread messages up to `until_id`, each once, in order.

    For jobs that work set-based on what the subjects are now; they settle the messages with `outbox_settle`.
    """
    rows = (
        _open_messages(topic, consumer, cursor=0)
        .filter(id__lte=until_id)
        .annotate(found=KeyTextTransform(payload_key, "payload"))
        .order_by("subject_key", "found")
        .values_list("subject_key", "found")
        .distinct()
    )
    return list(rows)


def outbox_waiting(topic: str, consumer: str, subject_keys: Iterable[str], *, until_id: int) -> list[OutboxMessage]:
    """The consumer's unread messages of these subjects up to `until_id`."""
    return list(_open_messages(topic, consumer, cursor=0).filter(id__lte=until_id, subject_key__in=list(subject_keys)))


def outbox_settle(messages: Iterable[OutboxMessage], consumer: str) -> int:
    """Mark many messages done at once, in the transaction of the work; answers how many."""
    if not connection.in_atomic_block:
        raise RuntimeError("outbox messages are settled in the transaction of the work")
    rows = [OutboxDelivery(message=message, consumer=consumer, state=OutboxDelivery.State.DONE) for message in messages]
    OutboxDelivery.objects.bulk_create(
        rows,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=("message", "consumer"),
        update_fields=("state", "handled_at"),
    )
    return len(rows)


def outbox_consume(topic: str, consumer: str, handler: Handler, limit: int = 500) -> Consumed:
    """受け取る: run `handler(message)` once for each open message, in order; its work and the mark commit together.

    A handler that raises undoes only its own work; the message is marked failed and later messages of the same
    subject are held back until it succeeds. `limit` counts the messages done, so that failing ones never
    keep others waiting. Several workers may call: they take turns on the consumer's row.
    """
    OutboxConsumer.objects.get_or_create(topic=topic, consumer=consumer)
    done = failed = held_back = 0
    with transaction.atomic():
        row = OutboxConsumer.objects.select_for_update().get(topic=topic, consumer=consumer)
        blocked: set[str] = set()
        for message in _open_messages(topic, consumer, cursor=row.cursor).iterator(chunk_size=500):
            if message.subject_key in blocked:
                held_back += 1
            elif done == limit:
                break
            elif _handle(message, consumer, handler):
                done += 1
            else:
                blocked.add(message.subject_key)
                failed += 1
    return Consumed(done, failed, held_back)


def _handle(message: OutboxMessage, consumer: str, handler: Handler) -> bool:
    try:
        with transaction.atomic():
            handler(message)
            OutboxDelivery.objects.update_or_create(
                message=message,
                consumer=consumer,
                defaults={"state": OutboxDelivery.State.DONE, "error_code": "", "handled_at": clock.now()},
            )
    except Exception as error:
        delivery, is_new = OutboxDelivery.objects.get_or_create(
            message=message,
            consumer=consumer,
            defaults={"state": OutboxDelivery.State.FAILED, "error_code": type(error).__name__},
        )
        if not is_new:
            delivery.attempts += 1
            delivery.error_code = type(error).__name__
            delivery.handled_at = clock.now()
            delivery.save(update_fields=("attempts", "error_code", "handled_at"))
        return False
    return True


@transaction.atomic
def outbox_advance(topic: str, consumer: str, *, settled_before_id: int) -> int:
    """進める: move the consumer's cursor over fully done messages below `settled_before_id`; returns the cursor.

    Called by the nightly job with an id from before the oldest running transaction, so that no message can still
    appear below the cursor; it only keeps the reading short.
    """
    row = OutboxConsumer.objects.select_for_update().get(topic=topic, consumer=consumer)
    first_open = (
        _open_messages(topic, consumer, cursor=row.cursor).filter(Q(id__lt=settled_before_id)).values("id").first()
    )
    last = OutboxMessage.objects.filter(topic=topic, id__lt=settled_before_id).order_by("-id").values("id").first()
    target = first_open["id"] - 1 if first_open else (last["id"] if last else row.cursor)
    row.cursor = max(row.cursor, target)
    row.save(update_fields=("cursor",))
    return row.cursor

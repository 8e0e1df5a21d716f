"""Mutations of the sealed access log that only the owner of the database can do, each found and its place named.

Every mutation is done with the triggers off in a transaction that is taken back, and the whole log is verified inside
it: what is timed is the verification that a security officer would run afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import connection, transaction

from taxsys.platform.audit import merkle
from taxsys.platform.audit.lines import lines_between
from taxsys.platform.audit.models import AccessEvent, Seal, SealLeaves, SignedHead
from taxsys.platform.audit.sealing import facts_of
from taxsys.platform.audit.signing import head_code, signer
from taxsys.platform.audit.verifying import verify_log


@dataclass(frozen=True, slots=True)
class Found:
    """What the verification said first, whether that is the right place, and how long it took."""

    mutation: str
    first: str
    is_right: bool
    seconds: float


@contextmanager
def as_owner() -> Iterator[Any]:
    """A cursor that no trigger and no right stops, in the transaction at hand."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL statement_timeout = 0")
        yield cursor


def edited() -> str:
    """One event in the middle changed."""
    event_id = _middle()
    with as_owner() as cursor:
        cursor.execute("UPDATE audit_accessevent SET actor_id = 'x' WHERE id = %s", [event_id])
    return f"記録{event_id}の内容が変えられています"


def deleted() -> str:
    """One event in the middle taken out."""
    event_id = _middle()
    with as_owner() as cursor:
        cursor.execute("DELETE FROM audit_accessevent WHERE id = %s", [event_id])
    return f"記録{event_id}がありません(削除)"


def swapped() -> str:
    """An event in the middle and the next one of another transaction in each other's place."""
    first = AccessEvent.objects.get(pk=_middle())
    with as_owner() as cursor:
        cursor.execute("SELECT transaction_id FROM audit_accessevent WHERE id = %s", [first.pk])
        own = cursor.fetchone()[0]
        cursor.execute(
            "SELECT id, transaction_id FROM audit_accessevent WHERE transaction_id > %s"
            " ORDER BY transaction_id, id LIMIT 1",
            [own],
        )
        second, other = cursor.fetchone()
        cursor.execute(
            "UPDATE audit_accessevent SET transaction_id = CASE id WHEN %s THEN %s::xid8 ELSE %s::xid8 END"
            " WHERE id IN (%s, %s)",
            [first.pk, other, own, first.pk, second],
        )
    return f"記録{first.pk}"


def tail_cut() -> str:
    """The last tenth taken out with its seals and heads: only the code on the operator's sheet can tell."""
    last = Seal.objects.order_by("-seq").values_list("seq", flat=True)[0]
    kept = last - max(last // 10, 1)
    limit = Seal.objects.get(seq=kept).to_xid
    with as_owner() as cursor:
        cursor.execute("DELETE FROM audit_accessevent WHERE transaction_id >= %s::text::xid8", [limit])
        cursor.execute("DELETE FROM audit_signedhead WHERE seq > %s", [kept])
        cursor.execute("DELETE FROM audit_sealleaves WHERE seal_id > %s", [kept])
        cursor.execute("DELETE FROM audit_seal WHERE seq > %s", [kept])
    return f"控えの符号が指す封印{last}がありません(末尾が切られています)"


def day_replaced() -> str:
    """Every event of the middle day replaced by others; the seals left as they were."""
    day = _middle_day()
    first = AccessEvent.objects.filter(business_on=day).order_by("id").values_list("id", flat=True)[0]
    with as_owner() as cursor:
        cursor.execute("UPDATE audit_accessevent SET actor_id = '5999' WHERE business_on = %s", [day])
    return f"記録{first}の内容が変えられています"


def day_written_anew() -> str:
    """The same with leaves, seals and the chain after them made anew: only the signed head of that day can tell."""
    day = _middle_day()
    day_replaced()
    before = SignedHead.objects.filter(day__lt=day).order_by("-day").first()
    since = before.seq if before else 0
    until = SignedHead.objects.get(day=day).seq
    with as_owner():
        previous = bytes(Seal.objects.get(seq=since).value) if since else merkle.EMPTY
        for seal in Seal.objects.filter(seq__gt=since).order_by("seq"):
            facts = replace(facts_of(seal), previous=previous)
            if seal.seq <= until:
                leaves = [merkle.leaf(line) for line in lines_between(seal.epoch, seal.from_xid, seal.to_xid)]
                SealLeaves.objects.filter(seal=seal).update(hashes=b"".join(leaves))
                facts = replace(facts, root=merkle.root(leaves))
            previous = facts.value()
            Seal.objects.filter(seq=seal.seq).update(root=facts.root, previous=facts.previous, value=previous)
    return f"{day}の署名が封印{until}と合いません(封印が置き換えられています)"


MUTATIONS: tuple[Callable[[], str], ...] = (edited, deleted, swapped, tail_cut, day_replaced, day_written_anew)


def _middle() -> int:
    return int(AccessEvent.objects.order_by("id").values_list("id", flat=True)[AccessEvent.objects.count() // 2])


def _middle_day() -> date:
    days = sorted(SignedHead.objects.values_list("day", flat=True))
    return days[len(days) // 2]


def found_each() -> Iterator[Found]:
    """Every mutation on its own against the log as it stands, which is left untouched."""
    newest = SignedHead.objects.order_by("-day").first()
    if newest is None:
        raise RuntimeError("the log has no signed head")
    code, public = head_code(newest), signer().public
    for mutate in MUTATIONS:
        with transaction.atomic():
            expected = mutate()
            started = time.perf_counter()
            told = verify_log(public=public, code=code).faults
            seconds = time.perf_counter() - started
            transaction.set_rollback(True)
        first = told[0] if told else ""
        yield Found(mutate.__name__, first, expected in first, seconds)

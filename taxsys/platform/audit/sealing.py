"""封印する: events that can no longer change their company are hashed into a seal, behind the business transactions.

Only transactions older than the oldest running one are taken, so no late commit can slip behind a seal. One sealer
works at a time (advisory lock); the sequence is unique, so two chains cannot come about.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Sum

from taxsys.platform import clock
from taxsys.platform.audit import merkle
from taxsys.platform.audit.lines import lines_between, place_of
from taxsys.platform.audit.models import Seal, SealLeaves

EVENTS_A_SEAL = 5_000
_LOCK = 7_230_458_111
# A database whose seals lag longer than this answers no number function (X-Road's idea; a parameter of the house).
LAG_LIMIT = timedelta(hours=4)


# Below the horizon every transaction that could have written here has ended. What runs in another database of the
# same cluster cannot write here. One of the snapshot that holds no lock any more has ended since, or has just begun:
# its status tells which, and what has ended is seen by the statements that follow. One of unknown home counts as ours.
_HORIZON = """
    WITH now AS MATERIALIZED (SELECT pg_current_snapshot() AS taken),
         running AS MATERIALIZED (SELECT xid FROM now, pg_snapshot_xip(taken) AS xid),
         elsewhere AS MATERIALIZED (
             SELECT l.transactionid::text::bigint AS low_bits
               FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
              WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted
                AND a.datname <> current_database()),
         ours AS MATERIALIZED (
             SELECT xid FROM running
              WHERE xid::text::bigint & 4294967295 NOT IN (SELECT low_bits FROM elsewhere))
    SELECT audit_epoch_now(),
           coalesce((SELECT min(xid::text::bigint) FROM ours WHERE pg_xact_status(xid) = 'in progress'),
                    (SELECT pg_snapshot_xmax(taken)::text::bigint FROM now))"""


@dataclass(frozen=True, slots=True)
class _Range:
    epoch: int
    from_xid: int
    to_xid: int


def seal_pending(*, most: int = 1_000) -> int:
    """Seal what is waiting, at most `most` seals; the number of events sealed. Another sealer at work: 0."""
    sealed = 0
    for _ in range(most):
        count = seal_once()
        if count == 0:
            break
        sealed += count
    return sealed


@transaction.atomic
def seal_once() -> int:
    """Write one seal in a transaction of its own; the number of events in it, 0 when nothing waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
    last = Seal.objects.order_by("-seq").first()
    for part in _ranges(last):
        lines = list(lines_between(part.epoch, part.from_xid, part.to_xid))
        if lines:
            _write(last, part, lines)
            return len(lines)
    return 0


def _ranges(last: Seal | None) -> Iterator[_Range]:
    """The next range of each epoch that may have unsealed events, the oldest epoch first."""
    with connection.cursor() as cursor:
        cursor.execute(_HORIZON)
        now_epoch, horizon = cursor.fetchone()
        cursor.execute("SELECT number FROM audit_epoch WHERE number >= %s ORDER BY number", [last.epoch if last else 0])
        epochs = [row[0] for row in cursor.fetchall()]
    for epoch in epochs:
        since = last.to_xid if last is not None and last.epoch == epoch else 0
        part = _cut(epoch, since, horizon if epoch == now_epoch else None)
        if part is not None:
            yield part


def _cut(epoch: int, since: int, horizon: int | None) -> _Range | None:
    """A range of whole transactions with about EVENTS_A_SEAL events; None when nothing is there.

    In an epoch that is over (`horizon` None) every transaction has ended.
    """
    below = "" if horizon is None else "AND transaction_id < %(horizon)s::text::xid8"
    query = f"""
        SELECT min(transaction_id)::text::bigint, max(transaction_id)::text::bigint,
               (array_agg(transaction_id ORDER BY transaction_id, id))[%(size)s]::text::bigint
          FROM (SELECT transaction_id, id FROM audit_accessevent
                 WHERE epoch = %(epoch)s AND transaction_id >= %(since)s::text::xid8 {below}
                 ORDER BY transaction_id, id LIMIT %(size)s) AS first_ones"""  # noqa: S608 -- constant parts
    with connection.cursor() as cursor:
        cursor.execute(query, {"epoch": epoch, "since": since, "horizon": horizon, "size": EVENTS_A_SEAL})
        first, highest, at_size = cursor.fetchone()
    if first is None:
        return None
    if at_size is None:  # fewer than a full seal: everything up to here
        return _Range(epoch, since, horizon if horizon is not None else highest + 1)
    # A transaction is never split: the last one goes into the next seal, unless it fills this one alone.
    return _Range(epoch, since, at_size if at_size > first else first + 1)


def _write(last: Seal | None, part: _Range, lines: list[bytes]) -> None:
    leaves = [merkle.leaf(line) for line in lines]
    sealed_at = clock.now()
    previous = bytes(last.value) if last else merkle.EMPTY
    seq = last.seq + 1 if last else 1
    facts = merkle.SealFacts(
        seq, part.epoch, part.from_xid, part.to_xid, len(lines), merkle.root(leaves), previous, stamp(sealed_at)
    )
    seal = Seal.objects.create(
        seq=seq,
        epoch=part.epoch,
        from_xid=part.from_xid,
        to_xid=part.to_xid,
        count=len(lines),
        root=facts.root,
        previous=previous,
        value=facts.value(),
        sealed_at=sealed_at,
    )
    SealLeaves.objects.create(seal=seal, event_ids=[place_of(line)[2] for line in lines], hashes=b"".join(leaves))


def stamp(moment: datetime) -> str:
    """A moment as it stands in a seal: UTC, microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def facts_of(seal: Seal) -> merkle.SealFacts:
    """What a stored seal claims."""
    return merkle.SealFacts(
        seal.seq,
        seal.epoch,
        seal.from_xid,
        seal.to_xid,
        seal.count,
        bytes(seal.root),
        bytes(seal.previous),
        stamp(seal.sealed_at),
    )


@dataclass(frozen=True, slots=True)
class SealState:
    """How far the seals are: seals, events sealed, events waiting, and how long the oldest has waited."""

    seals: int
    sealed: int
    waiting: int
    lag: timedelta

    @property
    def level(self) -> str:
        """done up to a minute, caution up to a quarter of an hour, danger above."""
        if self.lag <= timedelta(seconds=60):
            return "done"
        return "caution" if self.lag <= timedelta(minutes=15) else "danger"


class SealsLate(RuntimeError):
    """Seals lag so far behind that number functions must stand still."""

    code = "U0001"
    message_ja = (
        "アクセス記録の封印が4時間を超えて遅れているため、個人番号の機能を止めています。"
        "運用担当に封印の状況（manage.py audit state）を確かめてもらってください。"
    )

    def __init__(self) -> None:
        super().__init__(f"{self.code} {self.message_ja}")


_checked: dict[str, float] = {}
_CHECK_SECONDS = 30.0


def seals_require_current() -> None:
    """Raise SealsLate where the oldest unsealed event is older than the limit; asked at most twice a minute."""
    now = time.monotonic()
    if now - _checked.get("at", -_CHECK_SECONDS) < _CHECK_SECONDS:
        return
    if seal_state().lag > LAG_LIMIT:
        raise SealsLate
    _checked["at"] = now


def seal_state() -> SealState:
    """The state of sealing now."""
    last = Seal.objects.order_by("-seq").first()
    epoch, since = (last.epoch, last.to_xid) if last else (0, 0)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), min(occurred_at) FROM audit_accessevent"
            " WHERE (epoch = %s AND transaction_id >= %s::text::xid8) OR epoch > %s",
            [epoch, since, epoch],
        )
        waiting, oldest = cursor.fetchone()
    lag = max(clock.now() - oldest, timedelta(0)) if oldest else timedelta(0)
    sealed = Seal.objects.aggregate(total=Sum("count"))["total"] or 0
    return SealState(Seal.objects.count(), sealed, waiting, lag)

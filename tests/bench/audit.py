"""Measurement of the access log: sealing, verifying, finding a fault, listing and reviewing a log of a million events.

The floor is COPY of the same rows out of the database, thrown away. `python -m taxsys.embedded servers -- python -m
tests.bench.audit [events]` fills a fresh database by COPY, a thousand events a transaction, thirty days each sealed and
signed at its end, and keeps it afterwards. Mutations: see tests/bench/tampering.py.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from statistics import median, quantiles
from typing import Any
from uuid import UUID

import django
from django.apps import apps
from django.db import connection, transaction

if not apps.ready:
    django.setup()

from addressbook.models import Party
from addressbook.permissions import VIEW_PARTY
from addressbook.selectors.lookups import lookups_of
from taxsys.platform.audit import services
from taxsys.platform.audit.lines import _ORDER, _SELECT
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.audit.review.gathering import Limits, review_make
from taxsys.platform.audit.sealing import seal_pending
from taxsys.platform.audit.signing import head_sign, signer
from taxsys.platform.audit.verifying import verify_log
from tests.bench.copying import copy_out
from tests.bench.tampering import found_each

A_TRANSACTION = 1_000
PARTIES = 20_000
DAYS = 30
REQUESTS = 300
_COPY = (
    "COPY audit_accessevent (occurred_at, business_on, actor_kind, actor_id, unit_code, terminal, address, function_id,"
    " legal_base, purpose, action, subjects, record_type, record_id, result, reason, request_id) FROM STDIN"
)


def fill_and_seal(events: int, days: int = DAYS) -> tuple[float, float]:
    """Events of 300 officers about PARTIES people, day by day, one COPY and one transaction per thousand at most.

    Each day is sealed and signed at its end. Returns the seconds of filling and of sealing.
    """
    filling = sealing = 0.0
    for day in range(days):
        span = range(events * day // days, events * (day + 1) // days)
        filling += timed(lambda span=span, day=day: _fill(span, day + 1))[0]
        sealing += timed(lambda: seal_pending(most=100_000))[0]
        head_sign(date(2026, 11, day + 1))
    return filling, sealing


def _fill(span: range, day: int) -> None:
    for start in range(span.start, span.stop, A_TRANSACTION):
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            for number in range(start, min(start + A_TRANSACTION, span.stop)):
                copy.write_row(_event(number, day, (number - span.start) * 1440 // len(span)))


def _event(number: int, day: int, minute: int) -> tuple[Any, ...]:
    at = f"2026-11-{day:02d} {minute // 60:02d}:{minute % 60:02d}:00+09"
    return (
        at, at[:10], "staff", f"{5000 + number % 300}", "102", "T0001", "10.0.0.1", "addressbook.view_party",
        "地方税法20条の11", "", "view", [str(UUID(int=number * 7919 % PARTIES))], "party", f"R{number % PARTIES:014d}",
        "ok", "", f"{number:032x}",
    )  # fmt: skip


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds and answer."""
    started = time.perf_counter()
    answer = act()
    return time.perf_counter() - started, answer


def copied_out() -> float:
    """Seconds of the floor: the canonical rows in the order of sealing."""
    return copy_out(f"{_SELECT} {_ORDER}")


@dataclass(frozen=True, slots=True)
class RequestCost:
    """Milliseconds of each request of a party's card: the log's own writes, the whole, and the whole without the log.

    Requests with and without take turns, so that what else the machine does falls on both alike.
    """

    writes: list[float]
    whole: list[float]
    without: list[float]

    @property
    def share(self) -> float:
        """The log's writes as a part of the request."""
        return sum(self.writes) / sum(self.whole)

    @property
    def ratio(self) -> float:
        """The median request with the log over the median one without: commit and all."""
        return median(self.whole) / median(self.without)


def request_cost() -> RequestCost:
    """The card of a party, REQUESTS times with the log and as often without, after twenty of each to warm up."""
    from django.test import Client

    from tests.addressbook.people import person
    from tests.platform.actors import officer, sign_in

    party = Party.objects.filter(person_no="R99999999999999").first() or person(99_999_999_999_999)
    client = sign_in(Client(), officer("8999", permissions=[VIEW_PARTY]))
    spent: list[float] = []
    insert = services.event_insert

    def measured(event: AccessEvent) -> None:
        started = time.perf_counter()
        insert(event)
        spent[-1] += (time.perf_counter() - started) * 1000

    def card(writing: Callable[[AccessEvent], None]) -> float:
        services.event_insert = writing  # type: ignore[attr-defined]
        seconds, answer = timed(lambda: client.get(f"/party/{party.pk}/"))
        if answer.status_code != 200:
            raise RuntimeError(f"the card answered {answer.status_code}")
        return seconds * 1000

    whole, without = [], []
    try:
        for _ in range(REQUESTS + 20):
            spent.append(0.0)
            whole.append(card(measured))
            without.append(card(lambda event: None))
    finally:
        services.event_insert = insert  # type: ignore[attr-defined]
    return RequestCost(spent[20:], whole[20:], without[20:])


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


def main() -> None:
    """Migrate the database at hand, which must be empty, fill, measure, print."""
    from django.core.management import call_command

    events = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    call_command("migrate", interactive=False, verbosity=0)
    filled, sealing = fill_and_seal(events)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audit_accessevent")
    floor = copied_out()
    public = signer().public
    clean_s, clean = timed(lambda: _verified(public))
    found = list(found_each())
    cost = request_cost()
    period = {"from_on": date(2026, 11, 1), "to_on": date(2026, 11, 30)}
    party = Party(pk=UUID(int=7919 % PARTIES), person_no="R1")
    listing, lookups = timed(lambda: lookups_of(party, **period))
    review_s, report = timed(lambda: review_make(run_key=f"bench-{events}", limits=Limits(), **period))
    if clean.faults or not all(one.is_right for one in found):
        raise RuntimeError(f"verification is wrong: {clean.faults} {found}")
    sys.stdout.write(
        f"audit: {clean.sealed:,} events sealed ({filled:.1f} s by COPY); COPY out of the same rows {floor:.2f} s\n"
        f"audit: sealing      {sealing:8.2f} s   {sealing / floor:6.1f} x COPY out\n"
        f"audit: verifying    {clean_s:8.2f} s   {clean_s / floor:6.1f} x COPY out\n"
        + "".join(f"audit: {one.mutation:17} found in {one.seconds:6.2f} s: {one.first}\n" for one in found)
        + "audit: target 60 s each for 1,000,000\n"
        f"audit: who looked at one person: {lookups.told:,} events in {listing * 1000:.0f} ms   (target 1 s)\n"
        f"audit: review of the month {review_s:.1f} s, {report.findings.count():,} findings\n"
        f"audit: log per request p95 {_p95(cost.writes):.2f} ms (target 3 ms), {cost.share:.1%} of a party card"
        f" (target 15 %); the card with the log {median(cost.whole):.1f} ms, without {median(cost.without):.1f} ms:"
        f" {cost.ratio:.2f} x\n"
    )


def _verified(public: bytes) -> Any:
    with transaction.atomic():
        return verify_log(public=public)


if __name__ == "__main__":
    main()

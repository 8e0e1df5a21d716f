"""Measurement of the access log: sealing, verifying, finding a fault, listing and reviewing a log of a million events.

The floor is COPY of the same rows out of the database, thrown away. `python -m taxsys.embedded servers -- python -m
tests.bench.audit [events]` fills a fresh database by COPY, a thousand events a transaction, and keeps it afterwards.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date
from statistics import quantiles
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
from taxsys.platform.audit.lines import _ORDER, _SELECT
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.audit.review.gathering import Limits, review_make
from taxsys.platform.audit.sealing import seal_pending
from taxsys.platform.audit.signing import signer
from taxsys.platform.audit.verifying import verify_log
from tests.bench.copying import copy_out

A_TRANSACTION = 1_000
PARTIES = 20_000
REQUESTS = 300
_COPY = (
    "COPY audit_accessevent (occurred_at, business_on, actor_kind, actor_id, unit_code, terminal, address, function_id,"
    " legal_base, purpose, action, subjects, record_type, record_id, result, reason, request_id) FROM STDIN"
)


def fill(events: int) -> None:
    """Events of 300 officers about PARTIES people in November 2026, one COPY and one transaction per thousand."""
    for start in range(0, events, A_TRANSACTION):
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            for number in range(start, start + A_TRANSACTION):
                copy.write_row(_event(number))


def _event(number: int) -> tuple[Any, ...]:
    minute = number % (30 * 24 * 60)
    at = f"2026-11-{minute // 1440 + 1:02d} {minute % 1440 // 60:02d}:{minute % 60:02d}:00+09"
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


def tampered(event_id: int) -> None:
    """Edit one event as only the owner of the database could."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE audit_accessevent SET actor_id = 'x' WHERE id = %s", [event_id])


def request_cost() -> tuple[list[float], list[float]]:
    """Milliseconds of the log and of the whole, per request of a party's card."""
    from django.test import Client

    from tests.addressbook.people import person
    from tests.platform.actors import officer, sign_in

    party = Party.objects.filter(person_no="R99999999999999").first() or person(99_999_999_999_999)
    client = sign_in(Client(), officer("8999", permissions=[VIEW_PARTY]))
    spent: list[float] = []
    save = AccessEvent.save

    def measured(self: AccessEvent, *args: Any, **options: Any) -> None:
        started = time.perf_counter()
        save(self, *args, **options)
        spent[-1] += (time.perf_counter() - started) * 1000

    whole = []
    AccessEvent.save = measured  # type: ignore[method-assign]
    try:
        for _ in range(REQUESTS + 20):
            spent.append(0.0)
            seconds, answer = timed(lambda: client.get(f"/party/{party.pk}/"))
            if answer.status_code != 200:
                raise RuntimeError(f"the card answered {answer.status_code}")
            whole.append(seconds * 1000)
    finally:
        AccessEvent.save = save  # type: ignore[method-assign]
    return spent[20:], whole[20:]


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


def main() -> None:
    """Migrate the database at hand, which must be empty, fill, measure, print."""
    from django.core.management import call_command

    events = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    call_command("migrate", interactive=False, verbosity=0)
    filled, _ = timed(lambda: fill(events))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audit_accessevent")
    floor = copied_out()
    sealing, sealed = timed(lambda: seal_pending(most=100_000))
    public = signer().public
    clean_s, clean = timed(lambda: _verified(public))
    spent, whole = request_cost()
    period = {"from_on": date(2026, 11, 1), "to_on": date(2026, 11, 30)}
    party = Party(pk=UUID(int=7919 % PARTIES), person_no="R1")
    listing, lookups = timed(lambda: lookups_of(party, **period))
    review_s, report = timed(lambda: review_make(run_key=f"bench-{events}", limits=Limits(), **period))
    middle = AccessEvent.objects.order_by("id")[events // 2].pk
    tampered(middle)
    found_s, found = timed(lambda: _verified(public))
    if clean.faults or len(found.faults) != 1 or str(middle) not in found.faults[0]:
        raise RuntimeError(f"verification is wrong: {clean.faults} {found.faults}")
    share = sum(spent) / sum(whole)
    sys.stdout.write(
        f"audit: {sealed:,} events sealed ({filled:.1f} s by COPY); COPY out of the same rows {floor:.2f} s\n"
        f"audit: sealing      {sealing:8.2f} s   {sealing / floor:6.1f} x COPY out\n"
        f"audit: verifying    {clean_s:8.2f} s   {clean_s / floor:6.1f} x COPY out\n"
        f"audit: one edited event in the middle found in {found_s:.2f} s   (target 60 s for 1,000,000)\n"
        f"audit: who looked at one person: {lookups.told:,} events in {listing * 1000:.0f} ms   (target 1 s)\n"
        f"audit: review of the month {review_s:.1f} s, {report.findings.count():,} findings\n"
        f"audit: log per request p95 {_p95(spent):.2f} ms (target 3 ms), {share:.1%} of a party card (target 15 %)\n"
    )


def _verified(public: bytes) -> Any:
    with transaction.atomic():
        return verify_log(public=public)


if __name__ == "__main__":
    main()

"""A year of a seed: which events on which day (swarm style), the run itself, and what is left of a failing one.

Every event has a random number of its own, so that a list of events without some of them still means the same; a
failing seed is told with the command that repeats it and the events that are needed for the failure.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from taxsys.platform import clock
from taxsys.platform.audit.context import using
from tests.simulation import desk, levies, money
from tests.simulation.compare import books_agree, proofs_hold, screens_agree
from tests.simulation.world import DESK, Differs, World

FIRST, LAST = date(2025, 6, 2), date(2026, 5, 29)
RESIDENTS, EMPLOYERS, PENSIONERS = 9, 1, 1
EVENTS = 320
Event = Callable[[World, Random], object]

# How often each kind happens in an ordinary year, by weight.
WEIGHTS: dict[str, tuple[Event, int]] = {
    "pay": (money.pay, 30),
    "double": (money.double, 3),
    "counter": (money.counter, 10),
    "slip_again": (levies.slip_again, 8),
    "correct": (levies.correct, 6),
    "recall": (levies.recall, 2),
    "levy_anew": (levies.levy_anew, 3),
    "defer": (levies.defer, 3),
    "fee": (levies.fee, 4),
    "resolve": (desk.resolve, 6),
    "unmatch": (desk.unmatch, 3),
    "reverse": (desk.reverse, 3),
    "propose": (desk.propose, 10),
    "approve": (desk.approve, 12),
    "reserve": (desk.reserve, 12),
    "refund_file": (desk.refund_file, 6),
    "refund_answer": (desk.refund_answer, 6),
    "die": (desk.die, 1),
    "pension": (money.withheld("pension"), 1),
    "wage": (money.withheld("wage"), 2),
    "cvs_file": (money.arrive("cvs"), 9),
    "common_file": (money.arrive("common"), 7),
}
CRASHES = (0.0, 0.05, 0.3)
# These make one chain: a seed has all of them or none.
REFUNDS = ("propose", "approve", "reserve", "refund_file", "refund_answer")


@dataclass(frozen=True)
class Planned:
    """One event of the plan: its number, day, kind, and the random number that makes its choices."""

    number: int
    on: date
    kind: str
    lot: int

    def __str__(self) -> str:
        return f"{self.number:4} {self.on} {self.kind}"


@dataclass
class Plan:
    """A seed's year."""

    seed: int
    crash_share: float
    events: list[Planned] = field(default_factory=list)


def plan_of(seed: int, *, events: int = EVENTS) -> Plan:
    """Swarm: each seed leaves out some kinds of events altogether and has much of others."""
    rng = Random(f"year/{seed}")
    plan = Plan(seed, rng.choice(CRASHES))
    shares = {kind: rng.choice((0, 1, 1, 1, 3)) for kind in WEIGHTS}
    shares |= {"cvs_file": 1, "common_file": 1} | dict.fromkeys(REFUNDS, shares["propose"])
    weights = {kind: weight * shares[kind] for kind, (_event, weight) in WEIGHTS.items()}
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    open_days = [day for day in days if day.weekday() < 5]
    chosen = [(FIRST, -2, "first_levy"), (FIRST + timedelta(days=4), -1, "slips")]
    for due in money.DEBIT_DUES if rng.random() < 0.8 else ():
        for attempt in (1, 2):
            drawn = money.drawn_on(due, attempt)
            asked = drawn - timedelta(days=7)
            chosen += [(asked, -1, f"ask {due} {attempt}"), (drawn + timedelta(days=3), -1, f"answer {due} {attempt}")]
    kinds = rng.choices(list(weights), list(weights.values()), k=events)
    chosen += [(rng.choice(open_days[4:]), n, kind) for n, kind in enumerate(kinds)]
    chosen += [(LAST, events + n, kind) for n, kind in enumerate(("cvs_file", "common_file"))]
    chosen.sort(key=lambda one: one[:2])
    plan.events = [Planned(n, on, kind, rng.getrandbits(62)) for n, (on, _order, kind) in enumerate(chosen)]
    return plan


def event_of(kind: str) -> Event:
    """The act of a kind."""
    if kind in WEIGHTS:
        return WEIGHTS[kind][0]
    if kind == "first_levy":
        return levies.first_levy
    if kind == "slips":
        return levies.slips_for_all
    what, due, attempt = kind.split()
    maker = money.debit_ask if what == "ask" else money.debit_answer
    return maker(date.fromisoformat(due), int(attempt))


class Failure(AssertionError):
    """A seed has failed: where, and why."""

    def __init__(self, plan: Plan, at: Planned | None, error: BaseException, done: Sequence[Planned]) -> None:
        self.plan, self.at, self.error, self.done = plan, at, error, list(done)
        where = f"event {at}" if at else "the end"
        super().__init__(
            f"seed {plan.seed}, {where}: {type(error).__name__}: {error}\n"
            f"again: make sim SEED={plan.seed}\nevents until then:\n" + "\n".join(map(str, done))
        )


@dataclass
class Report:
    """What a year came to."""

    seed: int
    events: int = 0
    acts: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    proofs: int = 0
    receipts: int = 0
    yen: int = 0
    seconds: float = 0.0


def run(plan: Plan) -> Report:
    """The year in a database without a ledger. Raises Failure."""
    started = time.perf_counter()
    world = World(plan.seed, f"S{plan.seed % 100_000:05d}")
    report, done = Report(plan.seed), []
    at: Planned | None = None
    try:
        with clock.at(FIRST):
            world.open(RESIDENTS, EMPLOYERS, PENSIONERS)
        world.crash_share = plan.crash_share
        for at in plan.events:
            if at.on != world.today:
                proofs_hold(world)
                report.proofs += 1
                world.today = at.on
            done.append(at)
            with clock.at(at.on), using(DESK):
                happened = event_of(at.kind)(world, Random(at.lot))
                if happened is not False:
                    report.acts[at.kind] = report.acts.get(at.kind, 0) + 1
                    books_agree(world)
                    screens_agree(world, world.touched())
        at = None
        proofs_hold(world)
        screens_agree(world, world.parties)
    except Exception as error:
        raise Failure(plan, at, error, done) from error
    report.events, report.counts, report.proofs = len(done), world.counts, report.proofs + 1
    report.receipts = len(world.books.receipts)
    report.yen = sum(one.amount for one in world.books.receipts.values() if one.is_posted)
    report.seconds = time.perf_counter() - started
    return report


def shrunk(failure: Failure, fresh: Callable[[], None], *, seconds: float = 180) -> Failure:
    """A shorter list of events that fails too: without kinds, parts, single events; `fresh` empties the books."""
    deadline, best = time.monotonic() + seconds, failure

    def still_fails(events: Sequence[Planned]) -> Failure | None:
        fresh()
        try:
            run(Plan(failure.plan.seed, failure.plan.crash_share, list(events)))
        except Failure as found:
            return found if type(found.error) is type(failure.error) else None
        return None

    for kind in sorted({one.kind for one in best.done}):
        if time.monotonic() > deadline:
            return best
        best = still_fails([one for one in best.done if one.kind != kind]) or best
    size = max(1, len(best.done) // 2)
    while size:
        first = 0
        while first < len(best.done):
            if time.monotonic() > deadline:
                return best
            found = still_fails(best.done[:first] + best.done[first + size :])
            best, first = (found, first) if found else (best, first + size)
        size //= 2
    return best


__all__ = ["Differs", "Failure", "Plan", "Report", "plan_of", "run", "shrunk"]

"""勤め先の経過 (pure): a person's employment changes of a year → which months each employer has, and who has the rest.

Changes count in the order of their event, whatever the order in which they arrived; one that speaks of an employer the
person is not with (yet) fits only when the missing one has come.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from assessment.resident.resplit import Bounds

STARTED, CONTINUED, LUMP = "S", "1", "2"
PLACES = 12
FIRST_MONTH = 6


@dataclass(frozen=True, slots=True)
class Move:
    """One change: employers by id, months by place (1 = June … 12 = May). `is_done`: an earlier run has posted it."""

    id: int
    reason: str
    event_on: date
    after: str
    withholder_id: int | None
    last_place: int
    new_withholder_id: int | None = None
    new_employee_no: str = ""
    first_place: int = 1
    lump_place: int | None = None
    is_done: bool = False
    is_live: bool = True
    run_id: int | None = None


@dataclass(slots=True)
class Timeline:
    """The outcome: who withholds now (None: billed), from which place, and the months kept by each employer.

    `lump`: the place of the current employer that takes all the rest. `is_done`: an earlier run has posted the last
    change.
    """

    withholder_id: int | None
    employee_no: str | None = None
    first_place: int = 1
    kept: dict[int, set[int]] = field(default_factory=dict)
    lump: int | None = None
    is_done: bool = True
    taken: list[int] = field(default_factory=list)
    unfitting: list[int] = field(default_factory=list)
    # Leaving an employer of somebody who is billed anyway: nothing to move.
    idle: list[int] = field(default_factory=list)

    def bounds(self) -> dict[int, Bounds]:
        """Per employer the places it may have."""
        found = {one: Bounds(frozenset(places), frozenset()) for one, places in self.kept.items()}
        now = self.withholder_id
        if now is None:
            return found
        kept = frozenset(self.kept.get(now, ()))
        if self.lump is not None:
            may: frozenset[int] = frozenset() if self.is_done else frozenset({self.lump})
            found[now] = Bounds(kept - may, may, may, is_lump=True)
        elif self.taken:
            may = frozenset(range(self.first_place, PLACES + 1)) - kept
            # The new employer has said itself from which month it withholds; a later change waits for its notice.
            found[now] = Bounds(kept, may, frozenset() if self.is_done else may)
        return found

    @property
    def is_paid_off(self) -> bool:
        """Whether the lump sum has been posted: what comes after is billed."""
        return self.lump is not None and self.is_done


def first_employer(moves: Iterable[Move]) -> int | None:
    """Who withheld before the first of these changes; those taken back speak too (None: nobody)."""
    ordered = sorted(moves, key=_order)
    return ordered[0].withholder_id if ordered else None


def timeline(base_id: int | None, moves: Iterable[Move]) -> Timeline:
    """Follow the live changes from the employer the year began with."""
    state = Timeline(base_id)
    for move in sorted((one for one in moves if one.is_live), key=_order):
        is_there = move.withholder_id == state.withholder_id and state.lump is None
        fits = move.reason == STARTED or is_there
        if fits:
            state.taken.append(move.id)
            _follow(state, move)
        elif state.withholder_id is None and move.after != CONTINUED:
            state.idle.append(move.id)
        else:
            state.unfitting.append(move.id)
    return state


def _order(move: Move) -> tuple[date, int, int]:
    return move.event_on, move.last_place, move.id


def _follow(state: Timeline, move: Move) -> None:
    now = state.withholder_id
    if now is not None and move.reason != STARTED:
        state.kept.setdefault(now, set()).update(range(state.first_place, move.last_place + 1))
    state.is_done = move.is_done
    if move.reason == STARTED or move.after == CONTINUED:
        state.withholder_id, state.employee_no = move.new_withholder_id, move.new_employee_no
        state.first_place, state.lump = move.first_place, None
    elif move.after == LUMP and move.lump_place is not None and now is not None:
        state.lump = move.lump_place
        state.kept[now].add(move.lump_place)
    else:
        state.withholder_id, state.employee_no, state.lump = None, None, None


def place_of(day: date, tax_year: int) -> int:
    """The place of the month of a day among the twelve: 0 before June of the year, 12 from May of the next on."""
    months = (day.year - tax_year) * 12 + day.month - FIRST_MONTH + 1
    return min(max(months, 0), PLACES)


def month_of(place: int) -> int:
    """The calendar month (1–12) of a place."""
    return (place + FIRST_MONTH - 2) % PLACES + 1


def place_of_month(month: int) -> int:
    """The place of a calendar month."""
    return (month - FIRST_MONTH) % PLACES + 1

"""異動届の引継ぎ (pure): which notices of the old year count for the new one, given who withholds by the new papers.

A wage report of January names the payer at the end of the year; who left it since would still be withheld from there.
地方税法321条の4・321条の5; F-PL-004.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from assessment.resident.moves.timeline import CONTINUED, STARTED, Move, timeline

BILLED = "3"


class Fate(StrEnum):
    """What becomes of a notice in the new year."""

    CARRY = "carry"
    ALREADY = "already"
    NEEDLESS = "needless"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class CarriedMove:
    """One notice of the old year, its fate, and the move that it is in the new year (None unless it is carried)."""

    old: Move
    fate: Fate
    new: Move | None = None


def carried_moves(base_id: int | None, known: Sequence[Move], old: Sequence[Move]) -> list[CarriedMove]:
    """The fate of each notice, in the order of their events.

    `base_id`: who withholds in the new year by its papers or first decision; `known`: notices of the new year.
    """
    found: list[CarriedMove] = []
    taken = [one for one in known if one.is_live]
    for move in sorted(old, key=lambda one: (one.event_on, one.last_place, one.id)):
        if any(_is_same(move, one) for one in taken):
            found.append(CarriedMove(move, Fate.ALREADY))
            continue
        until = [one for one in taken if one.event_on <= move.event_on]
        fate, new = _fate(timeline(base_id, until).withholder_id, move)
        found.append(CarriedMove(move, fate, new))
        if new is not None:
            taken.append(new)
    return found


def _is_same(old: Move, new: Move) -> bool:
    same_event = old.event_on == new.event_on and old.new_withholder_id == new.new_withholder_id
    return same_event and (new.reason, new.withholder_id) in {(old.reason, old.withholder_id), (STARTED, None)}


def _fate(current_id: int | None, move: Move) -> tuple[Fate, Move | None]:
    if move.reason != STARTED and move.after != CONTINUED:
        if current_id != move.withholder_id:
            return Fate.NEEDLESS, None
        return Fate.CARRY, _new_year(move, after=BILLED)
    if current_id == move.new_withholder_id:
        return Fate.NEEDLESS, None
    if current_id is None:
        return Fate.CARRY, replace(_new_year(move, after=CONTINUED), reason=STARTED, withholder_id=None)
    if move.reason != STARTED and current_id == move.withholder_id:
        return Fate.CARRY, _new_year(move, after=CONTINUED)
    return Fate.CHECK, None


def _new_year(move: Move, *, after: str) -> Move:
    """The same event before the first month of the new year: nothing was withheld yet, no lump sum."""
    return replace(move, after=after, last_place=0, first_place=1, lump_place=None, is_done=False, run_id=None)

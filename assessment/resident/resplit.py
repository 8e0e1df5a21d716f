"""更正後の期割 (pure): how instalments already levied change when a tax of the year does (R-019).

What can no longer be changed (bills about to fall due, months already withheld) keeps its amount; the rest of the new
tax goes to the instalments still to come (地方税法321条の6: from the month after the notice), and where none is left to
one more. A tax that falls below what is closed takes from the latest closed instalments: paid money then becomes an
overpayment. City, prefecture and forest tax each add up to their new whole.

Where employers changed in the year, `Bounds` say which months each of them has: months of nobody there come to nothing
whatever the day, months withheld stay. What finds no month with an employer any more is billed to the taxpayer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

import numpy as np

from assessment.resident.collection_split import ORDINARY, ORDINARY_KEYS, PENSION, WAGE
from assessment.resident.tax_parts import TaxParts, apportion
from taxsys.kernel.calendar import next_business_day
from taxsys.kernel.rounding import split_remainder_first

Yen3 = tuple[int, int, int]
Key = tuple[str, str]
NOTHING: Yen3 = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Place:
    """One instalment of one person: `no` within its notice, parts (city, prefecture, forest) in yen."""

    method: str
    notice_no: str
    debtor_id: UUID
    no: int
    due_on: date
    statutory_due_on: date
    parts: Yen3

    @property
    def key(self) -> Key:
        """The stream of instalments it belongs to."""
        return self.method, self.notice_no


@dataclass(frozen=True, slots=True)
class Stream:
    """A way of collecting as the new decision has it: whole parts, its regular places (no, due date), and the amount
    up to which everything is collected at once."""

    method: str
    notice_no: str
    debtor_id: UUID
    parts: Yen3
    places: tuple[tuple[int, date], ...]
    unit: int
    at_once_yen: int = 0
    # Where the tax goes that finds no place here any more: the taxpayer's own notice number and the taxpayer.
    bill_to: tuple[str, UUID] | None = None

    @property
    def key(self) -> Key:
        """Method and notice number."""
        return self.method, self.notice_no


@dataclass(frozen=True, slots=True)
class Bounds:
    """The places a stream may have: `kept` ones stay whatever the day, `may` ones carry the rest (None: all of them);
    every other place comes to nothing. `always`: places of `may` that carry the rest though no notice comes
    before them, because the employer named them itself; of a lump sum (一括徴収, `is_lump`) even when their day
    is past."""

    kept: frozenset[int] = frozenset()
    may: frozenset[int] | None = None
    always: frozenset[int] = frozenset()
    is_lump: bool = False
    # Yen to which a kept month is cut, by place: no more than that was withheld of it.
    caps: Mapping[int, int] = field(default_factory=dict)

    def allows(self, no: int) -> bool:
        """Whether the place may carry anything of the rest."""
        return no not in self.kept and (self.may is None or no in self.may)


@dataclass(frozen=True, slots=True)
class Terms:
    """Notice times in days and the months to an extra term, and the day of the decision."""

    decided_on: date
    bill_notice_days: int
    pension_notice_days: int
    extra_term_months: int
    bounds: Mapping[Key, Bounds] = field(default_factory=dict)

    def is_fixed(self, place: Place) -> bool:
        """Whether a posted instalment keeps its amount."""
        bounds = self.bounds.get(place.key)
        if bounds is not None and (place.no in bounds.kept or not bounds.allows(place.no)):
            return place.no in bounds.kept
        return not self.may_carry(place.key, place.no, place.due_on)

    def may_carry(self, key: Key, no: int, due_on: date) -> bool:
        """Whether a place of the stream can take a part of the rest."""
        bounds = self.bounds.get(key, ANYWHERE)
        return bounds.allows(no) and (no in bounds.always or self.is_open(key[0], due_on))

    def is_open(self, method: str, due_on: date) -> bool:
        """Whether an instalment can still be changed by a notice of this day."""
        if method == WAGE:
            return _months_on(due_on.replace(day=1), -1) > self.decided_on
        days = {ORDINARY: self.bill_notice_days, PENSION: self.pension_notice_days}[method]
        return due_on >= self.decided_on + timedelta(days=days)

    def extra_due_on(self) -> date:
        """納期限 of an instalment that has to be added: the end of a month to come, rolled to an open day."""
        after = _months_on(self.decided_on.replace(day=1), self.extra_term_months + 1)
        return next_business_day(after - timedelta(days=1))


ANYWHERE = Bounds()
LAST_BILL = len(ORDINARY_KEYS)


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day.replace(year=year, month=month + 1)


def resplit(posted: Sequence[Place], target: Sequence[Stream], terms: Terms) -> list[Place]:
    """Every instalment as it should be now (also those that come to nothing), ordered by stream and number."""
    posted = [_capped(place, terms) for place in posted]
    wanted = {stream.key: stream for stream in target}
    dropped = [place for place in posted if place.key not in wanted]
    kept = [place for place in dropped if _is_kept(place, terms)]
    left, excess = _taken_from(wanted, parts_sum(place.parts for place in kept))
    result = [replace(place, parts=(0, 0, 0)) for place in dropped if place not in kept]
    result += _reduced(kept, excess)
    for stream in left.values():
        places, unplaced = _stream_split(stream, [place for place in posted if place.key == stream.key], terms)
        result += places
        if sum(unplaced) and stream.bill_to is not None:
            result = _billed(result, stream, unplaced, terms)
    return sorted(result, key=lambda place: (place.method, place.notice_no, place.no))


def _capped(place: Place, terms: Terms) -> Place:
    """A month that was withheld only in part, cut to that."""
    cap = terms.bounds.get(place.key, ANYWHERE).caps.get(place.no)
    total = sum(place.parts)
    if cap is None or cap >= total:
        return place
    return replace(place, parts=_apportioned(place.parts, [cap, total - cap])[0])


def _is_kept(place: Place, terms: Terms) -> bool:
    """Of a way of collecting that is left: what counts towards the new one."""
    bounds = terms.bounds.get(place.key)
    return place.no in bounds.kept if bounds is not None else not terms.is_open(place.method, place.due_on)


def _billed(result: Sequence[Place], stream: Stream, parts: Yen3, terms: Terms) -> list[Place]:
    """What no month of the employer can carry any more becomes one bill of the taxpayer's own."""
    number, taxpayer = stream.bill_to or ("", stream.debtor_id)
    bills = [place for place in result if place.key == (ORDINARY, number)]
    due_on = terms.extra_due_on()
    no = max((place.no for place in bills), default=LAST_BILL) + 1
    bill = Place(ORDINARY, number, taxpayer, max(no, LAST_BILL + 1), due_on, stream.places[0][1], parts)
    return [*result, bill]


def _taken_from(wanted: Mapping[Key, Stream], kept: Yen3) -> tuple[dict[Key, Stream], Yen3]:
    """What old ways of collecting have closed counts towards the new ones; answers them and what is too much."""
    rest = list(kept)
    left = {}
    for key, stream in wanted.items():
        taken = [min(have, need) for have, need in zip(stream.parts, rest, strict=True)]
        rest = [need - yen for need, yen in zip(rest, taken, strict=True)]
        left[key] = replace(stream, parts=parts_less(stream.parts, taken))
    return left, _three(rest)


def _stream_split(stream: Stream, posted: Sequence[Place], terms: Terms) -> tuple[list[Place], Yen3]:
    """The stream's places as they should be, and the parts of the tax for which it has no place."""
    bounds = terms.bounds.get(stream.key, ANYWHERE)
    gone = [place for place in posted if place.no not in bounds.kept and not bounds.allows(place.no)]
    closed = [place for place in posted if place not in gone and terms.is_fixed(place)]
    coming = {place.no: place for place in posted if place not in closed and place not in gone}
    spent = parts_sum(place.parts for place in closed)
    rest, over = parts_over(stream.parts, spent), parts_over(spent, stream.parts)
    done = _reduced(closed, over) + [replace(place, parts=(0, 0, 0)) for place in gone]
    still = parts_sum(place.parts for place in coming.values())
    if coming and rest == still:
        return done + list(coming.values()), NOTHING
    statutory = posted[0].statutory_due_on if posted else min(due for _, due in stream.places)
    used = {place.no for place in closed}
    numbers = {no: due for no, due in stream.places if no not in used and terms.may_carry(stream.key, no, due)}
    numbers |= {no: place.due_on for no, place in coming.items()}
    if not numbers and sum(rest) > 0:
        if stream.bill_to is not None:
            return done, rest
        taken = [place.no for place in posted] + [no for no, _ in stream.places]
        numbers = {max(taken) + 1: terms.extra_due_on()}
    amounts = _amounts(sum(rest), len(numbers), stream)
    parts = _apportioned(rest, amounts)
    return done + [
        Place(stream.method, stream.notice_no, stream.debtor_id, no, numbers[no], statutory, part)
        for no, part in zip(sorted(numbers), parts, strict=True)
    ], NOTHING


def _amounts(total_yen: int, count: int, stream: Stream) -> list[int]:
    if not count:
        return []
    if total_yen <= stream.at_once_yen:
        return [total_yen] + [0] * (count - 1)
    first, each = split_remainder_first(total_yen, count, stream.unit)
    return [first] + [each] * (count - 1)


def _apportioned(parts: Yen3, amounts: Sequence[int]) -> list[Yen3]:
    if not amounts:
        return []
    whole = TaxParts(*(np.array([yen], dtype=np.int64) for yen in parts))
    split = apportion(whole, np.array([amounts], dtype=np.int64))
    columns = (split.city_yen[0], split.prefecture_yen[0], split.forest_yen[0])
    return [_three(int(column[place]) for column in columns) for place in range(len(amounts))]


def _reduced(places: Sequence[Place], excess: Yen3) -> list[Place]:
    """Closed places with `excess` taken off, the latest first."""
    rest = list(excess)
    result = []
    for place in sorted(places, key=lambda one: (one.due_on, one.no), reverse=True):
        taken = [min(have, need) for have, need in zip(place.parts, rest, strict=True)]
        rest = [need - yen for need, yen in zip(rest, taken, strict=True)]
        result.append(replace(place, parts=parts_less(place.parts, taken)))
    return result


def parts_sum(many: Iterable[Yen3]) -> Yen3:
    """All of them together, part by part."""
    total = [0, 0, 0]
    for parts in many:
        total = [yen + more for yen, more in zip(total, parts, strict=True)]
    return _three(total)


def parts_over(parts: Yen3, other: Yen3) -> Yen3:
    """What `parts` has more than `other`, part by part; nothing where it has less."""
    return _three(max(0, yen - less) for yen, less in zip(parts, other, strict=True))


def parts_less(parts: Yen3, other: Sequence[int]) -> Yen3:
    """What is left when `other` is taken away part by part."""
    return _three(yen - less for yen, less in zip(parts, other, strict=True))


def _three(values: Iterable[int]) -> Yen3:
    city, prefecture, forest = values
    return int(city), int(prefecture), int(forest)

"""突合: which party a source document is about, with the evidence (R-012, F-CM-020, N-010).

By My Number first, compared inside the vault; then by kana, birth date and address together. Whoever shares kana and
birth date with somebody else is never matched by machine, nor is a number that comes with another person's name or
birthday: those go to people, with the candidates and what agreed. The caller stores the evidence; undoing a match is
undoing the caller's link (and `numbers.number_unbind`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from uuid import UUID

from addressbook.address_text import address_key, addresses_agree
from addressbook.selectors.match_rows import (
    KeyHit,
    address_keys_of,
    hits_by_kana,
    hits_by_kana_and_birth,
    party_keys_of,
)
from addressbook.services import numbers
from addressbook.services.feed import search_keys
from addressbook.services.likeness import Likeness, PaperPerson, likeness_of

Method = Literal["number", "kana_birth_address", "manual", "none"]
SLICE = 20_000
_WEAK_LIMIT = 10
ADDRESS_SCORE = 20
_SCORES = {"number": 60, "kana": 40, "kana_loose": 25, "birth_on": 40, "address": ADDRESS_SCORE, "hint": 10}


@dataclass(frozen=True, kw_only=True, slots=True)
class MatchRow:
    """One document's person. `number_ref` is the held number's reference; `hint` a party known from elsewhere, such as
    last year's row of the same employer and employee number; `since` the first day of the time it speaks of."""

    ref: str
    name: str = ""
    name_kana: str = ""
    birth_on: date | None = None
    address_text: str = ""
    number_ref: UUID | None = None
    hint: UUID | None = None
    since: date | None = None


@dataclass(frozen=True, slots=True)
class MatchCandidate:
    """A party that may be meant: which keys agreed, and the sum of their weights."""

    party_id: UUID
    score: int
    evidence: dict[str, bool]


@dataclass(frozen=True, slots=True)
class MatchResult:
    """一致・候補・不一致. `reason` where no party was chosen: no_candidate | ambiguous | weak | number_mismatch |
    different_number (the only candidate holds another number). `contradicting`: which items of a number's holder
    contradict the paper (see `likeness`)."""

    ref: str
    party_id: UUID | None
    method: Method
    evidence: dict[str, bool]
    candidates: tuple[MatchCandidate, ...] = ()
    reason: str = ""
    contradicting: tuple[str, ...] = ()


@dataclass(slots=True)
class _Slice:
    """What was looked up for a slice of rows, by position."""

    rows: Sequence[MatchRow]
    keys: list[tuple[str, str]]
    by_number: dict[int, KeyHit] = field(default_factory=dict)
    likeness: dict[int, Likeness] = field(default_factory=dict)
    hits: dict[int, list[KeyHit]] = field(default_factory=dict)
    addresses: dict[UUID, list[str]] = field(default_factory=dict)
    numbered: set[UUID] = field(default_factory=set)


def match_many(rows: Sequence[MatchRow]) -> list[MatchResult]:
    """Match rows to parties, set-based; answers in order of the rows, the same for the same address book.

    Needs an access context with a legal base when any row has `number_ref` (VaultContextMissing). Stores nothing.
    """
    results: list[MatchResult] = []
    for start in range(0, len(rows), SLICE):
        found = _look_up(rows[start : start + SLICE])
        results.extend(_judge(found, position) for position in range(len(found.rows)))
    return results


def _look_up(rows: Sequence[MatchRow]) -> _Slice:
    found = _Slice(rows, [search_keys(row.name_kana) for row in rows])
    refs = [row.number_ref for row in rows if row.number_ref is not None]
    if refs:
        holders = numbers.parties_by_held(refs)
        keys = party_keys_of(list(set(holders.values())))
        for position, row in enumerate(rows):
            holder = holders.get(row.number_ref) if row.number_ref else None
            if holder in keys:
                found.by_number[position] = keys[holder]
        found.likeness = _likeness(found)
    open_rows = [at for at in range(len(rows)) if at not in found.likeness or not found.likeness[at].is_same]
    _look_up_by_kana(found, open_rows)
    parties = {hit.party_id for hits in found.hits.values() for hit in hits}
    found.addresses = address_keys_of(list(parties | {hit.party_id for hit in found.by_number.values()}))
    asked = {hit.party_id for at, hits in found.hits.items() if rows[at].number_ref for hit in hits}
    found.numbered = numbers.parties_with_number(list(asked)) if asked else set()
    return found


def _look_up_by_kana(found: _Slice, positions: Sequence[int]) -> None:
    rows = found.rows
    full = [at for at in positions if rows[at].birth_on is not None and found.keys[at][1]]
    wanted = [(found.keys[at][1], birth) for at in full if (birth := rows[at].birth_on) is not None]
    for hit in hits_by_kana_and_birth(wanted) if wanted else ():
        found.hits.setdefault(full[hit.position], []).append(hit)
    weak = [at for at in positions if at not in found.hits and found.keys[at][0]]
    for hit in hits_by_kana([found.keys[at][0] for at in weak], limit=_WEAK_LIMIT) if weak else ():
        found.hits.setdefault(weak[hit.position], []).append(hit)


def _likeness(found: _Slice) -> dict[int, Likeness]:
    """Rows found by number → how far the number's holder is the person on the paper (N-010)."""
    positions = list(found.by_number)
    pairs = [(found.by_number[at].party_id, _paper(found.rows[at])) for at in positions]
    return dict(zip(positions, likeness_of(pairs), strict=True))


def _paper(row: MatchRow) -> PaperPerson:
    """The person a row speaks of, for comparing it with the holder of its number."""
    return PaperPerson(name=row.name, name_kana=row.name_kana, birth_on=row.birth_on, since=row.since)


def _candidate(found: _Slice, at: int, hit: KeyHit, *, by_number: bool) -> MatchCandidate:
    row, (strict, loose) = found.rows[at], found.keys[at]
    written = address_key(row.address_text) if row.address_text else ""
    evidence = {
        "number": by_number,
        "kana": bool(strict) and hit.strict_key == strict,
        "kana_loose": bool(loose) and hit.loose_key == loose,
        "birth_on": row.birth_on is not None and hit.birth_on == row.birth_on,
        "address": bool(written)
        and any(addresses_agree(registered, written) for registered in found.addresses.get(hit.party_id, ())),
        "hint": row.hint == hit.party_id,
    }
    score = sum(weight for key, weight in _SCORES.items() if evidence[key])
    if evidence["kana"]:
        score -= _SCORES["kana_loose"]
    return MatchCandidate(hit.party_id, score, evidence)


def _judge(found: _Slice, at: int) -> MatchResult:
    row = found.rows[at]
    numbered = found.by_number.get(at)
    if numbered is not None:
        by_number = _candidate(found, at, numbered, by_number=True)
        likeness = found.likeness[at]
        if likeness.is_same:
            evidence = by_number.evidence | dict.fromkeys(likeness.agreed, True)
            return MatchResult(row.ref, by_number.party_id, "number", evidence, (by_number,))
        others = [hit for hit in found.hits.get(at, ()) if hit.party_id != by_number.party_id]
        rest = _ordered([_candidate(found, at, hit, by_number=False) for hit in others])
        return MatchResult(row.ref, None, "none", {}, (by_number, *rest), "number_mismatch", likeness.contradicting)
    candidates = _ordered([_candidate(found, at, hit, by_number=False) for hit in found.hits.get(at, ())])
    if not candidates:
        return MatchResult(row.ref, None, "none", {}, (), "no_candidate")
    namesakes = [one for one in candidates if one.evidence["kana"] and one.evidence["birth_on"]]
    if len(namesakes) > 1:
        return MatchResult(row.ref, None, "none", {}, candidates, "ambiguous")
    if not namesakes or not namesakes[0].evidence["address"]:
        return MatchResult(row.ref, None, "none", {}, candidates, "weak")
    best = namesakes[0]
    if row.number_ref is not None and best.party_id in found.numbered:
        return MatchResult(row.ref, None, "none", {}, candidates, "different_number")
    return MatchResult(row.ref, best.party_id, "kana_birth_address", best.evidence, candidates)


def _ordered(candidates: Sequence[MatchCandidate]) -> tuple[MatchCandidate, ...]:
    return tuple(sorted(candidates, key=lambda one: (-one.score, str(one.party_id))))

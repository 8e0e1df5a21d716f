"""The look itself: places with bytes in, findings without digits out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from addressbook.number_scan.digests import DigestTable
from addressbook.number_scan.digits import Values, candidates
from addressbook.number_scan.views import views

# Pieces are gathered up to this size, with enough of the one before to find what lies across the cut.
PIECE = 16 << 20
_OVERLAP = 4096
# Of 10^11 possible numbers one valid candidate is a given one with this likelihood.
POSSIBLE = 10**11


class Known(Protocol):
    """Who knows the numbers."""

    def which(self, values: Values) -> NDArray[np.bool_]:
        """For each value whether it is a number that the vault holds, held, or once held."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look: `kind` of place, its `name` (a table, a path, a key; never content), its bytes in pieces."""

    kind: str
    name: str
    pieces: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Finding:
    """A leak: where, in which disguise, and how many different numbers (or values made of them)."""

    kind: str
    name: str
    way: str
    count: int


@dataclass
class Look:
    """What was looked at: places, bytes, candidates that passed the check digit, findings."""

    places: int = 0
    size: int = 0
    candidates: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, other: "Look") -> None:
        """Count another look's places in."""
        self.places += other.places
        self.size += other.size
        self.candidates += other.candidates
        self.findings += other.findings

    def by_chance(self, known: int) -> str:
        """How many of the candidates would be one of `known` numbers by mere chance."""
        return f"{self.candidates * known / POSSIBLE:.4f}"


def look_over(places: Iterable[Place], known: Known, digests: DigestTable | None = None) -> Look:
    """Look at every place for numbers that are known, and for digests of them where a table of digests is given."""
    look = Look()
    for place in places:
        look.places += 1
        found: dict[str, Values] = {}
        hashed: dict[str, set[int]] = {}
        for piece in _overlapping(place.pieces):
            look.size += len(piece)
            for view in views(piece):
                for encoding, values in candidates(view.data, is_text=view.is_plain_text).items():
                    way = " > ".join((*view.way, encoding))
                    found[way] = np.union1d(found.get(way, values), values)
                if digests is not None and not view.is_plain_text and (hits := digests.found(view.data)):
                    hashed.setdefault(" > ".join(view.way) or "bytes", set()).update(hits)
        look.findings += _findings(place, found, known, look)
        look.findings += [Finding(place.kind, place.name, f"{way}: 派生値", len(hits)) for way, hits in hashed.items()]
    return look


def _findings(place: Place, found: dict[str, Values], known: Known, look: Look) -> Iterator[Finding]:
    if not found:
        return
    asked = np.unique(np.concatenate(list(found.values())))
    look.candidates += len(asked)
    real = asked[known.which(asked)]
    for way, values in found.items():
        if count := int(np.isin(values, real).sum()):
            yield Finding(place.kind, place.name, way, count)


def _overlapping(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Small pieces gathered up to PIECE, each beginning with the end of the one before; a large one stays whole."""
    held, is_first = b"", True
    for piece in pieces:
        held += piece
        if len(held) >= PIECE:
            yield held
            held, is_first = held[-_OVERLAP:], False
    if held and (is_first or len(held) > _OVERLAP):
        yield held

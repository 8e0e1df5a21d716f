"""版の比べ方: PyPI by PEP 440, Debian by its policy (5.6.12), others by dotted numbers; a key sorts as versions do."""

import re
from functools import total_ordering
from itertools import zip_longest
from typing import Any, Protocol, Self

from packaging.version import InvalidVersion, Version


class VersionUnreadable(ValueError):
    """A version that its ecosystem cannot order."""


class Ordered(Protocol):
    """What can be compared with its like."""

    def __lt__(self, other: Self, /) -> bool: ...
    def __le__(self, other: Self, /) -> bool: ...


def version_key(ecosystem: str, text: str) -> Any:
    """A key that orders versions of one ecosystem; raises VersionUnreadable."""
    if ecosystem.startswith("Debian"):
        return _Debian(text)
    try:
        return Version(text)
    except InvalidVersion as error:
        raise VersionUnreadable(text) from error


@total_ordering
class _Debian:
    """A version [epoch:]upstream[-revision]; `~` sorts before the end, letters before other signs."""

    def __init__(self, text: str) -> None:
        epoch, colon, rest = text.rpartition(":")
        if not text or (colon and not epoch.isdecimal()) or re.search(r"[^A-Za-z0-9.+:~-]", text):
            raise VersionUnreadable(text)
        upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "0")
        self._parts = (int(epoch or 0), _pieces(upstream), _pieces(revision))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Debian) and not self < other and not other < self

    def __hash__(self) -> int:
        return hash(self._parts[0])

    def __lt__(self, other: Self) -> bool:
        if self._parts[0] != other._parts[0]:
            return self._parts[0] < other._parts[0]
        return next((sign < 0 for sign in map(_compare, self._parts[1:], other._parts[1:]) if sign), False)


def _pieces(text: str) -> list[tuple[str, int]]:
    """Runs of other signs, each with the number that follows it."""
    return [(signs, int(digits or 0)) for signs, digits in re.findall(r"(\D*)(\d*)", text) if signs or digits]


def _compare(mine: Any, other: Any) -> int:
    for (signs, number), (their_signs, their_number) in zip_longest(mine, other, fillvalue=("", 0)):
        for sign, their_sign in zip_longest(signs, their_signs, fillvalue=""):
            if _weight(sign) != _weight(their_sign):
                return -1 if _weight(sign) < _weight(their_sign) else 1
        if number != their_number:
            return -1 if number < their_number else 1
    return 0


def _weight(sign: str) -> int:
    if sign in ("", "~"):
        return -1 if sign else 0
    return ord(sign) if sign.isalpha() else ord(sign) + 256

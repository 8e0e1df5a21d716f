"""関係者の照会口: what the log asks the address book, which stands on a floor above (N-071).

The address book registers one object; without it no party is related to any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Related:
    """同一世帯の期間: `owner` and `member` lived together in [from_on, to_on); keys are party ids as text."""

    owner: str
    member: str
    from_on: date
    to_on: date | None


class Relations(Protocol):
    """What the address book answers."""

    def households(self, owners: Sequence[str]) -> list[Related]:
        """Everybody who ever lived with one of the owners, with the days together; not the owners themselves."""

    def protected(self) -> list[str]:
        """Parties that are protected (支援措置) now or were named beside one."""

    def key_of(self, person_no: str) -> str:
        """The party's key by its 宛名番号; "" where there is none."""

    def labels(self, keys: Sequence[str]) -> dict[str, str]:
        """Key → 宛名番号, for people who compare lists; never a name."""


class _Nobody:
    def households(self, owners: Sequence[str]) -> list[Related]:
        return []

    def protected(self) -> list[str]:
        return []

    def key_of(self, person_no: str) -> str:
        return ""

    def labels(self, keys: Sequence[str]) -> dict[str, str]:
        return {}


_held: dict[str, Relations] = {}


def relations_register(relations: Relations) -> None:
    """Say who answers (from AppConfig.ready of the address book); registering again replaces."""
    _held["relations"] = relations


def relations() -> Relations:
    """The registered answerer."""
    return _held.get("relations") or _Nobody()

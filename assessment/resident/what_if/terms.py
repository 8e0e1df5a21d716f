"""試算の区分と表示の最小人数: the office's own terms of an answer (`terms.toml`), and bands made of them."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from taxsys.kernel.columns import Array

TERMS = Path(__file__).with_name("terms.toml")
BANDED = ("income", "age", "household")
DIMENSIONS = (*BANDED, "district")


@dataclass(frozen=True, slots=True)
class Bands:
    """Groups by ascending upper ends (included); the last group has none. `unknown` follows the others."""

    title_ja: str
    upper: tuple[int, ...]
    labels: tuple[str, ...]
    unknown: str = ""

    def of(self, values: Array, known: Array | None = None) -> Array:
        """Number of the group of each value (uint16); where `known` is false, the group after the last."""
        found = np.searchsorted(np.array(self.upper, dtype=np.int64), values, side="left").astype(np.uint16)
        return found if known is None else np.where(known, found, np.uint16(len(self.labels)))

    @property
    def names(self) -> tuple[str, ...]:
        """Labels in order, the unknown last."""
        return (*self.labels, self.unknown) if self.unknown else self.labels


@dataclass(frozen=True, slots=True)
class Terms:
    """What `terms.toml` says."""

    minimum_people: int
    answers: int
    rate_denominator: int
    value_yen: int
    bands: dict[str, Bands]
    change: Bands
    district_title: str
    district_unknown: str
    district_other: str


@cache
def terms() -> Terms:
    """The office's terms."""
    raw = tomllib.loads(TERMS.read_text(encoding="utf-8"))
    bands = {name: _bands(raw[name]) for name in (*BANDED, "change")}
    return Terms(
        raw["minimum_people"],
        raw["answers"],
        raw["rate_denominator"],
        raw["value_yen"],
        {name: bands[name] for name in BANDED},
        bands["change"],
        raw["district"]["title"],
        raw["district"]["unknown"],
        raw["district"]["other"],
    )


def _bands(raw: dict[str, Any]) -> Bands:
    upper, labels = tuple(raw["upper"]), tuple(raw["labels"])
    if len(labels) != len(upper) + 1 or list(upper) != sorted(set(upper)):
        raise ValueError(f"terms.toml: {raw['title']} has bands that do not fit their labels")
    return Bands(str(raw["title"]), upper, labels, str(raw.get("unknown", "")))


def dimension_title(name: str) -> str:
    """Japanese title of a dimension."""
    return terms().district_title if name == "district" else terms().bands[name].title_ja

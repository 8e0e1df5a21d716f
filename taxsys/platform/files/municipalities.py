"""Names of municipality codes, from the table shipped with the package."""

import csv
from functools import lru_cache
from pathlib import Path

TABLE = Path(__file__).resolve().parent / "tables" / "municipalities.csv"


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    with TABLE.open(encoding="utf-8", newline="") as handle:
        return {row["code"]: row["name_ja"] for row in csv.DictReader(handle)}


def name_of(code: str) -> str | None:
    """Prefecture and municipality in one, or None for a code that the table lacks."""
    return _names().get(code)

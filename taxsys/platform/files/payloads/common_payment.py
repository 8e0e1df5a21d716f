"""共通納税: what the portal's payment lines post. Only confirmed ones, once for each payment number and kind."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass
class Posting:
    """Outcome of applying payment lines in order."""

    posted_yen: int = 0
    duplicates_ignored: int = 0
    cancelled_yen: int = 0


def apply(lines: Iterable[Mapping[str, Any]]) -> Posting:
    """Yen posted by 02 and taken back by 03; 04 replaces the amount of the line that it names; repeats are ignored."""
    result = Posting()
    seen: set[tuple[str, str]] = set()
    standing: dict[str, int] = {}
    for line in lines:
        key = (str(line["payment_no"]), str(line["notice_kind"]))
        if key in seen:
            result.duplicates_ignored += 1
            continue
        seen.add(key)
        number, kind = key
        target = str(line.get("cancels") or number)
        amount = int(line.get("amount") or 0)
        if kind == "02":
            standing[number] = amount
        elif kind == "03":
            result.cancelled_yen += standing.pop(target, 0)
        elif kind == "04" and target in standing:
            standing[target] = amount
    result.posted_yen = sum(standing.values())
    return result


def slip_problems(slip: Mapping[str, Any]) -> list[str]:
    """Relation faults of a slip line: amount parts, bar code above the limit, dates."""
    found = []
    parts = sum(int(slip.get(name) or 0) for name in ("principal", "reminder_fee", "delinquency"))
    if parts != slip.get("amount"):
        found.append("amount_sum")
    if slip.get("cvs_barcode") and int(slip.get("amount") or 0) > 300_000:
        found.append("barcode_over_limit")
    if slip.get("valid_until") and slip.get("due_on") and slip["valid_until"] < slip["due_on"]:
        found.append("valid_before_due")
    return found

"""期割 (splitting of a year's tax into instalments): 地方税法20条の4の2第6項・第8項."""

from __future__ import annotations

from collections.abc import Sequence

from taxsys.kernel.rounding import share_remainder_first, split_remainder_first


def instalments(total_yen: int, parts: int, unit_yen: int = 1000) -> list[int]:
    """Yen of each instalment: cut to `unit_yen`, everything cut goes to the first. Sums to `total_yen`."""
    if total_yen < 0:
        raise ValueError("年税額が負です。")
    first, rest = split_remainder_first(total_yen, parts, unit_yen)
    return [first] + [rest] * (parts - 1)


def resplit(new_total_yen: int, planned_yen: Sequence[int], first_open: int) -> list[int]:
    """Should-be instalments after a correction, when the ones before index `first_open` are past and stay as they are.

    An increase is added to the open instalments, the rest of the cut in the first of them; a decrease takes from the
    last instalment backwards, past ones included (地方税法17条の4第3項の順). Returns as many figures as planned.
    """
    if new_total_yen < 0:
        raise ValueError("年税額が負です。")
    out = list(planned_yen)
    difference = new_total_yen - sum(planned_yen)
    if difference > 0:
        open_count = len(out) - first_open
        if open_count < 1:
            raise ValueError("残りの期別がありません。随時の期別を設けてください。")
        for offset, extra in enumerate(instalments(difference, open_count)):
            out[first_open + offset] += extra
        return out
    missing = -difference
    for index in reversed(range(len(out))):
        taken = min(out[index], missing)
        out[index] -= taken
        missing -= taken
    return out


def part_shares(amounts_yen: Sequence[int], part_total_yen: int) -> list[int]:
    """Divide one part of the year's tax (e.g. the prefecture's) over instalments in the ratio of their amounts.

    Cut to the yen, what is cut goes to the first instalments that can still take it; never more than the instalment.
    """
    total = sum(amounts_yen)
    if not 0 <= part_total_yen <= total:
        raise ValueError("内訳の額が年税額の範囲にありません。")
    if total == 0:
        return [0] * len(amounts_yen)
    out = [share_remainder_first(part_total_yen, total - amount, total)[1] for amount in amounts_yen]
    missing = part_total_yen - sum(out)
    for index, amount in enumerate(amounts_yen):
        taken = min(amount - out[index], missing)
        out[index] += taken
        missing -= taken
    return out

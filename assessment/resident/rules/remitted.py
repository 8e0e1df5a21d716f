"""減免額の再計算 (pure): what a granted remission comes to once its tax is another one. 地方税法323条."""

from __future__ import annotations

from taxsys.kernel.rounding import floor_1


def fitted_yen(granted_yen: int, then_yen: int, now_yen: int) -> int:
    """減免額 of a tax lowered since: the share of the tax that was remitted, cut to the yen; never more than granted.

    A tax that rose leaves the remission as it was decided in yen.
    """
    if now_yen >= then_yen:
        return granted_yen
    return int(floor_1(granted_yen * now_yen, then_yen))

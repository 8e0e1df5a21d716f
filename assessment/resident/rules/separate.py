"""分離課税の所得割 (income levy on separately taxed gains): one rule for every kind of gain.

The annual pipeline taxes general income only; a kind of separate gain joins it as source columns, one call of this
rule, and its levies added where 算出所得割 is made.
"""

from __future__ import annotations

import numpy as np

from taxsys.kernel.periods import Years
from taxsys.kernel.rounding import floor_1
from taxsys.kernel.rules import rule
from taxsys.kernel.yen import LEVY_SCALE, IntColumn
from taxsys.params.table import Table

SHORT_GENERAL, SHORT_STATE, LONG_GENERAL, LONG_QUALITY_HOUSING, LONG_OWN_HOME = 1, 2, 3, 4, 5
SHARES_UNLISTED, SHARES_LISTED, DIVIDENDS_LISTED, FUTURES = 6, 7, 8, 9


@rule(
    law="地方税法附則33条の2・地方税法附則34条・地方税法附則34条の2・地方税法附則34条の3・地方税法附則35条"
    "・地方税法附則35条の2・地方税法附則35条の2の2・地方税法附則35条の4",
    title="分離課税の算出所得割額",
    years=Years(2018),
    rounding="端数を残す",
    formula="{separate_base_yen}に区分({separate_code})の率を掛ける。限度額を超える部分は本則の率({table})",
    uses={"table": "resident.rate.separate_table"},
    outputs={
        "separate_levy_city_yen_e4": "分離課税の所得割額(市民税)",
        "separate_levy_prefecture_yen_e4": "分離課税の所得割額(道府県民税)",
    },
)
def separate_levy(
    *, separate_code: IntColumn, separate_base_yen: IntColumn, table: Table
) -> tuple[IntColumn, IntColumn]:
    """Levy of one separate base (already cut to 1,000 yen) of the given kind."""
    row = table.row(separate_code)
    within = np.minimum(separate_base_yen, table.take("limit", row))
    beyond = separate_base_yen - within

    def side(name: str) -> IntColumn:
        num, den = table.rate(name, row)
        over_num, over_den = table.rate(f"{name}_over", row)
        below = floor_1(within * LEVY_SCALE * num, den)
        return below + floor_1(beyond * LEVY_SCALE * over_num, over_den)

    return side("city"), side("prefecture")

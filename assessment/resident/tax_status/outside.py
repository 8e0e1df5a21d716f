"""公表用の秘匿 (pure): a row of fewer people than the office's least is hidden whole, and as many others as it takes
that nothing is found by taking away from the total.
"""

from collections.abc import Sequence
from dataclasses import replace

from assessment.resident.tax_status.selectors import Counted, Row
from assessment.resident.tax_status.tables import PEOPLE


def hidden_rows(people: Sequence[int], least: int) -> frozenset[int]:
    """Places to hide: the small ones, then the smallest others until two or more rows hide `least` people together."""
    hidden = {place for place, count in enumerate(people) if 0 < count < least}
    while hidden and (len(hidden) < 2 or sum(people[place] for place in hidden) < least):
        left = [place for place, count in enumerate(people) if place not in hidden and count > 0]
        if not left:
            break
        hidden.add(min(left, key=lambda place: people[place]))
    return frozenset(hidden)


def for_outside(table: Counted, least: int) -> Counted:
    """The table as it may leave the house: also parts of a row (うち) below the least number hide their row."""
    heads = [place for place, (_, unit) in enumerate(table.columns) if unit == PEOPLE]
    hidden: frozenset[int] = frozenset()
    for place in heads:
        hidden |= hidden_rows([row.figures[place] or 0 for row in table.rows], least)
    nothing = (None,) * len(table.columns)
    rows = tuple(Row(row.label_ja, nothing if place in hidden else row.figures) for place, row in enumerate(table.rows))
    total = table.total
    if any(0 < (total.figures[place] or 0) < least for place in heads) or len(hidden) == 1:
        total = Row(total.label_ja, nothing)
    return replace(table, rows=rows, total=total)

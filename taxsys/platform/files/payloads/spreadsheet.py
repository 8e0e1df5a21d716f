"""表計算向けの書き出し: cells that a spreadsheet would run are made text; interface files are never touched."""

import re

_PLAIN_NUMBER = re.compile(r"[-+]?[0-9]{1,3}(?:,?[0-9]{3})*(?:\.[0-9]+)?|[-+]?[0-9]+(?:\.[0-9]+)?")
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def guarded(cell: str) -> str:
    """A cell for a file that people open in a spreadsheet: text that would be a formula gets an apostrophe in front."""
    if not cell.startswith(_STARTS) or _PLAIN_NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}"

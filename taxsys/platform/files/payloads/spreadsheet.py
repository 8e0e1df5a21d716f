"""表計算向けの書き出し: cells that a spreadsheet would run are made text; interface files are never touched.

The one place that writes a CSV for people (tests/hostile/test_exports.py): lists, results, exports.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

_PLAIN_NUMBER = re.compile(r"[-+]?[0-9]{1,3}(?:,?[0-9]{3})*(?:\.[0-9]+)?|[-+]?[0-9]+(?:\.[0-9]+)?")
# Full-width signs are text when a file is opened (only typing them makes a formula): they stay, as case FMT-090 says.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_MARK = "\ufeff"


def guarded(cell: str) -> str:
    """A cell for a file that people open in a spreadsheet: text that would be a formula gets an apostrophe in front."""
    if not (cell.startswith(_STARTS) or cell.lstrip(" 　\ufeff").startswith(_STARTS)) or _PLAIN_NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}"


def table_csv(header: Sequence[str], rows: Iterable[Sequence[object]], *, is_marked: bool = True) -> bytes:
    """A table as CSV in UTF-8 with CRLF, by default with the mark by which Excel knows it; text cells guarded, numbers
    as they are, None empty."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([guarded(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return ((_MARK if is_marked else "") + out.getvalue()).encode()

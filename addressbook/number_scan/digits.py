"""Numbers in bytes: every twelve digits that pass the check digit, in each way a program writes digits.

Written as text (separators, line ends and the zero bytes of UTF-16 between the digits), in EBCDIC, packed two digits a
byte (BCD), and as 64-bit integers of both byte orders. All answers are int64 values of the numbers.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Values = NDArray[np.int64]

WINDOW = 12
# What may stand between two digits of one number, and how much of it (UTF-32 puts three zero bytes).
_SEPARATORS = b" \t\r\n\x00-_./,:;|'\"()+=*#~"
_GAP = 3
_SEPARATOR, _BREAK = 254, 255
_WEIGHTS = np.array([6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2], dtype=np.int64)
_PLACES = 10 ** np.arange(WINDOW - 1, -1, -1, dtype=np.int64)
_NONE: Values = np.empty(0, dtype=np.int64)
# Bytes a window may span: digits with the widest gaps between them.
SPAN = WINDOW * (_GAP + 1)
_BLOCK = 1 << 20


def _table(digits: bytes) -> Bytes:
    table = np.full(256, _BREAK, dtype=np.uint8)
    table[np.frombuffer(_SEPARATORS, dtype=np.uint8)] = _SEPARATOR
    table[np.frombuffer(digits, dtype=np.uint8)] = np.arange(10, dtype=np.uint8)
    return table


_TEXT = _table(b"0123456789")
_EBCDIC = _table(bytes(range(0xF0, 0xFA)))


def candidates(data: bytes, *, is_text: bool = False) -> dict[str, Values]:
    """Encoding → the distinct valid numbers that stand in `data` so written; encodings without any are left out.

    With `is_text` nothing but written digits is looked for.
    """
    whole = np.frombuffer(data, dtype=np.uint8)
    found: dict[str, list[Values]] = {}
    for start in range(0, max(len(whole), 1), _BLOCK):
        block = whole[max(0, start - SPAN) : start + _BLOCK]
        for encoding, values in [("text", _runs(_TEXT[block]))] if is_text else _of_block(block):
            if len(values):
                found.setdefault(encoding, []).append(values)
    return {encoding: np.unique(np.concatenate(parts)) for encoding, parts in found.items()}


def _of_block(block: Bytes) -> Iterator[tuple[str, Values]]:
    yield "text", _runs(_TEXT[block])
    yield "ebcdic", _runs(_EBCDIC[block])
    yield "packed", _runs(_nibbles(block))
    yield "integer", _integers(block)


def _nibbles(block: Bytes) -> Bytes:
    """Each byte as two classes: digits 0–9, anything else a break."""
    pairs = np.empty(2 * len(block), dtype=np.uint8)
    pairs[0::2], pairs[1::2] = block >> 4, block & 15
    pairs[pairs > 9] = _BREAK
    return pairs


def _runs(classes: Bytes) -> Values:
    """Every window of twelve digits in a row of classes (0–9, separator, break)."""
    places = np.flatnonzero(classes <= 9)
    if len(places) < WINDOW:
        return _NONE
    breaks = np.cumsum(classes == _BREAK, dtype=np.int32)[places]
    joined = (np.diff(places) <= _GAP + 1) & (np.diff(breaks) == 0)
    torn = np.concatenate(([0], np.cumsum(~joined, dtype=np.int32)))
    starts = np.flatnonzero(torn[WINDOW - 1 :] == torn[: len(torn) - WINDOW + 1])
    return _valid(classes[places], starts)


def _valid(digits: Bytes, starts: NDArray[np.intp]) -> Values:
    """The values of the windows at `starts` whose check digit is right; twelve zeros are no number."""
    if not len(starts):
        return _NONE
    windows = digits[starts[:, None] + np.arange(WINDOW)].astype(np.int64)
    remainder = windows[:, :-1] @ _WEIGHTS % 11
    right = np.where(remainder <= 1, 0, 11 - remainder) == windows[:, -1]
    values: Values = np.unique(windows[right] @ _PLACES)
    return values[values > 0]


def _integers(block: Bytes) -> Values:
    """64-bit integers at any offset, both byte orders: a number needs 40 bits, so three bytes are zero.

    A number with so many leading zeros that it fits into 32 bits (one in 23) is not looked for in this way."""
    if len(block) < 8:
        return _NONE
    words = np.lib.stride_tricks.sliding_window_view(block, 8)
    three = block[:-2] | block[1:-1] | block[2:]
    found = []
    for order, zeros, top in (("<i8", three[5:], block[4:-3]), (">i8", three[:-5], block[3:-4])):
        places = np.flatnonzero((zeros == 0) & (top > 0))
        found.append(np.ascontiguousarray(words[places]).view(order).ravel().astype(np.int64))
    values = np.unique(np.concatenate(found))
    values = values[values < 10**WINDOW]
    windows = values[:, None] // _PLACES % 10
    return _valid(windows.astype(np.uint8).ravel(), np.arange(len(values)) * WINDOW)

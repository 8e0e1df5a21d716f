"""住所表示番号の抜き出し (what of an address goes into the postal customer bar code). Pure.

Rules of the post office's bar code manual: capitals; `&`, `/`, `・`, `.` dropped; digits, hyphens and single letters
kept, everything else becomes one hyphen; kanji numbers only before 丁目, 番, 号 and the like; the F of a floor is not
taken; hyphens beside letters vanish.
"""

from __future__ import annotations

import re
import unicodedata

_DROPPED = re.compile(r"[&/・.]")
_HYPHENS = re.compile(r"[‐‑‒–—―−]|ー(?=[0-9])")
_FLOOR = re.compile(r"(?<=[0-9])F(?![A-Z])")
_TOKENS = re.compile(r"[0-9]+|[A-Z]+|-|.", re.S)
_KANJI_BEFORE_UNIT = re.compile(r"[〇一二三四五六七八九十百千]+(?=丁目|丁|番地|番|号|地割|線|の|ノ)")
_BEHIND_TOWN = re.compile(
    r"(?:[〇一二三四五六七八九十百千]+(?=丁目|番地|番|号)|[0-9]+(?=丁目|丁|番|号|地割|の|ノ|-|$|[ 　]))"
)
_DIGITS = {char: value for value, char in enumerate("〇一二三四五六七八九")}
_UNITS = {"十": 10, "百": 100, "千": 1000}


def _kanji_number(match: re.Match[str]) -> str:
    text = match[0]
    if not any(char in _UNITS for char in text):
        return "".join(str(_DIGITS[char]) for char in text)
    total = pending = 0
    for char in text:
        if char in _UNITS:
            total += (pending or 1) * _UNITS[char]
            pending = 0
        else:
            pending = _DIGITS[char]
    return str(total + pending)


def address_code(after_town: str) -> str:
    """住所表示番号 (digits, hyphens and letters of the address behind the town name; "" where it has none).

    `after_town`: all that follows the town of the postal code, building included: 3丁目30-8 郵便ビル403号 → 3-30-8-403.
    """
    text = _DROPPED.sub("", unicodedata.normalize("NFKC", after_town).upper())
    text = _KANJI_BEFORE_UNIT.sub(_kanji_number, _HYPHENS.sub("-", text))
    text = _FLOOR.sub(" ", text)
    kept = (
        token if (token.isascii() and token.isdigit()) or (len(token) == 1 and "A" <= token <= "Z") else "-"
        for token in _TOKENS.findall(text)
    )
    joined = re.sub(r"-+", "-", "".join(kept)).strip("-")
    return re.sub(r"-?([A-Z])-?", r"\1", joined)


def behind_town(address: str) -> str:
    """町名より後 (the part of an address from its first lot or 丁目 number; "" where it has none).

    For addresses whose town the master does not know: numbers that belong to the town's name (7条通, 東光10条) are
    followed by other words and are passed over. 七条通八丁目12番 → 八丁目12番.
    """
    text = _HYPHENS.sub("-", unicodedata.normalize("NFKC", address))
    found = _BEHIND_TOWN.search(text)
    return text[found.start() :] if found else ""

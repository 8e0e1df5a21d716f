"""カスタマバーコード (postal customer bar code): symbols of a postcode and an address, with check symbol."""

import re
import unicodedata

from taxsys.kernel.checkdigits import customer_barcode_mod19

_KANJI = {"〇": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_UNITS = "丁目|丁|番地|番|号|地割|線|の|ノ|条|区"
_NUMERAL = re.compile(rf"([〇一二三四五六七八九十百]+)(?={_UNITS})")
_CODES = 13


class AddressProblem(ValueError):
    """A postcode that is no postcode."""


def _kanji_number(found: re.Match[str]) -> str:
    text = found[1]
    if not any(unit in text for unit in "十百"):
        return "".join(str(_KANJI[char]) for char in text)
    total = digit = 0
    for char in text:
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = _KANJI[char]
    return str(total + digit)


def address_part(text: str) -> str:
    """The digits, single letters and hyphens that the bar code carries of an address below the town name."""
    flat = unicodedata.normalize("NFKC", text).upper()
    flat = re.sub(r"[‐‑‒–—―−ー]", "-", flat)
    flat = _NUMERAL.sub(_kanji_number, flat)
    flat = re.sub(r"[&/・.]", "", flat)
    flat = re.sub(r"[A-Z]{2,}", "-", flat)
    flat = re.sub(r"[^0-9A-Z-]+", "-", flat)
    flat = re.sub(r"-*([A-Z])-*", r"\1", flat)
    return re.sub(r"-+", "-", flat).strip("-")


def symbols(postcode: str, address: str) -> list[str]:
    """The 21 symbols between start and stop bars: seven of the postcode, thirteen of the address, one check symbol."""
    digits = unicodedata.normalize("NFKC", postcode).replace("-", "")
    if not re.fullmatch(r"[0-9]{7}", digits):
        raise AddressProblem("郵便番号は7桁の数字が必要です。")
    found: list[str] = []
    for char in address_part(address):
        if "A" <= char <= "Z":
            place = ord(char) - ord("A")
            group, digit = divmod(place, 10)
            found += [f"CC{1 + group}", str(digit)]
        else:
            found.append(char)
    body = [*digits, *(found[:_CODES] + ["CC4"] * (_CODES - len(found)))]
    return [*body, customer_barcode_mod19(body)]


_LETTERS = {f"CC{n}": chr(ord("a") + n - 1) for n in range(1, 9)}


def text_of(codes: list[str]) -> str:
    """The symbols in one character each (CC1…CC8 as a…h), as the print data file carries them."""
    return "".join(_LETTERS.get(code, code) for code in codes)

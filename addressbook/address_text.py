"""Folding of addresses and names for comparison: the same place written in two ways gets the same key."""

import re
import unicodedata

_KANJI_DIGITS = {char: number for number, char in enumerate("〇一二三四五六七八九")}
_KANJI_NUMBER = re.compile(r"[一二三四五六七八九十]+(?=丁目|条|番|号|線|区)")
_STEPS = re.compile(r"丁目|番地の|番地|番|号|の(?=\d)|ノ(?=\d)")
_HYPHENS = re.compile(r"[‐‑‒–—―−ｰー](?=\d)")
_PREFECTURE = re.compile(r"^(?:北海道|東京都|(?:京都|大阪)府|.{2,3}県)")
# Glyphs folded for searching only; the MJ reduction map is wider, these are the ones of everyday names.
_VARIANTS = str.maketrans(
    "髙﨑邊邉齋齊斎濵濱澤槗𣘺栁桒嶋嶌曻國眞廣惠德𠮷瀨渕渊澁萬榮壽實櫻關學靜藏",
    "高崎辺辺斉斉斉浜浜沢橋橋柳桑島島昇国真広恵徳吉瀬淵淵渋万栄寿実桜関学静蔵",
)


def _kanji_number(match: re.Match[str]) -> str:
    text = match[0]
    if "十" not in text:
        return "".join(str(_KANJI_DIGITS[char]) for char in text)
    tens, _, ones = text.partition("十")
    return str((_KANJI_DIGITS[tens] if tens else 1) * 10 + (_KANJI_DIGITS[ones] if ones else 0))


def address_key(text: str) -> str:
    """The folded form of an address: 四条通八丁目12番3号 → 4条通8-12-3."""
    flat = "".join(unicodedata.normalize("NFKC", text).split())
    flat = _HYPHENS.sub("-", _KANJI_NUMBER.sub(_kanji_number, flat))
    return re.sub(r"-+", "-", _STEPS.sub("-", flat)).strip("-")


def addresses_agree(registered_key: str, written_key: str) -> bool:
    """Whether a written address (folded, perhaps with prefecture in front and a building behind) is the registered one.

    The registered key must end in a number and stand whole in the written one; a longer number is another lot.
    """
    if not registered_key or not registered_key[-1].isdigit():
        return False
    at = written_key.find(registered_key)
    if at < 0:
        return False
    after = written_key[at + len(registered_key) :]
    return not after[:1].isdigit()


def without_prefecture(municipality: str) -> str:
    """北海道旭川市 → 旭川市: the municipality as people write it inside its prefecture."""
    return _PREFECTURE.sub("", municipality)


def name_key(text: str) -> str:
    """Name for searching: no spaces; width, case and common variant glyphs folded. Shown as registered all the same."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper().translate(_VARIANTS)

"""Kana: search keys, half and full width, the character sets of bank files and the change of names into them."""

import re
import unicodedata
from typing import Literal

import jaconv

from taxsys.kernel.text import truncate_cp932

NameKind = Literal["party", "bank", "edi", "salary"]

_KANA_HALF = "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝﾞﾟ"
_LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = "0123456789"
CHARACTER_SETS: dict[NameKind, frozenset[str]] = {
    "party": frozenset(_KANA_HALF + _LATIN + _DIGITS + " ()-."),
    "bank": frozenset(_KANA_HALF + _LATIN + _DIGITS + " -"),
    "edi": frozenset(_KANA_HALF + "ｦ" + _LATIN + _DIGITS + " ()-.｢｣/\\"),
    "salary": frozenset(_KANA_HALF + " ()-."),
}
_SMALL_HALF = str.maketrans("ｧｨｩｪｫｬｭｮｯ", "ｱｲｳｴｵﾔﾕﾖﾂ")
_SMALL_FULL = str.maketrans("ァィゥェォャュョッヮヵヶ", "アイウエオヤユヨツワカケ")
_HYPHENS = str.maketrans(dict.fromkeys("ーｰ‐‑‒–—―−－", "-"))
_DROP = re.compile(r"[\s・･ーｰ\-‐‑‒–—―−－＝=.．,，]")
_SAME_SOUND = str.maketrans("ヂヅヲヰヱ", "ジズオイエ")
_VU = (("ヴァ", "バ"), ("ヴィ", "ビ"), ("ヴェ", "ベ"), ("ヴォ", "ボ"), ("ヴ", "ブ"))
_O_ROW = "オコソトノホモヨロゴゾドボポ"
_E_ROW = "エケセテネヘメレゲゼデベペ"
_UNVOICED = str.maketrans(
    "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポ", "カキクケコサシスセソタチツテトハヒフヘホハヒフヘホ"
)
_CORPORATE_FORMS = (
    ("株式会社", "カ"), ("有限会社", "ユ"), ("合名会社", "メ"), ("合資会社", "シ"), ("合同会社", "ド"),
    ("医療法人", "イ"), ("財団法人", "ザイ"), ("社団法人", "シヤ"), ("宗教法人", "シユウ"), ("学校法人", "ガク"),
    ("社会福祉法人", "フク"), ("特定非営利活動法人", "トクヒ"), ("独立行政法人", "ドク"), ("農事組合法人", "ノウ"),
)  # fmt: skip


class NotAllowedCharacter(ValueError):
    """A name has characters that the target file does not allow; `characters` lists them."""

    def __init__(self, characters: tuple[str, ...]) -> None:
        message = (
            f"使えない文字があります: {'、'.join(characters)}。カナ・英数字・空白・( ) - . だけで入力してください。"
        )
        super().__init__(message)
        self.message_ja = message
        self.characters = characters


def to_full(text: str) -> str:
    """Half-width kana to full width (voicing marks joined), Latin and digits left alone."""
    return jaconv.h2z(text, kana=True, ascii=False, digit=False)


def to_half(text: str) -> str:
    """Hiragana and katakana to half-width kana, full-width Latin, digits and signs to half width."""
    return jaconv.z2h(jaconv.hira2kata(text), kana=True, ascii=True, digit=True).replace("　", " ")


_STRAY_MARK = re.compile("[\u3099\u309a]")


def strict_key(text: str) -> str:
    """Search key that keeps voicing: NFKC, katakana, no spaces or long marks, large kana, same sounds made one."""
    flat = _DROP.sub("", unicodedata.normalize("NFKC", text))
    flat = jaconv.hira2kata(unicodedata.normalize("NFKC", flat)).upper()
    flat = _without_vu(flat).translate(_SMALL_FULL)
    # A mark behind a small kana joins it only now; a mark that joins nothing is no sound.
    flat = _STRAY_MARK.sub("", unicodedata.normalize("NFKC", flat))
    return _without_vu(flat).translate(_SAME_SOUND)


def _without_vu(flat: str) -> str:
    for old, new in _VU:
        flat = flat.replace(old, new)
    return flat


def loose_key(text: str) -> str:
    """Search key that also forgives voicing marks and long vowels (オウ・オオ → オ, エイ → エ)."""
    out: list[str] = []
    before = ""
    for char in strict_key(text):
        is_long = (before in _O_ROW and char in "ウオ") or (before in _E_ROW and char == "イ") if before else False
        if not is_long:
            out.append(char)
            before = char
    return "".join(out).translate(_UNVOICED)


def zengin(text: str, *, kind: NameKind = "party") -> str:
    """A name as bank files carry it: half width, large kana, capital letters, long mark as hyphen.

    Raises NotAllowedCharacter with the list; nothing is dropped silently.
    """
    flat = text.translate(_HYPHENS)
    flat = unicodedata.normalize("NFKC", flat).translate(_HYPHENS)
    half = to_half(flat).translate(_HYPHENS).translate(_SMALL_HALF).upper()
    if kind == "edi":
        half = half.replace("「", "｢").replace("」", "｣").replace("¥", "\\")
    odd = tuple(dict.fromkeys(char for char in half if char not in CHARACTER_SETS[kind]))
    if odd:
        raise NotAllowedCharacter(odd)
    return half


def is_zengin(text: str, *, kind: NameKind = "party") -> bool:
    """True when every character is in the set of the kind as it stands."""
    return not set(text) - CHARACTER_SETS[kind]


def zengin_field(text: str, width: int, *, kind: NameKind = "party") -> str:
    """A name made for a bank file, cut to `width` bytes without parting a voicing mark and padded with spaces."""
    return truncate_cp932(zengin(text, kind=kind), width).ljust(width)


def corporate_abbreviation(name: str) -> str:
    """A corporate name with its legal form as banks write it: in front ｶ) , at the end (ｶ ; the rest unchanged."""
    for form, short in _CORPORATE_FORMS:
        if name.startswith(form):
            return f"{short}){name[len(form) :].strip()}"
        if name.endswith(form):
            return f"{name[: -len(form)].strip()}({short}"
    return name


def account_name_key(text: str) -> str:
    """Form in which account holders are compared: bank characters without spaces and brackets."""
    return re.sub(r"[ ().\-]", "", zengin(text))


def is_half_kana(text: str) -> bool:
    """True for half-width kana (small ones too), ASCII and spaces: what a half-width field of a report may hold."""
    return all("\uff61" <= char <= "\uff9f" or " " <= char <= "~" for char in text)

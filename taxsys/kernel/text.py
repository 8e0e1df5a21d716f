"""Character sets and lengths that files and paper ask for: CP932, JIS X 0208, JIS X 0213, ISO-2022-JP, IVS."""

import re
import unicodedata

# Escape sequences of ISO-2022-JP seen in practice: 1983 and 1978 sets in, ASCII and JIS Roman out.
SHIFT_IN = b"\x1b$B"
SHIFT_OUT = b"\x1b(B"
SHIFTS_IN = (b"\x1b$B", b"\x1b$@")
SHIFTS_OUT = (b"\x1b(B", b"\x1b(J")

# Variant characters of names folded for searching only; registered text is never changed.
_VARIANTS = {
    "高": "髙", "崎": "﨑碕嵜𥔎", "辺": "邊邉", "斉": "齋齊斎", "浜": "濱濵", "沢": "澤", "広": "廣", "国": "國圀",
    "島": "嶋嶌", "桜": "櫻", "黒": "黑", "徳": "德", "恵": "惠", "真": "眞", "栄": "榮", "鴎": "鷗", "吉": "𠮷",
    "槙": "槇", "竜": "龍", "瀬": "瀨", "柳": "栁桺", "郎": "郞",
    "豊": "豐", "与": "與", "万": "萬", "円": "圓", "塩": "鹽", "館": "舘", "関": "關",
    "実": "實", "寿": "壽", "渋": "澁澀", "荘": "莊", "条": "條", "静": "靜", "滝": "瀧", "沖": "冲", "鉄": "鐵",
    "伝": "傳", "富": "冨", "弥": "彌", "宝": "寶", "満": "滿", "緑": "綠", "様": "樣",
    "遥": "遙", "頼": "賴", "来": "來", "礼": "禮", "呂": "吕", "凉": "涼", "尭": "堯", "曽": "曾", "桧": "檜",
    "会": "會", "学": "學", "児": "兒", "総": "總", "蔵": "藏", "団": "團", "兎": "兔", "穂": "穗", "峰": "峯",
    "野": "埜", "応": "應", "温": "溫", "亀": "龜", "経": "經", "県": "縣", "剣": "劍劔", "検": "檢",
    "薫": "薰", "勲": "勳", "済": "濟", "晋": "晉", "慎": "愼", "尽": "盡", "杉": "杦", "角": "⻆",
    "船": "舩", "橋": "𣘺", "土": "圡", "桑": "桒",
}  # fmt: skip
# U+FE00–FE0F and U+E0100–E01EF choose a glyph and are no character of their own.
_SELECTOR = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_FOLD = str.maketrans({odd: plain for plain, odds in _VARIANTS.items() for odd in odds})


class UnencodableText(ValueError):
    """Text that the target character set cannot carry; `characters` lists what stood in the way."""

    def __init__(self, message_ja: str, characters: tuple[str, ...]) -> None:
        super().__init__(message_ja)
        self.message_ja = message_ja
        self.characters = characters


def without_ivs(text: str) -> str:
    """The text without variation selectors."""
    return _SELECTOR.sub("", text)


def character_count(text: str) -> int:
    """Length in characters; a variation selector belongs to the character before it."""
    return len(text) if text.isascii() else len(_SELECTOR.sub("", text))


def utf16_units(text: str) -> int:
    """Length in UTF-16 code units (a character above U+FFFF counts two)."""
    return sum(2 if ord(char) > 0xFFFF else 1 for char in text)


def codepoint_names(text: str) -> list[str]:
    """U+XXXX of each code point."""
    return [f"U+{ord(char):04X}" for char in text]


def _encodable(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def fits_cp932(text: str) -> bool:
    """True when every character is in CP932 (Windows-31J)."""
    return _encodable(text, "cp932")


def fits_jis_x0208(text: str) -> bool:
    """True when Shift_JIS limited to JIS X 0208 and 0201 carries every character."""
    return _encodable(text, "shift_jis")


def fits_jis_x0213(text: str) -> bool:
    """True when JIS X 0213:2004 carries every character (variation selectors aside)."""
    return _encodable(without_ivs(text), "shift_jis_2004")


def outside(text: str, codec: str) -> tuple[str, ...]:
    """Characters of the text that a codec cannot carry, in order, each once."""
    return tuple(dict.fromkeys(char for char in text if not _encodable(char, codec)))


def encode_cp932(text: str) -> bytes:
    """CP932 bytes. UnencodableText names the characters that do not fit; nothing is ever replaced silently."""
    try:
        return text.encode("cp932")
    except UnicodeEncodeError:
        odd = outside(text, "cp932")
        names = "、".join(f"{char}（U+{ord(char):04X}）" for char in odd)
        raise UnencodableText(
            f"シフトJISで表せない文字があります: {names}。代替文字に置き換えてください。", odd
        ) from None


def width_cp932(text: str) -> int:
    """Bytes of the text in CP932; UnencodableText when it does not fit."""
    return len(encode_cp932(text))


def truncate_cp932(text: str, width: int) -> str:
    """The longest head of the text within `width` CP932 bytes that parts no voicing mark from its base."""
    used, kept = 0, 0
    while kept < len(text):
        after = kept + 1
        while after < len(text) and text[after] in "ﾞﾟ":
            after += 1
        size = width_cp932(text[kept:after])
        if used + size > width:
            break
        used, kept = used + size, after
    return text[:kept]


def encode_2022(text: str, *, width: int | None = None) -> bytes:
    """ISO-2022-JP with its two escape sequences; `width` pads with full-width spaces to that many double bytes.

    UnencodableText when a character is not in JIS X 0208 or the text is too long.
    """
    body = b""
    for char in text:
        raw = char.encode("iso2022_jp", errors="ignore")
        if not raw.startswith(SHIFT_IN):
            raise UnencodableText(f"JIS第1・第2水準にない文字です: {char}", (char,))
        body += raw[3:5]
    if width is not None:
        if len(body) > width:
            raise UnencodableText(f"漢字{width >> 1}文字までです。", ())
        body += b"\x21\x21" * ((width - len(body)) >> 1)
    return SHIFT_IN + body + SHIFT_OUT


def decode_2byte(body: bytes) -> str:
    """Text of JIS double bytes without their escapes. UnicodeDecodeError when they are not."""
    return (SHIFT_IN + body + SHIFT_OUT).decode("iso2022_jp")


def fold_variants(text: str) -> str:
    """Search form of a name in kanji: compatibility forms, variation selectors and common variants made one."""
    return unicodedata.normalize("NFKC", without_ivs(text)).translate(_FOLD)


def reduced(text: str, codec: str) -> tuple[str, bool]:
    """The text with what a codec cannot carry replaced by its common form, and whether anything was replaced.

    The original stays the registered name; the flag goes with the output. UnencodableText when no common form is known.
    """
    if _encodable(text, codec):
        return text, False
    out = []
    for char in without_ivs(text):
        plain = char if _encodable(char, codec) else unicodedata.normalize("NFKC", char).translate(_FOLD)
        if not _encodable(plain, codec):
            raise UnencodableText(f"代替文字の登録がない文字です: {char}（U+{ord(char):04X}）", (char,))
        out.append(plain)
    return "".join(out), True

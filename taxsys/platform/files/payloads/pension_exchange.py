"""年金特徴 500バイト交換: structure and controls of the pension exchange."""

from dataclasses import dataclass

from taxsys.kernel import checkdigits
from taxsys.platform.files import layouts
from taxsys.platform.files.codec.parsed import Parsed

NOTICES = {
    "00": "対象者情報", "01": "特別徴収依頼", "02": "依頼処理結果", "22": "特別徴収結果", "30": "追加候補者情報",
    "31": "追加依頼", "32": "追加依頼処理結果", "41": "資格喪失等", "42": "資格喪失等処理結果", "61": "仮徴収額変更",
    "62": "仮徴収額変更処理結果", "81": "住所地特例", "82": "住所地特例処理結果",
}  # fmt: skip


@dataclass(frozen=True)
class Structure:
    """Length and one offset of a record, on bytes and after decoding."""

    record_bytes: int
    kubun_byte_offset: int
    kubun_char_offset: int
    chars_after_decode: int


def structure(record: str) -> Structure:
    """Places in a header, data or trailer record. KeyError for another record. A double-byte item counts half of its
    bytes after decoding and the shift codes vanish."""
    fields = layouts.get("nenkin_tokucho_500", "v1").by_record[record]
    byte = char = 0
    places = (-1, -1)
    for one in fields:
        if one.name == "kubun":
            places = (byte, char)
        byte += one.length
        if one.converter == "jis_2byte":
            char += one.length >> 1
        elif one.converter != "bytes":
            char += one.length
    return Structure(byte, places[0], places[1], char)


def read(content: bytes) -> Parsed:
    """Parse an exchange file. FileRefused (field = trailer item) when a count or one of three amounts disagrees."""
    return layouts.get("nenkin_tokucho_500", "v1").parse(content)


def municipality_code(five: str) -> str:
    """Six-digit code of the five digits in the exchange. ValueError unless five digits."""
    return checkdigits.municipality_code6(five)

"""バーコード・QRの図形 (bars and modules as PDF operators), measured in whole printer dots. Pure but for zxing-cpp."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import zxingcpp

from taxsys.kernel import checkdigits
from taxsys.platform.printing.errors import CodeRefused

DOT_300 = 72 / 300  # points of one dot of a 300 dpi printer
MODULE_DOTS = 2  # 2 dots = 0.169 mm: 288 modules and quiet zones stay below 60 mm
QUIET_MODULES = 10
_START_C, _FNC1, _STOP = 105, 102, 106
_PATTERNS = [
    "212222",
    "222122",
    "222221",
    "121223",
    "121322",
    "131222",
    "122213",
    "122312",
    "132212",
    "221213",
    "221312",
    "231212",
    "112232",
    "122132",
    "122231",
    "113222",
    "123122",
    "123221",
    "223211",
    "221132",
    "221231",
    "213212",
    "223112",
    "312131",
    "311222",
    "321122",
    "321221",
    "312212",
    "322112",
    "322211",
    "212123",
    "212321",
    "232121",
    "111323",
    "131123",
    "131321",
    "112313",
    "132113",
    "132311",
    "211313",
    "231113",
    "231311",
    "112133",
    "112331",
    "132131",
    "113123",
    "113321",
    "133121",
    "313121",
    "211331",
    "231131",
    "213113",
    "213311",
    "213131",
    "311123",
    "311321",
    "331121",
    "312113",
    "312311",
    "332111",
    "314111",
    "221411",
    "431111",
    "111224",
    "111422",
    "121124",
    "121421",
    "141122",
    "141221",
    "112214",
    "112412",
    "122114",
    "122411",
    "142112",
    "142211",
    "241211",
    "221114",
    "413111",
    "241112",
    "134111",
    "111242",
    "121142",
    "121241",
    "114212",
    "124112",
    "124211",
    "411212",
    "421112",
    "421211",
    "212141",
    "214121",
    "412121",
    "111143",
    "111341",
    "131141",
    "114113",
    "114311",
    "411113",
    "411311",
    "113141",
    "114131",
    "311141",
    "411131",
    "211412",
    "211214",
    "211232",
    "2331112",
]


@lru_cache(maxsize=4096)
def _fragment(position: int, value: int) -> str:
    """記号一つの棒 (bars of one symbol, x in modules from the left edge of the code)."""
    x = position * 11
    parts = []
    for index, digit in enumerate(_PATTERNS[value]):
        if index % 2 == 0:
            parts.append(f"{x} 0 {digit} 1 re")
        x += int(digit)
    return "\n".join(parts)


def gs1_128_bars(digits: str) -> tuple[str, int]:
    """GS1-128の棒 (path in modules × 1 and the width in modules without quiet zones).

    `digits`: an even number of digits, application identifier first (44 for 収納代行). Raises CodeRefused.
    """
    if not digits or len(digits) % 2 or not (digits.isascii() and digits.isdigit()):
        raise CodeRefused("バーコードの内容は偶数桁の数字でなければなりません。収納用データを作り直してください。")
    values = [_START_C, _FNC1, *(int(digits[i : i + 2]) for i in range(0, len(digits), 2))]
    check = (values[0] + sum(n * v for n, v in enumerate(values[1:], start=1))) % 103
    values += [check, _STOP]
    path = "\n".join([_fragment(n, v) for n, v in enumerate(values)])
    return path, 11 * (len(values) - 1) + 13


def qr_matrix(text: str, level: str = "M") -> tuple[str, int]:
    """QRコードの升目 (hex rows of a 1-bit mask, 0 = black, and the modules per side, without quiet zone)."""
    try:
        barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
    except (ValueError, RuntimeError) as error:
        raise CodeRefused("QRコードに収まらない内容です。データの長さと文字を確かめてください。") from error
    image = np.asarray(barcode.to_image(scale=1, add_quiet_zones=False))
    packed = np.packbits(image > 127, axis=1)
    return packed.tobytes().hex(), image.shape[0]


# Japan Post customer bar code: 1 long, 2 upper half, 3 lower half, 4 timing mark.
_CUSTOMER = dict(
    zip(
        "1234567890-abcdefgh",
        [
            "114",
            "132",
            "312",
            "123",
            "141",
            "321",
            "213",
            "231",
            "411",
            "144",
            "414",
            "324",
            "342",
            "234",
            "432",
            "243",
            "423",
            "441",
            "111",
        ],
        strict=True,
    )
)


def customer_symbols(zip7: str, address_code: str) -> str:
    """カスタマバーコードの21記号 (7 zip + 13 address + check; letters as CC1–CC3 + digit, a..h = CC1..CC8).

    `address_code` = digits, capital letters and hyphens of the address behind the town name. Raises CodeRefused.
    """
    if len(zip7) != 7 or not (zip7.isascii() and zip7.isdigit()):
        raise CodeRefused("郵便番号は7桁の数字で入力してください。")
    symbols = zip7
    for char in address_code:
        if char.isascii() and (char.isdigit() or char == "-"):
            symbols += char
        elif "A" <= char <= "Z":
            place = ord(char) - ord("A")
            symbols += "abc"[place // 10] + str(place % 10)
        else:
            raise CodeRefused("カスタマバーコードに使えない文字が住所番号にあります。")
    symbols = symbols[:20].ljust(20, "d")
    named = [symbol if symbol in "0123456789-" else f"CC{'abcdefgh'.index(symbol) + 1}" for symbol in symbols]
    check = checkdigits.customer_barcode_mod19(named)
    return symbols + (check if len(check) == 1 else "abcdefgh"[int(check[2:]) - 1])


def customer_bars(symbols: str) -> list[int]:
    """棒の種類 (the 67 bars with start and stop: 1 long, 2 upper, 3 lower, 4 timing)."""
    middle = "".join(_CUSTOMER[s] for s in symbols)
    return [int(kind) for kind in "13" + middle + "31"]

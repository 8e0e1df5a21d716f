"""Check digits of the numbers that a municipality meets: personal, corporate, municipal, bar codes, postal lines."""

from collections.abc import Iterable

_MY_NUMBER_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_CUSTOMER_SYMBOLS = (*"0123456789-", "CC1", "CC2", "CC3", "CC4", "CC5", "CC6", "CC7", "CC8")


def _digits(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdigit()


def my_number_check(first_11: str) -> int:
    """Check digit of a 個人番号 for its first 11 digits (平成26年総務省令85号5条). ValueError unless 11 digits."""
    if not _digits(first_11, 11):
        raise ValueError("11 digits are needed")
    remainder = sum(int(c) * w for c, w in zip(first_11, _MY_NUMBER_WEIGHTS, strict=True)) % 11
    return 0 if remainder <= 1 else 11 - remainder


def my_number_valid(number: str) -> bool:
    """True when the text is 12 digits with a right check digit."""
    return _digits(number, 12) and my_number_check(number[:11]) == int(number[11])


def corporate_no_check(last_12: str) -> int:
    """Leading check digit of a 法人番号 for its 12 basic digits: 9 − (Σ mod 9). ValueError unless 12 digits."""
    if not _digits(last_12, 12):
        raise ValueError("12 digits are needed")
    return 9 - sum(int(c) * (1 + i % 2) for i, c in enumerate(reversed(last_12))) % 9


def corporate_no_valid(number: str) -> bool:
    """True when the text is 13 digits with a right leading check digit."""
    return _digits(number, 13) and corporate_no_check(number[1:]) == int(number[0])


def municipality_check(five: str) -> int:
    """Check digit of a 全国地方公共団体コード for its first five digits. ValueError unless five digits."""
    if not _digits(five, 5):
        raise ValueError("5 digits are needed")
    return (11 - sum(int(c) * w for c, w in zip(five, (6, 5, 4, 3, 2), strict=True)) % 11) % 10


def municipality_code6(five: str) -> str:
    """The six-digit municipality code of a five-digit one (01204 → 012041). ValueError unless five digits."""
    return five + str(municipality_check(five))


def municipality_code_valid(six: str) -> bool:
    """True when the text is six digits with a right check digit."""
    return _digits(six, 6) and municipality_check(six[:5]) == int(six[5])


def gs1_mod10(digits: str) -> int:
    """GS1 check digit (weights 3, 1 from the right) of any string of digits. ValueError on other characters."""
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError("only digits are allowed")
    return -sum(int(c) * (3 if i % 2 == 0 else 1) for i, c in enumerate(reversed(digits))) % 10


def customer_barcode_mod19(symbols: Iterable[str]) -> str:
    """Check symbol of the postal customer bar code: the sum with it is a multiple of 19. ValueError otherwise."""
    total = 0
    for symbol in symbols:
        if symbol not in _CUSTOMER_SYMBOLS:
            raise ValueError(f"not a symbol of the customer bar code: {symbol!r}")
        total += _CUSTOMER_SYMBOLS.index(symbol)
    return _CUSTOMER_SYMBOLS[-total % 19]


def postal_ocr(body: str) -> tuple[int, int]:
    """Two leading check digits of a postal OCR line of 37 (upper) or 42 (lower) digits. ValueError on another length.

    The second weighs the odd places 9…2 in turn and takes mod 10; the first weighs the even places 3…9, 2, 3…,
    counts the second twice and takes mod 11, ten being written as zero.
    """
    if not (_digits(body, 37) or _digits(body, 42)):
        raise ValueError("37 or 42 digits are needed")
    first = second = 0
    for i, c in enumerate(body):
        step = (i >> 1) % 8
        if i % 2:
            first += int(c) * (2 + (step + 1) % 8)
            second += int(c)
        else:
            first += int(c)
            second += int(c) * (9 - step)
    second %= 10
    first = (first + 2 * second) % 11
    return (0 if first == 10 else first), second


def mod11_own(digits: str) -> int:
    """Check digit of the house's own numbers (宛名番号, 通知書番号): weights 2–7 from the right, remainder ≤ 1 → 0."""
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError("only digits are allowed")
    remainder = sum(int(c) * (2 + i % 6) for i, c in enumerate(reversed(digits))) % 11
    return 0 if remainder <= 1 else 11 - remainder

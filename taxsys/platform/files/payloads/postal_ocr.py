"""払込票 OCR 行 (postal slip OCR lines): upper 39 and lower 44 digits with two leading check digits."""

import re

from taxsys.kernel.checkdigits import postal_ocr


class OcrProblem(ValueError):
    """Digits that are no OCR line."""


def line_of(body: str) -> str:
    """The line of 37 or 42 digits with its two check digits in front. OcrProblem on another length."""
    try:
        first, second = postal_ocr(body)
    except ValueError:
        raise OcrProblem("OCR 行の本体は37桁または42桁の数字です。") from None
    return f"{first}{second}{body}"


def upper(*, account: str, amount_yen: int, client: str, fee_kind: str = "2") -> str:
    """Upper line of 39 digits. OcrProblem on parts of wrong shape."""
    if (
        not re.fullmatch(r"[0-9]{11}", account)
        or not re.fullmatch(r"[0-9]{5}", client)
        or not 1 <= amount_yen <= 999_999
    ):
        raise OcrProblem("口座記号番号11桁・企業コード5桁・金額6桁以内が必要です。")
    return line_of(f"{account}00000{amount_yen:06d}{fee_kind}000000000{client}")


def lower(*, free: str, reissue: int, maker: str, control: str) -> str:
    """Lower line of 44 digits. OcrProblem on parts of wrong shape."""
    if (
        not re.fullmatch(r"[0-9]{16}", free)
        or not re.fullmatch(r"[0-9]{5}", maker)
        or not re.fullmatch(r"[0-9]{3}", control)
    ):
        raise OcrProblem("自由使用欄16桁・メーカーコード5桁・制御コード3桁が必要です。")
    return line_of(f"{free}{reissue:d}000000000{maker}{control}00000000")


def is_valid(line: str) -> bool:
    """True for a line whose two check digits are right."""
    return len(line) in {39, 44} and line.isdigit() and line == line_of(line[2:])

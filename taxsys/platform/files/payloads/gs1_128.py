"""コンビニ納付書バーコード (GS1-128, 44 digits): build, read, human-readable lines, symbol width."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from taxsys.kernel import checkdigits

AI = "91"
TAX_LIMIT_YEN = 300_000
NO_LIMIT_DATE = "999999"
_PRIVATE_STAMP_YEN = 50_000


class BarcodeProblem(ValueError):
    """A bar code that cannot be built or trusted; `code` is check_digit, format or over_limit."""

    def __init__(self, code: str, message_ja: str) -> None:
        super().__init__(message_ja)
        self.code = code
        self.message_ja = message_ja


@dataclass(frozen=True)
class PaymentBarcode:
    """The parts of the 44 digits. `due_on` is the last day at the till (None = no limit), never the legal due date."""

    issuer_code: str
    free_field: str
    reissue: int
    due_on: date | None
    stamp_flag: str
    amount_yen: int

    @property
    def due_yymmdd(self) -> str:
        """Last day as YYMMDD, 999999 for none."""
        return NO_LIMIT_DATE if self.due_on is None else f"{self.due_on:%y%m%d}"

    @property
    def digits(self) -> str:
        """All 44 digits."""
        head = f"{AI}{self.issuer_code}{self.free_field}{self.reissue}"
        body = f"{head}{self.due_yymmdd}{self.stamp_flag}{self.amount_yen:06d}"
        return body + str(checkdigits.gs1_mod10(body))


def build(
    *, issuer_code: str, free_field: str, reissue: int, due_on: date | None, amount_yen: int, is_tax: bool = True
) -> PaymentBarcode:
    """A bar code for a slip. A local tax carries stamp flag 0 at any amount.

    Raises BarcodeProblem over_limit above 300,000 yen (print no symbol then), format on parts of wrong shape.
    """
    if not re.fullmatch(r"[0-9]{6}", issuer_code) or not re.fullmatch(r"[0-9]{21}", free_field):
        raise BarcodeProblem("format", "発行企業コードは6桁、自由使用欄は21桁の数字が必要です。")
    if not 0 <= reissue <= 9:
        raise BarcodeProblem("format", "再発行区分は0から9までです。新しい納付書番号で作り直してください。")
    if amount_yen > TAX_LIMIT_YEN:
        raise BarcodeProblem("over_limit", "30万円を超える納付書にバーコードは印字できません。")
    if amount_yen < 1:
        raise BarcodeProblem("format", "金額は1円以上が必要です。")
    stamp = "1" if not is_tax and amount_yen >= _PRIVATE_STAMP_YEN else "0"
    return PaymentBarcode(issuer_code, free_field, reissue, due_on, stamp, amount_yen)


def parse(digits: str) -> PaymentBarcode:
    """The parts of 44 digits. BarcodeProblem format on another shape, check_digit on a wrong last digit."""
    if not re.fullmatch(r"91[0-9]{42}", digits):
        raise BarcodeProblem("format", "91で始まる44桁の数字ではありません。納付書のバーコードか確認してください。")
    if checkdigits.gs1_mod10(digits[:43]) != int(digits[43]):
        raise BarcodeProblem("check_digit", "バーコードの検査数字が合いません。読み直してください。")
    return PaymentBarcode(
        digits[2:8], digits[8:29], int(digits[29]), _due(digits[30:36]), digits[36], int(digits[37:43])
    )


def _due(yymmdd: str) -> date | None:
    if yymmdd == NO_LIMIT_DATE:
        return None
    try:
        return date(2000 + int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:]))
    except ValueError:
        raise BarcodeProblem("format", "バーコードの支払期限が存在しない日付です。") from None


def print_lines(digits: str) -> tuple[str, str]:
    """The two lines printed under the symbol. BarcodeProblem on a code that is not to be trusted."""
    parse(digits)
    return f"(91){digits[2:8]}-{digits[8:30]}", f"{digits[30:36]}-{digits[36]}-{digits[37:43]}-{digits[43]}"


def symbol_width(*, modules: int, quiet_each_side: int, window_mm: Decimal) -> Decimal:
    """Widest module in mm, cut to 0.001, with which the symbol and both quiet zones fit a reader's window."""
    return (window_mm / (modules + 2 * quiet_each_side)).quantize(Decimal("0.001"), ROUND_DOWN)


def width_at(*, modules: int, quiet_each_side: int, module_mm: Decimal) -> Decimal:
    """Width in mm, to 0.01, of symbol and quiet zones at a module width."""
    return (module_mm * (modules + 2 * quiet_each_side)).quantize(Decimal("0.01"), ROUND_HALF_UP)

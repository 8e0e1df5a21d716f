"""The value type of a My Number: it never shows itself by accident."""

import hmac
import re
import unicodedata
from typing import Any, NoReturn

from addressbook.errors import NumberInvalid
from taxsys.kernel.checkdigits import my_number_valid

MASK = "****-****-****"
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—―−ー]")


def digits_only(text: str) -> str:
    """The text with full-width digits folded and spaces and hyphens taken out, as numbers are written on forms."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))


def my_number_digits(text: str) -> str:
    """The 12 digits of a number as written on a form, or "" where the check digit is wrong or all digits are zero."""
    digits = digits_only(text)
    return digits if my_number_valid(digits) and digits != "0" * 12 else ""


class MyNumber:
    """個人番号. Masked in text, formatting, pickling and JSON; compared in constant time; cannot be a key."""

    __slots__ = ("_digits",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, text: str) -> None:
        """Accept 12 digits (hyphens, spaces, full width allowed); raises NumberInvalid, without the number in it."""
        digits = my_number_digits(text)
        if not digits:
            raise NumberInvalid
        object.__setattr__(self, "_digits", digits)

    def expose(self) -> str:
        """The 12 digits. Only for the vault, the reveal screen and the statutory outputs that read under record."""
        return str(self._digits)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a MyNumber does not change")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MyNumber):
            return NotImplemented
        return hmac.compare_digest(self._digits, other._digits)

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return MASK

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return str, (MASK,)

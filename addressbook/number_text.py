"""How a My Number is recognised in text, without keeping it."""

import re
import unicodedata
from datetime import date

from taxsys.kernel.checkdigits import my_number_valid

# 保有開始: no number can have been acquired earlier.
FIRST_ACQUISITION_ON = date(2015, 10, 5)
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—―−ー]")


def digits_only(text: str) -> str:
    """The text with full-width digits folded and spaces and hyphens taken out, as numbers are written on forms."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))


def my_number_digits(text: str) -> str:
    """The 12 digits of a number as written on a form, or "" where the check digit is wrong or all digits are zero."""
    digits = digits_only(text)
    return digits if my_number_valid(digits) and digits != "0" * 12 else ""


def is_my_number(text: str) -> bool:
    """Whether a text, width and hyphens folded, would pass as a number: search boxes refuse it (R-213, N-025)."""
    return bool(my_number_digits(text))


def holds_number(text: str) -> bool:
    """Whether somewhere in a free text stand twelve digits, however separated, that would pass as a number (N-025)."""
    flat = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    return any(is_my_number(run) for run in re.findall(r"(?<!\d)\d{12}(?!\d)", flat))

"""The value type of a My Number: it never shows itself by accident."""

import hmac
from typing import Any, NoReturn

from addressbook.errors import NumberInvalid
from addressbook.number_text import my_number_digits

MASK = "****-****-****"


class MyNumber:
    """個人番号. Masked in text, formatting, pickling and JSON; compared in constant time; cannot be a key."""

    __slots__ = ("_digits",)
    _digits: str
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, text: str) -> None:
        """Accept 12 digits (hyphens, spaces, full width allowed); raises NumberInvalid, without the number in it."""
        digits = my_number_digits(text)
        if not digits:
            raise NumberInvalid
        object.__setattr__(self, "_digits", digits)

    def expose(self) -> str:
        """The 12 digits. Only for the vault, the reveal screen and the statutory outputs that read under record."""
        return self._digits

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

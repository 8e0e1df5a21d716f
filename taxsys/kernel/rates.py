"""Exact rates (税率・割合): a fraction of two integers, read from text, never from a float."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

_DECIMAL = re.compile(r"[+-]?\d{1,12}(\.\d{1,12})?\Z", re.ASCII)
_FRACTION = re.compile(r"([+-]?\d{1,12})/(\d{1,12})\Z", re.ASCII)


class RateError(ValueError):
    """A text is not an exact rate."""


@dataclass(frozen=True, slots=True, order=False)
class Rate:
    """A rate as `num/den` in lowest terms, `den` > 0; 6 % is Rate(3, 50)."""

    num: int
    den: int

    def __post_init__(self) -> None:
        exact = Fraction(self.num, self.den)
        object.__setattr__(self, "num", exact.numerator)
        object.__setattr__(self, "den", exact.denominator)

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Read `"0.073"` (a fraction of one), `"6.0%"` (per cent) or `"1/6"`. Raises RateError."""
        if not isinstance(text, str):
            raise RateError(f"率は文字列で書きます(浮動小数点数は使えません): {text!r}")
        body = text.strip()
        if body.endswith("%"):
            return cls.percent(body[:-1])
        if match := _FRACTION.match(body):
            if int(match[2]) == 0:
                raise RateError(f"率の分母が0です: {text!r}")
            return cls(int(match[1]), int(match[2]))
        return cls._decimal(body, 1)

    @classmethod
    def percent(cls, text: str) -> Rate:
        """Read a percentage without its sign: `"2.025"` is 81/4000. Raises RateError."""
        return cls._decimal(text.strip(), 100)

    @classmethod
    def _decimal(cls, body: str, divisor: int) -> Rate:
        if not _DECIMAL.match(body):
            raise RateError(f"率として読めません: {body!r}")
        exact = Fraction(body) / divisor
        return cls(exact.numerator, exact.denominator)

    @property
    def fraction(self) -> Fraction:
        """The same number as a standard Fraction."""
        return Fraction(self.num, self.den)

    def __str__(self) -> str:
        """`6%`, `2.025%`, or `1/6` where a percentage would not end."""
        den = self.den
        for prime in (2, 5):
            while den % prime == 0:
                den = den // prime
        if den != 1:
            return f"{self.num}/{self.den}"
        sign = "-" if self.num < 0 else ""
        digits = abs(self.num) * 10**14 // self.den
        whole, part = divmod(digits, 10**12)
        decimals = f"{part:012d}".rstrip("0")
        return f"{sign}{whole}{'.' + decimals if decimals else ''}%"

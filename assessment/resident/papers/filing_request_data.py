"""申告のお願いのデータ (request to file, pure). 地方税法317条の2; L-PI-02, F-PL-015."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from taxsys.platform.printing.parts import Addressee, Office


@dataclass(frozen=True)
class FilingRequest:
    """申告のお願い一通: to one person of whom nothing is known for the year. No figure and no relative stands on it.

    `request_no` is the 宛名番号, by which the answer is found again.
    """

    addressee: Addressee
    office: Office
    request_no: str
    tax_year: int
    assessment_on: date
    issued_on: date
    reply_by: date

    def __post_init__(self) -> None:
        if self.reply_by <= self.issued_on:
            raise ValueError("回答の期限は、発送日より後の日にしてください。")

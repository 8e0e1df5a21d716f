"""移行ファイルの読取り (reading take-over files): records of the four layouts as claims, payments, states and slips.

What cannot be is refused with its line before anything is posted: an unknown person or tax, a payment or a slip of no
claim of the take-over, a bar code that is none. Nothing is corrected silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from addressbook.selectors.parties import parties_by_person_no
from collection.models import TaxKind
from collection.services.imports import FileRecord
from collection.services.levy import LevyRow
from collection.takeover.errors import TakeoverError
from taxsys.kernel.checkdigits import gs1_mod10

CHARGES, RECEIPTS, STATES, SLIPS = (
    "local_ikou_chotei", "local_ikou_shuno", "local_ikou_entai", "local_ikou_nofusho",
)  # fmt: skip
_PEOPLE_AT_ONCE = 10_000
_SHOWN = 5
Key = tuple[str, int, int, str, str, int]


def key_of(values: Mapping[str, Any]) -> Key:
    """The natural key of a claim: tax, levy year, tax year, method, notice number, instalment."""
    return (
        str(values["tax_kind"]), int(values["levy_year"]), int(values["tax_year"]), str(values["method"]),
        str(values["notice_no"]), int(values["instalment_no"]),
    )  # fmt: skip


def key_text(key: Key) -> str:
    """`税目|賦課年度|課税年度|方法|通知書番号|期`, as receipts name a claim."""
    return "|".join(map(str, key))


@dataclass(frozen=True, slots=True)
class OldClaim:
    """期別 of the old system: its levy, the day it was levied, and what the old system says is unpaid."""

    row: LevyRow
    levied_on: date
    unpaid_yen: int

    @property
    def yen(self) -> int:
        """Levied."""
        return self.row.city_yen + self.row.prefecture_yen + self.row.forest_yen


@dataclass(frozen=True, slots=True)
class OldPayment:
    """収納 of the old system."""

    payment_no: str
    key: Key
    paid_on: date
    account_on: date
    yen: int


@dataclass(frozen=True, slots=True)
class OldState:
    """督促手数料・延滞金 levied by the old system on a claim, and a deferment or remission of its interest."""

    key: Key
    fee_yen: int
    interest_yen: int
    fixed_on: date | None
    relief: tuple[date, date, str] | None
    legal_ground: str
    decision_no: str


@dataclass(slots=True)
class OldSlip:
    """納付書 of the old system in circulation: codes and what it asks of which claims, in yen."""

    slip_no: str
    issued_on: date
    valid_until: date
    barcode: str
    el_case_key: str
    el_confirm_no: str
    lines: list[tuple[Key, int, int, int]] = field(default_factory=list)

    @property
    def yen(self) -> int:
        """What the slip asks for."""
        return sum(sum(line[1:]) for line in self.lines)


@dataclass(slots=True)
class OldBooks:
    """Everything of one take-over."""

    claims: dict[Key, OldClaim] = field(default_factory=dict)
    payments: list[OldPayment] = field(default_factory=list)
    states: list[OldState] = field(default_factory=list)
    slips: dict[str, OldSlip] = field(default_factory=dict)


def books_read(files: Mapping[str, Sequence[FileRecord]], *, batch_no: str) -> OldBooks:
    """The books of the old system from its files by layout. Raises TakeoverError with the first faulty lines."""
    books, faults = OldBooks(), _Faults()
    _claims(files.get(CHARGES, ()), batch_no, books, faults)
    for record in files.get(RECEIPTS, ()):
        values, key = record.values, _known(record, books, faults, "収納")
        if int(values["amount_yen"]) <= 0:
            faults.add(record.line_no, "収納の金額が1円以上ではありません")
        elif key is not None:
            paid_on = values["paid_on"]
            books.payments.append(
                OldPayment(
                    str(values["payment_no"]), key, paid_on, values["account_on"] or paid_on,
                    int(values["amount_yen"]),
                )
            )  # fmt: skip
    for record in files.get(STATES, ()):
        key = _known(record, books, faults, "延滞金")
        if key is not None:
            _state(record, key, books, faults)
    for record in files.get(SLIPS, ()):
        key = _known(record, books, faults, "納付書")
        if key is not None:
            _slip(record, key, books, faults)
    faults.refuse()
    return books


class _Faults:
    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, line_no: int, text: str) -> None:
        self.found.append(f"{line_no}行目: {text}")

    def refuse(self) -> None:
        if self.found:
            more = f" ほか{len(self.found) - _SHOWN}件" if len(self.found) > _SHOWN else ""
            raise TakeoverError(f"移行元のデータが整合しません。{'、'.join(self.found[:_SHOWN])}{more}。")


def _claims(records: Sequence[FileRecord], batch_no: str, books: OldBooks, faults: _Faults) -> None:
    people = _people(records)
    kinds = set(TaxKind.objects.values_list("code", flat=True))
    for record in records:
        values, key = record.values, key_of(record.values)
        party = people.get(str(values["person_no"]))
        if party is None:
            faults.add(record.line_no, "宛名番号に当たる人がいません")
        elif key[0] not in kinds:
            faults.add(record.line_no, f"税目{key[0]}は登録されていません")
        elif key in books.claims:
            faults.add(record.line_no, "同じ期別が二度あります")
        else:
            row = LevyRow(
                f"takeover:{batch_no}", party, *key, values["due_on"], values["statutory_due_on"],
                int(values["city_yen"]), int(values["prefecture_yen"] or 0), int(values["forest_yen"] or 0),
            )  # fmt: skip
            claim = OldClaim(row, values["levied_on"], int(values["unpaid_yen"]))
            if not 0 <= claim.unpaid_yen <= claim.yen or claim.yen == 0:
                faults.add(record.line_no, "調定額と未納額の大小が合いません")
            books.claims[key] = claim


def _people(records: Sequence[FileRecord]) -> dict[str, UUID]:
    numbers = sorted({str(record.values["person_no"]) for record in records})
    found: dict[str, UUID] = {}
    for start in range(0, len(numbers), _PEOPLE_AT_ONCE):
        found.update(parties_by_person_no(numbers[start : start + _PEOPLE_AT_ONCE]))
    return found


def _known(record: FileRecord, books: OldBooks, faults: _Faults, what: str) -> Key | None:
    key = key_of(record.values)
    if key in books.claims:
        return key
    faults.add(record.line_no, f"{what}の期別が調定のファイルにありません")
    return None


def _state(record: FileRecord, key: Key, books: OldBooks, faults: _Faults) -> None:
    values = record.values
    fee, interest = int(values["reminder_fee_yen"]), int(values["late_interest_yen"])
    first, last, effect = values["relief_from"], values["relief_until"], values["relief_effect"]
    if fee + interest and values["fixed_on"] is None:
        faults.add(record.line_no, "確定日がありません")
    elif first is not None and (last is None or not effect or last < first):
        faults.add(record.line_no, "猶予の期間または効果がありません")
    else:
        relief = (first, last, str(effect)) if first is not None else None
        books.states.append(
            OldState(
                key, fee, interest, values["fixed_on"], relief, str(values["legal_ground"] or ""),
                str(values["decision_no"] or ""),
            )
        )  # fmt: skip


def _slip(record: FileRecord, key: Key, books: OldBooks, faults: _Faults) -> None:
    values = record.values
    barcode, el_key = str(values["barcode"] or ""), str(values["el_case_key"] or "")
    if barcode and not is_barcode(barcode):
        faults.add(record.line_no, "バーコードのチェックデジットが合いません")
        return
    fresh = OldSlip(
        str(values["slip_no"]), values["issued_on"], values["valid_until"], barcode, el_key,
        str(values["el_confirm_no"] or ""),
    )  # fmt: skip
    slip = books.slips.setdefault(fresh.slip_no, fresh)
    if _facts(slip) != _facts(fresh):
        faults.add(record.line_no, "同じ納付書番号の行で番号または期限が違います")
        return
    parts = (int(values["principal_yen"]), int(values["reminder_fee_yen"]), int(values["late_interest_yen"]))
    if sum(parts) <= 0:
        faults.add(record.line_no, "納付書の金額が1円以上ではありません")
    slip.lines.append((key, *parts))


def _facts(slip: OldSlip) -> tuple[Any, ...]:
    return slip.issued_on, slip.valid_until, slip.barcode, slip.el_case_key, slip.el_confirm_no


def is_barcode(text: str) -> bool:
    """Whether a text is a GS1-128 bar code of 44 digits with AI 91 and a right check digit."""
    return len(text) == 44 and text.isdigit() and text.startswith("91") and str(gs1_mod10(text[:-1])) == text[-1]


def by_day(claims: Iterable[OldClaim]) -> Iterator[tuple[date, list[LevyRow]]]:
    """The levies by the day they were levied, in order of the days."""
    days: dict[date, list[LevyRow]] = {}
    for claim in claims:
        days.setdefault(claim.levied_on, []).append(claim.row)
    yield from sorted(days.items())

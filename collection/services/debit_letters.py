"""口座振替の手紙 (letters of the debit desk): start, change and end; what could not be drawn; what was drawn in a year.

Keys are business facts: the day or the year and the 宛名番号. F-CL-025, F-CL-027.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from addressbook.mailing import Mailing, mailings_for
from addressbook.models import Party
from collection.models import DebitBatch, DebitMandate, DebitRequest, DebitRequestState, MandateEnd, Receipt
from collection.models.receipts import ReceiptState
from collection.papers.debit_letter_data import DebitLetter
from collection.papers.slip_rows import Payer, slips_of_charges
from collection.search import instalment_text
from collection.selectors.debit_desk import RESULT_JA, asked_again_on, branch_names, failures
from taxsys.kernel import wareki
from taxsys.platform.printing import issuers
from taxsys.platform.printing.parts import yen_text
from taxsys.platform.printing.pieces import PrintPiece, Subject

DESK = "collection"


@dataclass(frozen=True, slots=True)
class _Letter:
    """What one kind of letter says, before it is addressed."""

    title: str
    opening: str
    heads: tuple[str, ...]
    closing: str


_STARTED = _Letter(
    "口座振替のお知らせ",
    "口座振替の登録を次のとおり行いました。",
    ("内容", "税目", "金融機関・口座", "適用"),
    "引落しは納期限の日に行います。前日までに残高をご用意ください。終了した税目は、納付書で納めていただきます。",
)
_FAILED = _Letter(
    "口座振替不能のお知らせ",
    "次の市税は、口座振替ができませんでした。",
    ("税目", "年度・期別", "理由", "この後", "金額（円）"),
    "再振替の日が記載されたものは、前日までに残高をご用意ください。そのほかのものは、納付書により納めてください。"
    "行き違いに納付されたときは、ご容赦ください。",
)
_PAID = _Letter(
    "口座振替済通知書",
    "口座振替により納めていただいた市税は、次のとおりです。",
    ("税目", "年度・期別", "納期限", "引落日", "金額（円）"),
    "この通知書は、領収証書に代わるものです。確定申告などのために保管してください。",
)


# ---- start, change, end


def registered_keys(on: date) -> list[str]:
    """宛名番号 of who had a mandate registered or ended on a day, in order."""
    started = DebitMandate.objects.filter(registered_on=on)
    ended = DebitMandate.objects.filter(ended_on=on).exclude(end_reason=MandateEnd.CHANGED)
    parties = {*started.values_list("party_id", flat=True), *ended.values_list("party_id", flat=True)}
    return sorted(Party.objects.filter(pk__in=parties).values_list("person_no", flat=True))


def registered_pieces(on: date, keys: Sequence[str]) -> list[PrintPiece]:
    """口座振替開始・変更・廃止通知 of these people."""
    found = DebitMandate.objects.select_related("tax_kind", "party").filter(party__person_no__in=keys)
    mandates = sorted(found, key=lambda one: (one.tax_kind_id, one.valid_from, one.mandate_no))
    banks = branch_names(mandates, on)
    by_party: dict[UUID, list[tuple[str, ...]]] = {}
    for one in mandates:
        rows = by_party.setdefault(one.party_id, [])
        if one.registered_on == on:
            is_change = any(
                other.valid_to == one.valid_from and other.end_reason == MandateEnd.CHANGED
                for other in mandates
                if (other.party_id, other.tax_kind_id) == (one.party_id, one.tax_kind_id)
            )
            start = f"{wareki.format_short(one.valid_from)}以後の納期限"
            rows.append(("変更" if is_change else "開始", one.tax_kind.title, _account(one, banks), start))
        if one.ended_on == on and one.valid_to is not None and one.end_reason != MandateEnd.CHANGED:
            end = f"{wareki.format_short(one.valid_to)}以後の納期限"
            rows.append(("廃止", one.tax_kind.title, _account(one, banks), end))
    return _pieces(_STARTED, by_party, on=on, prefix=f"{on:%Y%m%d}")


def _account(one: DebitMandate, banks: Mapping[tuple[str, str], str]) -> str:
    name = banks.get((one.bank_code, one.branch_code), f"{one.bank_code}-{one.branch_code}")
    return f"{name}　＊＊＊＊{one.account_number[-3:]}"


# ---- what could not be drawn


def failed_keys(batch: DebitBatch) -> list[str]:
    """宛名番号 of who is told, in order."""
    return sorted({one.charge.party.person_no for one in failures(batch)})


def failed_pieces(batch: DebitBatch, keys: Sequence[str], *, on: date) -> list[PrintPiece]:
    """口座振替不能通知 of these people, with the slips that are about for what is not drawn again."""
    wanted = set(keys)
    mine = (one for one in failures(batch) if one.charge.party.person_no in wanted)
    requests = sorted(mine, key=lambda one: one.customer_number)
    rows: dict[UUID, list[tuple[str, ...]]] = {}
    given_up = []
    for one in requests:
        again = asked_again_on(one)
        if again is None:
            given_up.append(one.charge)
        after = f"{wareki.format_short(again)}に再振替" if again else "納付書で納付"
        rows.setdefault(one.charge.party_id, []).append(
            (
                one.charge.tax_kind.title, f"{_year(one)} {instalment_text(one.charge)}",
                RESULT_JA.get(one.result_code, "その他"), after, yen_text(one.amount_yen),
            )
        )  # fmt: skip
    payers = {charge.pk: Payer(charge.party.name) for charge in given_up}
    slips = slips_of_charges([charge.pk for charge in given_up], payers)
    by_party: dict[UUID, list[Any]] = {}
    for charge in given_up:
        by_party.setdefault(charge.party_id, []).extend(slips.get(charge.pk, ()))
    prefix = f"{batch.debit_on:%Y%m%d}-{batch.attempt_no}"
    return _pieces(_FAILED, rows, on=on, prefix=prefix, slips=by_party)


# ---- what was drawn in a year


def paid_keys(year: int) -> list[str]:
    """宛名番号 of who paid by debit in a calendar year, in order."""
    return sorted({one.charge.party.person_no for one in _debited(year)})


def _debited(year: int, keys: Sequence[str] | None = None) -> list[DebitRequest]:
    """振替済 of a calendar year whose money stayed with the city: a receipt that was taken back does not count."""
    found = DebitRequest.objects.filter(state=DebitRequestState.DEBITED, batch__debit_on__year=year)
    if keys is not None:
        found = found.filter(charge__party__person_no__in=keys)
    requests = list(found.select_related("batch", "charge__tax_kind", "charge__party"))
    numbers = [one.customer_number for one in requests]
    kept = set(
        Receipt.objects.filter(channel="debit", match_key__in=numbers)
        .exclude(state=ReceiptState.WITHDRAWN)
        .values_list("match_key", flat=True)
    )
    return sorted(
        (one for one in requests if one.customer_number in kept),
        key=lambda one: (one.charge.tax_kind_id, one.batch.debit_on, one.customer_number),
    )


def paid_pieces(year: int, keys: Sequence[str], *, on: date) -> list[PrintPiece]:
    """口座振替済通知書 of these people for a calendar year."""
    rows: dict[UUID, list[tuple[str, ...]]] = {}
    totals: dict[UUID, int] = {}
    for one in _debited(year, keys):
        party_id = one.charge.party_id
        totals[party_id] = totals.get(party_id, 0) + one.amount_yen
        rows.setdefault(party_id, []).append(
            (
                one.charge.tax_kind.title, f"{_year(one)} {instalment_text(one.charge)}",
                wareki.format_short(one.charge.due_on), wareki.format_short(one.batch.debit_on),
                yen_text(one.amount_yen),
            )
        )  # fmt: skip
    return _pieces(_PAID, rows, on=on, prefix=f"{year}", totals=totals)


# ---- addressing


def _year(one: DebitRequest) -> str:
    return f"{wareki.format_year(one.charge.tax_year)}年度"


def _pieces(
    letter: _Letter, rows: Mapping[UUID, Iterable[tuple[str, ...]]], *, on: date, prefix: str,
    totals: Mapping[UUID, int] | None = None, slips: Mapping[UUID, Sequence[Any]] | None = None,
) -> list[PrintPiece]:  # fmt: skip
    mailings: dict[UUID, Mailing] = mailings_for(sorted(rows, key=str), tax_kind="", on=on)
    out = []
    for party_id, lines in rows.items():
        mailing = mailings[party_id]
        letter_no = f"{prefix}-{mailing.person_no}"
        total = (totals or {}).get(party_id)
        paper = DebitLetter(
            addressee=mailing.addressee,
            office=issuers.office(DESK),
            letter_no=letter_no,
            title=letter.title,
            payer_name=mailing.taxpayer_name,
            issued_on=on,
            opening=letter.opening,
            heads=letter.heads,
            rows=tuple(lines),
            closing=letter.closing,
            total_yen=total,
            slips=tuple((slips or {}).get(party_id, ())),
        )
        out.append(
            PrintPiece(
                item_key=mailing.person_no,
                addressee=mailing.addressee,
                notice_no=mailing.person_no,
                tax_year=on.year,
                paper=paper,
                amount_yen=total or 0,
                subjects=(Subject(str(party_id), letter_no),),
            )
        )
    return sorted(out, key=lambda piece: piece.item_key)

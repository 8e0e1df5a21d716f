"""口座振替依頼の登録 (mandates): taken over from the list of accepted applications, set by set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from addressbook.selectors.parties import parties_by_person_no
from collection.models import DebitMandate, MandateChannel, MandateEnd, TaxKind
from collection.services.imports import FileRecord
from taxsys.platform import clock

_ACCOUNT = ("bank_code", "branch_code", "account_type", "account_number", "holder_kana")


@dataclass(slots=True)
class MandateOutcome:
    """Counts of one call; `problems` = (line, code, field, message) of lines left out."""

    registered: int = 0
    ended: int = 0
    unchanged: int = 0
    problems: list[tuple[int, str, str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Book:
    """What is known before the list is worked off, and what it changes."""

    actor: str
    on: date
    kinds: set[str]
    by_no: dict[str, DebitMandate]
    standing: dict[tuple[UUID, str], list[DebitMandate]]
    new: list[DebitMandate] = field(default_factory=list)
    changed: dict[int, DebitMandate] = field(default_factory=dict)


def mandates_import(records: Iterable[FileRecord], *, actor: str) -> MandateOutcome:
    """口座振替申込の取込: new mandates end the one before for the same tax, 廃止 ends the one it names. F-CL-025.

    Idempotent by 依頼番号: the same line again changes nothing, another content under a known number is a problem of
    its line (E0004), like an unknown person (L0108) or tax (L0106); the other lines stand.
    """
    with transaction.atomic():
        rows = sorted(records, key=lambda record: record.line_no)
        parties = parties_by_person_no([str(row.values["person_no"]) for row in rows])
        book = _book(rows, list(parties.values()), actor)
        outcome = MandateOutcome()
        for row in rows:
            act = _end if row.values["act"] == "3" else _register
            problem = act(book, row.values, parties.get(str(row.values["person_no"])), outcome)
            if problem:
                outcome.problems.append((row.line_no, *problem))
        DebitMandate.objects.bulk_create(book.new, batch_size=5000)
        DebitMandate.objects.bulk_update(
            book.changed.values(), ["valid_to", "end_reason", "ended_on", "ended_by"], batch_size=5000
        )
        return outcome


def _book(rows: list[FileRecord], party_ids: list[UUID], actor: str) -> _Book:
    numbers = [str(row.values["mandate_no"]) for row in rows]
    known = DebitMandate.objects.select_for_update()
    book = _Book(
        actor=actor,
        on=clock.today(),
        kinds=set(TaxKind.objects.values_list("code", flat=True)),
        by_no={one.mandate_no: one for one in known.filter(mandate_no__in=numbers)},
        standing={},
    )
    for one in known.filter(party_id__in=party_ids).order_by("valid_from", "mandate_no"):
        book.standing.setdefault((one.party_id, one.tax_kind_id), []).append(book.by_no.get(one.mandate_no, one))
    return book


Problem = tuple[str, str, str] | None


def _register(book: _Book, values: Any, party_id: UUID | None, outcome: MandateOutcome) -> Problem:
    if party_id is None:
        return "L0108", "person_no", "宛名番号に当たる人がいません。"
    if values["tax_kind"] not in book.kinds:
        return "L0106", "tax_kind", "税目コードが登録されていません。"
    if missing := next((name for name in _ACCOUNT if not values.get(name)), ""):
        return "E0001", missing, "新規・変更の行に口座の項目がありません。"
    account = {name: str(values[name]) for name in _ACCOUNT}
    known = book.by_no.get(str(values["mandate_no"]))
    if known is not None:
        same = (known.party_id, known.tax_kind_id, known.valid_from) == (
            party_id, values["tax_kind"], values["applies_on"],
        ) and all(getattr(known, name) == text for name, text in account.items())  # fmt: skip
        outcome.unchanged += same
        return None if same else ("E0004", "mandate_no", "同じ依頼番号が別の内容で登録されています。")
    one = DebitMandate(
        mandate_no=str(values["mandate_no"]), party_id=party_id, tax_kind_id=values["tax_kind"],
        valid_from=values["applies_on"], channel=MandateChannel.FILE, accepted_on=values.get("accepted_on") or None,
        registered_on=book.on, registered_by=book.actor, **account,
    )  # fmt: skip
    standing = book.standing.setdefault((party_id, one.tax_kind_id), [])
    running = [before for before in standing if before.valid_to is None or before.valid_to > one.valid_from]
    if any(before.valid_from >= one.valid_from for before in running):
        return "E0004", "applies_on", "適用日がいまの依頼の開始日より後ではありません。"
    for before in running:
        _set_end(book, before, one.valid_from, MandateEnd.CHANGED)
    standing.append(one)
    book.by_no[one.mandate_no] = one
    book.new.append(one)
    outcome.registered += 1
    return None


def _end(book: _Book, values: Any, _party_id: UUID | None, outcome: MandateOutcome) -> Problem:
    known = book.by_no.get(str(values["mandate_no"]))
    if known is None:
        return "L0108", "mandate_no", "廃止する依頼番号が登録されていません。"
    if known.valid_to is not None and known.valid_to <= values["applies_on"]:
        outcome.unchanged += 1
        return None
    if values["applies_on"] <= known.valid_from:
        return "E0004", "applies_on", "廃止日が開始日より後ではありません。"
    _set_end(book, known, values["applies_on"], MandateEnd.PARTY)
    outcome.ended += 1
    return None


def _set_end(book: _Book, mandate: DebitMandate, day: date, reason: str) -> None:
    mandate.valid_to, mandate.end_reason = day, reason
    mandate.ended_on, mandate.ended_by = book.on, book.actor
    if mandate.pk is not None:
        book.changed[mandate.pk] = mandate

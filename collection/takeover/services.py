"""移行の計上 (posting a take-over): all of it in one transaction, after the control totals agree; or nothing of it.

Levies, fees and interest, payments and slips of the old system go through the ledger like any other; the payments come
by a channel of their own (移行), so that no bank day of the past is asked for again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from collection.bulk.receipts import ReceiptRecord
from collection.closing.errors import PeriodClosedError
from collection.errors import LevyConflictError
from collection.models import Channel, EntryReason
from collection.params import parameter_file
from collection.rules.slip_codes import case_no, case_no_of_barcode, case_no_of_el_key, confirm_no
from collection.services.imports import FileRecord
from collection.services.levy import levy_post
from collection.services.receipts import receipts_post
from collection.takeover import bulk
from collection.takeover.errors import TakeoverError
from collection.takeover.models import TakeoverBatch, TakeoverTotal
from collection.takeover.reading import OldBooks, OldSlip, books_read, by_day, key_text
from collection.takeover.totals import (
    SUBJECTS_JA,
    Line,
    control_sums,
    file_sums,
    ledger_sums,
    reconcile,
    unpaid_differences,
)
from taxsys.platform import clock

_SHOWN = 5
_BATCH_NO = re.compile(r"[A-Za-z0-9-]{1,20}")


@dataclass(frozen=True, slots=True)
class TakeoverFacts:
    """What was asked for: number, day, received files by layout, and the control slip: (count, yen) by subject."""

    batch_no: str
    cutover_on: date
    files: Mapping[str, str]
    control: Mapping[str, tuple[int, int]]
    actor: str


def takeover_post(facts: TakeoverFacts, files: Mapping[str, Sequence[FileRecord]]) -> list[Line]:
    """移行の計上: read, compare with the control slip, post, reconcile with the ledger. Returns the reconciliation.

    Raises TakeoverError, with nothing posted, where a line cannot be, a total differs from the control slip, the old
    system's unpaid tax does not follow from its levies and payments, a claim stands here already, a period is closed,
    or the ledger afterwards differs by a yen. A batch number is posted once.
    """
    if not _BATCH_NO.fullmatch(facts.batch_no):
        raise TakeoverError("移行番号は半角の英数字とハイフンで20字までです。")
    if TakeoverBatch.objects.filter(batch_no=facts.batch_no).exists():
        raise TakeoverError(f"移行番号{facts.batch_no}は計上済みです。別の番号を付けてください。")
    books = books_read(files, batch_no=facts.batch_no)
    sums = file_sums(books)
    _refuse_other_totals(facts, control_sums(sums))
    _refuse_other_unpaid(books)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '30min'")
            _post(cursor, facts, books)
            lines = reconcile(sums, ledger_sums(facts.batch_no))
            wrong = [line for line in lines if not line.is_ok]
            if wrong:
                raise TakeoverError(f"計上後の元帳が移行元と一致しません: {'、'.join(map(_line_ja, wrong[:_SHOWN]))}。")
            _record(facts, lines)
            return lines
    except (LevyConflictError, PeriodClosedError) as error:
        raise TakeoverError(f"{error.message_ja}移行元の期別と、締め済みの期間を確かめてください。") from error


def _line_ja(line: Line) -> str:
    return (
        f"{line.tax_kind} {line.tax_year}年度 {line.subject_ja} "
        f"移行元{line.file_count:,}件{line.file_yen:,}円 元帳{line.ledger_count:,}件{line.ledger_yen:,}円"
    )


def _refuse_other_totals(facts: TakeoverFacts, found: Mapping[str, tuple[int, int]]) -> None:
    wrong = [
        f"{SUBJECTS_JA[subject]} 送付票{count:,}件{yen:,}円 ファイル{found[subject][0]:,}件{found[subject][1]:,}円"
        for subject, (count, yen) in facts.control.items()
        if found[subject] != (count, yen)
    ]
    if wrong:
        raise TakeoverError(f"送付票の件数・金額とファイルが一致しません: {'、'.join(wrong)}。何も計上していません。")


def _refuse_other_unpaid(books: OldBooks) -> None:
    wrong = unpaid_differences(books)
    if wrong:
        told = "、".join(f"{key} 計算{computed:,}円 旧{stated:,}円" for key, computed, stated in wrong[:_SHOWN])
        raise TakeoverError(
            f"調定と収納から計算した未納額が旧システムの未納額と違う期別が{len(wrong):,}件あります: {told}。"
        )


def _post(cursor: CursorWrapper, facts: TakeoverFacts, books: OldBooks) -> None:
    for levied_on, rows in by_day(books.claims.values()):
        levy_post(
            rows, dedupe_key=f"opening:{facts.batch_no}:{levied_on}", occurred_on=levied_on, actor=facts.actor,
            entry_reason=EntryReason.OPENING,
        )  # fmt: skip
    ids = bulk.charge_ids(cursor, list(books.claims))
    bulk.components_post(cursor, books.states, ids, cutover_on=facts.cutover_on, actor=facts.actor)
    bulk.reliefs_post(cursor, books.states, ids, actor=facts.actor)
    records = [
        ReceiptRecord(
            channel=Channel.OPENING, external_key=f"{facts.batch_no}:{payment.payment_no}", kind="confirmed",
            key_kind="charge", match_key=key_text(payment.key), amount_yen=payment.yen, paid_on=payment.paid_on,
            account_on=payment.account_on, line_no=number,
        )
        for number, payment in enumerate(books.payments, start=1)
    ]  # fmt: skip
    outcome = receipts_post(records, actor=facts.actor, as_of=facts.cutover_on)
    if outcome.suspense_yen or outcome.repeats:
        raise TakeoverError(
            f"収納のうち期別に消し込めないものがあります(仮受{outcome.suspense_yen:,}円、重複{len(outcome.repeats):,}件)。"
        )
    _slips(cursor, books)


def _slips(cursor: CursorWrapper, books: OldBooks) -> None:
    """Slips with case numbers of ours that follow from the old numbers, and every code an agent may report of them."""
    items = parameter_file("slip_issuer")["el_item_code"]
    drafts, codes = [], []
    ids = bulk.charge_ids(cursor, list(books.claims))
    for slip in sorted(books.slips.values(), key=lambda one: one.slip_no):
        case = case_no(f"old|{slip.slip_no}", version=1)
        kind, method = slip.lines[0][0][0], slip.lines[0][0][3]
        item = items.get(f"{kind}.{method}", items[kind])
        drafts.append((slip, case, item, slip.el_confirm_no or confirm_no(case)))
        codes += [(code, case) for code in _codes(slip)]
    taken = bulk.cases_taken(cursor, [case for _slip, case, _item, _confirm in drafts], [code for code, _case in codes])
    doubled = len(codes) - len({code for code, _case in codes})
    if taken or doubled:
        raise TakeoverError(f"納付書の番号が重複しています({len(taken) + doubled:,}件)。")
    bulk.slips_post(cursor, drafts, ids, municipality=settings.TAXSYS_MUNICIPALITY_CODE)
    bulk.slip_codes_write(cursor, codes)


def _codes(slip: OldSlip) -> list[str]:
    """What an agent may name the slip by: the whole bar code or eL key, or what we would read out of either."""
    found = {
        slip.barcode, case_no_of_barcode(slip.barcode), slip.el_case_key, case_no_of_el_key(slip.el_case_key),
    }  # fmt: skip
    return sorted(found - {""})


def _record(facts: TakeoverFacts, lines: Iterable[Line]) -> None:
    batch = TakeoverBatch.objects.create(
        batch_no=facts.batch_no, cutover_on=facts.cutover_on, files=dict(facts.files), actor=facts.actor,
        posted_at=clock.now(),
    )  # fmt: skip
    TakeoverTotal.objects.bulk_create(
        TakeoverTotal(
            batch=batch, subject=line.subject, tax_kind=line.tax_kind, tax_year=line.tax_year,
            file_count=line.file_count, file_yen=line.file_yen, ledger_count=line.ledger_count,
            ledger_yen=line.ledger_yen,
        )
        for line in lines
    )  # fmt: skip

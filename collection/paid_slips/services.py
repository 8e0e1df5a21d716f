"""済通の束 (batches of paid slips): taken with their control slip, corrected, posted whole or discarded whole.

F-CL-004. Nothing is posted before count and yen agree with the control slip; a slip that could not be read waits for an
officer beside what was read of it, and one whose key stays unknown is posted to suspense.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.db.models import Q

from collection.errors import DuplicateReceiptFileError, ReceiptFileRefusedError
from collection.models import Channel
from collection.paid_slips.errors import SlipBatchError
from collection.paid_slips.models import BatchKind, BatchState, LineState, PaidSlip, SlipBatch
from collection.paid_slips.reading import BatchDraft, SlipLine
from collection.paid_slips.rules import Reading
from collection.services.receipts import (
    ReceiptFileFacts,
    ReceiptOutcome,
    ReceiptRecord,
    receipt_file_register,
    receipts_post,
)
from taxsys.platform import clock

MOST_KEYED = 500


def batch_take(draft: BatchDraft, *, actor: str) -> SlipBatch:
    """Take a batch with its slips. Raises ReceiptFileRefusedError, nothing written, where its controls fail.

    L0103 count, L0104 yen, E0004 a number that stands twice, L0105 the same batch, or the same slips under another
    number. Yen are compared as far as they could be read; with the last correction they have to agree in full.
    """
    _refuse_wrong_control(draft)
    with transaction.atomic():
        batch = _batch_create(draft, actor=actor)
        rows = [_slip(batch, line, ()) for line in draft.lines]
        again = _twice(batch, rows)
        for row in rows:
            if (row.match_key, row.paid_on) in again:
                row.faults, row.state = [*row.faults, "twice"], LineState.OPEN
        PaidSlip.objects.bulk_create(rows, batch_size=5000)
    return batch


def _refuse_wrong_control(draft: BatchDraft) -> None:
    numbers = [line.seq_no for line in draft.lines]
    if len(numbers) != draft.control_count:
        raise ReceiptFileRefusedError(
            f"送付票の件数{draft.control_count:,}件と済通{len(numbers):,}件が合いません。送付元に確認してください。",
            code="L0103",
        )
    if len(set(numbers)) != len(numbers):
        raise ReceiptFileRefusedError("同じ一連番号の済通が2件あります。送付元に確認してください。", code="E0004")
    if draft.control_yen < 1:
        raise ReceiptFileRefusedError("送付票の金額が0円です。送付元に確認してください。", code="L0104")
    read_yen = sum(line.reading.amount_yen or 0 for line in draft.lines)
    unread = sum(line.reading.amount_yen is None for line in draft.lines)
    if read_yen + unread > draft.control_yen or (not unread and read_yen != draft.control_yen):
        raise ReceiptFileRefusedError(
            f"送付票の金額{draft.control_yen:,}円と、読めた金額の計{read_yen:,}円(読めないもの{unread:,}件)が"
            "合いません。送付元に確認してください。",
            code="L0104",
        )


def _batch_create(draft: BatchDraft, *, actor: str) -> SlipBatch:
    standing = SlipBatch.objects.exclude(state=BatchState.DISCARDED)
    same = standing.filter(
        Q(bank_code=draft.bank_code, account_on=draft.account_on, batch_no=draft.batch_no)
        | Q(content_mark=draft.content_mark)
    ).first()  # fmt: skip
    if same is None:
        try:
            with transaction.atomic():
                return SlipBatch.objects.create(
                    kind=draft.kind, bank_code=draft.bank_code, batch_no=draft.batch_no, account_on=draft.account_on,
                    control_count=draft.control_count, control_yen=draft.control_yen, content_mark=draft.content_mark,
                    received_ref=draft.received_ref, taken_by=actor, taken_at=clock.now(),
                )  # fmt: skip
        except IntegrityError:
            pass  # another process took it in between
    raise DuplicateReceiptFileError(
        f"この束({same or draft.batch_no})は取込済みです。番号や並びを変えても、同じ済通は二度取り込めません。"
    )


def _slip(batch: SlipBatch, line: SlipLine, more: Sequence[str]) -> PaidSlip:
    one = line.reading
    faults = [*one.faults, *more]
    return PaidSlip(
        batch=batch, seq_no=line.seq_no, line_no=line.line_no, branch_code=line.branch_code,
        read_paid_on=line.paid_on_text, read_upper=line.upper, read_lower=line.lower, read_amount=line.amount_text,
        faults=faults, paid_on=one.paid_on, key_kind=one.key_kind, match_key=one.match_key, amount_yen=one.amount_yen,
        state=LineState.OPEN if faults else LineState.READ,
    )  # fmt: skip


def _twice(batch: SlipBatch, rows: Sequence[PaidSlip]) -> set[tuple[str, date | None]]:
    """(key, day) that stand twice in the batch or once in it and in another one that was not discarded."""
    seen: set[tuple[str, date | None]] = set()
    again: set[tuple[str, date | None]] = set()
    for row in rows:
        if not row.match_key or row.paid_on is None:
            continue
        pair = (row.match_key, row.paid_on)
        (again if pair in seen else seen).add(pair)
    others = PaidSlip.objects.exclude(batch__state=BatchState.DISCARDED).exclude(batch=batch)
    found = others.filter(match_key__in={key for key, _day in seen}).values_list("match_key", "paid_on")
    return again | (seen & set(found))


@dataclass(frozen=True, slots=True)
class BatchStanding:
    """束の現在: slips that wait, yen known so far, and what is missing to the control slip."""

    open_count: int
    known_yen: int
    control_yen: int

    @property
    def difference_yen(self) -> int:
        """Yen known less yen of the control slip."""
        return self.known_yen - self.control_yen

    @property
    def is_ready(self) -> bool:
        """Whether it may be posted."""
        return self.open_count == 0 and self.difference_yen == 0


def batch_standing(batch: SlipBatch) -> BatchStanding:
    """How far a batch is from being posted."""
    rows = list(batch.slips.values_list("state", "amount_yen"))
    return BatchStanding(
        sum(state == LineState.OPEN for state, _yen in rows), sum(yen or 0 for _state, yen in rows), batch.control_yen
    )


def batch_post(batch_id: int, *, actor: str, as_of: date) -> ReceiptOutcome:
    """束の計上: every slip a receipt of the bank's counter by its own receipt date, once.

    Raises SlipBatchError where slips wait or yen differ from the control slip, PeriodClosedError where its day is
    closed; nothing is posted then. A batch posted before gives an empty outcome.
    """
    with transaction.atomic():
        batch = SlipBatch.objects.select_for_update().get(pk=batch_id)
        if batch.state == BatchState.POSTED:
            return ReceiptOutcome()
        if batch.state == BatchState.DISCARDED:
            raise SlipBatchError("取り下げた束は計上できません。")
        standing = batch_standing(batch)
        if standing.open_count:
            raise SlipBatchError(f"訂正を待つ済通が{standing.open_count:,}件あります。訂正してから計上してください。")
        if standing.difference_yen:
            raise SlipBatchError(
                f"済通の計{standing.known_yen:,}円と送付票{batch.control_yen:,}円が合いません"
                f"(差{standing.difference_yen:,}円)。入力した金額を確かめてください。"
            )
        file = receipt_file_register(_facts(batch))
        outcome = receipts_post(list(_records(batch)), actor=actor, as_of=as_of, file=file)
        batch.state, batch.receipt_file = BatchState.POSTED, file
        batch.ended_by, batch.ended_at = actor, clock.now()
        batch.save(update_fields=["state", "receipt_file", "ended_by", "ended_at"])
        return outcome


def _facts(batch: SlipBatch) -> ReceiptFileFacts:
    key = f"sumitsu:{batch}"
    return ReceiptFileFacts(
        channel=Channel.BANK,
        file_key=f"{key}:{batch.taken_at:%Y%m%d%H%M%S%f}",
        sha256=sha256(f"{key}|{batch.content_mark}|{batch.taken_at.isoformat()}".encode()).hexdigest(),
        created_on=batch.account_on, received_on=clock.today(), record_count=batch.control_count,
        total_yen=batch.control_yen,
    )  # fmt: skip


def _records(batch: SlipBatch) -> Iterable[ReceiptRecord]:
    for slip in batch.slips.order_by("seq_no"):
        if slip.paid_on is None or slip.amount_yen is None:
            raise SlipBatchError(f"第{slip.seq_no}号の領収日または金額がありません。")
        yield ReceiptRecord(
            channel=Channel.BANK, external_key=f"{batch}:{slip.seq_no}", kind="confirmed",
            key_kind="charge" if slip.key_kind == "charge" else "case",
            match_key=slip.match_key or f"済通の束 {batch} 第{slip.seq_no}号", amount_yen=slip.amount_yen,
            paid_on=slip.paid_on, account_on=batch.account_on, line_no=slip.line_no,
        )  # fmt: skip


def slip_correct(slip_id: int, *, reading: Reading, actor: str) -> PaidSlip:
    """済通の訂正: what the officer reads on the paper; what the reader read stays beside it.

    An empty key says that it names nothing we know: the money goes to suspense. Raises SlipBatchError for a batch that
    is not open, a day after its 会計日 and an amount that is no yen.
    """
    with transaction.atomic():
        slip = PaidSlip.objects.select_for_update().get(pk=slip_id)
        batch = SlipBatch.objects.select_for_update().get(pk=slip.batch_id)
        if batch.state != BatchState.OPEN:
            raise SlipBatchError("計上または取り下げた束の済通は訂正できません。")
        if reading.paid_on is None or reading.paid_on > batch.account_on:
            raise SlipBatchError("領収日は会計日までの日付です。領収印を確かめてください。")
        if reading.amount_yen is None or reading.amount_yen < 1:
            raise SlipBatchError("金額は1円以上です。")
        slip.paid_on, slip.amount_yen = reading.paid_on, reading.amount_yen
        slip.key_kind, slip.match_key = reading.key_kind, reading.match_key
        slip.state, slip.corrected_by, slip.corrected_at = LineState.DONE, actor, clock.now()
        slip.save()
        return slip


def batch_discard(batch_id: int, *, reason_ja: str, actor: str) -> SlipBatch:
    """束の取下げ: nothing of it is posted; the sender may send it anew. Raises SlipBatchError once it is posted."""
    if not reason_ja.strip():
        raise SlipBatchError("取下げの理由を入力してください。")
    with transaction.atomic():
        batch = SlipBatch.objects.select_for_update().get(pk=batch_id)
        if batch.state == BatchState.DISCARDED:
            return batch
        if batch.state == BatchState.POSTED:
            raise SlipBatchError("計上済みの束は取り下げられません。収納を一件ずつ取り消してください。")
        batch.state, batch.reason_ja = BatchState.DISCARDED, reason_ja.strip()
        batch.ended_by, batch.ended_at = actor, clock.now()
        batch.save(update_fields=["state", "reason_ja", "ended_by", "ended_at"])
        return batch


def keyed_batch_open(draft: BatchDraft, *, actor: str) -> SlipBatch:
    """画面入力の束: the control slip first, then as many slips to be keyed as it says.

    Raises SlipBatchError for more than 500 slips, ReceiptFileRefusedError for a batch that is there.
    """
    if not 1 <= draft.control_count <= MOST_KEYED:
        raise SlipBatchError(f"件数は1件から{MOST_KEYED}件までです。束を分けてください。")
    nothing = Reading(None, "case", "", None, ("to_key",))
    lines = tuple(SlipLine(no, no, "", "", "", "", "", nothing) for no in range(1, draft.control_count + 1))
    whole = BatchDraft(
        BatchKind.KEYED, draft.bank_code, draft.batch_no, draft.account_on, draft.control_count, draft.control_yen,
        lines,
    )  # fmt: skip
    return batch_take(whole, actor=actor)

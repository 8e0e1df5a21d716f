"""仕訳の作成 (writing single journal entries) for acts that touch one claim at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from collection.closing.periods import period_refuse_closed
from collection.models import Account, JournalEntry, Transfer
from taxsys.platform import clock


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """What a journal entry says; the sums follow from its transfers."""

    reason: str
    dedupe_key: str
    occurred_on: date
    value_date: date
    actor: str
    legal_ground: str = ""
    source_document: str = ""
    approval_ref: str = ""
    reverses_id: int | None = None


def account_for(kind: str, *parts: object) -> Account:
    """The account of a kind and key parts (tax kind, years, channel, day or party), made when needed."""
    key = ":".join(str(part) for part in (kind, *parts))
    return Account.objects.get_or_create(key=key, defaults={"kind": kind})[0]


def entry_write(draft: EntryDraft, transfers: Sequence[tuple[int, int, int]]) -> JournalEntry:
    """Write an entry with its transfers (debit account, credit account, yen > 0) in one statement of transfers.

    Raises PeriodClosedError where its day is closed.
    """
    period_refuse_closed(draft.occurred_on)
    entry = JournalEntry.objects.create(
        reason=draft.reason,
        legal_ground=draft.legal_ground,
        source_document=draft.source_document,
        actor=draft.actor,
        approval_ref=draft.approval_ref,
        occurred_on=draft.occurred_on,
        value_date=draft.value_date,
        recorded_at=clock.now(),
        dedupe_key=draft.dedupe_key,
        reverses_id=draft.reverses_id,
        transfer_count=len(transfers),
        total_yen=sum(yen for _debit, _credit, yen in transfers),
    )
    Transfer.objects.bulk_create(
        Transfer(entry=entry, debit_id=debit, credit_id=credit, yen=yen) for debit, credit, yen in transfers
    )
    return entry

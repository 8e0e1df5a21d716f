"""アクセス記録の書込み: inserted in the transaction of the work; if it cannot be written, the work does not happen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import DatabaseError

from taxsys.platform.audit import context
from taxsys.platform.audit.bulk import event_insert
from taxsys.platform.audit.models import AccessEvent


class AuditWriteFailed(RuntimeError):
    """The access event could not be written; the business act must not go on (N-068)."""


@dataclass(frozen=True, kw_only=True)
class AccessRow:
    """One event of a bulk write; the same words as `access_record`."""

    action: str
    subjects: Sequence[str] = ()
    record_type: str = ""
    record_id: str = ""
    tax_year: int | None = None
    result: str = "ok"
    reason: str = ""
    count: int | None = None


def _event(row: AccessRow, actor: context.AccessContext) -> AccessEvent:
    if row.action not in AccessEvent.Action.values:
        raise ValueError(f"unknown action of the access log: {row.action}")
    return AccessEvent(
        actor_kind=actor.actor_kind,
        actor_id=actor.actor_id,
        unit_code=actor.unit_code,
        terminal=actor.terminal,
        address=actor.address,
        function_id=actor.function_id,
        legal_base=actor.legal_base,
        purpose=actor.purpose,
        request_id=actor.request_id,
        action=row.action,
        subjects=[str(subject) for subject in row.subjects],
        record_type=row.record_type,
        record_id=row.record_id,
        tax_year=row.tax_year,
        result=row.result,
        reason=row.reason,
        count=len(row.subjects) if row.count is None and row.subjects else row.count,
    )


def access_record(
    *,
    action: str,
    subjects: Sequence[str] = (),
    record_type: str = "",
    record_id: str = "",
    tax_year: int | None = None,
    result: str = "ok",
    reason: str = "",
    count: int | None = None,
) -> AccessEvent:
    """アクセス記録を一件残す（N-066, N-068）.

    `subjects` are the ids of every party shown or touched (Party.id as text), never names or numbers; `reason` is a
    code, never text from a form. Stands in the caller's transaction. Raises AuditContextMissing without an access
    context, AuditWriteFailed when the row cannot be written, ValueError for an unknown action.
    """
    row = AccessRow(
        action=action,
        subjects=subjects,
        record_type=record_type,
        record_id=record_id,
        tax_year=tax_year,
        result=result,
        reason=reason,
        count=count,
    )
    event = _event(row, context.current())
    try:
        event_insert(event)
    except DatabaseError as error:
        raise AuditWriteFailed("アクセス記録を書き込めないため処理を中止しました") from error
    return event


def access_record_many(rows: Iterable[AccessRow], *, batch_size: int = 2000) -> int:
    """アクセス記録をまとめて残す: set-based variant for jobs and lists; returns the number of rows written."""
    actor = context.current()
    events = [_event(row, actor) for row in rows]
    try:
        AccessEvent.objects.bulk_create(events, batch_size=batch_size)
    except DatabaseError as error:
        raise AuditWriteFailed("アクセス記録を書き込めないため処理を中止しました") from error
    return len(events)

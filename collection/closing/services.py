"""締めの処理 (acts of closing): the books counted, a period closed with its seal, a closing lifted by another."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

from collection.closing import bulk
from collection.closing.books import book_differences
from collection.closing.checks import Check, closing_checks
from collection.closing.errors import ClosingError
from collection.closing.models import BookBuild, CarryOver, ClosingCheck, PeriodClosing, Span
from collection.closing.periods import closed_through
from taxsys.platform import clock

_ONE_DAY = timedelta(days=1)


def books_build() -> BookBuild:
    """帳簿の集計: every day after the last sealed month is counted anew; a sealed month stays. F-CL-020."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '10min'")
        cursor.execute("SET LOCAL lock_timeout = '5min'")
        return _build(cursor)


def _build(cursor: CursorWrapper) -> BookBuild:
    cursor.execute(bulk.PEN)
    sealed = sealed_through()
    first_on = sealed + _ONE_DAY if sealed else date.min
    lines, transfers, yen = bulk.lines_write(cursor, first_on)
    return BookBuild.objects.create(first_on=first_on, lines=lines, transfers=transfers, yen=yen, built_at=clock.now())


def sealed_through() -> date | None:
    """The last day of the sealed months; None where no month has been closed."""
    last = PeriodClosing.objects.standing().filter(span=Span.MONTH).order_by("-last_on").first()
    return last.last_on if last else None


def period_first(span: str, last_on: date) -> date:
    """The first day of a period that would end on this day: the day after the closing before it.

    Raises ClosingError for a period that cannot be closed: not the end of a month, in the future, closed already.
    """
    if span not in {Span.DAY, Span.MONTH}:
        raise ClosingError("出納閉鎖は年度末締めのバッチ(B-CL-17)で行います。")
    if last_on > clock.today():
        raise ClosingError(f"終期{last_on}が未来です。過ぎた日を指定してください。")
    if span == Span.MONTH and last_on.day != monthrange(last_on.year, last_on.month)[1]:
        raise ClosingError(f"月締めの終期は月の末日です({last_on}は末日ではありません)。")
    before = sealed_through() if span == Span.MONTH else closed_through()
    if PeriodClosing.objects.standing().filter(span=span, last_on__gte=last_on).exists() or (
        span == Span.DAY and before is not None and before >= last_on
    ):
        raise ClosingError(f"{last_on}までは締め済みです。")
    if before is not None:
        return before + _ONE_DAY
    with connection.cursor() as cursor:
        first = bulk.first_entry_on(cursor)
    return min(first, last_on) if first else last_on


def period_close(*, span: str, last_on: date, note: str, actor: str) -> PeriodClosing:
    """締め: postings stop at the gate, the books are counted anew, the check list is gone through, the period closed.

    Raises ClosingError where a required check is not clean, where another is not clean and no reason was given, and
    where postings are running just now. R-005, 地方自治法235条の4.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '3s'")
            cursor.execute(bulk.GATE)
            cursor.execute("SET LOCAL statement_timeout = '5min'")
            first_on = period_first(span, last_on)
            _build(cursor)
            checks = [*closing_checks(first_on, last_on), _books_check(cursor)]
            _refuse_unclean(checks, note)
            return _close(cursor, span, first_on, last_on, checks, note=note, actor=actor)
    except OperationalError as error:
        raise ClosingError("計上中の処理があります。終わってからもう一度締めてください。") from error


def _refuse_unclean(checks: Sequence[Check], note: str) -> None:
    wrong = [check.title_ja for check in checks if check.is_required and not check.is_ok]
    if wrong:
        raise ClosingError(f"必須の点検が済んでいません: {'、'.join(wrong)}。")
    unexplained = [check.title_ja for check in checks if not check.is_ok]
    if unexplained and not note.strip():
        raise ClosingError(f"理由を入力してください。説明の要る点検: {'、'.join(unexplained)}。")


def _books_check(cursor: CursorWrapper) -> Check:
    differing, yen, kinds = book_differences(cursor)
    return Check("BOOKS", "帳簿の合計が元帳の残高と一致する", differing == 0, True, differing, yen, kinds)


def _close(
    cursor: CursorWrapper, span: str, first_on: date, last_on: date, checks: Sequence[Check], *, note: str, actor: str
) -> PeriodClosing:  # fmt: skip
    before = PeriodClosing.objects.standing().filter(span=span).order_by("-last_on").first()
    previous = before.seal if before else ""
    seal, transfers, yen = bulk.seal_of(cursor, first_on, last_on, previous)
    closing = PeriodClosing.objects.create(
        span=span,
        first_on=first_on,
        last_on=last_on,
        transfers=transfers,
        yen=yen,
        seal=seal,
        previous_seal=previous,
        note=note.strip()[:200],
        closed_by=actor,
        closed_at=clock.now(),
    )
    ClosingCheck.objects.bulk_create(
        ClosingCheck(
            closing=closing,
            code=check.code,
            title_ja=check.title_ja,
            is_ok=check.is_ok,
            is_required=check.is_required,
            count=check.count,
            yen=check.yen,
            detail_ja=check.detail_ja[:300],
        )
        for check in checks
    )
    return closing


def period_reopen(closing_id: int, *, reason: str, actor: str) -> PeriodClosing:
    """締めの解除: the newest closing, lifted by another person than who closed it, with the reason on record.

    A closed fiscal year (出納閉鎖) stays closed. Raises ClosingError.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(bulk.GATE)
        closing = PeriodClosing.objects.select_for_update().filter(pk=closing_id).first()
        if closing is None or closing.reopened_at is not None:
            raise ClosingError("この締めはないか、すでに解除されています。")
        if (
            closing.span == Span.YEAR
            or PeriodClosing.objects.standing().filter(span=Span.YEAR, last_on__gte=closing.last_on).exists()
        ):
            raise ClosingError("出納閉鎖した年度の締めは解除できません。翌年度の増減として処理してください。")
        if CarryOver.objects.filter(carried_on__gt=closing.last_on).exists():
            raise ClosingError("滞納繰越の済んだ期間の締めは解除できません。翌年度の増減として処理してください。")
        newer = PeriodClosing.objects.standing().exclude(pk=closing.pk).filter(last_on__gte=closing.last_on)
        if newer.exclude(last_on=closing.last_on, span=Span.DAY).exists():
            raise ClosingError("後の締めを先に解除してください。")
        if closing.closed_by == actor:
            raise ClosingError("締めた人は解除できません。別の職員が解除してください。")
        if not reason.strip():
            raise ClosingError("解除の理由を入力してください。")
        closing.reopened_by, closing.reopened_at = actor, clock.now()
        closing.reopen_reason = reason.strip()[:200]
        closing.save(update_fields=["reopened_by", "reopened_at", "reopen_reason"])
        return closing

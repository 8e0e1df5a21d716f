"""利用の開始と終了: the second sign-in asks, the first is shown and ended, both on record (R-217, R-235)."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.sittings.models import Sitting
from taxsys.platform.staff.models import Staff

ABSOLUTE_SECONDS = 12 * 60 * 60
SEEN_EVERY_SECONDS = 30
Ended = Sitting.Ended


class InUse(Exception):
    """Somebody sits already: the same person elsewhere, or another one at this terminal."""

    def __init__(self, sittings: Sequence[Sitting]) -> None:
        self.sittings = tuple(sittings)
        super().__init__(f"{len(self.sittings)} live sitting(s)")


def _lapsed(sitting: Sitting) -> str:
    """Why a sitting is over although nobody ended it; empty while it lives."""
    now = clock.now()
    if now - sitting.begun_at > timedelta(seconds=ABSOLUTE_SECONDS):
        return Ended.TOO_LONG
    unseen = timedelta(seconds=settings.TAXSYS_IDLE_LOCK_SECONDS + SEEN_EVERY_SECONDS)
    return Ended.IDLE if now - sitting.seen_at > unseen else ""


def _end(sitting: Sitting, reason: str, *, ended_by: Sitting | None = None) -> None:
    sitting.ended_at = max(clock.now(), sitting.begun_at)
    sitting.ended_reason = Ended(reason)
    sitting.ended_by = ended_by
    sitting.save(update_fields=("ended_at", "ended_reason", "ended_by"))
    access_record(action="sign_out", record_type="sitting", record_id=str(sitting.pk), reason=reason)


@transaction.atomic
def sitting_begin(staff: Staff, terminal_code: str, *, takes_over: bool) -> Sitting:
    """利用を始める: raises InUse with the sittings in the way, unless the officer said that they are to end.

    Sittings nobody has used for the idle time are ended without asking. Needs an access context.
    """
    held = Sitting.objects.select_for_update(of=("self",)).filter(
        Q(person_key=staff.person_key) | Q(terminal_code=terminal_code), ended_at__isnull=True
    )
    in_the_way = []
    for sitting in held.select_related("staff").order_by("pk"):
        lapsed = _lapsed(sitting)
        if lapsed:
            _end(sitting, lapsed)
        else:
            in_the_way.append(sitting)
    if in_the_way and not takes_over:
        raise InUse(in_the_way)
    begun = Sitting(staff=staff, person_key=staff.person_key, terminal_code=terminal_code)
    for sitting in in_the_way:
        _end(sitting, _reason(sitting, begun))
    try:
        with transaction.atomic():
            begun.save(force_insert=True)
    except IntegrityError as error:
        raise InUse(live_sittings(staff, terminal_code)) from error
    Sitting.objects.filter(pk__in=[sitting.pk for sitting in in_the_way]).update(ended_by=begun)
    access_record(action="sign_in", record_type="sitting", record_id=str(begun.pk))
    return begun


def _reason(sitting: Sitting, begun: Sitting) -> str:
    if sitting.person_key != begun.person_key:
        return Ended.TERMINAL_TAKEN
    return Ended.SAME_PLACE if sitting.terminal_code == begun.terminal_code else Ended.OTHER_TERMINAL


def live_sittings(staff: Staff, terminal_code: str) -> list[Sitting]:
    """The sittings of this person or at this terminal that nobody has ended."""
    held = Sitting.objects.filter(
        Q(person_key=staff.person_key) | Q(terminal_code=terminal_code), ended_at__isnull=True
    )
    return list(held.select_related("staff").order_by("begun_at"))


def sitting_of(sitting_id: object) -> Sitting | None:
    """The sitting of a session, or None where the session names none."""
    if not isinstance(sitting_id, str):
        return None
    return Sitting.objects.select_related("ended_by").filter(pk=UUID(sitting_id)).first()


@transaction.atomic
def sitting_end(sitting: Sitting, reason: str) -> None:
    """利用を終える; one that has ended already stays as it is. Needs an access context."""
    held = Sitting.objects.select_for_update().get(pk=sitting.pk)
    if held.ended_at is None:
        _end(held, reason)


@transaction.atomic
def terminal_clear(terminal_code: str) -> None:
    """端末の利用を終わらせる: the terminal or its certificate was stopped. Needs an access context."""
    for sitting in Sitting.objects.select_for_update().filter(terminal_code=terminal_code, ended_at__isnull=True):
        _end(sitting, Ended.TERMINAL_STOPPED)


def sitting_seen(sitting: Sitting) -> None:
    """The officer acted just now."""
    Sitting.objects.filter(pk=sitting.pk, ended_at__isnull=True).update(seen_at=clock.now())

"""個人番号の表示・番号による検索 at the screen: counted, limited, watched (R-174, R-213, N-024, N-025).

A keyed index answers whether a number exists: an officer who may ask without end could try them all. So the number of
numbers is limited, not only their pace, and a day far above the officer's own usual one is told to the reviewer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from statistics import median_high
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from addressbook.access import number_use
from addressbook.codes import NumberAlarmKind, NumberPurpose
from addressbook.models import NumberAlarm
from addressbook.permissions import APPROVE_NUMBER, REVEAL_NUMBER, SEARCH_NUMBER
from addressbook.services.numbers import number_reveal, parties_by_numbers
from addressbook.vault.value import MyNumber
from taxsys.platform import clock
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.models import Staff

USUAL_DAYS = 60
_COUNTED = tuple({one.function_ids[0] for one in (REVEAL_NUMBER, SEARCH_NUMBER, APPROVE_NUMBER)})


def number_show(party_id: UUID, *, staff: Staff, purpose: NumberPurpose) -> MyNumber | None:
    """個人番号を表示する: the number of one party for this officer's screen, or None; counted and recorded in one act.

    Raises Refused R429-NUMBER at the limit (nothing is read), PartyAccessDenied, VaultError.
    """
    with counted(staff), number_use(REVEAL_NUMBER, purpose=purpose.label, staff=staff):
        return number_reveal(party_id)


def number_find(digits: str, *, staff: Staff, purpose: NumberPurpose) -> UUID | None:
    """番号で探す: the party that holds or last held this number, or None; counted like a number shown.

    Raises as `number_show`. The digits are neither kept nor recorded.
    """
    with counted(staff), number_use(SEARCH_NUMBER, purpose=purpose.label, staff=staff):
        return parties_by_numbers([digits])[0]


@contextmanager
def counted(staff: Staff) -> Iterator[None]:
    """One transaction that locks the officer's row, refuses at the limit, and looks at the day's count afterwards."""
    with transaction.atomic():
        # Two windows of one officer count one after the other.
        Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
        over = _limit_reached(staff)
        if not over:
            yield
            _watch(staff)
    if over:  # after the transaction: the alarm stays
        raise Refused("R429-NUMBER", over, reason="number_limit")


def _uses(staff: Staff, since: datetime) -> QuerySet[AccessEvent]:
    """Numbers shown to, looked up or read a second time by the officer since then; the matching of papers, which opens
    no number and takes none from the keyboard, does not count."""
    return AccessEvent.objects.filter(
        function_id__in=_COUNTED,
        record_type="vault.number",
        actor_kind="staff",
        actor_id=staff.staff_no,
        occurred_at__gte=since,
        action__in=("reveal_number", "search"),
    ).order_by()


def _day_start() -> datetime:
    here = timezone.localtime(clock.now())
    return datetime.combine(here.date(), time(), tzinfo=here.tzinfo)


def _limit_reached(staff: Staff) -> str:
    """Why no further number may be shown now, in words; empty where one may. The day's limit is an alarm."""
    per_minute, per_day = settings.TAXSYS_NUMBERS_PER_MINUTE, settings.TAXSYS_NUMBERS_PER_DAY
    today = _uses(staff, _day_start()).count()
    if today >= per_day:
        _alarm(staff, NumberAlarmKind.LIMIT, count=today, usual=_usual(staff))
        return f"1日に表示・検索できる{per_day}件に達しました。"
    if _uses(staff, clock.now() - timedelta(minutes=1)).count() >= per_minute:
        return f"1分間に表示・検索できる{per_minute}件に達しました。"
    return ""


def _watch(staff: Staff) -> None:
    """Twice the officer's usual day, from a least number on, is an alarm, once a day."""
    start = _day_start()
    today = _uses(staff, start).count()
    if today < settings.TAXSYS_NUMBERS_ALARM_FROM:
        return
    if NumberAlarm.objects.filter(staff_no=staff.staff_no, day=start.date(), kind=NumberAlarmKind.UNUSUAL).exists():
        return
    usual = _usual(staff)
    if today >= 2 * usual:
        _alarm(staff, NumberAlarmKind.UNUSUAL, count=today, usual=usual)


def _usual(staff: Staff) -> int:
    """The officer's usual day: the median of those of the last 60 days on which numbers were used; 0 for none."""
    start = _day_start()
    days = (
        _uses(staff, start - timedelta(days=USUAL_DAYS))
        .filter(occurred_at__lt=start)
        .annotate(day=TruncDate("occurred_at"))
        .values("day")
        .annotate(uses=Count("id"))
    )
    counts = [row["uses"] for row in days]
    return median_high(counts) if counts else 0


def _alarm(staff: Staff, kind: NumberAlarmKind, *, count: int, usual: int) -> None:
    _, made = NumberAlarm.objects.get_or_create(
        staff_no=staff.staff_no,
        day=_day_start().date(),
        kind=kind,
        defaults={"count": count, "usual": usual, "raised_at": clock.now()},
    )
    if made:
        access_record(action="view", record_type="number_alarm", reason=f"number_{kind}", count=count)


@transaction.atomic
def alarm_note(alarm_id: int, *, staff: Staff) -> bool:
    """警報を確認済みにする: by somebody else than the officer it is about; False where it is already noted."""
    alarm = NumberAlarm.objects.select_for_update().get(pk=alarm_id)
    if alarm.staff_no == staff.staff_no:
        raise Refused("R403-OWN", "自分の利用についての警報は確認できません。", reason="own_alarm")
    if alarm.noted_at is not None:
        return False
    alarm.noted_by, alarm.noted_at = staff.staff_no, clock.now()
    alarm.save(update_fields=("noted_by", "noted_at"))
    access_record(action="update", record_type="number_alarm", record_id=str(alarm.pk), reason="noted")
    return True

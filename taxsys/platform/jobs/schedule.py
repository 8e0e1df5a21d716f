"""The calendar of the jobs: declared with them, planned in PostgreSQL, started by `tick`; and the sweep.

Calendar words (times in Japan; the business date of a run is the day of its start):
    daily HH:MM · business HH:MM (open days only) · weekly N HH:MM (1 = Monday) ·
    monthly DD HH:MM (a missing 31st is the month's last day) · yearly MM-DD HH:MM
"""

from __future__ import annotations

import calendar as months
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from taxsys.kernel.calendar import is_business_day
from taxsys.platform.jobs import registry
from taxsys.platform.jobs.declaration import Job
from taxsys.platform.jobs.errors import JobError
from taxsys.platform.jobs.leases import leases_revoke_stale
from taxsys.platform.jobs.models import WORKING_STATES, JobLease, JobPlan, JobRun, RunState
from taxsys.platform.jobs.queues import queues_start
from taxsys.platform.jobs.runner import run_settle_stop
from taxsys.platform.jobs.selectors import server_now
from taxsys.platform.jobs.services import SYSTEM, job_request, job_start
from taxsys.platform.jobs.tasks import look_send

AHEAD = timedelta(hours=36)
LATE = timedelta(hours=12)  # a plan older than this is not started any more
TICK_LOCK = 0x7449434B  # "tICK": only one scheduler ticks at a time
WORDS = re.compile(
    r"(?:(?P<kind>daily|business)|weekly (?P<weekday>[1-7])|monthly (?P<day>\d\d)|yearly (?P<month>\d\d)-(?P<on>\d\d))"
    r" (?P<at>(?:[01]\d|2[0-3]):[0-5]\d)"
)
WEEKDAYS = "月火水木金土日"


@dataclass(frozen=True, slots=True)
class Calendar:
    """A parsed calendar: `falls_on(day)`, time of day, and its words in Japanese."""

    text: str
    at: time
    kind: str
    weekday: int = 0
    month: int = 0
    day: int = 0

    def falls_on(self, day: date) -> bool:
        """Whether the job starts on this day."""
        if self.kind == "weekly":
            return day.isoweekday() == self.weekday
        if self.kind in ("monthly", "yearly"):
            last = months.monthrange(day.year, day.month)[1]
            return day.day == min(self.day, last) and self.month in (0, day.month)
        return self.kind == "daily" or is_business_day(day)

    @property
    def title_ja(self) -> str:
        """「毎月10日 22:00」."""
        words = {
            "daily": "毎日",
            "business": "開庁日",
            "weekly": f"毎週{WEEKDAYS[self.weekday - 1]}曜日",
            "monthly": f"毎月{self.day}日",
            "yearly": f"毎年{self.month}月{self.day}日",
        }
        return f"{words[self.kind]} {self.at:%H:%M}"


def calendar_parse(text: str) -> Calendar:
    """The calendar of these words. Raises ValueError."""
    found = WORDS.fullmatch(text)
    if found is None:
        raise ValueError(f"calendar {text!r}: expected e.g. 'daily 22:00', 'monthly 10 22:00', 'yearly 05-10 22:00'")
    at = time.fromisoformat(found["at"])
    if found["kind"]:
        return Calendar(text, at, found["kind"])
    if found["weekday"]:
        return Calendar(text, at, "weekly", weekday=int(found["weekday"]))
    if found["day"]:
        return Calendar(text, at, "monthly", day=int(found["day"]))
    return Calendar(text, at, "yearly", month=int(found["month"]), day=int(found["on"]))


def starts_between(job: Job, start: datetime, end: datetime) -> list[datetime]:
    """Planned starts of a job in [start, end), in order."""
    zone = ZoneInfo(settings.TIME_ZONE)
    calendar = calendar_parse(job.calendar)
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    moments = (datetime.combine(day, calendar.at, tzinfo=zone) for day in days if calendar.falls_on(day))
    return [moment for moment in moments if start <= moment < end]


def tick() -> int:
    """Write the plans of the next 36 hours, start what is due, sweep. Answers the number of runs started. May be called
    as often and by as many as you like: a plan is one row, and one caller at a time ticks.
    """
    with transaction.atomic():
        if not _tick_lock():
            return 0
        _plans_write()
    started = sum(_plan_start(plan) for plan in _plans_due()) + queues_start()
    sweep()
    return started


def _tick_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [TICK_LOCK])
        return bool(cursor.fetchone()[0])


def _plans_write() -> None:
    now = server_now()
    zone = ZoneInfo(settings.TIME_ZONE)
    plans = [
        JobPlan(job_id=job.id, planned_at=at, business_on=at.astimezone(zone).date())
        for job in registry.all_jobs()
        if job.calendar
        for at in starts_between(job, now, now + AHEAD)
    ]
    JobPlan.objects.bulk_create(plans, ignore_conflicts=True)


def _plans_due() -> list[JobPlan]:
    return list(JobPlan.objects.filter(state=JobPlan.State.PLANNED, planned_at__lte=Now()))


def _plan_start(plan: JobPlan) -> bool:
    """Request and start one due plan; its row says what became of it."""
    with transaction.atomic():
        locked = (
            JobPlan.objects.select_for_update(skip_locked=True).filter(pk=plan.pk, state=JobPlan.State.PLANNED).first()
        )
        if locked is None:
            return False
        if server_now() - locked.planned_at > LATE:
            locked.state, locked.message = JobPlan.State.SKIPPED, "予定時刻を大きく過ぎたため開始しませんでした。"
        else:
            try:
                with transaction.atomic():
                    locked.run = _run_of(locked)
                locked.state = JobPlan.State.REQUESTED
            except JobError as error:
                locked.state, locked.message = JobPlan.State.REFUSED, error.message_ja[:500]
        locked.save()
    return locked.run is not None


def _run_of(plan: JobPlan) -> JobRun:
    job = registry.get(plan.job_id)
    params = job.scheduled_params(plan.business_on) if job.scheduled_params is not None else {}
    run = job_request(job.id, params, actor=SYSTEM, business_on=plan.business_on)
    return job_start(run.pk) if run.state == RunState.APPROVED else run


def sweep() -> int:
    """Take over from silent workers, settle stops, and call a worker for every working run that has none. Answers the
    number of runs called; a lost message therefore delays a run by one sweep and no more.
    """
    called = 0
    stale = JobLease.objects.filter(expires_at__lt=Now()).values_list("run_id", flat=True).distinct()
    for run_id in list(stale):
        leases_revoke_stale(run_id)
    waiting = JobRun.objects.filter(
        Q(retry_at__isnull=True) | Q(retry_at__lte=Now()), state__in=WORKING_STATES
    ).exclude(leases__expires_at__gte=Now())
    for run_id in list(waiting.values_list("pk", flat=True)):
        if not run_settle_stop(run_id):
            look_send(run_id)
            called += 1
    return called

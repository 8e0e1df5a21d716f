"""点検の集計: one reading of the log's period per question, in sets; figures and findings of a report.

Days and hours are those of Japan. A report of the same run is made once.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from taxsys.kernel.calendar import is_business_day
from taxsys.platform.audit.models import ReviewReport, SignedHead, WatchedParty
from taxsys.platform.audit.relations import Related, relations
from taxsys.platform.audit.review.kinds import KINDS
from taxsys.platform.audit.signing import head_code

EVENTS_KEPT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """基準値 of a review; parameters of the job. Hours are full hours of the day, [opens, closes)."""

    opens: int = 8
    closes: int = 19
    volume_floor: int = 200
    volume_ratio: int = 3


_COMMON = """
WITH e AS MATERIALIZED (
    SELECT id, actor_kind, actor_id, unit_code, action, result, reason, purpose, record_type, subjects, occurred_at,
           (occurred_at AT TIME ZONE 'Asia/Tokyo')::date AS day,
           extract(hour FROM occurred_at AT TIME ZONE 'Asia/Tokyo')::int AS hour
      FROM audit_accessevent WHERE occurred_at >= %(since)s AND occurred_at < %(until)s
), watched AS (
    SELECT kind, party_key, staff_no, from_on, coalesce(to_on, 'infinity'::date) AS to_on FROM audit_watchedparty
), near AS (
    SELECT * FROM unnest(%(near_staff)s::text[], %(near_subject)s::text[], %(near_kind)s::text[],
                         %(near_from)s::date[], %(near_to)s::date[]) AS n(staff_no, subject, kind, from_on, to_on)
), busy AS (
    SELECT actor_id, max(unit_code) AS unit_code, day, count(DISTINCT s.subject) AS people
      FROM e CROSS JOIN LATERAL unnest(e.subjects) AS s(subject)
     WHERE actor_kind = 'staff' GROUP BY actor_id, day
), usual AS (
    SELECT unit_code, percentile_disc(0.5) WITHIN GROUP (ORDER BY people) AS people FROM busy GROUP BY unit_code
), outlier AS (
    SELECT b.actor_id, b.day FROM busy b JOIN usual u USING (unit_code)
     WHERE b.people >= %(volume_floor)s AND b.people > %(volume_ratio)s * u.people
)
"""
_PARTS = [
    f"SELECT '{kind.code}' AS kind, e.id, e.actor_kind, e.actor_id, e.unit_code, e.occurred_at"  # noqa: S608
    f" FROM e WHERE {kind.where}"
    for kind in KINDS
]
_FINDINGS = f"""{_COMMON}
INSERT INTO audit_reviewfinding
    (report_id, kind, actor_kind, actor_id, unit_code, is_contractor, count, first_at, last_at, event_ids)
SELECT %(report)s, f.kind, f.actor_kind, f.actor_id, max(f.unit_code),
       coalesce(bool_or(s.kind = 'contractor'), false), count(*), min(f.occurred_at), max(f.occurred_at),
       (array_agg(f.id ORDER BY f.id DESC))[1:{EVENTS_KEPT}]
  FROM ({" UNION ALL ".join(_PARTS)}) AS f
  LEFT JOIN staff_staff s ON f.actor_kind = 'staff' AND s.staff_no = f.actor_id
 GROUP BY f.kind, f.actor_kind, f.actor_id
"""  # noqa: S608 -- constants of the house
_FIGURES = """
SELECT to_char(occurred_at AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM') AS month,
       CASE WHEN s.kind = 'contractor' THEN 'contractor' ELSE e.actor_kind END AS who,
       action, result, e.unit_code, count(*), coalesce(sum(cardinality(subjects)), 0)::bigint
  FROM audit_accessevent e
  LEFT JOIN staff_staff s ON e.actor_kind = 'staff' AND s.staff_no = e.actor_id
 WHERE occurred_at >= %s AND occurred_at < %s
 GROUP BY 1, 2, 3, 4, 5
"""


def local_span(from_on: date, to_on: date) -> tuple[datetime, datetime]:
    """The moments [first midnight, midnight after the last day) in Japan."""
    first = timezone.make_aware(datetime.combine(from_on, time()))
    return first, timezone.make_aware(datetime.combine(to_on + timedelta(days=1), time()))


@transaction.atomic
def review_make(*, from_on: date, to_on: date, limits: Limits, run_key: str) -> ReviewReport:
    """点検を行う: the report of the period with its findings; the same run again gives the report it made."""
    held = ReviewReport.objects.filter(run_key=run_key).first()
    if held is not None:
        return held
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('audit_reviewreport', 'id'))")
        number = cursor.fetchone()[0]
        figures = _figures(from_on, to_on)
        head = SignedHead.objects.order_by("-day").first()
        report = ReviewReport(
            pk=number,
            run_key=run_key,
            from_on=from_on,
            to_on=to_on,
            limits=asdict(limits),
            figures=figures,
            head_code=head_code(head) if head else "",
        )
        # The findings come first, for the report's hash covers them; references are checked at commit.
        cursor.execute(_FINDINGS, {"report": number, **_values(from_on, to_on, limits)})
    report.content_hash = content_hash(report)
    report.save(force_insert=True)
    return report


def _values(from_on: date, to_on: date, limits: Limits) -> dict[str, Any]:
    since, until = local_span(from_on, to_on)
    near = near_rows()
    days = (from_on + timedelta(days=n) for n in range((to_on - from_on).days + 1))
    return {
        "since": since,
        "until": until,
        "near_staff": [staff_no for staff_no, _, _ in near],
        "near_subject": [row.member for _, _, row in near],
        "near_kind": [kind for _, kind, _ in near],
        "near_from": [row.from_on for _, _, row in near],
        "near_to": [row.to_on or date.max for _, _, row in near],
        "protected": relations().protected(),
        "open_days": [day for day in days if is_business_day(day)],
        **asdict(limits),
    }


def near_rows() -> list[tuple[str, str, Related]]:
    """(staff number, own | household, tie): the officer's own party, and who lives or lived with it."""
    own = WatchedParty.objects.filter(kind=WatchedParty.Kind.STAFF)
    staff_of: dict[str, list[str]] = {}
    rows: list[tuple[str, str, Related]] = []
    for staff_no, key, from_on, to_on in own.values_list("staff_no", "party_key", "from_on", "to_on"):
        staff_of.setdefault(key, []).append(staff_no)
        rows.append((staff_no, "own", Related(key, key, from_on, to_on)))
    rows += [
        (staff_no, "household", tie)
        for tie in relations().households(sorted(staff_of))
        for staff_no in staff_of[tie.owner]
    ]
    return rows


def _figures(from_on: date, to_on: date) -> dict[str, list[list[Any]]]:
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, local_span(from_on, to_on))
        rows = cursor.fetchall()
    columns = {"month": 0, "who": 1, "action": 2, "result": 3, "unit": 4}
    return {name: _summed(rows, place) for name, place in columns.items()}


def _summed(rows: Sequence[tuple[Any, ...]], place: int) -> list[list[Any]]:
    """[value, events, people shown] by one column, in order of the value."""
    total: dict[str, list[int]] = {}
    for row in rows:
        held = total.setdefault(row[place], [0, 0])
        held[0] += row[5]
        held[1] += row[6]
    return [[value, *total[value]] for value in sorted(total)]


def content_hash(report: ReviewReport) -> str:
    """SHA-256 over all that a reader of the report sees: period, limits, figures, each finding with its events."""
    findings = report.findings.order_by("kind", "actor_kind", "actor_id").values_list(
        "kind", "actor_kind", "actor_id", "unit_code", "is_contractor", "count", "event_ids"
    )
    told = {
        "period": [report.from_on.isoformat(), report.to_on.isoformat()],
        "limits": report.limits,
        "figures": report.figures,
        "head": report.head_code,
        "findings": [list(row) for row in findings],
    }
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()

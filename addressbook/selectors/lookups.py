"""本人の記録を見た者: who opened a person's records in a period, as far as the person may be told (N17; N-066, N-070).

Days and times are those of Japan. Other people who stood in the same list are never told, nor terminals.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from addressbook.models import Party
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.audit.review.gathering import local_span
from taxsys.platform.audit.withholding import ground_of
from taxsys.platform.audit.wording import ACTION_JA, function_titles
from taxsys.platform.staff.models import Staff, Unit

UNIT, TITLE, NAME = "unit", "title", "name"
LEVELS = ((UNIT, "所属まで"), (TITLE, "所属と職名"), (NAME, "所属・職名・氏名"))
_CONTRACTOR, _BRANCH, _OUTSIDE = "委託先", "支所・センター", "（所属なし）"
_FIELDS = (
    "occurred_at", "actor_kind", "actor_id", "unit_code", "function_id", "legal_base", "purpose", "action",
    "record_type",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LookupLine:
    """一行: what one unit (or officer) did on one day with one function, first time and how often."""

    day: date
    first_at: datetime
    who_ja: str
    function_ja: str
    action_ja: str
    purpose_ja: str
    count: int


@dataclass(frozen=True, slots=True)
class Lookups:
    """一覧: the lines in order of time, how many events they stand for, and how many are withheld."""

    lines: list[LookupLine]
    told: int
    withheld: int


def lookups_of(party: Party, *, from_on: date, to_on: date, level: str = UNIT, is_protected: bool = False) -> Lookups:
    """Who opened the records of the party (and of parties merged into it) on [from_on, to_on].

    `is_protected`: the address is hidden, so a branch office, which tells the part of the city, is not named.
    """
    since, until = local_span(from_on, to_on)
    rows = (
        AccessEvent.objects.filter(subjects__overlap=_keys(party), occurred_at__gte=since, occurred_at__lt=until)
        .filter(result=AccessEvent.Result.OK)
        .exclude(action=AccessEvent.Action.DENIED)
        .order_by("occurred_at", "id")
        .values_list(*_FIELDS)
    )
    actors = _Actors(level, hides_branches=is_protected)
    titles = function_titles()
    grouped: dict[tuple[date, str, str, str, str], list[datetime]] = {}
    withheld = 0
    for at, kind, actor, unit, function, base, purpose, action, record_type in rows.iterator(chunk_size=5_000):
        if ground_of(function, record_type, is_protected=is_protected):
            withheld += 1
            continue
        key = (
            timezone.localdate(at),
            actors.text(kind, actor, unit),
            titles.get(function, function),
            ACTION_JA.get(action, action),
            purpose or base,
        )
        grouped.setdefault(key, []).append(at)
    lines = [
        LookupLine(day, times[0], who, function, action, purpose, len(times))
        for (day, who, function, action, purpose), times in grouped.items()
    ]
    return Lookups(lines, sum(line.count for line in lines), withheld)


def _keys(party: Party) -> list[str]:
    merged: Iterable[UUID] = Party.objects.filter(merged_into=party).values_list("pk", flat=True)
    return [str(party.pk), *map(str, merged)]


class _Actors:
    """Who, in the words the person may read; one query for units and one for officers."""

    def __init__(self, level: str, *, hides_branches: bool) -> None:
        self._level = level
        branches = Unit.Kind.BRANCH
        self._units: Mapping[str, str] = {
            code: _BRANCH if hides_branches and kind == branches else name
            for code, name, kind in Unit.objects.values_list("code", "name", "kind")
        }
        officers = Staff.objects.values_list("staff_no", "title", "name", "kind")
        self._officers = {number: (title, name, kind) for number, title, name, kind in officers}

    def text(self, kind: str, actor: str, unit: str) -> str:
        """所属（職名・氏名）; jobs and other systems by what they are."""
        if kind != "staff":
            return {"job": "電算処理", "client": "庁内連携システム"}.get(kind, "システム")
        title, name, officer_kind = self._officers.get(actor, ("", "", ""))
        place = _CONTRACTOR if officer_kind == Staff.Kind.CONTRACTOR else self._units.get(unit, _OUTSIDE)
        more = {TITLE: [title], NAME: [title, name]}.get(self._level, [])
        return "　".join(part for part in (place, *more) if part)

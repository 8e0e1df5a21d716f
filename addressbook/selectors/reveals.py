"""支援措置対象者の表示: which acts of a day showed a protected address, a measure or a number (N-101)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from addressbook.codes import NumberPurpose, RevealReason
from addressbook.models import Party
from addressbook.selectors.protections import hidden_parties
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.staff.models import Staff

NUMBER_ACTIONS = ("reveal_number", "read_number")
_SHOWN = (
    Q(reason="protected_address")
    | Q(record_type="protection", action="view", reason__in=RevealReason.values)
    | Q(action__in=NUMBER_ACTIONS)
)
_REASONS = {**dict(RevealReason.choices), **dict(NumberPurpose.choices)}


@dataclass(frozen=True)
class RevealLine:
    """One act: who, from where, whose, what and why."""

    event: AccessEvent
    staff_name: str
    person_nos: tuple[str, ...]
    what_ja: str
    reason_ja: str


def reveals_of(day: date, *, known: Sequence[UUID] | None = None) -> list[AccessEvent]:
    """The acts of staff on the business day that showed something of people who are protected, in order."""
    people = {str(one) for one in (known or hidden_parties(on=day))}
    if not people:
        return []
    found = AccessEvent.objects.filter(_SHOWN, business_on=day, actor_kind="staff", result="ok")
    return list(found.filter(subjects__overlap=sorted(people)).order_by("id"))


def reveal_lines(day: date) -> list[RevealLine]:
    """The acts of the day as the report shows them: 宛名番号 of the protected only, never a name or an address."""
    hidden = hidden_parties(on=day)
    events = reveals_of(day, known=sorted(hidden))
    numbers = dict(Party.objects.filter(pk__in=hidden).values_list("pk", "person_no"))
    keys = {str(pk): number for pk, number in numbers.items()}
    names = dict(Staff.objects.filter(staff_no__in={one.actor_id for one in events}).values_list("staff_no", "name"))
    return [
        RevealLine(
            event=one,
            staff_name=names.get(one.actor_id, ""),
            person_nos=tuple(sorted(keys[key] for key in one.subjects if key in keys)),
            what_ja=_what(one),
            reason_ja=_REASONS.get(one.reason, one.purpose),
        )
        for one in events
    ]


def _what(event: AccessEvent) -> str:
    if event.action in NUMBER_ACTIONS:
        return "個人番号"
    return "支援措置の内容・住所" if event.record_type == "protection" else "住所"

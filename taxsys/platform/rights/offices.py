"""職責の確かめ: in which office somebody acts, and which people stand behind that act (R-222, R-225)."""

from dataclasses import dataclass
from datetime import date

from taxsys.platform import clock
from taxsys.platform.rights.errors import NotAppointed, SamePerson
from taxsys.platform.rights.models import Appointment
from taxsys.platform.staff.models import Staff, open_period

CHAIN_LIMIT = 8


@dataclass(frozen=True)
class Office:
    """The appointment used, and the persons whose authority is in the act: the actor and all who are deputised."""

    appointment: Appointment
    persons: frozenset[str]


def _chain(appointment: Appointment, on: date) -> frozenset[str] | None:
    """The persons of a deputy's chain up to the holder; None where a link is not in force or the chain has no end."""
    persons: list[str] = []
    link: Appointment | None = appointment
    while link is not None:
        in_force = link.from_on <= on and (link.to_on is None or on < link.to_on)
        if not in_force or not link.staff.is_usable_on(on) or len(persons) >= CHAIN_LIMIT:
            return None
        persons.append(link.staff.person_key)
        link = link.deputises
    return frozenset(persons)


def offices_of(staff: Staff, duty: str, scope: str, on: date | None = None) -> list[Office]:
    """The offices of this duty and scope the officer may act in on the day, own ones before deputised ones."""
    on = on or clock.today()
    held = Appointment.objects.filter(open_period(on), staff=staff, duty=duty, scope=scope)
    found = []
    for appointment in held.select_related("staff", "deputises__staff"):
        persons = _chain(appointment, on)
        if persons is not None:
            found.append(Office(appointment, persons))
    return sorted(found, key=lambda office: (len(office.persons), office.appointment.pk))


def office_get(staff: Staff, duty: str, scope: str, *, apart_from: frozenset[str] = frozenset()) -> Office | None:
    """An office of the officer whose persons are all apart from these; None when every one of them overlaps.

    Raises NotAppointed when the officer holds none at all.
    """
    offices = offices_of(staff, duty, scope)
    if not offices:
        raise NotAppointed
    return next((office for office in offices if not office.persons & apart_from), None)


def office_over(staff: Staff, unit_code: str, actor: Staff) -> Office:
    """The office in which the actor decides about an officer of the unit: head or deputy of it, else 税制課.

    Never over oneself or a principal of one's own. Raises NotAppointed, SamePerson.
    """
    apart = frozenset({staff.person_key})
    refused: Exception = NotAppointed()
    for duty, scope in ((Appointment.Duty.UNIT_HEAD, unit_code), (Appointment.Duty.TAX_SYSTEM, "")):
        try:
            office = office_get(actor, duty, scope, apart_from=apart)
        except NotAppointed:
            continue
        if office is not None:
            return office
        refused = SamePerson()
    raise refused


def scopes_of(staff: Staff, duty: str, on: date | None = None) -> list[str]:
    """The scopes in which the officer holds this duty on the day."""
    on = on or clock.today()
    held = Appointment.objects.filter(open_period(on), staff=staff, duty=duty)
    scopes = sorted(set(held.values_list("scope", flat=True)))
    return [scope for scope in scopes if offices_of(staff, duty, scope, on)]

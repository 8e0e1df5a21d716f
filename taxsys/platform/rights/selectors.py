"""権限の照会: who holds what and since when, open requests, and the difference a request makes."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from taxsys.platform.rights.models import Appointment, Confirmation, GrantRequest
from taxsys.platform.rights.offices import scopes_of
from taxsys.platform.staff.catalogue import catalogue
from taxsys.platform.staff.models import Grant, Staff, Unit, open_period

Duty = Appointment.Duty
Side = Confirmation.Side


@dataclass(frozen=True)
class RightRow:
    """One right in a difference: its Japanese name, code, and whether it is held before and after."""

    title_ja: str
    code: str
    before: bool
    after: bool

    @property
    def is_changed(self) -> bool:
        """Whether the request changes this right."""
        return self.before != self.after


def title_of(code: str) -> str:
    """The Japanese name of a permission; the code itself where no app declares it any more."""
    found = catalogue().get(code)
    return found.title_ja if found else code


def codes_held(staff: Staff, unit: Unit, on: date) -> list[str]:
    """The permission codes granted to the officer in the unit on the day or from a later one, in order."""
    open_or_later = Q(to_on__isnull=True) | Q(to_on__gt=on)
    held = Grant.objects.filter(open_or_later, staff=staff, unit=unit)
    return sorted(set(held.values_list("permission_code", flat=True)))


def grants_shown(*, unit: Unit | None = None, staff_no: str = "", code: str = "", on: date) -> QuerySet[Grant]:
    """権限の一覧: grants in force on the day, by unit, person or permission."""
    found = Grant.objects.filter(open_period(on)).select_related("staff", "unit", "staff__transfer_unit")
    if unit is not None:
        found = found.filter(unit=unit)
    if staff_no:
        found = found.filter(staff__staff_no=staff_no)
    if code:
        found = found.filter(permission_code=code)
    return found.order_by("unit__sort_order", "unit__code", "staff__staff_no", "permission_code", "pk")


def sides_of(request: GrantRequest) -> dict[Confirmation.Side, tuple[str, str]]:
    """The two sides that confirm a request, each with the duty and scope that entitles to it (R-222, R-223)."""
    return {
        Side.ADMINISTRATOR: (Duty.ADMINISTRATOR, request.subsystem),
        Side.TAX_SYSTEM: (Duty.TAX_SYSTEM, ""),
    }


def difference(request: GrantRequest) -> list[RightRow]:
    """The rights of the subsystem before and after the request: those it changes first."""
    asked = set(request.permission_codes)
    held = set(request.held_codes)
    after = held | asked if request.action == GrantRequest.Action.GRANT else held - asked
    rows = [RightRow(title_of(code), code, code in held, code in after) for code in held | asked]
    return sorted(rows, key=lambda row: (not row.is_changed, row.code))


def answerable_sides(request: GrantRequest, staff: Staff) -> list[Confirmation.Side]:
    """The sides still open for which the officer holds the office (whether as the same person is checked on acting)."""
    if request.state != GrantRequest.State.REQUESTED:
        return []
    given = set(request.confirmations.values_list("side", flat=True))
    return [
        side
        for side, (duty, scope) in sides_of(request).items()
        if side not in given and scope in scopes_of(staff, duty)
    ]


def requests_waiting_for(staff: Staff) -> QuerySet[GrantRequest]:
    """Open requests that lack the answer of a side whose office the officer holds, oldest first."""
    wanted = Q(pk__in=[])
    subsystems = scopes_of(staff, Duty.ADMINISTRATOR)
    if subsystems:
        answered = Confirmation.objects.filter(side=Side.ADMINISTRATOR).values("request_id")
        wanted |= Q(subsystem__in=subsystems) & ~Q(pk__in=answered)
    if scopes_of(staff, Duty.TAX_SYSTEM):
        answered = Confirmation.objects.filter(side=Side.TAX_SYSTEM).values("request_id")
        wanted |= ~Q(pk__in=answered)
    open_ones = GrantRequest.objects.filter(wanted, state=GrantRequest.State.REQUESTED)
    others = open_ones.exclude(requested_by=staff).exclude(staff=staff).exclude(confirmations__decided_by=staff)
    return others.select_related("staff", "unit", "requested_by").order_by("requested_at", "id")


def requests_waiting_count(staff: Staff) -> int:
    """How many requests wait for this officer."""
    return requests_waiting_for(staff).count()


def requests_all() -> QuerySet[GrantRequest]:
    """Every request, newest first."""
    return GrantRequest.objects.select_related("staff", "unit", "requested_by").order_by("-requested_at", "id")


def units_headed(staff: Staff) -> list[Unit]:
    """The units whose head or deputy the officer is today."""
    return list(Unit.objects.filter(code__in=scopes_of(staff, Duty.UNIT_HEAD)))

"""権限の届出と確認: asked for by the unit's head or deputy, confirmed by two, then in force (R-222, R-223)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from taxsys.platform import clock
from taxsys.platform.approvals.services import content_hash
from taxsys.platform.rights.errors import (
    AlreadyAsked,
    AlreadyClosed,
    ContentChanged,
    NotAppointed,
    NotGrantable,
    NothingToDo,
    PeriodWrong,
    ReasonMissing,
    SamePerson,
)
from taxsys.platform.rights.models import Appointment, Confirmation, GrantRequest
from taxsys.platform.rights.offices import Office, office_get
from taxsys.platform.rights.permissions import CONFIRM, REQUEST
from taxsys.platform.rights.selectors import codes_held, sides_of
from taxsys.platform.rights.subsystems import subsystem_of
from taxsys.platform.staff.access import has_permission, permission_forget
from taxsys.platform.staff.catalogue import permission_get
from taxsys.platform.staff.models import Staff, Unit
from taxsys.platform.staff.services import grants_end, grants_make

Duty = Appointment.Duty
Side = Confirmation.Side


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a request is about: whose rights, which, in what period and why."""

    staff: Staff
    permissions: Iterable[str]
    from_on: date
    to_on: date | None = None
    reason: str = ""


def request_content(request: GrantRequest) -> dict[str, object]:
    """The content of a request that is frozen by its hash."""
    return {
        "action": request.action,
        "subsystem": request.subsystem,
        "staff_no": request.staff.staff_no,
        "unit": request.unit.code,
        "permissions": list(request.permission_codes),
        "held": list(request.held_codes),
        "from_on": request.from_on.isoformat(),
        "to_on": request.to_on.isoformat() if request.to_on else None,
        "reason": request.reason,
    }


def _may(actor: Staff, permission: object) -> None:
    permission_forget(actor)
    if not has_permission(actor, str(permission)):
        raise NotAppointed


def _requesting_office(actor: Staff, staff: Staff, unit: Unit) -> Office:
    office = office_get(actor, Duty.UNIT_HEAD, unit.code, apart_from=frozenset({staff.person_key}))
    if office is None:
        raise SamePerson
    return office


def _by_subsystem(codes: Iterable[str]) -> Mapping[str, list[str]]:
    sorted_out: dict[str, list[str]] = {}
    for code in dict.fromkeys(codes):
        sorted_out.setdefault(subsystem_of(permission_get(code).code).code, []).append(code)
    return sorted_out


def _open_requests(action: str, wanted: Wanted, actor: Staff, office: Office, unit: Unit) -> list[GrantRequest]:
    """One request per subsystem, because each subsystem has its own administrator."""
    held = codes_held(wanted.staff, unit, wanted.from_on)
    made = []
    for subsystem, codes in _by_subsystem(wanted.permissions).items():
        request = GrantRequest(
            action=action,
            subsystem=subsystem,
            staff=wanted.staff,
            unit=unit,
            permission_codes=codes,
            held_codes=[code for code in held if subsystem_of(code).code == subsystem],
            from_on=wanted.from_on,
            to_on=wanted.to_on,
            reason=wanted.reason.strip(),
            requested_by=actor,
            requested_under=office.appointment,
            requested_persons=sorted(office.persons),
        )
        request.content_hash = content_hash(request_content(request))
        made.append(request)
    try:
        with transaction.atomic():
            for request in made:
                request.save(force_insert=True)
    except IntegrityError as error:
        if "grant_request_one_open" in str(error):
            raise AlreadyAsked from error
        raise
    return made


@transaction.atomic
def grant_request_make(wanted: Wanted, *, actor: Staff) -> list[GrantRequest]:
    """権限の付与を届け出る: nothing is granted yet; returns one request per subsystem.

    The actor is head or deputy of the unit the officer belongs to on the first day, never the officer. Raises
    NotAppointed, SamePerson, PeriodWrong, NotGrantable, NothingToDo, ReasonMissing, AlreadyAsked, UnknownPermission.
    """
    _may(actor, REQUEST)
    if not wanted.reason.strip():
        raise ReasonMissing
    if wanted.from_on < clock.today() or (wanted.to_on is not None and wanted.to_on <= wanted.from_on):
        raise PeriodWrong
    unit = wanted.staff.unit_on(wanted.from_on)
    office = _requesting_office(actor, wanted.staff, unit)
    if not wanted.staff.is_usable_on(wanted.from_on):
        raise NotGrantable("開始日に利用できない職員番号のため、付与できません。")
    codes = [permission_get(code).code for code in wanted.permissions]
    held = set(codes_held(wanted.staff, unit, wanted.from_on))
    new = [code for code in codes if code not in held]
    if not new:
        raise NothingToDo("選ばれた権限は、すべて付与済みです。")
    asked = Wanted(
        staff=wanted.staff, permissions=new, from_on=wanted.from_on, to_on=wanted.to_on, reason=wanted.reason
    )
    return _open_requests(GrantRequest.Action.GRANT, asked, actor, office, unit)


@transaction.atomic
def revocation_request_make(wanted: Wanted, *, actor: Staff) -> list[GrantRequest]:
    """権限の取消を届け出る: the rights end at 00:00 of the day asked for (today: at once); two confirm that they did.

    Taking away is the safe direction, so it does not wait. Raises as `grant_request_make`.
    """
    _may(actor, REQUEST)
    if not wanted.reason.strip():
        raise ReasonMissing
    if wanted.from_on < clock.today():
        raise PeriodWrong("取消日は今日以後の日にしてください。")
    unit = wanted.staff.unit_on(wanted.from_on)
    office = _requesting_office(actor, wanted.staff, unit)
    held = set(codes_held(wanted.staff, unit, wanted.from_on))
    codes = [code for code in dict.fromkeys(wanted.permissions) if code in held]
    if not codes:
        raise NothingToDo("選ばれた権限は、この職員にはありません。")
    asked = Wanted(staff=wanted.staff, permissions=codes, from_on=wanted.from_on, reason=wanted.reason)
    made = _open_requests(GrantRequest.Action.REVOKE, asked, actor, office, unit)
    grants_end(wanted.staff, unit, codes, on=wanted.from_on)
    return made


@transaction.atomic
def request_answer(
    request_id: UUID | str, *, side: str, decision: str, actor: Staff, seen_hash: str, reason: str = ""
) -> GrantRequest:
    """届出を確認・否認する for one side; the second confirmation of a grant puts it in force in this transaction.

    Raises AlreadyClosed, NotAppointed, SamePerson, ContentChanged, ReasonMissing, NotGrantable.
    """
    request = GrantRequest.objects.select_for_update().get(pk=request_id)
    _may(actor, CONFIRM)
    given = list(request.confirmations.all())
    if request.state != GrantRequest.State.REQUESTED or any(one.side == side for one in given):
        raise AlreadyClosed
    office = answering_office(request, side, actor, given)
    stored = content_hash(request_content(request))
    if stored != request.content_hash or seen_hash != stored:
        raise ContentChanged
    if decision == Confirmation.Decision.REFUSE and not reason.strip():
        raise ReasonMissing
    Confirmation.objects.create(
        request=request,
        side=Side(side),
        decision=Confirmation.Decision(decision),
        reason=reason.strip(),
        decided_by=actor,
        decided_under=office.appointment,
        decided_persons=sorted(office.persons),
    )
    if decision == Confirmation.Decision.REFUSE:
        return _close(request, GrantRequest.State.REFUSED)
    if len(given) + 1 < len(Side):
        return request
    if request.action == GrantRequest.Action.GRANT:
        _grant(request, actor)
    return _close(request, GrantRequest.State.CONFIRMED)


def answering_office(request: GrantRequest, side: str, actor: Staff, given: Iterable[Confirmation]) -> Office:
    """The office in which the actor may answer for this side; raises NotAppointed, SamePerson.

    Nobody who stands in the request in any guise (asker, the one asked for, whom they deputise, who confirmed for the
    other side and whom that one deputises) may stand in the answer, not even through a deputy of a deputy.
    """
    duty, scope = sides_of(request)[Side(side)]
    taken = {request.staff.person_key, *request.requested_persons}
    for one in given:
        taken |= set(one.decided_persons)
    office = office_get(actor, duty, scope, apart_from=frozenset(taken))
    if office is None:
        raise SamePerson
    return office


def _grant(request: GrantRequest, actor: Staff) -> None:
    """Put a confirmed grant in force, never backwards; raises NotGrantable when the officer has moved or left."""
    from_on = max(request.from_on, clock.today())
    staff = Staff.objects.select_for_update().get(pk=request.staff_id)
    if not staff.is_usable_on(from_on) or staff.unit_on(from_on).pk != request.unit_id:
        raise NotGrantable("届出の後に、異動または退職があったため、付与できません。届出を取り下げてください。")
    if request.to_on is not None and request.to_on <= from_on:
        raise NotGrantable("届け出られた期間が過ぎているため、付与できません。")
    grants_make(
        staff,
        request.unit,
        request.permission_codes,
        from_on=from_on,
        to_on=request.to_on,
        granted_by=actor,
        approval_id=request.pk,
    )


def _close(request: GrantRequest, state: str) -> GrantRequest:
    request.state = state
    request.closed_at = clock.now()
    request.save(update_fields=("state", "closed_at"))
    return request


@transaction.atomic
def request_withdraw(request_id: UUID | str, *, actor: Staff) -> GrantRequest:
    """届出を取り下げる: the asker takes an unanswered grant back; a revocation has acted and stays.

    Raises AlreadyClosed, NotAppointed.
    """
    request = GrantRequest.objects.select_for_update().get(pk=request_id)
    if request.requested_by_id != actor.pk:
        raise NotAppointed("届け出た本人だけが取り下げられます。")
    if request.state != GrantRequest.State.REQUESTED or request.action == GrantRequest.Action.REVOKE:
        raise AlreadyClosed
    return _close(request, GrantRequest.State.WITHDRAWN)

"""職責の届出: heads, deputies and administrators are named by two people through the approvals (R-222, R-225)."""

from datetime import date
from typing import Any

from django.db import transaction

from taxsys.platform import clock
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.rights.errors import NotAppointed, NotGrantable, PeriodWrong, RightsError, SamePerson
from taxsys.platform.rights.models import Appointment
from taxsys.platform.rights.permissions import APPOINT
from taxsys.platform.rights.subsystems import BY_CODE
from taxsys.platform.staff.access import has_permission, permission_forget
from taxsys.platform.staff.models import Staff, Unit

KIND = "rights.appointment"


def scope_title(duty: str, scope: str) -> str:
    """The scope of an office in words: the unit's or the subsystem's name."""
    if duty == Appointment.Duty.UNIT_HEAD:
        unit = Unit.objects.filter(code=scope).first()
        return unit.name if unit else scope
    return BY_CODE[scope].title_ja if scope in BY_CODE else "全体"


def _checked(staff: Staff, duty: str, scope: str, deputises: Appointment | None, from_on: date) -> None:
    if not staff.is_usable_on(from_on):
        raise NotGrantable("開始日に利用できない職員番号です。")
    if duty == Appointment.Duty.UNIT_HEAD and not Unit.objects.filter(code=scope, is_active=True).exists():
        raise NotGrantable("所属コードが正しくありません。")
    if duty == Appointment.Duty.ADMINISTRATOR and scope not in BY_CODE:
        raise NotGrantable("サブシステムが正しくありません。")
    if deputises is not None:
        if (deputises.duty, deputises.scope) != (duty, scope):
            raise NotGrantable("代理する職責の種類と範囲が一致しません。")
        if deputises.staff.person_key == staff.person_key:
            raise SamePerson("自分自身の代理にはなれません。")


@transaction.atomic
def appointment_give(
    staff: Staff,
    *,
    duty: str,
    scope: str = "",
    from_on: date,
    to_on: date | None = None,
    deputises: Appointment | None = None,
) -> Appointment:
    """職責を登録する at installation; the same office of the same officer twice is the same. Raises NotGrantable."""
    _checked(staff, duty, scope, deputises, from_on)
    found, _made = Appointment.objects.get_or_create(
        staff=staff, duty=duty, scope=scope, deputises=deputises, from_on=from_on, defaults={"to_on": to_on}
    )
    return found


@transaction.atomic
def appointment_propose(
    staff: Staff,
    *,
    duty: str,
    scope: str,
    from_on: date,
    to_on: date | None,
    deputises: Appointment | None,
    actor: Staff,
) -> Approval:
    """職責を届け出る: in force once a second administrator approves; raises NotAppointed, PeriodWrong, NotGrantable."""
    permission_forget(actor)
    if not has_permission(actor, APPOINT):
        raise NotAppointed
    if from_on < clock.today() or (to_on is not None and to_on <= from_on):
        raise PeriodWrong
    _checked(staff, duty, scope, deputises, from_on)
    office = f"{Appointment.Duty(duty).label}{'の代理' if deputises else ''}"
    return approval_propose(
        kind=KIND,
        subject_key=f"{staff.staff_no}:{duty}:{scope}:{from_on.isoformat()}",
        title_ja=f"職責の登録：{office}（{scope_title(duty, scope)}）",
        content={
            "after": {
                "staff_no": staff.staff_no,
                "staff_name": staff.name,
                "office": office,
                "duty": duty,
                "scope": scope,
                "scope_name": scope_title(duty, scope),
                "deputises": deputises.pk if deputises else None,
                "from_on": from_on.isoformat(),
                "to_on": to_on.isoformat() if to_on else "",
            }
        },
        actor=actor,
    )


@transaction.atomic
def appointment_end_propose(appointment: Appointment, *, on: date, actor: Staff) -> Approval:
    """職責の終了を届け出る; raises NotAppointed, PeriodWrong."""
    permission_forget(actor)
    if not has_permission(actor, APPOINT):
        raise NotAppointed
    if on < clock.today() or (appointment.to_on is not None and appointment.to_on <= on):
        raise PeriodWrong("終了日は今日以後で、今の終了日より前にしてください。")
    return approval_propose(
        kind=KIND,
        subject_key=f"end:{appointment.pk}",
        title_ja=f"職責の終了：{appointment.title_ja}（{scope_title(appointment.duty, appointment.scope)}）",
        content={
            "before": {"to_on": appointment.to_on.isoformat() if appointment.to_on else ""},
            "after": {
                "appointment": appointment.pk,
                "staff_no": appointment.staff.staff_no,
                "staff_name": appointment.staff.name,
                "to_on": on.isoformat(),
            },
        },
        actor=actor,
    )


def staff_concerned(approval: Any) -> frozenset[str]:
    """The officer a proposal is about, who never decides it (nor does a deputy of that officer)."""
    staff = Staff.objects.filter(staff_no=approval.content["after"]["staff_no"])
    return frozenset(one.person_key for one in staff)


def appointment_stale(approval: Any) -> str:
    """Why the proposal no longer stands, by the rules that held when it was made."""
    after = approval.content["after"]
    if "appointment" in after:
        row = Appointment.objects.get(pk=after["appointment"])
        before = approval.content["before"]["to_on"]
        return (
            "起案の後に、職責の終了日が変わりました。" if (row.to_on.isoformat() if row.to_on else "") != before else ""
        )
    staff = Staff.objects.get(staff_no=after["staff_no"])
    deputises = Appointment.objects.get(pk=after["deputises"]) if after["deputises"] else None
    try:
        _checked(staff, after["duty"], after["scope"], deputises, date.fromisoformat(after["from_on"]))
    except RightsError as error:
        return f"届出の後に状況が変わりました。{error.message_ja}"
    if deputises is not None and deputises.to_on is not None and deputises.to_on <= clock.today():
        return "届出の後に、代理する職責が終わりました。"
    return ""


def appointment_approved(approval: Any) -> None:
    """The handler of an approved proposal: the office begins or ends."""
    after = approval.content["after"]
    staff = Staff.objects.get(staff_no=after["staff_no"])
    if "appointment" in after:
        row = Appointment.objects.select_for_update().get(pk=after["appointment"])
        row.to_on = max(date.fromisoformat(after["to_on"]), row.from_on)
        row.save(update_fields=("to_on",))
        return
    deputises = Appointment.objects.get(pk=after["deputises"]) if after["deputises"] else None
    Appointment.objects.create(
        staff=staff,
        duty=after["duty"],
        scope=after["scope"],
        deputises=deputises,
        from_on=date.fromisoformat(after["from_on"]),
        to_on=date.fromisoformat(after["to_on"]) if after["to_on"] else None,
        approval_id=approval.pk,
    )


LABELS = {
    "staff_no": "職員番号",
    "staff_name": "氏名",
    "office": "職責",
    "scope_name": "範囲",
    "from_on": "開始日",
    "to_on": "終了日",
    "duty": "職責コード",
    "scope": "範囲コード",
    "deputises": "代理する職責の番号",
    "appointment": "職責の番号",
}

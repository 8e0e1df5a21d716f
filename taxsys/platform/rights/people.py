"""利用者: what a head notes about the own people, and accounts re-enabled by two (R-221, R-228)."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from taxsys.platform import clock
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.rights.errors import NotAppointed, NothingToDo, PeriodWrong
from taxsys.platform.rights.offices import office_over
from taxsys.platform.rights.permissions import PEOPLE
from taxsys.platform.rights.selectors import units_headed
from taxsys.platform.staff.access import has_permission, permission_forget
from taxsys.platform.staff.models import Staff
from taxsys.platform.staff.passwords import real_today, staff_reenable
from taxsys.platform.staff.pledges import acknowledge, training_note

KIND = "staff.reenable"
LABELS = {"staff_no": "職員番号", "staff_name": "氏名", "is_active": "利用", "reason": "停止の理由"}


def people_of(actor: Staff) -> QuerySet[Staff]:
    """The people of the units the officer heads, suspended ones too; those who have left are not shown."""
    today = clock.today()
    units = units_headed(actor)
    moved = Q(transfer_on__isnull=False, transfer_on__lte=today)
    return Staff.objects.filter(
        (moved & Q(transfer_unit__in=units)) | (~moved & Q(unit__in=units)),
        Q(valid_to__isnull=True) | Q(valid_to__gt=today),
    ).select_related("unit", "transfer_unit")


def entitled_check(actor: Staff, staff: Staff) -> None:
    """Head or deputy of the officer's unit (or 税制課), with the right, never over oneself; raises otherwise."""
    permission_forget(actor)
    if not has_permission(actor, PEOPLE):
        raise NotAppointed
    office_over(staff, staff.unit_on().code, actor)


@transaction.atomic
def pledge_note(staff: Staff, *, kind: str, on: date, actor: Staff) -> Staff:
    """研修の受講日・書面の誓約を記録する, by head or deputy, never over oneself.

    Raises NotAppointed, SamePerson, PeriodWrong for a day in the future.
    """
    entitled_check(actor, staff)
    if on > clock.today():
        raise PeriodWrong("先の日付は記録できません。")
    return training_note(staff, on=on) if kind == "training" else acknowledge(staff, on=on)


@transaction.atomic
def reenable_propose(staff: Staff, *, actor: Staff) -> Approval:
    """停止した職員番号の再開を届け出る; raises NotAppointed, SamePerson, NothingToDo, AlreadyProposed."""
    entitled_check(actor, staff)
    if staff.is_active:
        raise NothingToDo("この職員番号は停止されていません。")
    return approval_propose(
        kind=KIND,
        subject_key=staff.staff_no,
        title_ja=f"職員番号の再開：{staff.staff_no}　{staff.name}",
        content={
            "before": {
                "staff_no": staff.staff_no,
                "staff_name": staff.name,
                "is_active": "停止",
                "reason": staff.get_suspended_reason_display() or "（記録なし）",
            },
            "after": {"staff_no": staff.staff_no, "staff_name": staff.name, "is_active": "再開", "reason": ""},
        },
        actor=actor,
    )


def reenable_stale(approval: Any) -> str:
    """Why the proposal no longer stands."""
    staff = Staff.objects.get(staff_no=approval.content["after"]["staff_no"])
    return "この職員番号は、すでに再開されています。" if staff.is_active else ""


def reenable_approved(approval: Any) -> None:
    """The handler: the account opens again, and its owner must choose a new password at once."""
    staff = Staff.objects.get(staff_no=approval.content["after"]["staff_no"])
    staff_reenable(staff, on=real_today())

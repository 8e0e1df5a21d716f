"""鍵の登録・回復: the head vouches for the officer, an administrator agrees, then the key is taken (R-217)."""

from typing import Any

from django.db import transaction

from taxsys.platform import clock
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.rights.people import entitled_check
from taxsys.platform.staff.enrolment import enrolment_open
from taxsys.platform.staff.models import KeyEnrolment, SecurityKey, Staff

KIND = "staff.key"
LABELS = {
    "staff_no": "職員番号",
    "staff_name": "氏名",
    "purpose_ja": "目的",
    "purpose": "目的コード",
    "keys": "今の鍵の数",
}


@transaction.atomic
def key_propose(staff: Staff, *, purpose: str, actor: Staff) -> Approval:
    """鍵の登録・回復を届け出る, by head or deputy who has the officer before them; never for oneself.

    Raises NotAppointed, SamePerson, AlreadyProposed.
    """
    entitled_check(actor, staff)
    label = KeyEnrolment.Purpose(purpose).label
    held = SecurityKey.objects.filter(staff=staff, revoked_at__isnull=True).count()
    after = {
        "staff_no": staff.staff_no,
        "staff_name": staff.name,
        "purpose": purpose,
        "purpose_ja": label,
        "keys": held,
    }
    return approval_propose(
        kind=KIND,
        subject_key=staff.staff_no,
        title_ja=f"鍵の{label}：{staff.staff_no}　{staff.name}",
        content={"after": after},
        actor=actor,
    )


def key_stale(approval: Any) -> str:
    """Why the proposal no longer stands."""
    staff = Staff.objects.get(staff_no=approval.content["after"]["staff_no"])
    return "" if staff.is_usable_on() else "対象の職員番号は、退職または停止のため利用できません。"


def key_approved(approval: Any) -> None:
    """The handler: the officer may enrol one key at the next sign-in, within half an hour."""
    after = approval.content["after"]
    staff = Staff.objects.get(staff_no=after["staff_no"])
    enrolment_open(staff, purpose=after["purpose"], opened_by=approval.proposed_by, approved_by=approval.decided_by)


@transaction.atomic
def keys_stop(staff: Staff, *, actor: Staff) -> int:
    """鍵を止める (lost, stolen, left behind): all keys of the officer end at once; returns how many.

    Raises NotAppointed, SamePerson.
    """
    entitled_check(actor, staff)
    return SecurityKey.objects.filter(staff=staff, revoked_at__isnull=True).update(revoked_at=clock.now())

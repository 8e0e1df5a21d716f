"""People and rows of the register tests."""

from datetime import date
from typing import Any

from taxsys.platform import clock
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.registers.attachments import attachment_add
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.registers.permissions import ENTER, EXPORT, FAMILIES, VIEW
from taxsys.platform.registers.services import Draft, row_open, row_step
from taxsys.platform.staff.models import Staff, Unit
from tests.platform.actors import officer

DAY = date(2026, 11, 20)
PDF = b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\n%%EOF\n"
RIGHTS = [VIEW, ENTER, EXPORT, "approvals.view", "approvals.decide"]
RIGHTS += [str(one) for family in FAMILIES for one in (family.view, family.enter, family.close, family.approve)]


def clerk(staff_no: str = "5001", unit_name: str = "市民税課") -> Staff:
    """An officer with every right of the registers."""
    return officer(staff_no, permissions=RIGHTS, unit_name=unit_name)


def unit(name: str = "市民税課") -> Unit:
    """A unit."""
    return Unit.objects.get(name=name)


def opened(kind: str, actor: Staff, day: date = DAY, **values: Any) -> RegisterRow:
    """A row opened on the day in the actor's unit."""
    with clock.at(day):
        return row_open(Draft(kind=kind, values=values, unit=actor.unit_on()), actor=actor)


def stepped(row: RegisterRow, code: str, actor: Staff, day: date = DAY, **values: Any) -> RegisterRow:
    """The row after a step by one person."""
    with clock.at(day):
        row_step(row.pk, code, values, actor=actor)
    row.refresh_from_db()
    return row


def approved(row: RegisterRow, code: str, actor: Staff, second: Staff, day: date = DAY, **values: Any) -> RegisterRow:
    """The row after a step that another person approved."""
    with clock.at(day):
        proposal = row_step(row.pk, code, values, actor=actor)
        assert isinstance(proposal, Approval)
        approval_decide(proposal.pk, decision="approve", actor=second, seen_hash=proposal.content_hash)
    row.refresh_from_db()
    return row


def attached(row: RegisterRow, actor: Staff, *roles: str) -> None:
    """Papers of these roles."""
    for role in roles:
        attachment_add(row.pk, role=role, name=f"{role}.pdf", content=PDF + role.encode(), actor=actor)


def all_yes(items: Any) -> dict[str, str]:
    """A checklist answered 適 throughout."""
    return {item.code: "yes" for item in items()}

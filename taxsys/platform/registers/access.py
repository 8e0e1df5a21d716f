"""台帳の門: who may read, enter, close a row — the family's right, and for writing the unit that owns it."""

from taxsys.platform.registers.declaration import Kind, Step
from taxsys.platform.registers.errors import NotYours
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.registers.registry import all_kinds, kind_get
from taxsys.platform.staff.access import has_permission, permission_forget
from taxsys.platform.staff.models import Staff


def kinds_for(staff: Staff) -> list[Kind]:
    """The kinds the officer may read."""
    return [kind for kind in all_kinds() if has_permission(staff, kind.family.view)]


def may_enter(staff: Staff, kind: Kind) -> bool:
    """Whether the officer may open rows of the kind."""
    return has_permission(staff, kind.family.enter)


def may_work(staff: Staff, row: RegisterRow) -> bool:
    """Whether the officer may change this row: the right to enter or to close, in the unit that owns it."""
    kind = kind_get(row.kind)
    entitled = has_permission(staff, kind.family.enter) or has_permission(staff, kind.family.close)
    return entitled and staff.unit_on().pk == row.unit_id


def may_step(staff: Staff, row: RegisterRow, step: Step) -> bool:
    """Whether the officer's right and unit allow this step."""
    family = kind_get(row.kind).family
    return may_work(staff, row) and has_permission(staff, family.close if step.by == "close" else family.enter)


def entitled_check(staff: Staff, row: RegisterRow, step: Step | None = None) -> None:
    """The same with the rights of this moment; raises NotYours."""
    permission_forget(staff)
    if not (may_work(staff, row) if step is None else may_step(staff, row, step)):
        raise NotYours

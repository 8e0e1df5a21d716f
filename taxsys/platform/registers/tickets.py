"""作業指示書と変更要求を求める門: what others ask before a direct operation or a release (R-186, R-285)."""

from datetime import date

from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.registers.closing import day_of
from taxsys.platform.registers.errors import AnswerMissing, TicketMissing
from taxsys.platform.registers.kinds.operations import pia_problem
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.staff.models import Staff

READY = "ready"


def ticket_require(ticket_no: str, *, actor: Staff, operation: str, on: date | None = None) -> RegisterRow:
    """作業指示書を求める: the ticket under which this officer may do this operation today.

    It must be approved and checked beforehand (事前確認), name this person as its worker and this kind of operation
    (`data_fix`, `data_read`, `maintenance`, `restore`, `configuration`), and cover the day. Its use is recorded.
    Raises TicketMissing, which says what is not so.
    """
    day = on or clock.today()
    row = RegisterRow.objects.filter(kind="work_ticket", row_no=ticket_no.strip()).first()
    if row is None:
        raise TicketMissing
    problem = _problem(row, actor, operation, day)
    if problem:
        raise TicketMissing(f"作業指示書 {row.row_no} では操作できません。{problem}")
    access_record(action="view", record_type="register.work_ticket", record_id=row.row_no, reason=f"used:{operation}")
    return row


def _problem(row: RegisterRow, actor: Staff, operation: str, on: date) -> str:
    if row.state != READY:
        return "承認と事前確認が済んでいないか、すでに実施済みです。"
    if row.values.get("operation") != operation:
        return "作業の種類が違います。"
    worker = Staff.objects.filter(staff_no=str(row.values.get("worker_no", ""))).first()
    if worker is None or worker.person_key != actor.person_key:
        return "作業者として指定されていません。"
    first, last = day_of(row.values, "from_on"), day_of(row.values, "to_on")
    if first is None or last is None or not first <= on <= last:
        return "作業の期間の外です。"
    return ""


def tickets_open(actor: Staff, *, operation: str, on: date | None = None) -> list[RegisterRow]:
    """The tickets under which this officer may do the operation on the day."""
    day = on or clock.today()
    rows = RegisterRow.objects.filter(kind="work_ticket", state=READY, values__contains={"operation": operation})
    return [row for row in rows.order_by("row_no") if not _problem(row, actor, operation, day)]


def release_require(change_no: str) -> RegisterRow:
    """適用を求める: the change request whose question (重要な変更か) is answered and, where it is one, assessed.

    Raises AnswerMissing.
    """
    # These columns alone: an upgrade asks before the table has the columns of its own version.
    rows = RegisterRow.objects.only("row_no", "values")
    row = rows.filter(kind="change_request", row_no=change_no.strip()).first()
    if row is None:
        raise AnswerMissing("変更要求がありません。台帳に登録し、判定を受けてから適用してください。")
    problem = pia_problem(row.values, clock.today())
    if problem:
        raise AnswerMissing(f"変更要求 {row.row_no}：{problem}")
    return row

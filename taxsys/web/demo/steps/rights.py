"""権限: heads, deputies and administrators; the year's recertification is open and one request waits."""

from datetime import date

from taxsys.platform.rights.appointments import appointment_give
from taxsys.platform.rights.models import Appointment, CampaignItem, GrantRequest
from taxsys.platform.rights.services import Wanted, grant_request_make
from taxsys.platform.staff.models import Staff
from taxsys.web.demo.walk import TAX_YEAR, Demo

OPENED = date(TAX_YEAR, 11, 2)
DUE = date(TAX_YEAR, 11, 30)
FROM_ON = date(TAX_YEAR - 1, 4, 1)
HEADS = (("1004", "102"), ("2003", "104"), ("3002", "101"), ("4001", "301"))
DEPUTIES = (("1003", "1004"), ("4002", "4001"))


def offices(demo: Demo) -> None:
    """課長 and deputies of the demonstration; 情報政策課 and 税制課 confirm."""
    staff = {one.staff_no: one for one in Staff.objects.select_related("unit")}
    for staff_no, unit_code in HEADS:
        appointment_give(staff[staff_no], duty="unit_head", scope=unit_code, from_on=FROM_ON)
    for scope in ("core", "collection", "eltax"):
        appointment_give(staff["4001"], duty="administrator", scope=scope, from_on=FROM_ON)
    appointment_give(staff["3002"], duty="tax_system", from_on=FROM_ON)
    for staff_no, principal_no in DEPUTIES:
        for office in Appointment.objects.filter(staff=staff[principal_no], deputises__isnull=True):
            appointment_give(staff[staff_no], duty=office.duty, scope=office.scope, from_on=FROM_ON, deputises=office)


def recertification(demo: Demo) -> None:
    """November: the year's recertification is open, and the head of 市民税課 asks for a right of a clerk."""
    offices(demo)
    run_by = Staff.objects.get(staff_no="4001")
    demo.job("B-ST-01", {"title": f"令和{TAX_YEAR - 2018}年度", "due_on": DUE.isoformat()}, OPENED, who=run_by)
    day = date(TAX_YEAR, 11, 20)
    head = Staff.objects.get(staff_no="1004")
    with demo.desk(day, who=head, function_id="rights.request"):
        wanted = Wanted(
            staff=demo.clerk, permissions=("staff.view",), from_on=day, reason="権限の棚卸の事務を担当するため"
        )
        grant_request_make(wanted, actor=head)


def rows() -> list[tuple[str, str]]:
    """Figures of the closing table."""
    waiting = GrantRequest.objects.filter(state=GrantRequest.State.REQUESTED).count()
    pending = CampaignItem.objects.filter(state=CampaignItem.State.PENDING).count()
    return [("権限の棚卸（未確認）", f"{pending:,}件"), ("確認待ちの権限の届出", f"{waiting:,}件")]

"""台帳: a few rows of the tax desk: a mark about to end, a contract, a ticket before its chief, an incident."""

from datetime import date
from typing import Any

from addressbook.models import Party
from taxsys.platform.registers.kinds.vendors import clauses
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.registers.selectors import tasks_due
from taxsys.platform.registers.services import Draft, row_open, row_step
from taxsys.web.demo.walk import TAX_YEAR, Demo

_DAY = date(TAX_YEAR, 11, 20)


def rows_of_the_desk(demo: Demo) -> None:
    """What waits on the registers of 市民税課 in November."""
    unit = demo.clerk.unit_on(_DAY)

    def enter(kind: str, **values: Any) -> RegisterRow:
        return row_open(Draft(kind=kind, values=values, unit=unit), actor=demo.clerk)

    with demo.desk(_DAY, function_id="registers.enter"):
        vendor = enter("vendor", name="架空印刷株式会社", certificate="pmark", certified_until_on=f"{TAX_YEAR}-12-15")
        enter(
            "contract",
            title="税額通知書の印刷・封入封緘",
            vendor=str(vendor.pk),
            duties="印刷・封入封緘",
            from_on=f"{TAX_YEAR}-04-01",
            to_on=f"{TAX_YEAR + 1}-03-31",
            is_personal=True,
            has_numbers=False,
            clauses={item.code: "yes" for item in clauses()[:8]},
        )
        ticket = enter(
            "work_ticket",
            title="重複した宛名の統合",
            operation="data_fix",
            reason="転入の二重登録",
            procedure="統合の手順書による。控えを取ってから行う。",
            worker_no="9001",
            from_on=f"{TAX_YEAR}-11-24",
            to_on=f"{TAX_YEAR}-11-25",
            rows_planned=2,
        )
        row_step(ticket.pk, "approve", {}, actor=demo.clerk)
        enter(
            "incident",
            title="納税通知書の誤封入",
            category="mail",
            known_on=f"{TAX_YEAR}-11-19",
            report_class="none",
            persons=2,
            is_protected_data=False,
            is_recovered=True,
            responsible="city",
            summary="2件を入れ違えて発送。開封前に回収した。",
        )
        party = Party.objects.filter(kind="resident").order_by("person_no").first()
        if party is not None:
            enter(
                "rights_request",
                request_kind="disclose",
                party=str(party.pk),
                applicant="self",
                identity="運転免許証",
                received_on=f"{TAX_YEAR}-11-16",
                subject_matter="課税と収納の記録",
            )


def rows() -> list[tuple[str, str]]:
    """Figures of the closing table."""
    waiting = tasks_due(_DAY).count()
    return [("台帳", f"{RegisterRow.objects.count():,}行（期限の間近・経過 {waiting:,}件）")]

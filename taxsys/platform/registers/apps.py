"""台帳 (taxsys.platform.registers)."""

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "taxsys.platform.registers"
    label = "registers"
    verbose_name = "台帳"

    def ready(self) -> None:
        """The kinds, their approvals, the menu and what waits on the home page."""
        from taxsys.platform.approvals import registry as approvals
        from taxsys.platform.registers.approvals import VOIDED_BY_JA, step_concerned, step_stale
        from taxsys.platform.registers.home import acts_register, cards_register
        from taxsys.platform.registers.kinds import SHIPPED
        from taxsys.platform.registers.registry import kind_register
        from taxsys.platform.registers.services import approval_kind, difference_rows, step_approved
        from taxsys.platform.registers.tickets import tickets_open
        from taxsys.platform.staff.rooms import ticket_gate_register

        for kind in SHIPPED:
            kind_register(kind)
            approvals.register(
                approval_kind(kind),
                title_ja=f"台帳：{kind.title_ja}",
                proposes=str(kind.family.enter),
                permission=str(kind.family.approve),
                on_approved=step_approved,
                present=difference_rows,
                stale=step_stale,
                concerned=step_concerned,
                voided_by_ja=VOIDED_BY_JA,
            )
        cards_register()
        acts_register()
        ticket_gate_register(lambda staff: bool(tickets_open(staff, operation="maintenance")))

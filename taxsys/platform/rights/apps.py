"""権限の届出・確認・棚卸 (taxsys.platform.rights)."""

from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "taxsys.platform.rights"
    label = "rights"
    verbose_name = "権限の届出・確認・棚卸"

    def ready(self) -> None:
        """The menu, what waits on the home page, and the approval of offices."""
        from taxsys.platform.audit.changes.registering import change_logged
        from taxsys.platform.rights.models import Appointment, CampaignItem
        from taxsys.platform.rights.permissions import CONFIRM, RECERTIFY, VIEW
        from taxsys.platform.rights.recertification import pending_count
        from taxsys.platform.rights.selectors import requests_waiting_count
        from taxsys.platform.ui.menu import MenuItem, menu_register, waiting_card

        for model in (Appointment, CampaignItem):
            change_logged(model)
        menu_register(MenuItem(key="rights", title_ja="権限", url_name="rights", permission=VIEW, order=88))
        waiting_card("確認待ちの権限の届出", "rights-waiting", CONFIRM, requests_waiting_count, order=80)
        waiting_card("棚卸で未確認の権限", "rights-recertification", RECERTIFY, pending_count, order=82)
        _approval_kinds()


def _approval_kinds() -> None:
    """Offices, accounts opened again and keys are decided by two people, never by the one they are about."""
    from taxsys.platform.approvals import registry
    from taxsys.platform.rights import keys, people, terminals
    from taxsys.platform.rights.appointments import (
        KIND,
        LABELS,
        appointment_approved,
        appointment_stale,
        staff_concerned,
    )
    from taxsys.platform.rights.permissions import (
        APPOINT,
        APPROVE_APPOINTMENT,
        APPROVE_KEY,
        APPROVE_REENABLE,
        APPROVE_TERMINAL,
        PEOPLE,
        TERMINALS,
    )

    registry.register(
        KIND,
        title_ja="職責（長・代理・権限管理者）",
        proposes=APPOINT.code,
        permission=APPROVE_APPOINTMENT.code,
        on_approved=appointment_approved,
        stale=appointment_stale,
        concerned=staff_concerned,
        voided_by_ja="対象の職員の異動・退職、代理する職責の終了",
        deputies=False,
        labels=LABELS,
    )
    registry.register(
        people.KIND,
        title_ja="停止した職員番号の再開",
        proposes=PEOPLE.code,
        permission=APPROVE_REENABLE.code,
        stale=people.reenable_stale,
        concerned=staff_concerned,
        voided_by_ja="すでに再開されたとき",
        deputies=False,
        on_approved=people.reenable_approved,
        labels=people.LABELS,
    )
    registry.register(
        keys.KIND,
        title_ja="セキュリティキーの登録・再登録",
        proposes=PEOPLE.code,
        permission=APPROVE_KEY.code,
        stale=keys.key_stale,
        concerned=staff_concerned,
        voided_by_ja="対象の職員の退職・停止",
        deputies=False,
        on_approved=keys.key_approved,
        labels=keys.LABELS,
    )
    registry.register(
        terminals.KIND,
        title_ja="端末の登録・変更",
        proposes=TERMINALS.code,
        permission=APPROVE_TERMINAL.code,
        stale=terminals.terminal_stale,
        voided_by_ja="端末の登録が変わったとき",
        deputies=False,
        on_approved=terminals.terminal_approved,
        labels=terminals.LABELS,
    )

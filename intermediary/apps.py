"""中間サーバー連携 (intermediary)."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def _load_candidates(**kwargs: Any) -> None:
    """Fill the register's candidates once its table stands."""
    from django.db import connection

    from intermediary.services.register import candidates_load

    if "intermediary_registerrow" in connection.introspection.table_names():
        candidates_load()


class IntermediaryConfig(AppConfig):
    name = "intermediary"
    verbose_name = "中間サーバー連携"

    def ready(self) -> None:
        """Announce the kind of proposal that opens a register row; keep the candidates complete after every migrate."""
        from intermediary.dossier import section_of_provisions
        from intermediary.models import RegisterRow
        from intermediary.permissions import CHECK_TRANSFER, PROPOSE_REGISTER, REQUEST_TRANSFER, VIEW_REGISTER
        from intermediary.selectors.register import pia_tasks_open
        from intermediary.selectors.transfers import to_check_count
        from intermediary.services.register import approval_kind_register
        from intermediary.services.transfers import transfer_kind_register
        from taxsys.platform.audit.changes.registering import change_logged
        from taxsys.platform.ui.menu import HomeCard, MenuItem, home_card, menu_register

        approval_kind_register()
        section_of_provisions()
        transfer_kind_register()
        menu_register(
            MenuItem(
                key="own-transfers",
                title_ja="税情報の依頼",
                url_name="own-transfers",
                permission=REQUEST_TRANSFER,
                order=66,
            )
        )
        home_card(
            HomeCard(
                key="transfers-to-check",
                title_ja="法的確認待ちの依頼",
                url_name="transfers",
                permission=CHECK_TRANSFER,
                count=to_check_count,
                order=58,
                level="caution",
            )
        )
        menu_register(
            MenuItem(
                key="provision-register",
                title_ja="提供・移転",
                url_name="provision-register",
                permission=VIEW_REGISTER,
                order=65,
            )
        )
        home_card(
            HomeCard(
                key="pia-tasks",
                title_ja="評価書と登録簿の不一致",
                url_name="provision-register",
                permission=PROPOSE_REGISTER,
                count=pia_tasks_open,
                order=84,
                level="caution",
            )
        )
        change_logged(RegisterRow)
        post_migrate.connect(_load_candidates, sender=self)

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
        from intermediary.services.register import approval_kind_register
        from taxsys.platform.audit.changes.registering import change_logged

        approval_kind_register()
        section_of_provisions()
        change_logged(RegisterRow)
        post_migrate.connect(_load_candidates, sender=self)

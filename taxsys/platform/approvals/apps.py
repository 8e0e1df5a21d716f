"""決裁 (taxsys.platform.approvals)."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "taxsys.platform.approvals"
    label = "approvals"
    verbose_name = "決裁"

    def ready(self) -> None:
        """The naming of deputies is itself a proposal; changes of deputies are logged."""
        from taxsys.platform.approvals import deputies, registry
        from taxsys.platform.approvals.models import Deputy
        from taxsys.platform.approvals.permissions import APPROVE_DEPUTY, NAME_DEPUTY
        from taxsys.platform.audit.changes.registering import change_logged

        change_logged(Deputy)
        registry.register(
            deputies.KIND,
            title_ja="代決者の指定",
            proposes=NAME_DEPUTY.code,
            permission=APPROVE_DEPUTY.code,
            on_approved=deputies.deputy_approved,
            labels=deputies.LABELS,
            stale=deputies.stale,
            concerned=deputies.concerned,
            voided_by_ja="期間の経過、代決者・決裁者の異動・権限の終了、同じ期間の指定",
            deputies=False,
        )

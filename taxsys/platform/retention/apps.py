"""保管・消去 (taxsys.platform.retention)."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RetentionConfig(AppConfig):
    name = "taxsys.platform.retention"
    label = "retention"
    verbose_name = "保管・消去"

    def ready(self) -> None:
        """Rules into the database after each migration; the kinds of approvals; the menu and what waits at home."""
        from taxsys.platform.approvals import registry
        from taxsys.platform.audit.changes.registering import change_logged
        from taxsys.platform.retention import services, stops
        from taxsys.platform.retention.home import desk_register
        from taxsys.platform.retention.installing import rules_install
        from taxsys.platform.retention.models import BackupCopy, StopOrder
        from taxsys.platform.retention.permissions import (
            APPROVE_FIRST,
            APPROVE_SECOND,
            LIFT_STOP,
            PROPOSE,
            STOP,
        )

        post_migrate.connect(rules_install, sender=self)
        for model in (BackupCopy, StopOrder):
            change_logged(model)
        for kind, title, proposes, permission, approved in (
            (services.KIND_FIRST, "消去（一次決裁）", PROPOSE, APPROVE_FIRST, services.first_approved),
            (services.KIND_SECOND, "消去（二次決裁）", APPROVE_FIRST, APPROVE_SECOND, services.second_approved),
        ):
            registry.register(
                kind,
                title_ja=title,
                permission=str(permission),
                proposes=str(proposes),
                voided_by_ja="消去候補の抽出し直し・差戻し。起案した人は二次決裁もできない",
                stale=services.list_moved,
                concerned=services.proposer_of,
                on_approved=approved,
                on_sent_back=services.approval_failed,
                on_withdrawn=services.approval_failed,
                labels=services.LABELS,
            )
        registry.register(
            stops.KIND,
            title_ja="処分停止の解除",
            permission=str(LIFT_STOP),
            proposes=str(STOP),
            voided_by_ja="処分停止が先に解除されたとき",
            stale=stops.lift_stale,
            on_approved=stops.lift_approved,
            labels=stops.LABELS,
        )
        desk_register()

"""特別徴収義務者の管理 (assessment.withholders)."""

from django.apps import AppConfig


class WithholdersConfig(AppConfig):
    name = "assessment.withholders"
    label = "withholders"
    verbose_name = "特別徴収義務者"

    def ready(self) -> None:
        """The card of the home page and the kind of proposal."""
        from assessment.permissions import DECIDE_PRIVILEGE, RECORD_WITHHOLDERS
        from assessment.withholders import services
        from assessment.withholders.selectors import waiting_count
        from taxsys.platform.approvals import registry
        from taxsys.platform.ui.menu import waiting_card

        waiting_card(
            "納期の特例の申請", "assessment-privileges", RECORD_WITHHOLDERS, lambda _staff: waiting_count(), order=34
        )
        registry.register(
            services.KIND,
            title_ja="納期の特例",
            proposes=RECORD_WITHHOLDERS.code,
            permission=DECIDE_PRIVILEGE.code,
            on_approved=services.privilege_decided,
            stale=services.privilege_stale,
            subjects=services.privilege_subjects,
            voided_by_ja="申請の取下げ、別の決裁による状態の変化",
            labels=services.LABELS,
        )

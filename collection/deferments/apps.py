"""猶予・免除・期限の延長 (collection.deferments)."""

from django.apps import AppConfig


class DefermentsConfig(AppConfig):
    name = "collection.deferments"
    label = "deferments"
    verbose_name = "猶予・免除・期限の延長"

    def ready(self) -> None:
        """The kinds of proposal, and the badge of the card."""
        from addressbook.badges import BadgeKind, badges_register
        from collection.deferments import services
        from collection.deferments.selectors import deferment_badges
        from collection.permissions import DECIDE_DEFERMENT, KEEP_DEFERMENT, VIEW_LEDGER
        from taxsys.platform.approvals import registry

        badges_register(BadgeKind(id="collection.deferment", find=deferment_badges, order=60, permission=VIEW_LEDGER))
        registry.register(
            services.KIND,
            title_ja="猶予・延滞金の免除・納期限の延長",
            proposes=KEEP_DEFERMENT.code,
            permission=DECIDE_DEFERMENT.code,
            on_approved=services.deferment_decided,
            on_sent_back=services.deferment_given_up,
            on_withdrawn=services.deferment_given_up,
            stale=services.deferment_stale,
            subjects=services.deferment_subjects,
            voided_by_ja="対象の期別の取消、納期限の変更",
            labels=services.LABELS,
        )
        registry.register(
            services.END_KIND,
            title_ja="猶予・免除の取消",
            proposes=KEEP_DEFERMENT.code,
            permission=DECIDE_DEFERMENT.code,
            on_approved=services.deferment_ended,
            stale=services.deferment_end_stale,
            subjects=services.deferment_subjects,
            voided_by_ja="別の決裁による取消",
            labels=services.LABELS,
        )

"""アクセス記録 (taxsys.platform.audit)."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "taxsys.platform.audit"
    label = "audit"
    verbose_name = "アクセス記録"

    def ready(self) -> None:
        """Reviews that wait, late seals and a failed verification on the home page; the kinds of the watch list."""
        from taxsys.platform.audit.home import cards_register
        from taxsys.platform.audit.review.watching import approval_kinds_register

        approval_kinds_register()
        cards_register()

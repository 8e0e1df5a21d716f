"""アクセス記録 (taxsys.platform.audit)."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "taxsys.platform.audit"
    label = "audit"
    verbose_name = "アクセス記録"

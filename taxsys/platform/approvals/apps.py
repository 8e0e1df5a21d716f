"""決裁 (taxsys.platform.approvals)."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "taxsys.platform.approvals"
    label = "approvals"
    verbose_name = "決裁"

"""職員・権限 (taxsys.platform.staff)."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "taxsys.platform.staff"
    label = "staff"
    verbose_name = "職員・権限"

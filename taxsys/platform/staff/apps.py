"""職員・権限 (taxsys.platform.staff)."""

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models.signals import post_migrate


class StaffConfig(AppConfig):
    name = "taxsys.platform.staff"
    label = "staff"
    verbose_name = "職員・権限"

    def ready(self) -> None:
        """Refuse a demonstration factor in production; put the master data under the change log."""
        from taxsys.platform.staff.changelog import register_change_log
        from taxsys.platform.staff.factors import second_factor
        from taxsys.platform.staff.units import units_ensure

        if getattr(settings, "TAXSYS_PROFILE", "") == "production" and second_factor().is_demonstration_only:
            raise ImproperlyConfigured(
                "TAXSYS_SECOND_FACTOR names a demonstration factor: its codes are printed on the console. "
                "Configure a factor for production."
            )
        register_change_log()
        post_migrate.connect(units_ensure, sender=self)

"""利用中の記録 (taxsys.platform.sittings)."""

from django.apps import AppConfig


class SittingsConfig(AppConfig):
    name = "taxsys.platform.sittings"
    label = "sittings"
    verbose_name = "利用中の記録"

"""印刷 (taxsys.platform.printing)."""

from django.apps import AppConfig


class PrintingConfig(AppConfig):
    name = "taxsys.platform.printing"
    label = "printing"
    verbose_name = "印刷"

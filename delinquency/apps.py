"""滞納 (delinquency)."""

from django.apps import AppConfig


class DelinquencyConfig(AppConfig):
    name = "delinquency"
    verbose_name = "滞納"

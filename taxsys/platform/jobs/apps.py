"""バッチ (taxsys.platform.jobs)."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "taxsys.platform.jobs"
    label = "jobs"
    verbose_name = "バッチ"

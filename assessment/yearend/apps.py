"""年度切替 (assessment.yearend)."""

from django.apps import AppConfig


class YearEndConfig(AppConfig):
    name = "assessment.yearend"
    label = "yearend"
    verbose_name = "年度切替"

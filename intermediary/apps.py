"""中間サーバー連携 (intermediary)."""

from django.apps import AppConfig


class IntermediaryConfig(AppConfig):
    name = "intermediary"
    verbose_name = "中間サーバー連携"

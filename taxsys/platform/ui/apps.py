"""画面 (taxsys.platform.ui)."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "taxsys.platform.ui"
    label = "ui"
    verbose_name = "画面"

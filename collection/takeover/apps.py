"""移行 (collection.takeover)."""

from django.apps import AppConfig


class TakeoverConfig(AppConfig):
    name = "collection.takeover"
    label = "takeover"
    verbose_name = "移行"

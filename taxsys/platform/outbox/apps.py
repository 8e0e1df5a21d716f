"""送信箱 (taxsys.platform.outbox)."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "taxsys.platform.outbox"
    label = "outbox"
    verbose_name = "送信箱"

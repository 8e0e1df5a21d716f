"""eLTAX・国税連携 (eltax_bridge)."""

from django.apps import AppConfig


class EltaxBridgeConfig(AppConfig):
    name = "eltax_bridge"
    verbose_name = "eLTAX・国税連携"

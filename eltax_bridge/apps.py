"""eLTAX・国税連携 (eltax_bridge)."""

from django.apps import AppConfig


class EltaxBridgeConfig(AppConfig):
    name = "eltax_bridge"
    verbose_name = "eLTAX・国税連携"

    def ready(self) -> None:
        """Say how the files that carry numbers are read when two people compare a sample of them (R-207)."""
        from addressbook.number_sources import source_register
        from eltax_bridge.number_sources import SOURCES

        for source in SOURCES:
            source_register(source)

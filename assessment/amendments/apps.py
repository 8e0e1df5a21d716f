"""更正・減免 (assessment.amendments)."""

from django.apps import AppConfig


class AmendmentsConfig(AppConfig):
    name = "assessment.amendments"
    label = "amendments"
    verbose_name = "更正・減免"

    def ready(self) -> None:
        """Approvals, cards of the home page."""
        from assessment.amendments.desk import register

        register()

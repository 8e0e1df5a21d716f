"""賦課 (assessment)."""

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "assessment"
    verbose_name = "賦課"

    def ready(self) -> None:
        """Say what can be searched here; tabs of the party card, menu items, cards of the home page, approvals."""
        from assessment.decisions.approvals import approval_kind_register
        from assessment.decisions.print_guard import recall_stops
        from assessment.desk import register
        from assessment.dossier import section_of_assessment
        from assessment.search import PROVIDERS
        from assessment.statistics import INCOME_BANDS
        from taxsys.platform.datasets.declaration import dataset_register
        from taxsys.platform.printing.guards import package_guard_register
        from taxsys.platform.search.registry import search_register

        section_of_assessment()
        for provider in PROVIDERS:
            search_register(provider)
        register()
        approval_kind_register()
        package_guard_register("assessment.recall", recall_stops)
        dataset_register(INCOME_BANDS)

"""家屋敷等 (assessment.premises)."""

from django.apps import AppConfig


class PremisesConfig(AppConfig):
    name = "assessment.premises"
    label = "premises"
    verbose_name = "家屋敷・事務所・事業所"

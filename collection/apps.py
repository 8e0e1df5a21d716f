"""収納 (collection)."""

from django.apps import AppConfig


class CollectionConfig(AppConfig):
    name = "collection"
    verbose_name = "収納"

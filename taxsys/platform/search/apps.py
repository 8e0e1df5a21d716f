"""検索 (taxsys.platform.search)."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "taxsys.platform.search"
    label = "search"
    verbose_name = "検索"

"""ファイル授受 (taxsys.platform.files)."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "taxsys.platform.files"
    label = "files"
    verbose_name = "ファイル授受"

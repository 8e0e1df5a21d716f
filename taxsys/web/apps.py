"""Composition of the whole house (taxsys.web)."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "taxsys.web"
    label = "web"
    verbose_name = "全体構成"

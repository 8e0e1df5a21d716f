"""宛名 (addressbook)."""

from django.apps import AppConfig


class AddressbookConfig(AppConfig):
    name = "addressbook"
    verbose_name = "宛名"

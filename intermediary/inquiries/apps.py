"""情報照会 (intermediary.inquiries)."""

from django.apps import AppConfig


class InquiriesConfig(AppConfig):
    name = "intermediary.inquiries"
    label = "inquiries"
    verbose_name = "情報照会"

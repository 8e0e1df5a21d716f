"""還付の支払の方法と請求権の時効 (collection.payouts)."""

from django.apps import AppConfig


class PayoutsConfig(AppConfig):
    name = "collection.payouts"
    label = "payouts"
    verbose_name = "還付の支払"

"""還付の支払の方法 (tables): the wish for a 公金受取口座. No account stands here (N-057)."""

from django.db import models
from django.db.models import Q

from collection.models import RefundPayment


class WishWay(models.TextChoices):
    """指定を受けた方法."""

    PAPER = "paper", "還付請求書（紙）"
    ONLINE = "online", "電子申請"
    COUNTER = "counter", "窓口で記入"


class DesignationState(models.TextChoices):
    """公金受取口座の照会の状態."""

    ASKED = "asked", "照会中"
    FOUND = "found", "口座あり"
    NONE = "none", "登録なし"
    ERROR = "error", "照会不可"
    WITHDRAWN = "withdrawn", "取下げ"


class AccountDesignation(models.Model):
    """公金受取口座の指定 (R-113): the payee's wish on the claim form of this refund, and how its inquiry went.

    One for each payment: what is answered serves that payment alone.
    """

    payment = models.OneToOneField(
        RefundPayment, on_delete=models.PROTECT, related_name="designation", verbose_name="支払"
    )
    designated_on = models.DateField("指定の日")
    way = models.CharField("指定を受けた方法", max_length=8, choices=WishWay)
    document = models.CharField("請求書の受付番号など", max_length=40)
    state = models.CharField("照会の状態", max_length=10, choices=DesignationState, default=DesignationState.ASKED)
    answered_on = models.DateField("回答の日", null=True)
    message_ja = models.CharField("回答の内容", max_length=60, blank=True)
    recorded_by = models.CharField("登録者", max_length=20)
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "公金受取口座の指定"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["asked", "withdrawn"]) | Q(answered_on__isnull=False),
                name="payouts_designation_answered_ck",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment_id}: {self.state}"

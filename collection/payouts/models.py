"""還付の支払の方法 (tables): the wish for a 公金受取口座, what was handed over at the counter, claims that ended.

No account stands here (N-057).
"""

from django.db import models
from django.db.models import Q

from collection.models import JournalEntry, Overpayment, RefundDecision, RefundPayment


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


class Identity(models.TextChoices):
    """窓口での本人確認書類."""

    MY_NUMBER_CARD = "card", "個人番号カード"
    LICENCE = "licence", "運転免許証"
    PASSPORT = "passport", "旅券"
    RESIDENCE_CARD = "residence", "在留カードなど"
    TWO_PAPERS = "two", "写真のない書類2点"


class CounterPayout(models.Model):
    """窓口払: its approval, and who handed the money over to whom he had identified."""

    payment = models.OneToOneField(RefundPayment, on_delete=models.PROTECT, related_name="counter", verbose_name="支払")
    approval_ref = models.CharField("決裁", max_length=60)
    identity = models.CharField("本人確認書類", max_length=10, choices=Identity, blank=True)
    paid_by = models.CharField("支払った職員", max_length=20, blank=True)
    paid_at = models.DateTimeField("支払日時", null=True)

    class Meta:
        verbose_name = "窓口払"
        constraints = [
            models.CheckConstraint(
                condition=Q(paid_at__isnull=True) | (~Q(identity="") & ~Q(paid_by="")), name="payouts_counter_paid_ck"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment_id}: {self.paid_by}"


class RefundExpiry(models.Model):
    """還付請求権の時効: a claim whose time has run out, listed by a run, and written off to revenue when let go.

    Of a decision (what has not been paid) or of an overpayment that nobody decided about.
    """

    decision = models.OneToOneField(RefundDecision, on_delete=models.PROTECT, null=True, verbose_name="還付充当決定")
    overpayment = models.OneToOneField(Overpayment, on_delete=models.PROTECT, null=True, verbose_name="過誤納金")
    ended_on = models.DateField("時効の完成日")
    yen = models.BigIntegerField("額")
    job_run_id = models.BigIntegerField("抽出の実行")
    listed_on = models.DateField("抽出日")
    released_by = models.CharField("承認した人", max_length=60, blank=True)
    entry = models.OneToOneField(JournalEntry, on_delete=models.PROTECT, null=True, verbose_name="仕訳")

    class Meta:
        verbose_name = "還付請求権の時効"
        constraints = [
            models.CheckConstraint(
                condition=Q(decision__isnull=False, overpayment__isnull=True)
                | Q(decision__isnull=True, overpayment__isnull=False),
                name="payouts_expiry_one_ck",
            ),
            models.CheckConstraint(condition=Q(yen__gt=0), name="payouts_expiry_yen_ck"),
            models.CheckConstraint(
                condition=Q(entry__isnull=True) | ~Q(released_by=""), name="payouts_expiry_released_ck"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id or self.overpayment_id}: {self.yen}"

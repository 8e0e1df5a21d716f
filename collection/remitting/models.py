"""払込の指示と徴収取扱費 (tables): orders with their entries, claims of the fee with their parts. No person in them."""

from django.db import models
from django.db.models import Q

from collection.closing.models import Remittance
from collection.models import JournalEntry
from collection.remitting.rules import PARTS_JA


class OrderState(models.TextChoices):
    """払込の指示の状態."""

    ORDERED = "ordered", "払込前"
    CARRIED = "carried", "翌月で精算"
    PAID = "paid", "払込済"
    RECALLED = "recalled", "取消"


class RemittanceOrder(models.Model):
    """払込の指示 of a decided month: payable from its decision, paid or recalled. One of a month is live at most.

    A month below zero is carried: the next order takes it off. `net_yen` is what is paid.
    """

    remittance = models.ForeignKey(Remittance, on_delete=models.PROTECT, related_name="orders", verbose_name="払込")
    attempt = models.PositiveSmallIntegerField("回")
    prefecture_yen = models.BigIntegerField("道府県民税分")
    forest_yen = models.BigIntegerField("森林環境税分")
    carried_yen = models.BigIntegerField("前月からの精算", default=0)
    net_yen = models.BigIntegerField("払込額")
    state = models.CharField("状態", max_length=8, choices=OrderState)
    ordered_on = models.DateField("決定日")
    ordered_by = models.CharField("決定した人", max_length=60)
    entry = models.OneToOneField(
        JournalEntry, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="仕訳"
    )
    paid_on = models.DateField("払込日", null=True)
    paid_ref = models.CharField("払込書の番号", max_length=60, blank=True)
    paid_by = models.CharField("払込を記録した人", max_length=60, blank=True)
    paid_entry = models.OneToOneField(
        JournalEntry, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="払込の仕訳"
    )
    recalled_on = models.DateField("取消日", null=True)
    recalled_by = models.CharField("取り消した人", max_length=60, blank=True)
    recall_reason = models.CharField("取消の理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "払込の指示"
        ordering = ("-remittance__month_on", "-attempt")
        constraints = [
            models.UniqueConstraint(fields=("remittance", "attempt"), name="remit_order_attempt_uq"),
            models.UniqueConstraint(fields=("remittance",), condition=~Q(state="recalled"), name="remit_order_live_uq"),
            models.CheckConstraint(
                condition=Q(net_yen=models.F("prefecture_yen") + models.F("forest_yen") + models.F("carried_yen")),
                name="remit_order_net_ck",
            ),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(paid_on__isnull=False, net_yen__gte=0), name="remit_order_paid_ck"
            ),
            models.CheckConstraint(
                condition=~Q(state="recalled") | (Q(recalled_on__isnull=False) & ~Q(recall_reason="")),
                name="remit_order_recalled_ck",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.remittance}#{self.attempt}"


class FeeState(models.TextChoices):
    """徴収取扱費の請求の状態."""

    DRAFT = "draft", "集計"
    CLAIMED = "claimed", "請求"
    RECEIVED = "received", "受入済"


class FeeClaim(models.Model):
    """徴収取扱費の請求 of a term: counted, claimed by a second person's decision, received."""

    fiscal_year = models.PositiveSmallIntegerField("会計年度")
    term = models.PositiveSmallIntegerField("期")
    first_on = models.DateField("始期")
    last_on = models.DateField("終期")
    taxpayers = models.PositiveIntegerField("納税義務者数")
    counted_before = models.PositiveIntegerField("前期までの納税義務者数")
    total_yen = models.BigIntegerField("請求額")
    state = models.CharField("状態", max_length=8, choices=FeeState, default=FeeState.DRAFT)
    counted_at = models.DateTimeField("集計日時")
    claimed_on = models.DateField("請求日", null=True)
    claimed_by = models.CharField("決定した人", max_length=60, blank=True)
    entry = models.OneToOneField(
        JournalEntry, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="仕訳"
    )
    received_on = models.DateField("受入日", null=True)
    received_ref = models.CharField("受入の証拠", max_length=60, blank=True)
    received_by = models.CharField("受入を記録した人", max_length=60, blank=True)
    received_entry = models.OneToOneField(
        JournalEntry, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="受入の仕訳"
    )

    class Meta:
        verbose_name = "徴収取扱費"
        ordering = ("-fiscal_year", "-term")
        constraints = [
            models.UniqueConstraint(fields=("fiscal_year", "term"), name="fee_claim_term_uq"),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(claimed_on__isnull=False), name="fee_claim_claimed_ck"
            ),
            models.CheckConstraint(
                condition=~Q(state="received") | Q(received_on__isnull=False), name="fee_claim_received_ck"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fiscal_year}-{self.term}"


class FeeLine(models.Model):
    """徴収取扱費の内訳: one part of the law with its arithmetic."""

    claim = models.ForeignKey(FeeClaim, on_delete=models.CASCADE, related_name="lines", verbose_name="徴収取扱費")
    part = models.CharField("号", max_length=10, choices=list(PARTS_JA.items()))
    formula_ja = models.TextField("計算")
    yen = models.BigIntegerField("金額")

    class Meta:
        verbose_name = "徴収取扱費の内訳"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=("claim", "part"), name="fee_line_part_uq")]

    def __str__(self) -> str:
        return f"{self.claim_id}:{self.part}"

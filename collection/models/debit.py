"""口座振替 (direct debit): mandates, batches and the single requests in them."""

from datetime import date

from django.db import models
from django.db.models import Q

from collection.models.charges import Charge
from collection.models.masters import TaxKind
from taxsys.platform import clock


class DebitMandateQuerySet(models.QuerySet["DebitMandate"]):
    """Mandates by their period."""

    def in_force(self, on: date) -> "DebitMandateQuerySet":
        """Those in force on a day."""
        return self.not_ended(on).filter(valid_from__lte=on)

    def not_ended(self, on: date) -> "DebitMandateQuerySet":
        """Those in force on a day or to come."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))


class MandateChannel(models.TextChoices):
    """受付の方法 of an application."""

    PAPER = "paper", "紙（依頼書）"
    WEB = "web", "Web口座振替受付"
    FILE = "file", "金融機関の一覧"


class MandateEnd(models.TextChoices):
    """終了の理由."""

    CHANGED = "changed", "口座の変更"
    PARTY = "party", "本人の申出"
    BANK = "bank", "金融機関の通知（解約・名義相違など）"
    DEATH = "death", "口座名義人の死亡"


class DebitMandate(models.Model):
    """口座振替依頼 (mandate) of a party for a tax kind, in force over a half-open period.

    `registered_on` and `ended_on` are the days on which the office wrote start and end down: notices of a day follow
    them. `form_key` makes a form that is sent twice the same application.
    """

    mandate_no = models.CharField("依頼番号", max_length=20, unique=True)
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="納税者")
    tax_kind = models.ForeignKey(TaxKind, on_delete=models.PROTECT, verbose_name="税目")
    bank_code = models.CharField("銀行番号", max_length=4)
    branch_code = models.CharField("支店番号", max_length=3)
    account_type = models.CharField("預金種目", max_length=1)
    account_number = models.CharField("口座番号", max_length=7)
    holder_kana = models.CharField("預金者名", max_length=30)
    valid_from = models.DateField("開始日")
    valid_to = models.DateField("終了日", null=True, blank=True)
    channel = models.CharField("受付の方法", max_length=5, choices=MandateChannel, default=MandateChannel.FILE)
    accepted_on = models.DateField("受付日", null=True, blank=True)
    form_key = models.UUIDField("入力の識別", null=True, blank=True)
    registered_on = models.DateField("登録日", default=clock.today)
    registered_by = models.CharField("登録者", max_length=60, blank=True, default="")
    end_reason = models.CharField("終了の理由", max_length=8, choices=MandateEnd, blank=True, default="")
    ended_on = models.DateField("終了の登録日", null=True, blank=True)
    ended_by = models.CharField("終了の登録者", max_length=60, blank=True, default="")

    objects = DebitMandateQuerySet.as_manager()

    class Meta:
        verbose_name = "口座振替依頼"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=models.F("valid_from")),
                name="collection_mandate_period",
            ),
            models.UniqueConstraint(
                fields=["form_key", "tax_kind"],
                condition=models.Q(form_key__isnull=False),
                name="collection_mandate_once_a_form",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True, ended_on__isnull=True, end_reason="")
                | models.Q(valid_to__isnull=False, ended_on__isnull=False) & ~models.Q(end_reason=""),
                name="collection_mandate_end_told",
            ),
        ]
        indexes = [
            models.Index(fields=["registered_on"], name="collection_mandate_registered"),
            models.Index(fields=["ended_on"], name="collection_mandate_ended"),
        ]

    def __str__(self) -> str:
        return self.mandate_no


class DebitBatchState(models.TextChoices):
    """振替依頼の状態."""

    PREPARED = "prepared", "作成済"
    SENT = "sent", "送付済"
    ANSWERED = "answered", "結果取込済"


class DebitBatch(models.Model):
    """口座振替依頼データ (one request file): one per originator, debit day and attempt."""

    originator_code = models.CharField("委託者コード", max_length=10)
    debit_on = models.DateField("引落日")
    attempt_no = models.SmallIntegerField("回次", default=1)
    state = models.CharField("状態", max_length=10, choices=DebitBatchState, default=DebitBatchState.PREPARED)
    request_count = models.IntegerField("件数")
    request_yen = models.BigIntegerField("合計額")

    class Meta:
        verbose_name = "口座振替依頼データ"
        constraints = [
            models.UniqueConstraint(
                fields=["originator_code", "debit_on", "attempt_no"], name="collection_debit_batch_key"
            )
        ]

    def __str__(self) -> str:
        return f"{self.originator_code}:{self.debit_on}:{self.attempt_no}"


class DebitRequestState(models.TextChoices):
    """振替の状態."""

    REQUESTED = "requested", "依頼中"
    DEBITED = "debited", "振替済"
    FAILED = "failed", "振替不能"
    CANCELLED = "cancelled", "取下げ"


class DebitRequest(models.Model):
    """口座振替請求 (one line of a batch). A charge has at most one request that is not failed or cancelled."""

    batch = models.ForeignKey(DebitBatch, on_delete=models.PROTECT, related_name="requests", verbose_name="依頼データ")
    mandate = models.ForeignKey(DebitMandate, on_delete=models.PROTECT, verbose_name="依頼", db_index=False)
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="debit_requests", verbose_name="期別債権")
    customer_number = models.CharField("顧客番号", max_length=20, unique=True)
    amount_yen = models.BigIntegerField("金額")
    result_code = models.CharField("振替結果コード", max_length=1, blank=True)
    state = models.CharField("状態", max_length=10, choices=DebitRequestState, default=DebitRequestState.REQUESTED)

    class Meta:
        verbose_name = "口座振替請求"
        constraints = [
            models.UniqueConstraint(
                fields=["charge"],
                condition=models.Q(state__in=["requested", "debited"]),
                name="collection_debit_request_live",
            ),
            models.CheckConstraint(condition=models.Q(amount_yen__gt=0), name="collection_debit_request_amount"),
        ]

    def __str__(self) -> str:
        return self.customer_number

"""収納 (receipts), allocation, suspense and overpayments."""

from django.db import models

from collection.models.charges import Charge
from collection.models.ledger import Component, JournalEntry
from collection.models.masters import Channel
from collection.models.slips import Slip


class ReceiptFile(models.Model):
    """収納データ (one received file of receipts): the same hash or the same business key is refused."""

    channel = models.CharField("チャネル", max_length=10, choices=Channel)
    file_key = models.CharField("業務キー", max_length=120)
    sha256 = models.CharField("ハッシュ", max_length=64)
    created_on = models.DateField("作成日")
    received_on = models.DateField("受領日")
    record_count = models.IntegerField("件数")
    total_yen = models.BigIntegerField("合計額")

    class Meta:
        verbose_name = "収納データ"
        constraints = [
            models.UniqueConstraint(fields=["channel", "file_key"], name="collection_receipt_file_key"),
            models.UniqueConstraint(fields=["sha256"], name="collection_receipt_file_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.channel}:{self.file_key}"


class ReceiptState(models.TextChoices):
    """収納の状態."""

    PRELIMINARY = "preliminary", "速報"
    CONFIRMED = "confirmed", "確報"
    WITHDRAWN = "withdrawn", "取消"


class Receipt(models.Model):
    """収納 (receipt): one payment. Its state follows from three facts that only ever become true, so any order of
    速報・確報・取消 ends the same: corrected → withdrawn, confirmed → confirmed, lifted → withdrawn, else preliminary.
    """

    channel = models.CharField("チャネル", max_length=10, choices=Channel)
    external_key = models.CharField("収納キー", max_length=120)
    paid_on = models.DateField("領収日")
    account_on = models.DateField("会計日", null=True)
    amount_yen = models.BigIntegerField("金額")
    key_kind = models.CharField("照合キー種別", max_length=10)
    match_key = models.CharField("照合キー", max_length=80)
    is_reported = models.BooleanField("速報あり", default=False)
    is_confirmed = models.BooleanField("確報あり", default=False)
    is_lifted = models.BooleanField("速報取消あり", default=False)
    is_corrected = models.BooleanField("訂正あり", default=False)
    state = models.CharField("状態", max_length=12, choices=ReceiptState)
    slip = models.ForeignKey(Slip, on_delete=models.PROTECT, null=True, verbose_name="納付書")
    file = models.ForeignKey(ReceiptFile, on_delete=models.PROTECT, null=True, verbose_name="収納データ")
    line_no = models.IntegerField("行", default=0)
    actor = models.CharField("処理者", max_length=60)
    entry = models.OneToOneField(JournalEntry, on_delete=models.PROTECT, null=True, verbose_name="仕訳")

    class Meta:
        verbose_name = "収納"
        constraints = [
            models.UniqueConstraint(fields=["external_key", "channel"], name="collection_receipt_key"),
            models.CheckConstraint(condition=models.Q(amount_yen__gt=0), name="collection_receipt_amount"),
        ]
        indexes = [
            models.Index(fields=["account_on", "channel"], name="collection_receipt_day"),
            models.Index(
                fields=["key_kind", "match_key"],
                condition=models.Q(state="preliminary"),
                name="collection_receipt_prelim",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}:{self.external_key}"


class Allocation(models.Model):
    """消込 (allocation) of a receipt to a component of a charge. Append-only: undoing adds a negative row."""

    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="allocations", verbose_name="収納")
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="allocations", verbose_name="期別債権")
    component = models.CharField("区分", max_length=20, choices=Component)
    paid_on = models.DateField("領収日")
    yen = models.BigIntegerField("金額")
    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, db_index=False, verbose_name="仕訳")

    class Meta:
        verbose_name = "消込"
        constraints = [models.CheckConstraint(condition=~models.Q(yen=0), name="collection_allocation_amount")]

    def __str__(self) -> str:
        return f"{self.receipt_id}->{self.charge_id} {self.yen}"


class SuspenseReason(models.TextChoices):
    """仮受の理由."""

    UNKNOWN_KEY = "unknown_key", "照合キー不明"
    AMOUNT_DIFFERS = "amount_differs", "金額相違"
    CHARGE_CLOSED = "charge_closed", "取消済みの期別"
    FUTURE_DATE = "future_date", "領収日が未来"
    MATCHING_REVERSED = "matching_reversed", "消込取消"


class Suspense(models.Model):
    """仮受 (suspense): money that has arrived and whose claim is not known yet."""

    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="suspenses", verbose_name="収納")
    yen = models.BigIntegerField("金額")
    remaining_yen = models.BigIntegerField("残額")
    reason = models.CharField("理由", max_length=20, choices=SuspenseReason)
    opened_on = models.DateField("発生日")
    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, db_index=False, verbose_name="仕訳")

    class Meta:
        verbose_name = "仮受"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(yen__gt=0, remaining_yen__gte=0, remaining_yen__lte=models.F("yen")),
                name="collection_suspense_remaining",
            )
        ]
        indexes = [
            models.Index(fields=["opened_on"], condition=models.Q(remaining_yen__gt=0), name="collection_suspense_open")
        ]

    def __str__(self) -> str:
        return f"{self.receipt_id}: {self.remaining_yen}/{self.yen}"


class OverpaymentCause(models.TextChoices):
    """過誤納の原因 (decides the start date of 還付加算金, 地方税法17条の4)."""

    DOUBLE = "double", "二重納付"
    EXCESS = "excess", "過大納付"
    LEVY_REDUCED = "levy_reduced", "減額・取消"
    WITHHELD = "withheld", "配当割額等の控除不足額"


class Overpayment(models.Model):
    """過誤納金 (overpayment); refund and offset take from `remaining_yen`, which can never be negative.

    A refund leaves `yen` as it is: that money of the receipt went back. An offset lowers both, for that money now lies
    in the allocations of the receipt. A receipt that is reversed takes its overpayment with it: both fall to zero.
    `held_by` is the live decision over it (還付充当の案・決定): there is at most one.
    """

    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="権利者")
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="overpayments", verbose_name="期別債権")
    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, null=True, verbose_name="収納")
    cause = models.CharField("原因", max_length=16, choices=OverpaymentCause)
    component = models.CharField("区分", max_length=20, choices=Component, default=Component.PRINCIPAL)
    paid_on = models.DateField("納付日")
    arose_on = models.DateField("発生日")
    yen = models.BigIntegerField("金額")
    remaining_yen = models.BigIntegerField("残額")
    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, db_index=False, verbose_name="仕訳")
    # 起算の号 and its dates as the act that reduced the levy knows them; "" = by the cause.
    ground = models.CharField("起算の号", max_length=10, blank=True, db_default="")
    request_on = models.DateField("更正の請求の日", null=True)
    correction_on = models.DateField("更正の日", null=True)
    tax_office_notice_on = models.DateField("所得税の更正通知の日", null=True)
    held_by = models.ForeignKey(
        "collection.RefundDecision", on_delete=models.PROTECT, null=True, related_name="held", verbose_name="還付充当"
    )

    class Meta:
        verbose_name = "過誤納金"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(remaining_yen__gte=0, remaining_yen__lte=models.F("yen")),
                name="collection_overpayment_remaining",
            )
        ]

    def __str__(self) -> str:
        return f"{self.party_id}: {self.remaining_yen}/{self.yen}"

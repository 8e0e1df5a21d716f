"""済通の束 (batches of paid slips): control slip, lines as they were read, what an officer put right."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from collection.models import ReceiptFile


class BatchKind(models.TextChoices):
    """束の入手のしかた."""

    OCR = "ocr", "OCR読取"
    PUNCH = "punch", "パンチ"
    KEYED = "keyed", "画面入力"


class BatchState(models.TextChoices):
    """束の状態."""

    OPEN = "open", "計上前"
    POSTED = "posted", "計上済"
    DISCARDED = "discarded", "取下げ"


class SlipBatch(models.Model):
    """済通の束 (batch): it is posted whole, when count and yen agree with the control slip, or not at all."""

    kind = models.CharField("種類", max_length=5, choices=BatchKind)
    bank_code = models.CharField("金融機関コード", max_length=4)
    batch_no = models.CharField("束番号", max_length=8)
    account_on = models.DateField("会計日")
    control_count = models.PositiveIntegerField("送付票の件数")
    control_yen = models.BigIntegerField("送付票の金額")
    content_mark = models.CharField("中身の印", max_length=64)
    received_ref = models.CharField("受領ファイル", max_length=40, blank=True)
    state = models.CharField("状態", max_length=9, choices=BatchState, default=BatchState.OPEN)
    taken_by = models.CharField("取り込んだ人", max_length=60)
    taken_at = models.DateTimeField("取込日時")
    receipt_file = models.OneToOneField(ReceiptFile, on_delete=models.PROTECT, null=True, verbose_name="収納データ")
    ended_by = models.CharField("計上・取下げした人", max_length=60, blank=True)
    ended_at = models.DateTimeField("計上・取下げ日時", null=True)
    reason_ja = models.CharField("取下げの理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "済通の束"
        ordering = ("-account_on", "bank_code", "batch_no", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("bank_code", "account_on", "batch_no"),
                condition=~Q(state="discarded"),
                name="slip_batch_once_uq",
            ),
            models.UniqueConstraint(
                fields=("content_mark",), condition=~Q(state="discarded"), name="slip_batch_content_uq"
            ),
            models.CheckConstraint(condition=Q(control_count__gt=0, control_yen__gt=0), name="slip_batch_control_ck"),
            models.CheckConstraint(
                condition=Q(state="posted", receipt_file__isnull=False) | ~Q(state="posted"),
                name="slip_batch_posted_ck",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank_code}-{self.account_on:%Y%m%d}-{self.batch_no}"


class LineState(models.TextChoices):
    """済通一枚の状態."""

    READ = "read", "読取済"
    OPEN = "open", "要訂正"
    DONE = "done", "訂正済"


class PaidSlip(models.Model):
    """済通一枚: the lines as they were read (never changed) and the values that will be posted."""

    batch = models.ForeignKey(SlipBatch, on_delete=models.CASCADE, related_name="slips", verbose_name="束")
    seq_no = models.PositiveIntegerField("一連番号")
    line_no = models.PositiveIntegerField("行番号")
    branch_code = models.CharField("店番号", max_length=3, blank=True)
    read_paid_on = models.CharField("領収日の読取", max_length=8, blank=True)
    read_upper = models.CharField("上段の読取", max_length=39, blank=True)
    read_lower = models.CharField("下段の読取", max_length=80, blank=True)
    read_amount = models.CharField("金額の読取", max_length=11, blank=True)
    faults = ArrayField(models.CharField(max_length=14), verbose_name="読取の問題", default=list)
    paid_on = models.DateField("領収日", null=True)
    key_kind = models.CharField("照合キー種別", max_length=6, default="case")
    match_key = models.CharField("照合キー", max_length=80, blank=True)
    amount_yen = models.BigIntegerField("金額", null=True)
    state = models.CharField("状態", max_length=5, choices=LineState)
    corrected_by = models.CharField("訂正した人", max_length=60, blank=True)
    corrected_at = models.DateTimeField("訂正日時", null=True)

    class Meta:
        verbose_name = "領収済通知書"
        ordering = ("batch_id", "seq_no")
        constraints = [
            models.UniqueConstraint(fields=("batch", "seq_no"), name="paid_slip_once_uq"),
            models.CheckConstraint(
                condition=Q(state="open") | Q(paid_on__isnull=False, amount_yen__gt=0), name="paid_slip_complete_ck"
            ),
            models.CheckConstraint(condition=Q(amount_yen__isnull=True) | Q(amount_yen__gt=0), name="paid_slip_yen_ck"),
        ]
        indexes = [
            models.Index(fields=("match_key", "paid_on"), condition=~Q(match_key=""), name="paid_slip_key_ix"),
            models.Index(F("batch"), condition=Q(state="open"), name="paid_slip_open_ix"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.seq_no}"

"""副本 (provision copies): what the intermediary server has been told of each person and year, version by version.

A copy is never overwritten: a change, a flag or a retraction is the next version. The row says what was told; the
decision behind it says why. R-084, N-041 to N-047, N-063, N-096.
"""

from django.db import models
from django.db.models import F, Q


class CopyBatch(models.Model):
    """副本データの作成一回: the records of one job run and the file that carried them."""

    job_run_id = models.BigIntegerField("バッチ実行番号", unique=True)
    made_on = models.DateField("作成日")
    seq = models.PositiveSmallIntegerField("日内連番")
    file = models.ForeignKey("files.OutgoingFile", on_delete=models.PROTECT, null=True, related_name="+")
    record_count = models.PositiveIntegerField("件数", default=0)
    # A batch that was given up before its release: its records travel with this later one.
    carried_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="carried")
    released_by = models.CharField("提供承認者", max_length=64, blank=True)
    sent_at = models.DateTimeField("送信日時", null=True)
    answered_at = models.DateTimeField("結果受領日時", null=True)
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "副本データ作成"
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("made_on", "seq"), name="copy_batch_of_day_uq"),)

    def __str__(self) -> str:
        return f"{self.made_on}-{self.seq:03d}"


class Revision(models.TextChoices):
    INITIAL = "0", "当初"
    CORRECTED = "1", "更正"
    CANCELLED = "9", "取消"


class CopyRecord(models.Model):
    """副本の一版. A retraction repeats what it retracts, with revision 9; `decision` is the one it tells of."""

    batch = models.ForeignKey(CopyBatch, on_delete=models.PROTECT, related_name="records")
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+")
    tax_year = models.PositiveSmallIntegerField("課税年度")
    version = models.PositiveSmallIntegerField("版番号")
    revision = models.CharField("更正区分", max_length=1, choices=Revision.choices)
    decision = models.ForeignKey("assessment.Decision", on_delete=models.PROTECT, related_name="+")
    items = models.JSONField("項目")
    is_reply_held = models.BooleanField("自動応答不可", default=False)
    is_nondisclosed = models.BooleanField("不開示該当", default=False)
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "副本"
        constraints = (
            models.UniqueConstraint(fields=("party", "tax_year", "version"), name="copy_record_version_uq"),
            models.UniqueConstraint(fields=("batch", "party", "tax_year"), name="copy_record_batch_uq"),
        )
        indexes = (models.Index(fields=("tax_year", "party", "-version"), name="copy_record_latest_ix"),)

    def __str__(self) -> str:
        return f"{self.party_id} {self.tax_year} 第{self.version}版"


class ReplyHold(models.Model):
    """自動応答不可: automatic answers about this person are held; lifted only by a second person (N-063, N-064)."""

    class Reason(models.TextChoices):
        PROTECTION = "protection", "支援措置"
        DISPUTE = "dispute", "係争"
        INVESTIGATION = "investigation", "犯則調査"
        OTHER = "other", "その他"

    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField("理由", max_length=14, choices=Reason.choices)
    is_nondisclosed = models.BooleanField("不開示該当", default=True)
    from_on = models.DateField("開始日")
    set_by = models.CharField("設定者", max_length=80)
    lifted_on = models.DateField("解除日", null=True)
    lift_proposed_by = models.CharField("解除起案者", max_length=80, blank=True)
    lifted_by = models.CharField("解除決裁者", max_length=80, blank=True)
    lift_reason = models.CharField("解除理由", max_length=200, blank=True)
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "自動応答不可"
        constraints = (
            models.UniqueConstraint(
                fields=("party", "reason"), condition=Q(lifted_on__isnull=True), name="reply_hold_one_open"
            ),
            models.CheckConstraint(
                condition=Q(lifted_on__isnull=True) | (~Q(lifted_by="") & ~Q(lifted_by=F("lift_proposed_by"))),
                name="reply_hold_four_eyes_ck",
            ),
        )

    def __str__(self) -> str:
        return f"{self.party_id} {self.reason}"

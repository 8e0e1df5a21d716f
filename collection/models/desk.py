"""窓口の締めと入金額 (till closings, bank totals): what was counted and what the bank credited, beside the books."""

from django.db import models

from collection.models.masters import Channel


class TillClosing(models.Model):
    """窓口の締め (till closing): cash counted by an officer at the end of a day against what was posted at the till."""

    staff_no = models.CharField("職員番号", max_length=20)
    closed_for = models.DateField("対象日")
    receipt_count = models.IntegerField("件数")
    posted_yen = models.BigIntegerField("計上額")
    counted_yen = models.BigIntegerField("現金残高")
    note = models.CharField("差異の理由", max_length=200, blank=True)
    closed_at = models.DateTimeField("締めた日時")

    class Meta:
        verbose_name = "窓口の締め"
        constraints = [
            models.UniqueConstraint(fields=["staff_no", "closed_for"], name="collection_till_once"),
            models.CheckConstraint(
                condition=models.Q(counted_yen=models.F("posted_yen")) | ~models.Q(note=""),
                name="collection_till_difference_said",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff_no}:{self.closed_for}"


class BankTotal(models.Model):
    """入金額 (bank total) of a channel and account day as the bank states it; the newest row counts, all are kept."""

    channel = models.CharField("チャネル", max_length=10, choices=Channel)
    account_on = models.DateField("会計日")
    yen = models.BigIntegerField("入金額")
    reference = models.CharField("入金の証拠", max_length=60)
    actor = models.CharField("処理者", max_length=60)
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "入金額"
        constraints = [models.CheckConstraint(condition=models.Q(yen__gte=0), name="collection_bank_total_sign")]
        indexes = [models.Index(fields=["account_on", "channel"], name="collection_bank_total_day")]

    def __str__(self) -> str:
        return f"{self.channel}:{self.account_on}"

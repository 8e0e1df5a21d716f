"""移行のモデル: a batch with its totals, codes of slips of the old system, the last comparison of the parallel run."""

from django.db import models
from django.db.models import Q

from collection.models import Charge


class TakeoverBatch(models.Model):
    """移行 (one posted take-over): which files it was made of, who asked for it and who let it start."""

    batch_no = models.CharField("移行番号", max_length=20, unique=True)
    cutover_on = models.DateField("移行日")
    files = models.JSONField("受領ファイル")
    actor = models.CharField("処理者", max_length=60)
    posted_at = models.DateTimeField("計上日時")

    class Meta:
        verbose_name = "移行"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.batch_no


class TakeoverTotal(models.Model):
    """移行の照合: count and yen of a subject by tax and year, as the files say it and as the ledger says it. Equal."""

    batch = models.ForeignKey(TakeoverBatch, on_delete=models.PROTECT, related_name="totals", verbose_name="移行")
    subject = models.CharField("対象", max_length=12)
    tax_kind = models.CharField("税目", max_length=4)
    tax_year = models.IntegerField("課税年度")
    file_count = models.IntegerField("移行元の件数")
    file_yen = models.BigIntegerField("移行元の金額")
    ledger_count = models.IntegerField("元帳の件数")
    ledger_yen = models.BigIntegerField("元帳の金額")

    class Meta:
        verbose_name = "移行の照合"
        constraints = [
            models.UniqueConstraint(fields=["batch", "subject", "tax_kind", "tax_year"], name="takeover_total_once"),
            models.CheckConstraint(
                condition=Q(file_count=models.F("ledger_count"), file_yen=models.F("ledger_yen")),
                name="takeover_total_agrees",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.subject}:{self.tax_kind}:{self.tax_year}"


class SlipCode(models.Model):
    """旧納付書の番号 (a code on a slip of the old system): what an agent reports of it finds the slip here.

    `case_no` is the slip's; there is no key between the tables, so that posting payments needs only this one row.
    """

    code = models.CharField("番号", max_length=44, primary_key=True)
    case_no = models.CharField("案件特定番号", max_length=16)

    class Meta:
        verbose_name = "旧納付書の番号"

    def __str__(self) -> str:
        return self.case_no


class Comparison(models.Model):
    """並行稼働の比較: counts and yen of the old system's state beside ours on a day. The newest replaces the rows."""

    on = models.DateField("時点")
    file_name = models.CharField("受領ファイル", max_length=200)
    rows = models.IntegerField("比較した期別")
    differing = models.IntegerField("差異のある期別")
    missing_here = models.IntegerField("こちらにない期別")
    missing_there = models.IntegerField("旧システムにない期別")
    legacy_unpaid_yen = models.BigIntegerField("旧システムの未納額")
    unpaid_yen = models.BigIntegerField("こちらの未納額")
    compared_at = models.DateTimeField("比較した日時")

    class Meta:
        verbose_name = "並行稼働の比較"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.on}"


class ComparisonRow(models.Model):
    """並行稼働の差異: one item of one instalment that differs. `charge` is empty where we do not know it."""

    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="found", verbose_name="比較")
    charge = models.ForeignKey(Charge, on_delete=models.CASCADE, null=True, related_name="+", verbose_name="期別債権")
    charge_key = models.CharField("期別のキー", max_length=80)
    item = models.CharField("項目", max_length=16)
    legacy_yen = models.BigIntegerField("旧システム", null=True)
    yen = models.BigIntegerField("こちら", null=True)

    class Meta:
        verbose_name = "並行稼働の差異"
        constraints = [
            models.UniqueConstraint(fields=["comparison", "charge_key", "item"], name="takeover_difference_once")
        ]

    def __str__(self) -> str:
        return f"{self.comparison_id}:{self.item}"

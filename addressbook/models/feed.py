"""Bookkeeping of the resident feed and the work list of numbers that could not be stored."""

from django.db import models

from addressbook.codes import NumberTaskKind
from addressbook.models.party import Party
from addressbook.number_codes import NumberTaskOutcome


class FeedState(models.Model):
    """取込状態: the last sequence number applied, per source. Locked while a chunk is applied."""

    source = models.CharField("入力元", max_length=30, primary_key=True)
    last_seq = models.BigIntegerField("最終連番", default=0)
    applied_at = models.DateTimeField("最終取込日時", null=True, blank=True)

    class Meta:
        verbose_name = "取込状態"

    def __str__(self) -> str:
        return f"{self.source} {self.last_seq}"


class FeedRecord(models.Model):
    """取込記録: one row per feed record, so that a later correction (区分3) finds what it undoes. No personal data."""

    id = models.BigAutoField(primary_key=True)
    source = models.CharField("入力元", max_length=30)
    seq = models.BigIntegerField("連番")
    party = models.ForeignKey(Party, verbose_name="宛名", on_delete=models.PROTECT, related_name="+")
    op = models.CharField("異動区分", max_length=1)
    event_on = models.DateField("異動日")
    reason = models.CharField("異動事由", max_length=3, blank=True, default="")
    applied_at = models.DateTimeField("取込日時")
    undone_by_seq = models.BigIntegerField("取消連番", null=True, blank=True)

    class Meta:
        verbose_name = "取込記録"
        constraints = [models.UniqueConstraint(fields=["source", "seq"], name="feedrecord_seq")]

    def __str__(self) -> str:
        return f"{self.source} {self.seq}"


class Town(models.Model):
    """町字マスタ: names the town codes of the resident feed."""

    id = models.BigAutoField(primary_key=True)
    municipality_code = models.CharField("市区町村コード", max_length=6)
    town_code = models.CharField("町字コード", max_length=7, db_collation="C")
    name = models.CharField("町字名", max_length=100)
    zip = models.CharField("郵便番号", max_length=7, blank=True, default="")

    class Meta:
        verbose_name = "町字"
        constraints = [models.UniqueConstraint(fields=["municipality_code", "town_code"], name="town_code_once")]

    def __str__(self) -> str:
        return self.name


class NumberTask(models.Model):
    """個人番号の確認待ち: a number that was not stored, and why. Holds no number and nothing derived from one."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField("種別", max_length=20, choices=NumberTaskKind.choices)
    party = models.ForeignKey(
        Party, verbose_name="宛名", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    other_party = models.ForeignKey(
        Party, verbose_name="登録済みの者", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    held_ref = models.UUIDField("保留番号の参照", null=True, blank=True)
    source = models.CharField("入力元", max_length=60)
    source_label = models.CharField("入力行", max_length=60, blank=True, default="")
    opened_at = models.DateTimeField("発生日時")
    closed_at = models.DateTimeField("処理日時", null=True, blank=True)
    outcome = models.CharField("処理結果", max_length=40, choices=NumberTaskOutcome.choices, blank=True, default="")
    reason = models.CharField("処理の理由", max_length=200, blank=True, default="")
    closed_by = models.CharField("処理した職員", max_length=20, blank=True, default="")

    class Meta:
        verbose_name = "個人番号の確認待ち"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True, outcome="", reason="", closed_by="")
                | (models.Q(closed_at__isnull=False) & ~models.Q(outcome="") & ~models.Q(reason="")),
                name="numbertask_settled_with_reason",
            )
        ]
        indexes = [models.Index(fields=["kind"], name="numbertask_open", condition=models.Q(closed_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.kind} {self.source_label}"

"""要調査事項: what a check over the whole city found about a person, worked off one by one with a note.

One row per year, kind and matter, whatever number of runs finds it: the next run updates, reopens or ends it. F-PC-012,
F-PL-015.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class ItemKind(models.TextChoices):
    TWICE = "twice", "扶養親族の重複"
    TOO_RICH = "too_rich", "扶養親族の所得超過"
    SPOUSES = "spouses", "配偶者の不一致"
    NON_FILER = "non_filer", "未申告者"


class ItemState(models.TextChoices):
    OPEN = "open", "未処理"
    DONE = "done", "処理済"
    GONE = "gone", "解消"


class DeskItem(models.Model):
    """要調査事項一件: `party` whom it is about, `others` who else (the claimants), `key` what makes it the same."""

    kind = models.CharField("種別", max_length=12, choices=ItemKind.choices)
    tax_year = models.PositiveSmallIntegerField("課税年度")
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="対象者")
    others = ArrayField(models.UUIDField(), verbose_name="関係者", default=list)
    key = models.CharField("識別", max_length=200)
    message_ja = models.CharField("内容", max_length=500)
    state = models.CharField("状態", max_length=8, choices=ItemState.choices, default=ItemState.OPEN)
    note = models.CharField("処理の内容", max_length=200, blank=True)
    settled_by = models.CharField("処理者", max_length=20, blank=True)
    settled_at = models.DateTimeField("処理日時", null=True)
    asked_on = models.DateField("申告のお願いの発送日", null=True)
    found_at = models.DateTimeField("最初に見つけた日時")
    job_run_id = models.BigIntegerField("最後に見たバッチ実行", null=True)

    class Meta:
        verbose_name = "要調査事項"
        constraints = [models.UniqueConstraint(fields=("tax_year", "kind", "key"), name="desk_item_uq")]
        indexes = [
            models.Index(fields=("tax_year", "kind", "state"), name="desk_item_list_ix"),
            models.Index(fields=("party",), name="desk_item_party_ix"),
        ]

    def __str__(self) -> str:
        return f"{self.tax_year} {self.kind} {self.key}"

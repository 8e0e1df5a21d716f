"""年度切替の表: one row a run of B-PI-28, its lines, and through the released ones the working year (作業年度)."""

from django.db import models
from django.db.models import F, Q


class SwitchState(models.TextChoices):
    """切替の状態."""

    PREPARED = "prepared", "準備中"
    TRIED = "tried", "確認待ち"
    RELEASED = "released", "切替済"


class LineFate(models.TextChoices):
    """引継ぎの明細のあつかい."""

    CARRY = "carry", "引き継ぐ"
    ALREADY = "already", "登録済み"
    NEEDLESS = "needless", "引継ぎ不要"
    CHECK = "check", "職員が確かめる"


class YearSwitch(models.Model):
    """年度切替の一回: tried first, carried out when a second person lets it go."""

    tax_year = models.PositiveSmallIntegerField("新年度")
    state = models.CharField("状態", max_length=10, choices=SwitchState.choices, default=SwitchState.PREPARED)
    business_on = models.DateField("業務日")
    job_run_id = models.BigIntegerField("バッチ実行番号", unique=True)
    requested_by = models.CharField("依頼者", max_length=64)
    released_by = models.CharField("解放者", max_length=64, blank=True)
    released_on = models.DateField("切替日", null=True)
    # What stands or stays, as it was when the trial was made: [code, title, how, count, words].
    summary = models.JSONField("引継ぎの内訳", default=list)
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "年度切替"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="released") | (Q(released_on__isnull=False) & ~Q(released_by=F("requested_by"))),
                name="year_switch_four_eyes_ck",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tax_year} {self.get_state_display()}"


class CarriedLine(models.Model):
    """引継ぎの明細: one thing of the old year and its fate; `key` names it by business facts."""

    switch = models.ForeignKey(YearSwitch, on_delete=models.CASCADE, related_name="lines", verbose_name="切替")
    item = models.CharField("種類", max_length=20)
    key = models.CharField("業務キー", max_length=120)
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="宛名")
    fate = models.CharField("あつかい", max_length=10, choices=LineFate.choices)
    detail_ja = models.CharField("内容", max_length=200)
    reason_ja = models.CharField("理由", max_length=200, blank=True)
    # The row of the old year that is carried (in the table of its kind).
    source_id = models.BigIntegerField("元の番号")
    is_made = models.BooleanField("引継済", default=False)

    class Meta:
        verbose_name = "年度切替の明細"
        constraints = [models.UniqueConstraint(fields=("switch", "item", "key"), name="carried_line_uq")]
        indexes = [models.Index(fields=("switch", "item", "fate"), name="carried_line_list_ix")]

    def __str__(self) -> str:
        return f"{self.item} {self.key}"

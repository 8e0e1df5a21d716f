"""給与所得者の異動 (employment changes): what was notified of an employee, one row a notification, never edited."""

from django.db import models
from django.db.models import Q


class ChangeReason(models.TextChoices):
    """異動の事由; the codes are those of the form (18号様式), S is the form of its own for starting to withhold."""

    LEFT = "1", "退職"
    TRANSFERRED = "2", "転勤"
    ABSENT = "3", "休職"
    DIED = "4", "死亡"
    IRREGULAR = "5", "支払少額・不定期"
    MERGED = "6", "合併・解散"
    OTHER = "9", "その他"
    STARTED = "S", "特別徴収への切替"


class AfterChange(models.TextChoices):
    """異動後の未徴収税額の徴収方法."""

    CONTINUED = "1", "特別徴収継続"
    LUMP = "2", "一括徴収"
    BILLED = "3", "普通徴収"


class LumpReason(models.TextChoices):
    """一括徴収の理由."""

    COMPULSORY = "1", "1月1日以後の退職等(義務)"
    REQUESTED = "2", "本人の申出"


class NoLumpReason(models.TextChoices):
    """一括徴収しない理由 (退職等が1月1日から4月30日までのとき)."""

    PAY_TOO_SMALL = "1", "支払予定の給与・退職手当が未徴収税額以下"
    DIED = "2", "死亡"
    NOT_ASKED = "3", "12月31日以前の退職等で、申出がない"
    OTHER = "9", "その他"


class ChangeState(models.TextChoices):
    """届出の状態."""

    ACTIVE = "active", "有効"
    HELD = "held", "保留"
    SUPERSEDED = "superseded", "訂正済"
    WITHDRAWN = "withdrawn", "取下げ"


class EmploymentChange(models.Model):
    """異動届一件. Months are places of the year's twelve (1 = June … 12 = May).

    `is_pending`: the instalments of the person do not follow it yet; `run`: the newest run that took it up.
    """

    tax_year = models.PositiveSmallIntegerField("課税年度")
    party = models.ForeignKey(
        "addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="給与所得者"
    )
    reason = models.CharField("異動の事由", max_length=1, choices=ChangeReason.choices)
    event_on = models.DateField("異動年月日")
    after = models.CharField("異動後の徴収方法", max_length=1, choices=AfterChange.choices)
    withholder = models.ForeignKey(
        "assessment.Withholder",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="給与支払者",
    )
    employee_no = models.CharField("受給者番号", max_length=25, blank=True)
    last_place = models.PositiveSmallIntegerField("徴収済の最後の月(6月から数えて)", default=0)
    new_withholder = models.ForeignKey(
        "assessment.Withholder",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="新しい給与支払者",
    )
    new_employee_no = models.CharField("新しい受給者番号", max_length=25, blank=True)
    first_place = models.PositiveSmallIntegerField("徴収を始める月(6月から数えて)", null=True)
    lump_reason = models.CharField("一括徴収の理由", max_length=1, choices=LumpReason.choices, blank=True)
    lump_place = models.PositiveSmallIntegerField("一括徴収分の納入月(6月から数えて)", null=True)
    no_lump_reason = models.CharField("一括徴収しない理由", max_length=1, choices=NoLumpReason.choices, blank=True)
    annual_yen = models.BigIntegerField("届出の特別徴収税額", null=True)
    collected_yen = models.BigIntegerField("届出の徴収済額", null=True)
    uncollected_yen = models.BigIntegerField("届出の未徴収税額", null=True)
    difference_reason = models.CharField("台帳と額が違う理由", max_length=200, blank=True)
    hold_reason_ja = models.CharField("保留の理由", max_length=200, blank=True)
    received_on = models.DateField("受付日")
    channel = models.CharField("経路", max_length=6, choices=[("paper", "紙"), ("eltax", "eLTAX"), ("act", "一括処理")])
    received_file = models.ForeignKey("files.ReceivedFile", on_delete=models.PROTECT, null=True, related_name="+")
    line_no = models.PositiveIntegerField("行番号", null=True)
    state = models.CharField("状態", max_length=12, choices=ChangeState.choices, default=ChangeState.ACTIVE)
    is_pending = models.BooleanField("未処理", default=True)
    supersedes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="superseded_by")
    run = models.ForeignKey("assessment.AssessmentRun", on_delete=models.PROTECT, null=True, related_name="+")
    recorded_by = models.CharField("入力した人", max_length=64)
    recorded_at = models.DateTimeField("記録日時")
    closed_by = models.CharField("訂正・取下げした人", max_length=64, blank=True)
    closed_reason = models.CharField("訂正・取下げの理由", max_length=200, blank=True)
    closed_at = models.DateTimeField("訂正・取下げの日時", null=True)

    class Meta:
        verbose_name = "給与所得者の異動"
        ordering = ("tax_year", "party_id", "event_on", "pk")
        constraints = [
            models.UniqueConstraint(fields=("received_file", "line_no"), name="employment_change_line_uq"),
            models.UniqueConstraint(
                fields=("tax_year", "party", "reason", "event_on", "withholder", "new_withholder"),
                condition=Q(state__in=["active", "held"]),
                nulls_distinct=False,
                name="employment_change_once_uq",
            ),
            models.CheckConstraint(
                condition=Q(last_place__lte=12)
                & (Q(first_place__isnull=True) | Q(first_place__range=(1, 12)))
                & (Q(lump_place__isnull=True) | Q(lump_place__range=(1, 12))),
                name="employment_change_months_ck",
            ),
            models.CheckConstraint(
                condition=(
                    Q(reason="S", withholder__isnull=True, after="1") | (~Q(reason="S") & Q(withholder__isnull=False))
                )
                & (~Q(after="1") | Q(new_withholder__isnull=False, first_place__isnull=False))
                & (Q(after="1") | Q(new_withholder__isnull=True, first_place__isnull=True))
                & (~Q(after="2") | Q(lump_place__isnull=False)),
                name="employment_change_shape_ck",
            ),
        ]
        indexes = [
            models.Index(fields=("tax_year", "party"), name="employment_change_party_ix"),
            models.Index(fields=("tax_year",), condition=Q(is_pending=True), name="employment_change_pending_ix"),
        ]

    def __str__(self) -> str:
        return f"{self.tax_year} {self.get_reason_display()} {self.event_on}"

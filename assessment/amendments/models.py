"""更正事案の表: one case changes the decided tax of its people over one or several years, in order."""

from django.db import models
from django.db.models import Q

from assessment.amendments.law_models import LawSet
from assessment.amendments.relief_models import Relief, ReliefAct, ReliefState
from collection.models import RefundGround


class CaseCause(models.TextChoices):
    """更正・決定のきっかけ; it says which number of 17条の4第1項 the refund interest starts by."""

    REQUEST = "request", "更正の請求"
    AMENDED_RETURN = "amended_return", "修正申告・期限後申告"
    NATIONAL_TAX = "national_tax", "所得税の更正・決定"
    INQUIRY = "inquiry", "調査・資料の訂正(職権)"
    JUDGMENT = "judgment", "裁決・判決"


class CaseState(models.TextChoices):
    """事案の状態."""

    OPEN = "open", "検討中"
    PROPOSED = "proposed", "決裁待ち"
    DECIDED = "decided", "決定済"
    CLOSED = "closed", "取りやめ"


class AmendmentCase(models.Model):
    """更正事案: people, years from `first_year` on, the reason told on the notice, limits and the refund's ground.

    `case_no` (year and number in it) names it on notices, decisions and approvals.
    """

    case_no = models.CharField("事案番号", max_length=12, unique=True)
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="宛名")
    first_year = models.PositiveSmallIntegerField("最初の課税年度")
    cause = models.CharField("きっかけ", max_length=16, choices=CaseCause.choices)
    reason_ja = models.CharField("更正・決定の理由", max_length=200)
    limit_ground = models.CharField("期間制限の特例", max_length=16, blank=True)
    event_on = models.DateField("特例の日", null=True)
    refund_ground = models.CharField("起算の号", max_length=10, choices=RefundGround.choices)
    request_on = models.DateField("更正の請求の日", null=True)
    tax_office_notice_on = models.DateField("所得税の更正通知・申告の日", null=True)
    state = models.CharField("状態", max_length=10, choices=CaseState.choices, default=CaseState.OPEN)
    opened_on = models.DateField("登録日")
    opened_by = models.CharField("登録者", max_length=64)
    decided_on = models.DateField("決定日", null=True)
    decided_by = models.CharField("決裁者", max_length=64, blank=True)
    approval_ref = models.CharField("決裁", max_length=60, blank=True)
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "更正事案"
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by="") | ~Q(decided_by=models.F("opened_by")), name="amendment_four_eyes_ck"
            ),
        ]

    def __str__(self) -> str:
        return self.case_no


class CaseMember(models.Model):
    """事案の対象者: the person of the case and, where their taxes hang together, spouse and relatives."""

    case = models.ForeignKey(AmendmentCase, on_delete=models.PROTECT, related_name="members", verbose_name="事案")
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="宛名")

    class Meta:
        verbose_name = "更正事案の対象者"
        constraints = [models.UniqueConstraint(fields=("case", "party"), name="amendment_member_uq")]

    def __str__(self) -> str:
        return f"{self.case_id}"


class YearOutcome(models.TextChoices):
    """一人・一年度の結果."""

    CHANGED = "changed", "変更"
    SAME = "same", "変更なし"
    LATE = "late", "期間制限により変更しない"
    STOPPED = "stopped", "計算停止"
    ELSEWHERE = "elsewhere", "移行した年度"


class CaseYear(models.Model):
    """事案の一年度: what one person's tax was and becomes; `figures` are the numbers that differ, before and after."""

    case = models.ForeignKey(AmendmentCase, on_delete=models.PROTECT, related_name="years", verbose_name="事案")
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="宛名")
    tax_year = models.PositiveSmallIntegerField("課税年度")
    outcome = models.CharField("結果", max_length=10, choices=YearOutcome.choices)
    before_version = models.PositiveSmallIntegerField("変更前の版", null=True)
    after_version = models.PositiveSmallIntegerField("変更後の版", null=True)
    before_yen = models.BigIntegerField("変更前の年税額")
    after_yen = models.BigIntegerField("変更後の年税額")
    figures = models.JSONField("変わる数字", default=list)
    limit_on = models.DateField("変更できる最後の日", null=True)
    note_ja = models.CharField("説明", max_length=300, blank=True)

    class Meta:
        verbose_name = "更正事案の年度"
        ordering = ("tax_year", "pk")
        constraints = [
            models.UniqueConstraint(fields=("case", "party", "tax_year"), name="amendment_year_uq"),
            models.CheckConstraint(condition=Q(before_yen__gte=0, after_yen__gte=0), name="amendment_year_sign_ck"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}:{self.tax_year}"

    @property
    def difference_yen(self) -> int:
        """増減 in yen."""
        return self.after_yen - self.before_yen


__all__ = [
    "AmendmentCase", "CaseCause", "CaseMember", "CaseState", "CaseYear", "LawSet", "Relief", "ReliefAct", "ReliefState",
    "YearOutcome",
]  # fmt: skip

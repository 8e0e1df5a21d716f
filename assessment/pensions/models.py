"""年金特別徴収の対象者・中止・徴収結果 (tables). Months are places of the year: 1–3 仮徴収
(April, June, August), 4–6 本徴収 (October, December, February)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class PensionTarget(models.Model):
    """対象者: how a payer of pensions names somebody whose pension it withholds from (通知 00)."""

    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="宛名")
    tax_year = models.PositiveSmallIntegerField("課税年度")
    collector = models.CharField("年金保険者コード", max_length=3)
    basic_pension_no = models.CharField("基礎年金番号", max_length=10)
    pension_code = models.CharField("年金コード", max_length=4)
    received_file = models.ForeignKey("files.ReceivedFile", on_delete=models.PROTECT, related_name="+")
    line_no = models.PositiveIntegerField("行番号")

    class Meta:
        verbose_name = "年金特別徴収の対象者"
        constraints = [
            models.UniqueConstraint(
                fields=("tax_year", "collector", "basic_pension_no", "pension_code"), name="pension_target_uq"
            ),
        ]
        indexes = [models.Index(fields=("party", "tax_year"), name="pension_target_party_ix")]

    def __str__(self) -> str:
        return f"{self.tax_year} {self.collector} {self.party_id}"


class ProvisionalLevy(models.Model):
    """仮徴収一件 (地方税法321条の7の8): what is withheld in April, June and August before the year's tax is decided.

    `base_yen`: last year's tax on the pension by the decision `base_notice_no`, version `base_version`; `instalments`
    three months in yen, their sum by part in `city_yen` …. `notice_no`: the year's own number, given when it is levied
    (`levied_on`); the year's first decision takes it over.
    """

    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="宛名")
    tax_year = models.PositiveSmallIntegerField("課税年度")
    base_notice_no = models.CharField("前年度の通知書番号", max_length=20)
    base_version = models.PositiveSmallIntegerField("前年度の決定の版")
    base_yen = models.BigIntegerField("前年度の年金所得に係る税額")
    city_yen = models.BigIntegerField("市民税額")
    prefecture_yen = models.BigIntegerField("道民税額")
    forest_yen = models.BigIntegerField("森林環境税額")
    instalments = ArrayField(models.BigIntegerField(), verbose_name="仮徴収税額(4月・6月・8月)")
    job_run_id = models.BigIntegerField("バッチ実行番号")
    notice_no = models.CharField("通知書番号", max_length=20, blank=True)
    levied_on = models.DateField("調定年月日", null=True)
    released_by = models.CharField("決裁者", max_length=64, blank=True)
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "年金特別徴収の仮徴収"
        constraints = [
            models.UniqueConstraint(fields=("party", "tax_year"), name="pension_provisional_uq"),
            models.UniqueConstraint(
                fields=("tax_year", "notice_no"), condition=~Q(notice_no=""), name="pension_provisional_no_uq"
            ),
            models.CheckConstraint(
                condition=Q(city_yen__gte=0, prefecture_yen__gte=0, forest_yen__gte=0, base_yen__gt=0),
                name="pension_provisional_yen_ck",
            ),
            models.CheckConstraint(
                condition=Q(levied_on__isnull=True, notice_no="") | Q(levied_on__isnull=False) & ~Q(notice_no=""),
                name="pension_provisional_levied_ck",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tax_year} {self.notice_no}"


class PensionTold(models.Model):
    """年金保険者への税額の通知一件: what a payer knows of a person's months (yen by place, 0: nothing told)."""

    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="宛名")
    tax_year = models.PositiveSmallIntegerField("課税年度")
    notice = models.CharField("通知種別", max_length=2)
    months = ArrayField(models.BigIntegerField(), verbose_name="通知した税額(4月から翌年2月)")
    request_key = models.CharField("通知の業務キー", max_length=60)
    sent_at = models.DateTimeField("通知日時")

    class Meta:
        verbose_name = "年金特別徴収の税額の通知"
        constraints = [
            models.UniqueConstraint(fields=("party", "tax_year", "request_key"), name="pension_told_uq"),
        ]
        indexes = [models.Index(fields=("tax_year", "party"), name="pension_told_year_ix")]

    def __str__(self) -> str:
        return f"{self.tax_year} {self.notice}"

    @classmethod
    def newest(cls, *tax_years: int) -> models.QuerySet["PensionTold"]:
        """The last notice of every person and year."""
        rows = cls.objects.filter(tax_year__in=tax_years)
        return rows.order_by("party_id", "tax_year", "-pk").distinct("party_id", "tax_year")


class StopReason(models.TextChoices):
    """中止の事由."""

    DIED = "died", "死亡"
    MOVED = "moved", "転出"
    LOST_RIGHT = "lost", "受給権の消滅"
    SUSPENDED = "suspended", "年金の支給停止"
    TOO_SMALL = "small", "年金の支払額の不足"
    CARE_STOPPED = "care", "介護保険料の特別徴収の中止"
    TAX_CHANGED = "changed", "税額の変更"
    OTHER = "other", "その他"


class StopState(models.TextChoices):
    """中止の状態."""

    ACTIVE = "active", "有効"
    WITHDRAWN = "withdrawn", "取下げ"


class RequestState(models.TextChoices):
    """年金保険者への中止の通知."""

    NONE = "none", "不要(保険者から届いた)"
    WAITING = "waiting", "未送付"
    SENT = "sent", "送付済"
    ACCEPTED = "accepted", "受理"
    REFUSED = "refused", "不受理"


class PensionStop(models.Model):
    """年金特別徴収の中止一件: from `first_place` on nothing is withheld any more but `partial_yen` of that month; the
    rest is billed.

    `is_pending`: the instalments of the person do not follow it yet; `run`: the run that took it up.
    """

    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="宛名")
    tax_year = models.PositiveSmallIntegerField("課税年度")
    reason = models.CharField("事由", max_length=10, choices=StopReason.choices)
    event_on = models.DateField("事由の生じた日")
    first_place = models.PositiveSmallIntegerField("徴収しない最初の月(1=4月から6=2月)")
    partial_yen = models.BigIntegerField("その月に徴収された額", default=0)
    note_ja = models.CharField("備考", max_length=200, blank=True)
    state = models.CharField("状態", max_length=10, choices=StopState.choices, default=StopState.ACTIVE)
    request_state = models.CharField("保険者への通知", max_length=10, choices=RequestState.choices)
    request_key = models.CharField("通知の業務キー", max_length=60, blank=True)
    is_pending = models.BooleanField("未処理", default=True)
    run = models.ForeignKey("assessment.AssessmentRun", on_delete=models.PROTECT, null=True, related_name="+")
    received_file = models.ForeignKey("files.ReceivedFile", on_delete=models.PROTECT, null=True, related_name="+")
    line_no = models.PositiveIntegerField("行番号", null=True)
    recorded_by = models.CharField("記録した人", max_length=20)
    recorded_at = models.DateTimeField("記録日時")
    closed_by = models.CharField("取り下げた人", max_length=20, blank=True)
    closed_reason = models.CharField("取下げの理由", max_length=200, blank=True)
    closed_at = models.DateTimeField("取下げの日時", null=True)

    class Meta:
        verbose_name = "年金特別徴収の中止"
        ordering = ("-recorded_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("party", "tax_year"), condition=Q(state="active"), name="pension_stop_one_uq"
            ),
            models.CheckConstraint(condition=Q(first_place__range=(1, 6)), name="pension_stop_place_ck"),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | Q(closed_at__isnull=False), name="pension_stop_closed_ck"
            ),
        ]
        indexes = [models.Index(fields=("tax_year",), condition=Q(is_pending=True), name="pension_stop_pending_ix")]

    def __str__(self) -> str:
        return f"{self.tax_year} {self.get_reason_display()}"


class PensionResult(models.Model):
    """徴収結果一件 (通知 22): what a payer says it withheld for a month, beside what was asked; yen."""

    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="宛名")
    tax_year = models.PositiveSmallIntegerField("課税年度")
    place = models.PositiveSmallIntegerField("月(1=4月から6=2月)")
    asked_yen = models.BigIntegerField("依頼額")
    collected_yen = models.BigIntegerField("徴収額")
    reason_code = models.CharField("区分", max_length=2, blank=True)
    is_open = models.BooleanField("要確認", default=False)
    received_file = models.ForeignKey("files.ReceivedFile", on_delete=models.PROTECT, related_name="+")
    line_no = models.PositiveIntegerField("行番号")
    note_ja = models.CharField("処理の内容", max_length=200, blank=True)
    settled_by = models.CharField("処理した人", max_length=20, blank=True)
    settled_at = models.DateTimeField("処理日時", null=True)

    class Meta:
        verbose_name = "年金特別徴収の徴収結果"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=("received_file", "line_no"), name="pension_result_line_uq")]
        indexes = [models.Index(fields=("tax_year",), condition=Q(is_open=True), name="pension_result_open_ix")]

    def __str__(self) -> str:
        return f"{self.tax_year}-{self.place} {self.collected_yen}"

    @property
    def finding_ja(self) -> str:
        """一致, 不能, 不足 or 超過."""
        if self.collected_yen == self.asked_yen:
            return "一致"
        if self.collected_yen == 0:
            return "不能"
        return "不足" if self.collected_yen < self.asked_yen else "超過"

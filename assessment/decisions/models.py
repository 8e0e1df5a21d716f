"""賦課決定 (decisions) and the runs they come from.

A run computes rows; nobody owes anything until a second person releases it. Release turns the rows of the run into
decisions; from then on the rows (facts, results, collection shares) are the snapshot of those decisions and can no
longer change (trigger in migration 0002). A decision is never overwritten: a change is the next version, a recall is a
row of its own. 地方税法319条の2, 321条の4, 17条の5; R-004, R-019.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class RunKind(models.TextChoices):
    INITIAL_WAGE = "initial_wage", "当初課税(給与特別徴収)"
    INITIAL_ORDINARY = "initial_ordinary", "当初課税(普通徴収・年金特別徴収)"
    CORRECTION = "correction", "随時・更正"
    # Papers and sums stay; only how the tax is collected moves (employers, pensions).
    MOVES = "moves", "徴収方法の異動"
    # The decided facts stand; a remission is granted or ends, or the law's values were wrong and are put right.
    RELIEF = "relief", "減免"
    REPLACED_LAW = "replaced_law", "法定値の訂正"
    TRIAL = "trial", "試算"
    # Decisions of a year before this system, taken over from the one that made them; nothing is levied of them here.
    TAKEN_OVER = "taken_over", "前年度課税の移行"


# Runs that start from decided facts and look at no new papers.
WITHOUT_PAPERS = (RunKind.MOVES, RunKind.RELIEF, RunKind.REPLACED_LAW)


class RunState(models.TextChoices):
    PREPARED = "prepared", "準備中"
    COMPUTED = "computed", "計算済"
    RELEASED = "released", "決定済"
    RECALLED = "recalled", "撤回済"
    DISCARDED = "discarded", "破棄"


class AssessmentRun(models.Model):
    """課税計算の一回. One tax, one year, one population, one parameter set."""

    tax_kind = models.CharField("税目", max_length=2, default="10")
    tax_year = models.PositiveSmallIntegerField("課税年度")
    kind = models.CharField("種別", max_length=20, choices=RunKind.choices)
    state = models.CharField("状態", max_length=12, choices=RunState.choices, default=RunState.PREPARED)
    business_on = models.DateField("業務日")
    # Documents that arrived later than this day are not part of the run.
    documents_until = models.DateField("資料の締切日")
    parameter_hash = models.CharField("パラメータ指紋", max_length=64, blank=True)
    pipeline_version = models.CharField("計算式の版", max_length=64, blank=True)
    base_run = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", verbose_name="比較の基")
    title_ja = models.CharField("件名", max_length=100, blank=True)
    # Due dates in force for the instalments of this run (a recall may set new ones).
    due_dates = models.JSONField("納期限", default=dict)
    notice_on = models.DateField("通知年月日", null=True)
    job_run_id = models.BigIntegerField("バッチ実行番号", null=True)
    requested_by = models.CharField("起案者", max_length=64)
    released_by = models.CharField("決裁者", max_length=64, blank=True)
    released_at = models.DateTimeField("決定日時", null=True)
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "課税計算"
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(released_by="") | ~Q(released_by=F("requested_by")), name="run_four_eyes_ck"
            ),
        ]


class CollectionMethod(models.TextChoices):
    ORDINARY = "ordinary", "普通徴収"
    WAGE = "wage", "給与特別徴収"
    PENSION = "pension", "公的年金特別徴収"


class CollectionShare(models.Model):
    """徴収区分ごとの税額: how one person's annual amount of a run is to be collected (法319, 321の3, 321の7の2).

    `instalments` has one yen amount per place of `due_keys` (普通徴収 1..4, 給与 month 06..05, 年金 month 04..02).
    """

    run = models.ForeignKey(AssessmentRun, on_delete=models.CASCADE, related_name="shares")
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+")
    method = models.CharField("徴収方法", max_length=10, choices=CollectionMethod.choices)
    withholder = models.ForeignKey("assessment.Withholder", on_delete=models.PROTECT, null=True, related_name="+")
    employee_no = models.CharField("受給者番号", max_length=25, blank=True)
    city_yen = models.BigIntegerField("市民税額")
    prefecture_yen = models.BigIntegerField("道民税額")
    forest_yen = models.BigIntegerField("森林環境税額")
    total_yen = models.BigIntegerField("合計額")
    due_keys = ArrayField(models.CharField(max_length=2), verbose_name="期別")
    instalments = ArrayField(models.BigIntegerField(), verbose_name="期別額")
    # Of 年金特別徴収 alone: the whole tax on the pension, on which the next year's 仮徴収 rests (321条の7の8).
    pension_tax_yen = models.BigIntegerField("年金所得に係る税額", default=0, db_default=0)

    class Meta:
        verbose_name = "徴収区分別税額"
        constraints = [
            models.UniqueConstraint(fields=("run", "party", "method"), name="collection_share_uq"),
            models.CheckConstraint(
                condition=Q(total_yen=F("city_yen") + F("prefecture_yen") + F("forest_yen")),
                name="collection_share_sum_ck",
            ),
        ]


class FindingSeverity(models.TextChoices):
    STOP = "stop", "停止"
    REVIEW = "review", "要確認"
    INFO = "info", "参考"


class Finding(models.Model):
    """検証で見つかった事項: one row per check and person (or per check when it speaks of the whole population)."""

    run = models.ForeignKey(AssessmentRun, on_delete=models.CASCADE, related_name="findings")
    check_id = models.CharField("検証項目", max_length=40)
    severity = models.CharField("重要度", max_length=8, choices=FindingSeverity.choices)
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, null=True, related_name="+")
    message_ja = models.CharField("内容", max_length=300)
    detail = models.JSONField("詳細", default=dict)
    settled_by = models.CharField("処理者", max_length=64, blank=True)
    settled_reason = models.CharField("処理理由", max_length=200, blank=True)
    settled_at = models.DateTimeField("処理日時", null=True)

    class Meta:
        verbose_name = "検証結果"
        indexes = [models.Index(fields=("run", "check_id"), name="finding_run_check_ix")]


class DecisionCause(models.TextChoices):
    INITIAL = "initial", "当初"
    ADDITIONAL = "additional", "随時"
    CORRECTION = "correction", "更正"
    DETERMINATION = "determination", "決定"
    RELIEF = "relief", "減免"
    RELIEF_ENDED = "relief_ended", "減免の取消"
    LAW_CORRECTED = "law_corrected", "法定値の訂正"
    MOVED = "moved", "徴収方法の変更"
    CANCELLATION = "cancellation", "取消"
    TAKEN_OVER = "taken_over", "移行"


class Decision(models.Model):
    """賦課決定. The snapshot is the row pair (run, party) in the tax's facts and result tables."""

    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+")
    tax_kind = models.CharField("税目", max_length=2, default="10")
    tax_year = models.PositiveSmallIntegerField("課税年度")
    version = models.PositiveSmallIntegerField("版")
    cause = models.CharField("事由", max_length=14, choices=DecisionCause.choices)
    decided_on = models.DateField("決定年月日")
    run = models.ForeignKey(AssessmentRun, on_delete=models.PROTECT, related_name="decisions")
    annual_yen = models.BigIntegerField("年税額")
    notice_no = models.CharField("通知書番号", max_length=20)
    reason_ja = models.CharField("更正等の理由", max_length=300, blank=True)
    released_by = models.CharField("決裁者", max_length=64)
    recorded_at = models.DateTimeField("記録日時")
    previous = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "賦課決定"
        constraints = [
            models.UniqueConstraint(fields=("party", "tax_kind", "tax_year", "version"), name="decision_version_uq"),
            models.UniqueConstraint(fields=("run", "party"), name="decision_run_party_uq"),
            models.CheckConstraint(condition=Q(annual_yen__gte=0), name="decision_annual_ck"),
        ]
        indexes = [
            models.Index(fields=("tax_year", "party"), name="decision_year_party_ix"),
            models.Index(fields=("notice_no",), name="decision_notice_ix"),
        ]


class RunRecall(models.Model):
    """決定の撤回: one act over a whole released run, before or after mailing (郡山市の事例 I1)."""

    run = models.OneToOneField(AssessmentRun, on_delete=models.PROTECT, related_name="recall")
    reason_ja = models.CharField("撤回の理由", max_length=300)
    was_mailed = models.BooleanField("発送後")
    new_due_dates = models.JSONField("新しい納期限", default=dict)
    proposed_by = models.CharField("起案者", max_length=64)
    approved_by = models.CharField("決裁者", max_length=64)
    recalled_on = models.DateField("撤回年月日")
    recorded_at = models.DateTimeField("記録日時")
    counts = models.JSONField("件数・金額", default=dict)

    class Meta:
        verbose_name = "決定の撤回"
        constraints = [
            models.CheckConstraint(condition=~Q(approved_by=F("proposed_by")), name="run_recall_four_eyes_ck"),
        ]


class LevyChange(models.Model):
    """調定の増減の明細: what a released run changed of instalments that were levied before (税額変更通知, 撤回の基).

    One row per person, way of collection and instalment, with the parts before and after (yen).
    """

    run = models.ForeignKey(AssessmentRun, on_delete=models.PROTECT, related_name="levy_changes")
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+")
    debtor = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="債務者")
    method = models.CharField("徴収方法", max_length=10, choices=CollectionMethod.choices)
    notice_no = models.CharField("通知書番号", max_length=20)
    instalment_no = models.PositiveSmallIntegerField("期別")
    due_on = models.DateField("納期限")
    statutory_due_on = models.DateField("法定納期限")
    city_before_yen = models.BigIntegerField("市民税額(変更前)")
    prefecture_before_yen = models.BigIntegerField("道民税額(変更前)")
    forest_before_yen = models.BigIntegerField("森林環境税額(変更前)")
    city_yen = models.BigIntegerField("市民税額(変更後)")
    prefecture_yen = models.BigIntegerField("道民税額(変更後)")
    forest_yen = models.BigIntegerField("森林環境税額(変更後)")

    class Meta:
        verbose_name = "調定の増減"
        constraints = [
            models.UniqueConstraint(
                fields=("run", "party", "method", "notice_no", "instalment_no"), name="levy_change_uq"
            ),
        ]

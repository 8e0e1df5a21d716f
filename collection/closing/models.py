"""締めのモデル: closed periods with their seals and checks, books by day, carry-over, payments to the prefecture.

No person stands in any of these tables: they hold sums. Migration 0002 makes closed periods binding for the ledger and
seals the books of closed months.
"""

from django.db import models
from django.db.models import Q

from collection.closing.rules import SECTIONS_JA


class Span(models.TextChoices):
    """締めの単位."""

    DAY = "day", "日締め"
    MONTH = "month", "月締め"
    YEAR = "year", "出納閉鎖"


class PeriodClosingQuerySet(models.QuerySet["PeriodClosing"]):
    """Closings by whether they stand."""

    def standing(self) -> "PeriodClosingQuerySet":
        """Those that have not been opened again."""
        return self.filter(reopened_at__isnull=True)


class PeriodClosing(models.Model):
    """締め (closing): nothing may be posted with a date up to `last_on`. A month's seal stands over its book lines."""

    span = models.CharField("単位", max_length=5, choices=Span)
    first_on = models.DateField("始期")
    last_on = models.DateField("終期")
    transfers = models.BigIntegerField("明細数")
    yen = models.BigIntegerField("明細の合計額")
    seal = models.CharField("封印", max_length=64)
    previous_seal = models.CharField("前の封印", max_length=64, blank=True)
    note = models.CharField("理由", max_length=200, blank=True)
    closed_by = models.CharField("締めた人", max_length=60)
    closed_at = models.DateTimeField("締めた日時")
    reopened_by = models.CharField("解除した人", max_length=60, blank=True)
    reopened_at = models.DateTimeField("解除した日時", null=True, blank=True)
    reopen_reason = models.CharField("解除の理由", max_length=200, blank=True)

    objects = PeriodClosingQuerySet.as_manager()

    class Meta:
        verbose_name = "締め"
        ordering = ("-last_on", "-pk")
        constraints = [
            models.CheckConstraint(condition=Q(last_on__gte=models.F("first_on")), name="closing_period"),
            models.CheckConstraint(
                condition=Q(reopened_at__isnull=True, reopened_by="", reopen_reason="")
                | (Q(reopened_at__isnull=False) & ~Q(reopened_by="") & ~Q(reopen_reason="")),
                name="closing_reopened_said",
            ),
            models.UniqueConstraint(
                fields=["span", "last_on"], condition=Q(reopened_at__isnull=True), name="closing_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.span}:{self.last_on}"


class ClosingCheck(models.Model):
    """締めの点検の結果 (what a check said when the period was closed)."""

    closing = models.ForeignKey(PeriodClosing, on_delete=models.PROTECT, related_name="checks", verbose_name="締め")
    code = models.CharField("点検", max_length=20)
    title_ja = models.CharField("件名", max_length=60)
    is_ok = models.BooleanField("適")
    is_required = models.BooleanField("必須")
    count = models.IntegerField("件数")
    yen = models.BigIntegerField("金額")
    detail_ja = models.CharField("内容", max_length=300, blank=True)

    class Meta:
        verbose_name = "締めの点検"
        constraints = [models.UniqueConstraint(fields=["closing", "code"], name="closing_check_once")]

    def __str__(self) -> str:
        return f"{self.closing_id}:{self.code}"


class BookLine(models.Model):
    """帳簿の行 (book line): the ledger's transfers of a day between two kinds of account, by claim's tax and year.

    Where neither side is a claim, tax, method, component are empty and the years 0. The month that a closing sealed
    keeps its lines: the database refuses every change.
    """

    occurred_on = models.DateField("発生日")
    debit_kind = models.CharField("借方の種別", max_length=20)
    credit_kind = models.CharField("貸方の種別", max_length=20)
    tax_kind = models.CharField("税目", max_length=4, blank=True)
    method = models.CharField("徴収方法", max_length=10, blank=True)
    tax_year = models.IntegerField("課税年度")
    origin_year = models.IntegerField("所属年度")
    component = models.CharField("区分", max_length=20, blank=True)
    transfers = models.IntegerField("明細数")
    yen = models.BigIntegerField("金額")

    class Meta:
        verbose_name = "帳簿の行"
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "occurred_on", "tax_kind", "origin_year", "tax_year", "method", "component", "debit_kind",
                    "credit_kind",
                ],
                name="closing_book_line_key",
            ),
            models.CheckConstraint(condition=Q(transfers__gt=0, yen__gt=0), name="closing_book_line_sum"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.occurred_on}:{self.debit_kind}<-{self.credit_kind}"


class BookBuild(models.Model):
    """帳簿の集計 (one writing of the books): from which day on they were counted anew, and when."""

    first_on = models.DateField("始期")
    lines = models.IntegerField("行数")
    transfers = models.BigIntegerField("明細数")
    yen = models.BigIntegerField("合計額")
    built_at = models.DateTimeField("集計した日時")

    class Meta:
        verbose_name = "帳簿の集計"

    def __str__(self) -> str:
        return f"{self.built_at:%Y-%m-%d %H:%M}"


class RemittanceState(models.TextChoices):
    """払込の状態."""

    DRAFT = "draft", "集計"
    DECIDED = "decided", "決定"


class Remittance(models.Model):
    """払込 (remittance) of a month: what of the resident tax collected is the prefecture's and what the forest tax.

    A draft is counted anew as often as one likes; a decided one stays, later corrections go into the next month.
    """

    month_on = models.DateField("対象月の初日", unique=True)
    last_on = models.DateField("対象月の末日")
    pay_by = models.DateField("払込期限")
    state = models.CharField("状態", max_length=8, choices=RemittanceState, default=RemittanceState.DRAFT)
    receipts_yen = models.BigIntegerField("収入額")
    city_yen = models.BigIntegerField("市民税分")
    prefecture_yen = models.BigIntegerField("道府県民税分")
    forest_yen = models.BigIntegerField("森林環境税分")
    counted_at = models.DateTimeField("集計した日時")
    decided_by = models.CharField("決定した人", max_length=60, blank=True)
    decided_at = models.DateTimeField("決定した日時", null=True, blank=True)

    class Meta:
        verbose_name = "払込"
        ordering = ("-month_on",)
        constraints = [
            models.CheckConstraint(
                condition=Q(receipts_yen=models.F("city_yen") + models.F("prefecture_yen") + models.F("forest_yen")),
                name="closing_remittance_parts",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", decided_at__isnull=True, decided_by="")
                | (Q(state="decided", decided_at__isnull=False) & ~Q(decided_by="")),
                name="closing_remittance_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month_on:%Y-%m}"

    @property
    def payable_yen(self) -> int:
        """What goes to the prefecture: its tax and the forest tax; below zero it is set off in the next month."""
        return self.prefecture_yen + self.forest_yen


class RemittanceLine(models.Model):
    """払込の内訳: one tax year and component. The month's parts are the difference of two sums from the start."""

    remittance = models.ForeignKey(Remittance, on_delete=models.CASCADE, related_name="lines", verbose_name="払込")
    tax_year = models.IntegerField("課税年度")
    component = models.CharField("区分", max_length=20)
    levied_yen = models.BigIntegerField("調定額の累計")
    levied_prefecture_yen = models.BigIntegerField("道府県民税の調定額の累計")
    levied_forest_yen = models.BigIntegerField("森林環境税の調定額の累計")
    received_yen = models.BigIntegerField("収入額の累計")
    prefecture_total_yen = models.BigIntegerField("道府県民税分の累計")
    forest_total_yen = models.BigIntegerField("森林環境税分の累計")
    receipts_yen = models.BigIntegerField("収入額")
    city_yen = models.BigIntegerField("市民税分")
    prefecture_yen = models.BigIntegerField("道府県民税分")
    forest_yen = models.BigIntegerField("森林環境税分")

    class Meta:
        verbose_name = "払込の内訳"
        constraints = [
            models.UniqueConstraint(fields=["remittance", "tax_year", "component"], name="closing_remittance_line"),
            models.CheckConstraint(
                condition=Q(receipts_yen=models.F("city_yen") + models.F("prefecture_yen") + models.F("forest_yen")),
                name="closing_remittance_line_parts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.remittance_id}:{self.tax_year}:{self.component}"


class CarryOver(models.Model):
    """滞納繰越 (carry-over) into a fiscal year: count and yen of what was open, by the claims and by the books."""

    fiscal_year = models.IntegerField("繰越先の会計年度")
    section = models.CharField("繰越前の区分", max_length=8, choices=list(SECTIONS_JA.items()))
    carried_on = models.DateField("繰越日")
    claims = models.IntegerField("件数")
    yen = models.BigIntegerField("本税額")
    books_yen = models.BigIntegerField("帳簿の収入未済額")
    actor = models.CharField("処理者", max_length=60)
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "滞納繰越"
        constraints = [
            models.UniqueConstraint(fields=["fiscal_year", "section"], name="closing_carried_once"),
            models.CheckConstraint(condition=Q(yen=models.F("books_yen")), name="closing_carried_agrees"),
        ]

    def __str__(self) -> str:
        return f"{self.fiscal_year}:{self.section}"


class CarryOverLine(models.Model):
    """滞納繰越の内訳 by tax and tax year, in yen."""

    carry_over = models.ForeignKey(CarryOver, on_delete=models.PROTECT, related_name="lines", verbose_name="滞納繰越")
    tax_kind = models.CharField("税目", max_length=4)
    tax_year = models.IntegerField("課税年度")
    claims = models.IntegerField("件数")
    principal_yen = models.BigIntegerField("本税額")
    other_yen = models.BigIntegerField("督促手数料・延滞金")

    class Meta:
        verbose_name = "滞納繰越の内訳"
        constraints = [
            models.UniqueConstraint(fields=["carry_over", "tax_kind", "tax_year"], name="closing_carried_line")
        ]

    def __str__(self) -> str:
        return f"{self.carry_over_id}:{self.tax_kind}:{self.tax_year}"

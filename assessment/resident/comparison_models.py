"""前年比較の表: per person of a run the difference to last year's standing decision, split into its reasons."""

from django.db import models
from django.db.models import F, Q

from assessment.resident.rules.year_change import REASONS


class ComparisonKind(models.TextChoices):
    CONTINUING = "continuing", "継続"
    NEW = "new", "新規"
    VANISHED_LEFT = "vanished_left", "消滅(賦課期日に住所なし)"
    VANISHED_NO_PAPERS = "vanished_no_papers", "消滅(資料なし)"


class YearComparison(models.Model):
    """前年比較一件. The database refuses a row whose reasons do not add up to its difference."""

    run = models.ForeignKey("assessment.AssessmentRun", on_delete=models.CASCADE, related_name="comparisons")
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("区分", max_length=20, choices=ComparisonKind.choices)
    base_decision = models.ForeignKey(
        "assessment.Decision", on_delete=models.PROTECT, null=True, related_name="+", verbose_name="前年の決定"
    )
    base_yen = models.BigIntegerField("前年の年税額")
    now_yen = models.BigIntegerField("本年の年税額")
    difference_yen = models.BigIntegerField("差額")

    class Meta:
        verbose_name = "前年比較"
        constraints = [
            models.UniqueConstraint(fields=("run", "party"), name="year_comparison_uq"),
            models.CheckConstraint(
                condition=Q(difference_yen=F("now_yen") - F("base_yen")), name="year_comparison_difference_ck"
            ),
            models.CheckConstraint(
                condition=Q(
                    difference_yen=sum((F(f"{code}_yen") for code, _ in REASONS[1:]), start=F(f"{REASONS[0][0]}_yen"))
                ),
                name="year_comparison_reasons_ck",
            ),
        ]
        indexes = [
            models.Index(fields=("run", "kind"), name="year_comparison_kind_ix"),
            models.Index(fields=("run",), condition=~Q(unexplained_yen=0), name="year_comparison_unexplained_ix"),
        ]


for _code, _title in REASONS:
    YearComparison.add_to_class(f"{_code}_yen", models.BigIntegerField(_title, default=0))

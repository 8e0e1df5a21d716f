"""前年度課税の移行: the former system's own figures of a decision, kept beside what the rules of that year give."""

from django.db import models
from django.db.models import F, Q


class TakenOverFigures(models.Model):
    """移行元の決定一件 (yen as the former system printed them) and how far the recomputed tax differs."""

    run = models.ForeignKey("assessment.AssessmentRun", on_delete=models.CASCADE, related_name="taken_over")
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+")
    notice_no = models.CharField("通知書番号", max_length=20)
    decided_on = models.DateField("決定年月日")
    total_income_yen = models.BigIntegerField("合計所得金額")
    taxable_income_yen = models.BigIntegerField("課税標準額")
    income_levy_city_yen = models.BigIntegerField("所得割額(市)")
    income_levy_prefecture_yen = models.BigIntegerField("所得割額(道)")
    city_tax_yen = models.BigIntegerField("市民税額")
    prefectural_tax_yen = models.BigIntegerField("道民税額")
    forest_tax_yen = models.BigIntegerField("森林環境税額")
    annual_tax_yen = models.BigIntegerField("年税額")
    recomputed_yen = models.BigIntegerField("再計算の年税額")
    difference_yen = models.BigIntegerField("再計算との差")

    class Meta:
        verbose_name = "移行した決定の額"
        constraints = [
            models.UniqueConstraint(fields=("run", "party"), name="taken_over_uq"),
            models.CheckConstraint(
                condition=Q(difference_yen=F("recomputed_yen") - F("annual_tax_yen")), name="taken_over_difference_ck"
            ),
        ]


FIGURES: tuple[str, ...] = (
    "total_income_yen",
    "taxable_income_yen",
    "income_levy_city_yen",
    "income_levy_prefecture_yen",
    "city_tax_yen",
    "prefectural_tax_yen",
    "forest_tax_yen",
    "annual_tax_yen",
)

"""繰越損失の台帳の表: what each decision let arise and used, by kind; append-only (trigger), the balance is derived."""

from django.db import models
from django.db.models import Q


class LossKind(models.TextChoices):
    NET = "net", "純損失"
    HOME = "home", "居住用財産の譲渡損失"
    CASUALTY = "casualty", "雑損失"
    SHARES = "shares", "上場株式等の譲渡損失"
    FUTURES = "futures", "先物取引の損失"


class LossMovement(models.Model):
    """繰越損失の増減 of one decision; counts while the decision stands: a later version or a recall takes it back."""

    decision = models.ForeignKey("assessment.Decision", on_delete=models.PROTECT, related_name="+", verbose_name="決定")
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="宛名")
    kind = models.CharField("損失の種類", max_length=10, choices=LossKind.choices)
    tax_year = models.PositiveSmallIntegerField("課税年度")
    arising_yen = models.BigIntegerField("発生額")
    used_yen = models.BigIntegerField("控除額")
    carry_years = models.PositiveSmallIntegerField("繰越年数")
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "繰越損失の増減"
        ordering = ("party_id", "kind", "tax_year", "pk")
        constraints = [
            models.UniqueConstraint(fields=("decision", "kind"), name="loss_movement_uq"),
            models.CheckConstraint(condition=Q(arising_yen__gte=0, used_yen__gte=0), name="loss_movement_sign_ck"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.tax_year}"


class PaperDifference(models.Model):
    """申告と報告・台帳の差異 found while a run consolidated a person's papers."""

    run = models.ForeignKey("assessment.AssessmentRun", on_delete=models.CASCADE, related_name="+", verbose_name="計算")
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="宛名")
    code = models.CharField("差異の種類", max_length=40)
    stated_yen = models.BigIntegerField("申告書の額")
    other_yen = models.BigIntegerField("比べた額")

    class Meta:
        verbose_name = "申告と報告の差異"
        constraints = [models.UniqueConstraint(fields=("run", "party", "code"), name="paper_difference_uq")]


class DifferenceSettlement(models.Model):
    """差異の処理: why a difference of these amounts may stand; another amount is another difference. Append-only."""

    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="宛名")
    tax_year = models.PositiveSmallIntegerField("課税年度")
    code = models.CharField("差異の種類", max_length=40)
    stated_yen = models.BigIntegerField("申告書の額")
    other_yen = models.BigIntegerField("比べた額")
    reason = models.CharField("理由", max_length=200)
    settled_by = models.CharField("処理した人", max_length=64)
    settled_at = models.DateTimeField("処理日時")

    class Meta:
        verbose_name = "申告と報告の差異の処理"
        constraints = [
            models.UniqueConstraint(
                fields=("party", "tax_year", "code", "stated_yen", "other_yen"), name="difference_settlement_uq"
            )
        ]

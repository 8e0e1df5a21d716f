"""金融機関マスタ: banks and branches as the list of a day has them."""

from datetime import date

from django.db import models
from django.db.models import Q


class BankBranchQuerySet(models.QuerySet["BankBranch"]):
    """Branches by their period."""

    def on(self, day: date) -> "BankBranchQuerySet":
        """Those open on a day."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)


class BankBranch(models.Model):
    """金融機関の支店 over a half-open period; another name is another row."""

    bank_code = models.CharField("銀行番号", max_length=4)
    branch_code = models.CharField("支店番号", max_length=3)
    bank_name = models.CharField("金融機関名", max_length=60)
    bank_kana = models.CharField("金融機関名カナ", max_length=15)
    branch_name = models.CharField("支店名", max_length=60)
    branch_kana = models.CharField("支店名カナ", max_length=15)
    valid_from = models.DateField("開始日")
    valid_to = models.DateField("終了日", null=True, blank=True)

    objects = BankBranchQuerySet.as_manager()

    class Meta:
        verbose_name = "金融機関"
        constraints = [
            models.UniqueConstraint(
                fields=["bank_code", "branch_code", "valid_from"], name="collection_bank_branch_version"
            ),
            models.UniqueConstraint(
                fields=["bank_code", "branch_code"],
                condition=Q(valid_to__isnull=True),
                name="collection_bank_branch_open",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=models.F("valid_from")),
                name="collection_bank_branch_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank_code}-{self.branch_code}"

"""期別債権 (charges): what one debtor owes for one instalment, and the employees behind a withholder's month."""

from django.db import models

from collection.models.masters import TaxKind


class Method(models.TextChoices):
    """徴収方法."""

    ORDINARY = "ordinary", "普通徴収"
    WAGE = "wage", "給与特別徴収"
    PENSION = "pension", "年金特別徴収"


class ChargeState(models.TextChoices):
    """債権の状態. Paid or not is the ledger's balance, never a state."""

    ACTIVE = "active", "有効"
    WITHDRAWN = "withdrawn", "取消"


class Charge(models.Model):
    """期別債権 (charge): current amounts by part; their history is the ledger.

    `party` is the debtor: the taxpayer, or for salary withholding the withholder (地方税法321条の5). For salary
    withholding `notice_no` is the withholder's designation number and `instalment_no` counts the months from June.
    """

    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="債務者")
    tax_kind = models.ForeignKey(TaxKind, on_delete=models.PROTECT, verbose_name="税目", db_index=False)
    levy_year = models.IntegerField("賦課年度")
    tax_year = models.IntegerField("課税年度")
    method = models.CharField("徴収方法", max_length=10, choices=Method)
    notice_no = models.CharField("通知書番号", max_length=20)
    instalment_no = models.SmallIntegerField("期別")
    due_on = models.DateField("納期限")
    statutory_due_on = models.DateField("法定納期限")
    city_yen = models.BigIntegerField("市民税等", default=0)
    prefecture_yen = models.BigIntegerField("道府県民税", default=0)
    forest_yen = models.BigIntegerField("森林環境税", default=0)
    amount_yen = models.BigIntegerField("本税額")
    state = models.CharField("状態", max_length=10, choices=ChargeState, default=ChargeState.ACTIVE)
    source_ref = models.CharField("賦課決定", max_length=80)

    class Meta:
        verbose_name = "期別債権"
        constraints = [
            models.UniqueConstraint(
                fields=["notice_no", "tax_kind", "levy_year", "tax_year", "method", "instalment_no"],
                name="collection_charge_key",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    city_yen__gte=0,
                    prefecture_yen__gte=0,
                    forest_yen__gte=0,
                    amount_yen=models.F("city_yen") + models.F("prefecture_yen") + models.F("forest_yen"),
                ),
                name="collection_charge_parts",
            ),
            models.CheckConstraint(
                condition=models.Q(state="active") | models.Q(amount_yen=0), name="collection_charge_withdrawn_zero"
            ),
        ]
        indexes = [models.Index(fields=["tax_kind", "due_on"], name="collection_charge_due")]

    def __str__(self) -> str:
        return f"{self.tax_kind_id}-{self.tax_year}-{self.notice_no}-{self.instalment_no}"

    @property
    def business_key(self) -> str:
        """Natural key `税目|賦課年度|課税年度|方法|通知書番号|期`, as receipts and codes name the charge."""
        return (
            f"{self.tax_kind_id}|{self.levy_year}|{self.tax_year}|{self.method}|{self.notice_no}|{self.instalment_no}"
        )


class WithheldShare(models.Model):
    """特別徴収の内訳 (withheld share): one employee's part of the withholder's month."""

    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="shares", verbose_name="期別債権")
    employee = models.ForeignKey(
        "addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="納税義務者"
    )
    source_ref = models.CharField("賦課決定", max_length=80)
    city_yen = models.BigIntegerField("市民税", default=0)
    prefecture_yen = models.BigIntegerField("道府県民税", default=0)
    forest_yen = models.BigIntegerField("森林環境税", default=0)
    amount_yen = models.BigIntegerField("月割額")

    class Meta:
        verbose_name = "特別徴収内訳"
        constraints = [
            models.UniqueConstraint(fields=["charge", "employee"], name="collection_share_key"),
            models.CheckConstraint(
                condition=models.Q(
                    city_yen__gte=0,
                    prefecture_yen__gte=0,
                    forest_yen__gte=0,
                    amount_yen=models.F("city_yen") + models.F("prefecture_yen") + models.F("forest_yen"),
                ),
                name="collection_share_parts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.charge_id}:{self.employee_id}"


class InterestRelief(models.Model):
    """延滞金の減免・猶予期間 (interest relief): kept as intervals so that past figures can be reproduced."""

    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="reliefs", verbose_name="期別債権")
    relief_from = models.DateField("開始日")
    relief_until = models.DateField("終了日(その日を含む)")
    effect = models.CharField("効果", max_length=10, choices=[("zero", "全額免除"), ("half", "猶予割合")])
    legal_ground = models.CharField("根拠", max_length=80)
    decision_no = models.CharField("決定番号", max_length=40)
    actor = models.CharField("処理者", max_length=60)
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "延滞金免除期間"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(relief_until__gte=models.F("relief_from")), name="collection_relief_period"
            )
        ]

    def __str__(self) -> str:
        return f"{self.charge_id}: {self.relief_from}–{self.relief_until}"

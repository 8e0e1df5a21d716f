"""納付書 (payment slips): every version has its own case number, which is never used again."""

from django.db import models

from collection.models.charges import Charge


class SlipState(models.TextChoices):
    """納付書の状態 (words of the common-payment slip list)."""

    ACTIVE = "active", "有効"
    REPLACED = "replaced", "差替"
    WITHDRAWN = "withdrawn", "取消"
    PAID = "paid", "納付済"


class Slip(models.Model):
    """納付書 (payment slip) for one charge or a set of charges."""

    case_no = models.CharField("案件特定番号", max_length=16, unique=True)
    version = models.IntegerField("版", default=1)
    tax_kind_code = models.CharField("税目", max_length=4)
    notice_no = models.CharField("通知書番号", max_length=20)
    amount_yen = models.BigIntegerField("納付額")
    valid_until = models.DateField("取扱期限")
    issued_on = models.DateField("発行日")
    cvs_barcode = models.CharField("コンビニ収納用バーコード", max_length=44, blank=True)
    el_municipality_code = models.CharField("団体コード", max_length=6)
    el_item_code = models.CharField("税目・料金番号", max_length=3)
    el_case_key = models.CharField("案件特定キー", max_length=20)
    el_confirm_no = models.CharField("確認番号", max_length=6)
    state = models.CharField("状態", max_length=10, choices=SlipState, default=SlipState.ACTIVE)
    is_part = models.BooleanField("一部納付", default=False, db_default=False)
    listed_state = models.CharField(
        "通知済みの状態", max_length=10, choices=SlipState, blank=True, default="", db_default="",
        help_text="納付書情報で共通納税システムに伝えた状態。空欄は未送付。",
    )  # fmt: skip

    class Meta:
        verbose_name = "納付書"
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_yen__gt=0, version__gte=1), name="collection_slip_amount"),
            models.UniqueConstraint(
                fields=["cvs_barcode"], condition=~models.Q(cvs_barcode=""), name="collection_slip_barcode"
            ),
        ]

    def __str__(self) -> str:
        return self.case_no


class SlipLine(models.Model):
    """納付書の内訳 (slip line): what of which charge the slip asks for."""

    slip = models.ForeignKey(
        Slip, on_delete=models.CASCADE, related_name="lines", verbose_name="納付書", db_index=False
    )
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="slip_lines", verbose_name="期別債権")
    principal_yen = models.BigIntegerField("本税", default=0)
    reminder_fee_yen = models.BigIntegerField("督促手数料", default=0)
    late_interest_yen = models.BigIntegerField("延滞金", default=0)

    class Meta:
        verbose_name = "納付書内訳"
        constraints = [
            models.UniqueConstraint(fields=["slip", "charge"], name="collection_slip_line_key"),
            models.CheckConstraint(
                condition=models.Q(principal_yen__gte=0, reminder_fee_yen__gte=0, late_interest_yen__gte=0),
                name="collection_slip_line_sign",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slip_id}:{self.charge_id}"

"""情報照会の記録 (tables): who was asked about, why, when and with what outcome. What was answered stands elsewhere."""

from django.db import models
from django.db.models import Q


class InquiryState(models.TextChoices):
    """照会の状態."""

    PREPARED = "prepared", "作成済"
    SENT = "sent", "照会中"
    FOUND = "found", "口座あり"
    NONE = "none", "登録なし"
    ERROR = "error", "照会不可"
    REFUSED = "refused", "照会せず"
    WITHDRAWN = "withdrawn", "取下げ"


ANSWERED = (InquiryState.FOUND, InquiryState.NONE, InquiryState.ERROR)


class AccountInquiry(models.Model):
    """公金受取口座の照会一件: kept seven years as the record of the exchange (番号法23条); the account is not in it."""

    inquiry_no = models.CharField("照会番号", max_length=20, unique=True)
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="対象者")
    instruction_no = models.CharField("支払番号", max_length=10, unique=True)
    refund_no = models.CharField("還付番号", max_length=12)
    designated_on = models.DateField("指定の日")
    purpose = models.CharField("利用事務", max_length=10)
    affair_code = models.CharField("事務コード", max_length=16)
    procedure_code = models.CharField("事務手続きコード", max_length=16)
    item_code = models.CharField("特定個人情報名コード", max_length=16)
    state = models.CharField("状態", max_length=10, choices=InquiryState, default=InquiryState.PREPARED)
    asked_on = models.DateField("照会日")
    asked_by = models.CharField("照会した人", max_length=60)
    released_by = models.CharField("承認した人", max_length=60, blank=True)
    job_run_id = models.BigIntegerField("作成の実行")
    answered_on = models.DateField("回答日", null=True)
    message_ja = models.CharField("内容", max_length=100, blank=True)
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "公金受取口座の照会"
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=ANSWERED) | Q(answered_on__isnull=False), name="inquiries_account_answered_ck"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sent", *ANSWERED]) | ~Q(released_by=""), name="inquiries_account_released_ck"
            ),
        ]

    def __str__(self) -> str:
        return self.inquiry_no

"""税情報の提供・移転の依頼 (requests of other divisions) and each act of giving something out on them (R-164 to R-167).

submitted → legal check → approved items → executions. An execution gives no item that was not approved; one that
wanted more is refused and stays on record as such.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from intermediary.models.register import ProvisionRequest, RegisterRow


class TransferRequest(models.Model):
    """依頼: 情報処理依頼書・申請書・「税情報の使用について」 of one division under one row of the register."""

    class Form(models.TextChoices):
        PROCESSING = "processing", "情報処理依頼書"
        APPLICATION = "application", "申請書"
        USE = "use", "税情報の使用について"

    class State(models.TextChoices):
        SUBMITTED = "submitted", "受付"
        CHECKED = "checked", "法的確認済・決裁待ち"
        APPROVED = "approved", "承認済"
        REFUSED = "refused", "不承認"
        WITHDRAWN = "withdrawn", "取下げ"
        CLOSED = "closed", "完了"

    request_no = models.CharField("依頼番号", max_length=20, unique=True)
    form = models.CharField("様式", max_length=12, choices=Form.choices)
    row = models.ForeignKey(RegisterRow, on_delete=models.PROTECT, related_name="transfer_requests")
    unit_code = models.CharField("依頼元の所属コード", max_length=20)
    unit_name = models.CharField("依頼元", max_length=100)
    requested_by = models.CharField("依頼者", max_length=64)
    # The person behind the officer: the same human being may not check or approve under another account.
    requested_person = models.CharField("依頼者の本人キー", max_length=64)
    purpose_ja = models.CharField("利用目的", max_length=300)
    tax_year = models.PositiveSmallIntegerField("課税年度")
    known_on = models.DateField("基準日", null=True)
    items = ArrayField(models.CharField(max_length=30), verbose_name="求める項目")
    method = models.CharField("求める方法", max_length=10, choices=RegisterRow.Method.choices)
    parties = models.ManyToManyField("addressbook.Party", related_name="+", verbose_name="対象者")
    person_count = models.PositiveIntegerField("対象人数")
    unknown_count = models.PositiveIntegerField("該当のない宛名番号の数", default=0)
    state = models.CharField("状態", max_length=10, choices=State.choices, default=State.SUBMITTED)
    requested_at = models.DateTimeField("依頼日時")
    # What the tax office made of it.
    checked_by = models.CharField("法的確認者", max_length=64, blank=True)
    checked_at = models.DateTimeField("法的確認日時", null=True)
    check_results = models.JSONField("法的確認の結果", default=list)
    base_ja = models.CharField("根拠", max_length=300, blank=True)
    approved_items = ArrayField(models.CharField(max_length=30), verbose_name="承認した項目", default=list)
    valid_until = models.DateField("提供できる期限（この日から不可）", null=True)
    approved_by = models.CharField("承認者", max_length=64, blank=True)
    approved_at = models.DateTimeField("承認日時", null=True)
    reason_ja = models.CharField("不承認・差戻しの理由", max_length=500, blank=True)
    closed_at = models.DateTimeField("終了日時", null=True)

    class Meta:
        verbose_name = "提供・移転の依頼"
        ordering = ("-requested_at", "-pk")
        indexes = (models.Index(fields=("state", "requested_at"), name="transfer_request_state_ix"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(approved_items__contained_by=F("items")), name="transfer_request_items_ck"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("approved", "closed"))
                | (
                    ~Q(approved_by="")
                    & ~Q(checked_by="")
                    & ~Q(approved_by=F("checked_by"))
                    & ~Q(approved_by=F("requested_by"))
                    & ~Q(checked_by=F("requested_by"))
                    & ~Q(approved_items=[])
                    & Q(valid_until__isnull=False)
                ),
                name="transfer_request_four_eyes_ck",
            ),
        )

    def __str__(self) -> str:
        return self.request_no


class TransferExecution(models.Model):
    """提供・移転の実行: who gave what, when, on which base, by which medium; a refused attempt stands here too.

    Media leave with their number, encrypted, against a signature (R-164). Append-only but for the hand-over.
    """

    class Result(models.TextChoices):
        DONE = "done", "実行"
        REFUSED = "refused", "拒否"

    request = models.ForeignKey(TransferRequest, on_delete=models.PROTECT, related_name="executions")
    seq = models.PositiveSmallIntegerField("回")
    result = models.CharField("結果", max_length=8, choices=Result.choices)
    refusal_ja = models.CharField("拒否の理由", max_length=300, blank=True)
    items = ArrayField(models.CharField(max_length=60), verbose_name="項目")
    base_ja = models.CharField("根拠", max_length=300)
    method = models.CharField("方法", max_length=10, choices=RegisterRow.Method.choices)
    provision = models.OneToOneField(
        ProvisionRequest, on_delete=models.PROTECT, null=True, related_name="execution", verbose_name="提供の記録"
    )
    file = models.ForeignKey("files.OutgoingFile", on_delete=models.PROTECT, null=True, related_name="+")
    answered_count = models.PositiveIntegerField("回答人数", default=0)
    executed_by = models.CharField("実行者", max_length=64)
    executed_at = models.DateTimeField("実行日時")
    media_no = models.CharField("媒体番号", max_length=40, blank=True)
    is_encrypted = models.BooleanField("暗号化", default=False)
    handed_over_to = models.CharField("受領者（職員番号）", max_length=64, blank=True)
    handed_over_by = models.CharField("引渡者", max_length=64, blank=True)
    handed_over_at = models.DateTimeField("引渡日時", null=True)

    class Meta:
        verbose_name = "提供・移転の実行"
        ordering = ("-executed_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("request", "seq"), name="transfer_execution_seq_uq"),
            models.CheckConstraint(
                condition=(Q(result="done") & Q(provision__isnull=False))
                | (Q(result="refused") & Q(provision__isnull=True) & Q(file__isnull=True) & ~Q(refusal_ja="")),
                name="transfer_execution_result_ck",
            ),
            models.CheckConstraint(
                condition=~Q(result="done", method__in=("media", "flash")) | (~Q(media_no="") & Q(is_encrypted=True)),
                name="transfer_execution_media_ck",
            ),
            models.CheckConstraint(
                condition=(Q(handed_over_at__isnull=True) & Q(handed_over_to=""))
                | (
                    Q(handed_over_at__isnull=False)
                    & ~Q(handed_over_to="")
                    & ~Q(handed_over_by="")
                    & ~Q(handed_over_by=F("handed_over_to"))
                ),
                name="transfer_execution_signature_ck",
            ),
        )

    def __str__(self) -> str:
        return f"{self.request_id}-{self.seq}"

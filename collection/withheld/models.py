"""特別徴収義務者の納入 (tables): what came of each payment, and which number stands for an old one."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class NumberChange(models.TextChoices):
    """指定番号が変わった事由."""

    MERGED = "merged", "合併・解散による承継"
    RELOCATED = "relocated", "移転・組織変更による付け替え"
    UNIFIED = "unified", "二重登録の統合"


class AgentNumber(models.Model):
    """旧指定番号: a number that is not used any more and the one that stands for it; closed rows are kept."""

    old_no = models.CharField("旧指定番号", max_length=20)
    new_no = models.CharField("新指定番号", max_length=20)
    change = models.CharField("事由", max_length=10, choices=NumberChange.choices)
    effective_on = models.DateField("適用日")
    reason_ja = models.CharField("理由", max_length=200, blank=True)
    recorded_by = models.CharField("記録した人", max_length=20)
    recorded_at = models.DateTimeField("記録日時")
    withdrawn_at = models.DateTimeField("取消日時", null=True)

    class Meta:
        verbose_name = "指定番号の変更"
        ordering = ("effective_on", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("old_no",), condition=Q(withdrawn_at__isnull=True), name="agent_number_once_uq"
            ),
            models.CheckConstraint(condition=~Q(old_no=F("new_no")), name="agent_number_differs_ck"),
        ]

    def __str__(self) -> str:
        return f"{self.old_no} → {self.new_no}"


class PaymentFinding(models.TextChoices):
    """納入の照合の結果 (several may hold for one payment)."""

    SHORT = "short", "不足"
    OVER = "over", "超過"
    DOUBLE = "double", "二重"
    EARLY = "early", "徴収月より前の納入"
    OLD_NUMBER = "old_number", "旧指定番号"
    NO_NUMBER = "no_number", "指定番号なし"
    UNKNOWN = "unknown", "該当する月なし"
    RETIREMENT = "retirement", "退職所得分"


class AgentPayment(models.Model):
    """義務者の納入一件: as it was written, the number and month it was put to, and what an officer has to look at."""

    payment_key = models.CharField("納入キー", max_length=120, unique=True)
    line_no = models.PositiveIntegerField("行番号")
    written_no = models.CharField("記載の指定番号", max_length=20, blank=True)
    agent_no = models.CharField("消し込んだ指定番号", max_length=20, blank=True)
    payer_name = models.CharField("記載の名称", max_length=60, blank=True)
    tax_year = models.PositiveSmallIntegerField("課税年度")
    place = models.PositiveSmallIntegerField("月分(6月から数えて)")
    paid_on = models.DateField("納入日")
    amount_yen = models.BigIntegerField("納入額")
    asked_yen = models.BigIntegerField("納入すべき額")
    over_yen = models.BigIntegerField("超過額", default=0)
    short_yen = models.BigIntegerField("不足額", default=0)
    findings = ArrayField(models.CharField(max_length=12, choices=PaymentFinding.choices), default=list)
    is_open = models.BooleanField("要確認", default=False)
    note_ja = models.CharField("処理の内容", max_length=200, blank=True)
    settled_by = models.CharField("処理した人", max_length=20, blank=True)
    settled_at = models.DateTimeField("処理日時", null=True)

    class Meta:
        verbose_name = "特別徴収義務者の納入"
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_yen__gt=0, over_yen__gte=0, short_yen__gte=0), name="agent_payment_yen_ck"
            ),
        ]
        indexes = [
            models.Index(fields=("agent_no", "tax_year"), name="agent_payment_agent_ix"),
            models.Index(fields=("paid_on",), condition=Q(is_open=True), name="agent_payment_open_ix"),
        ]

    def __str__(self) -> str:
        return f"{self.written_no} {self.tax_year}-{self.place} {self.amount_yen}"

    @property
    def findings_ja(self) -> str:
        """The findings in words."""
        return "・".join(str(PaymentFinding(one).label) for one in self.findings)

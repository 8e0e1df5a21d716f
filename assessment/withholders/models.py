"""特別徴収義務者の申請と指定番号の履歴 (tables): rows are closed, never rewritten."""

from django.db import models
from django.db.models import Q


class PrivilegeState(models.TextChoices):
    """納期の特例の状態."""

    APPLIED = "applied", "申請中"
    APPROVED = "approved", "承認"
    REFUSED = "refused", "却下"
    WITHDRAWN = "withdrawn", "取下げ"
    REVOKED = "revoked", "承認取消"
    GIVEN_UP = "given_up", "取りやめ"


class ApplicationChannel(models.TextChoices):
    """申請の経路."""

    PAPER = "paper", "紙"
    ELTAX = "eltax", "eLTAX"


class PaymentPrivilege(models.Model):
    """納期の特例一件: an application and what became of it (地方税法321条の5の2).

    `first_month`: first of the month from which withheld tax is paid twice a year. `ended_on`: the day of the
    revocation, or of the notice that the agent does not meet the condition any more.
    """

    withholder = models.ForeignKey(
        "assessment.Withholder", on_delete=models.PROTECT, related_name="privileges", verbose_name="特別徴収義務者"
    )
    received_on = models.DateField("申請日")
    channel = models.CharField("経路", max_length=6, choices=ApplicationChannel.choices)
    reception_no = models.CharField("受付番号", max_length=30, blank=True)
    employee_count = models.PositiveSmallIntegerField("給与の支払を受ける者の数(常時)")
    first_month = models.DateField("適用を始める月")
    state = models.CharField(
        "状態", max_length=10, choices=PrivilegeState.choices, default=PrivilegeState.APPLIED
    )  # fmt: skip
    recorded_by = models.CharField("記録した人", max_length=20)
    recorded_at = models.DateTimeField("記録日時")
    decided_on = models.DateField("承認・却下の日", null=True)
    decided_by = models.CharField("決裁した人", max_length=20, blank=True)
    decision_reason_ja = models.CharField("承認・却下・取下げの理由", max_length=200, blank=True)
    ended_on = models.DateField("取消・取りやめの日", null=True)
    end_decided_on = models.DateField("取消・取りやめを決裁した日", null=True)
    ended_by = models.CharField("取消を決裁した人", max_length=20, blank=True)
    end_reason_ja = models.CharField("取消・取りやめの理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "納期の特例"
        ordering = ("-received_on", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("withholder",), condition=Q(state__in=["applied", "approved"]), name="privilege_one_open_uq"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "refused", "revoked", "given_up"]) | Q(decided_on__isnull=False),
                name="privilege_decided_ck",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["revoked", "given_up"], ended_on__isnull=False)
                | (~Q(state__in=["revoked", "given_up"]) & Q(ended_on__isnull=True)),
                name="privilege_ended_ck",
            ),
            models.CheckConstraint(condition=Q(first_month__day=1), name="privilege_month_ck"),
        ]

    def __str__(self) -> str:
        return f"{self.withholder_id} {self.get_state_display()} {self.received_on}"


class DueDateMove(models.Model):
    """納期限の移動一件: a month already levied got another due date with the privilege, or back."""

    privilege = models.ForeignKey(
        PaymentPrivilege, on_delete=models.PROTECT, related_name="moves", verbose_name="納期の特例"
    )
    tax_year = models.PositiveSmallIntegerField("課税年度")
    instalment_no = models.PositiveSmallIntegerField("月分(6月から数えて)")
    due_before = models.DateField("前の納期限")
    due_after = models.DateField("後の納期限")
    moved_at = models.DateTimeField("移動日時")

    class Meta:
        verbose_name = "納期限の移動"
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.tax_year}-{self.instalment_no}: {self.due_before} → {self.due_after}"

"""決裁: proposals that take effect only when a second person has approved exactly their content (R-207)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from taxsys.platform import clock


class Approval(models.Model):
    """決裁案件. The content is frozen at proposal; a change is a new proposal. The approver is never the proposer."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "決裁待ち"
        APPROVED = "approved", "承認"
        SENT_BACK = "sent_back", "差戻し"
        REJECTED = "rejected", "否認"
        WITHDRAWN = "withdrawn", "取下げ"
        VOID = "void", "失効"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("種類", max_length=60)
    subject_key = models.CharField("対象", max_length=120)
    title_ja = models.CharField("件名", max_length=200)
    content = models.JSONField("内容")
    content_hash = models.CharField("内容のハッシュ", max_length=64)
    state = models.CharField("状態", max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="proposals", verbose_name="起案者"
    )
    proposed_unit_code = models.CharField("起案所属", max_length=20)
    proposed_at = models.DateTimeField("起案日時", default=clock.now)
    due_on = models.DateField("処理期限", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="decided_approvals",
        verbose_name="決裁者",
        null=True,
        blank=True,
    )
    decided_at = models.DateTimeField("決裁日時", null=True, blank=True)
    decided_for = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="代決で代わった決裁者",
        null=True,
        blank=True,
    )
    reason = models.CharField("理由", max_length=500, blank=True)
    version = models.PositiveSmallIntegerField("版", default=1)
    previous = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="next", verbose_name="前の版", null=True, blank=True
    )

    class Meta:
        verbose_name = "決裁案件"
        ordering = ("proposed_at", "id")
        indexes = (models.Index(fields=("state", "kind", "proposed_at"), name="approval_queue"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")) | Q(state="withdrawn"),
                name="approval_by_second_person",
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(state="proposed") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="approval_decided_completely",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("sent_back", "rejected", "void")) | ~Q(reason=""), name="approval_reason_given"
            ),
            models.CheckConstraint(
                condition=Q(decided_for__isnull=True)
                | (~Q(decided_for=F("proposed_by")) & ~Q(decided_for=F("decided_by"))),
                name="approval_deputy_of_a_third",
            ),
            models.UniqueConstraint(
                fields=("kind", "subject_key"), condition=Q(state="proposed"), name="approval_one_open_proposal"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}:{self.state}"

    @property
    def decider_ja(self) -> str:
        """Who decided, in words: a deputy is shown as such (代決)."""
        if self.decided_by is None:
            return ""
        principal = f"（代決：{self.decided_for.name}の代わり）" if self.decided_for else ""
        return f"{self.decided_by.name}{principal}"


class Deputy(models.Model):
    """代決者: who decides in the absence of one entitled to decide; half-open period, in force by approval (R-207).

    The deputy acts on the principal's own rights of that moment, never on what the principal holds as a deputy.
    """

    principal = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="deputies_named", verbose_name="決裁者"
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="deputises_for", verbose_name="代決者"
    )
    from_on = models.DateField("開始日")
    to_on = models.DateField("終了日（この日から不可）")
    reason = models.CharField("理由", max_length=200)
    approval = models.OneToOneField(Approval, on_delete=models.PROTECT, related_name="+", verbose_name="決裁")

    class Meta:
        verbose_name = "代決者"
        ordering = ("from_on", "pk")
        indexes = (models.Index(fields=("deputy", "to_on"), name="deputy_lookup"),)
        constraints = (
            models.CheckConstraint(condition=Q(to_on__gte=F("from_on")), name="deputy_period_forward"),
            models.CheckConstraint(condition=~Q(principal=F("deputy")), name="deputy_not_of_oneself"),
        )

    def __str__(self) -> str:
        return f"{self.principal_id}:{self.deputy_id}"

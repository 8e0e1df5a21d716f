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
    reason = models.CharField("理由", max_length=500, blank=True)

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
                condition=~Q(state__in=("sent_back", "rejected")) | ~Q(reason=""), name="approval_reason_given"
            ),
            models.UniqueConstraint(
                fields=("kind", "subject_key"), condition=Q(state="proposed"), name="approval_one_open_proposal"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}:{self.state}"

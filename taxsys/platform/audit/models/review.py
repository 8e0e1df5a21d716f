"""定期点検の表: who is watched, what a review found, and who signed it (R-181, R-231, N-071).

Reports, findings and signatures are append-only by trigger. A watched party is a name of two lists: the officers' own
party numbers (so that a look at oneself, one's household or a colleague shows), and persons of public interest.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from taxsys.platform import clock


class WatchedParty(models.Model):
    """点検対象の宛名: put on a list and taken off again by two people each; the period is half-open."""

    class Kind(models.TextChoices):
        STAFF = "staff", "職員本人の宛名"
        PUBLIC = "public", "社会的に注目される人"

    kind = models.CharField("区分", max_length=8, choices=Kind.choices)
    party_key = models.CharField("宛名の識別番号", max_length=64)
    staff_no = models.CharField("職員番号", max_length=20, blank=True)
    from_on = models.DateField("開始日")
    to_on = models.DateField("終了日（この日から対象外）", null=True, blank=True)
    approval_id = models.UUIDField("決裁", unique=True)
    ended_by_approval_id = models.UUIDField("終了の決裁", null=True, blank=True)
    recorded_at = models.DateTimeField("登録日時", default=clock.now)

    class Meta:
        verbose_name = "点検対象の宛名"
        ordering = ("kind", "staff_no", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(to_on__gte=F("from_on")), name="audit_watch_period_forward"
            ),
            models.CheckConstraint(
                condition=(Q(kind="staff") & ~Q(staff_no="")) | (Q(kind="public") & Q(staff_no="")),
                name="audit_watch_staff_named",
            ),
            models.UniqueConstraint(
                fields=("kind", "party_key", "staff_no"), condition=Q(to_on__isnull=True), name="audit_watch_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}:{self.pk}"


class ReviewReport(models.Model):
    """点検結果: the figures of a period of the log, [from_on, to_on], with the limits that were applied."""

    run_key = models.CharField("実行", max_length=60, unique=True)
    from_on = models.DateField("始め")
    to_on = models.DateField("終り（含む）")
    limits = models.JSONField("基準値")
    figures = models.JSONField("集計")
    head_code = models.CharField("封印の符号", max_length=100, blank=True)
    content_hash = models.CharField("内容のハッシュ", max_length=64)
    made_at = models.DateTimeField("作成日時", default=clock.now)

    class Meta:
        verbose_name = "点検結果"
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(to_on__gte=F("from_on")), name="audit_review_period_forward"),
        )

    def __str__(self) -> str:
        return f"{self.from_on}/{self.to_on}"


class ReviewFinding(models.Model):
    """点検の所見: one officer (or caller) and one kind, with the events that say so (the newest thousand)."""

    report = models.ForeignKey(ReviewReport, on_delete=models.PROTECT, related_name="findings", verbose_name="点検")
    kind = models.CharField("種類", max_length=20)
    actor_kind = models.CharField("操作者区分", max_length=8)
    actor_id = models.CharField("操作者", max_length=60)
    unit_code = models.CharField("所属", max_length=20, blank=True)
    is_contractor = models.BooleanField("委託先")
    count = models.IntegerField("件数")
    first_at = models.DateTimeField("最初")
    last_at = models.DateTimeField("最後")
    event_ids = ArrayField(models.BigIntegerField(), verbose_name="記録番号")

    class Meta:
        verbose_name = "点検の所見"
        ordering = ("report", "kind", "-count", "actor_id")
        constraints = (
            models.UniqueConstraint(fields=("report", "kind", "actor_kind", "actor_id"), name="audit_finding_once"),
            models.CheckConstraint(condition=Q(count__gt=0), name="audit_finding_counts"),
        )

    def __str__(self) -> str:
        return f"{self.report_id}:{self.kind}"


class ReviewSignature(models.Model):
    """点検の確認: the security officer has read exactly this content, with a remark."""

    report = models.OneToOneField(
        ReviewReport, on_delete=models.PROTECT, related_name="signature", verbose_name="点検", primary_key=True
    )
    staff_no = models.CharField("職員番号", max_length=20)
    remark = models.CharField("所見・措置", max_length=1000)
    content_hash = models.CharField("内容のハッシュ", max_length=64)
    signed_at = models.DateTimeField("確認日時", default=clock.now)

    class Meta:
        verbose_name = "点検の確認"
        constraints = (models.CheckConstraint(condition=~Q(remark=""), name="audit_review_remark_given"),)

    def __str__(self) -> str:
        return f"{self.report_id}:{self.staff_no}"

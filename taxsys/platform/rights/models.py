"""権限の届出・確認・棚卸・職責: who asked for which right, who confirmed it, in what office (R-222, R-226)."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from taxsys.platform import clock
from taxsys.platform.staff.models import Grant, Staff, Unit


class Appointment(models.Model):
    """職責: staff × duty × scope × half-open period; a deputy names whose office is exercised (R-222, R-225)."""

    class Duty(models.TextChoices):
        UNIT_HEAD = "unit_head", "所属長"
        ADMINISTRATOR = "administrator", "アクセス権限管理者"
        TAX_SYSTEM = "tax_system", "税制課の確認者"

    duty = models.CharField("職責", max_length=14, choices=Duty.choices)
    scope = models.CharField("範囲（所属コード・サブシステム）", max_length=20, blank=True)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="appointments", verbose_name="職員")
    deputises = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="deputies", verbose_name="代理する職責"
    )
    from_on = models.DateField("開始日")
    to_on = models.DateField("終了日（この日から不可）", null=True, blank=True)
    approval_id = models.UUIDField("決裁", null=True, blank=True)

    class Meta:
        verbose_name = "職責"
        ordering = ("duty", "scope", "from_on", "pk")
        indexes = (models.Index(fields=("staff", "duty", "scope"), name="appointment_lookup"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(to_on__gte=F("from_on")), name="appointment_period_forward"
            ),
        )

    def __str__(self) -> str:
        return f"{self.duty}:{self.scope}"

    @property
    def title_ja(self) -> str:
        """The office in words: 所属長, or 所属長の代理."""
        return f"{self.get_duty_display()}{'の代理' if self.deputises_id else ''}"


class GrantRequest(models.Model):
    """権限の届出: frozen content; a grant takes effect with two confirmations, a revocation at once (R-223)."""

    class Action(models.TextChoices):
        GRANT = "grant", "付与"
        REVOKE = "revoke", "取消"

    class State(models.TextChoices):
        REQUESTED = "requested", "確認待ち"
        CONFIRMED = "confirmed", "確認済"
        REFUSED = "refused", "否認"
        WITHDRAWN = "withdrawn", "取下げ"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    action = models.CharField("区分", max_length=6, choices=Action.choices)
    subsystem = models.CharField("サブシステム", max_length=20)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="grant_requests", verbose_name="対象の職員")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name="所属")
    permission_codes = ArrayField(models.CharField(max_length=80), verbose_name="機能")
    held_codes = ArrayField(models.CharField(max_length=80), verbose_name="届出時に保有していた機能", default=list)
    from_on = models.DateField("開始日（取消は取消日）")
    to_on = models.DateField("終了日（この日から不可）", null=True, blank=True)
    reason = models.CharField("理由", max_length=300)
    content_hash = models.CharField("内容のハッシュ", max_length=64)
    state = models.CharField("状態", max_length=10, choices=State.choices, default=State.REQUESTED)
    requested_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", verbose_name="届出者")
    requested_under = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, related_name="+", verbose_name="届出の職責"
    )
    requested_persons = ArrayField(models.CharField(max_length=40), verbose_name="届出に立つ人")
    requested_at = models.DateTimeField("届出日時", default=clock.now)
    closed_at = models.DateTimeField("完了日時", null=True, blank=True)

    class Meta:
        verbose_name = "権限の届出"
        ordering = ("-requested_at", "id")
        indexes = (models.Index(fields=("state", "subsystem", "requested_at"), name="grant_request_queue"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(to_on__gt=F("from_on")), name="grant_request_period_forward"
            ),
            models.CheckConstraint(condition=~Q(requested_by=F("staff")), name="grant_request_not_for_oneself"),
            models.CheckConstraint(
                condition=Q(state="requested", closed_at__isnull=True)
                | (~Q(state="requested") & Q(closed_at__isnull=False)),
                name="grant_request_closed_completely",
            ),
            models.UniqueConstraint(
                fields=("staff", "unit", "subsystem", "action"),
                condition=Q(state="requested"),
                name="grant_request_one_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.action}:{self.state}"


class Confirmation(models.Model):
    """確認: one side's answer to a request; each side once, each person once (R-223)."""

    class Side(models.TextChoices):
        ADMINISTRATOR = "administrator", "アクセス権限管理者"
        TAX_SYSTEM = "tax_system", "税制課"

    class Decision(models.TextChoices):
        CONFIRM = "confirm", "確認"
        REFUSE = "refuse", "否認"

    request = models.ForeignKey(GrantRequest, on_delete=models.PROTECT, related_name="confirmations")
    side = models.CharField("確認者", max_length=14, choices=Side.choices)
    decision = models.CharField("判断", max_length=8, choices=Decision.choices)
    reason = models.CharField("理由", max_length=300, blank=True)
    decided_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", verbose_name="確認した人")
    decided_under = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="+", verbose_name="職責")
    decided_persons = ArrayField(models.CharField(max_length=40), verbose_name="確認に立つ人")
    decided_at = models.DateTimeField("確認日時", default=clock.now)

    class Meta:
        verbose_name = "権限の確認"
        ordering = ("decided_at", "pk")
        constraints = (
            models.UniqueConstraint(fields=("request", "side"), name="confirmation_side_once"),
            models.UniqueConstraint(fields=("request", "decided_by"), name="confirmation_person_once"),
            models.CheckConstraint(
                condition=Q(decision="confirm") | ~Q(reason=""), name="confirmation_refusal_has_reason"
            ),
        )

    def __str__(self) -> str:
        return f"{self.side}:{self.decision}"


class Campaign(models.Model):
    """権限の棚卸: once a year every grant is confirmed or ends at the deadline (R-226)."""

    title_ja = models.CharField("名称", max_length=60, unique=True)
    opened_on = models.DateField("開始日")
    due_on = models.DateField("締切日（この日まで）")
    closed_on = models.DateField("締切処理日", null=True, blank=True)

    class Meta:
        verbose_name = "権限の棚卸"
        ordering = ("-opened_on", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(due_on__gt=F("opened_on")), name="campaign_due_after_opening"),
        )

    def __str__(self) -> str:
        return self.title_ja


class CampaignItem(models.Model):
    """棚卸の一件: one grant of one officer, and what became of it."""

    class State(models.TextChoices):
        PENDING = "pending", "未確認"
        KEPT = "kept", "継続"
        REVOKED = "revoked", "取消"
        LAPSED = "lapsed", "未確認のため失効"
        ENDED = "ended", "期間内に終了"

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="items")
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="campaign_items", verbose_name="権限付与")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name="所属")
    state = models.CharField("結果", max_length=8, choices=State.choices, default=State.PENDING)
    decided_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="確認した人"
    )
    decided_under = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="職責"
    )
    decided_at = models.DateTimeField("確認日時", null=True, blank=True)

    class Meta:
        verbose_name = "棚卸の一件"
        ordering = ("unit__sort_order", "grant__staff__staff_no", "grant__permission_code")
        indexes = (models.Index(fields=("campaign", "state", "unit"), name="campaign_item_open"),)
        constraints = (
            models.UniqueConstraint(fields=("campaign", "grant"), name="campaign_item_once"),
            models.CheckConstraint(
                condition=~Q(state__in=("kept", "revoked"))
                | Q(decided_by__isnull=False, decided_under__isnull=False, decided_at__isnull=False),
                name="campaign_item_decided_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return self.state

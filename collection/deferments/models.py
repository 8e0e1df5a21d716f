"""猶予・免除・期限の延長 (tables): one act over some claims of a party, and what it did to each."""

from django.db import models
from django.db.models import Q

from taxsys.platform.files.channels import ReceiptChannel


class DefermentState(models.TextChoices):
    """状態."""

    PROPOSED = "proposed", "決裁待ち"
    GRANTED = "granted", "許可・決定"
    WITHDRAWN = "withdrawn", "差戻し・取下げ"
    ENDED = "ended", "取消"


class Deferment(models.Model):
    """猶予・免除・延長一件. Days are both counted; of an extension `until_on` is the new due date.

    `number` counts within the fiscal year of the entry. `ended_on`: first day on which it does not hold any more
    (取消, 地方税法15条の3); the days before it keep their effect.
    """

    number = models.CharField("決定番号", max_length=12, unique=True)
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="宛名")
    ground = models.CharField("根拠", max_length=24)
    from_on = models.DateField("始期")
    until_on = models.DateField("終期")
    received_on = models.DateField("申請日", null=True)
    channel = models.CharField("申請の入手方法", max_length=10, choices=ReceiptChannel.choices, blank=True)
    reason_ja = models.CharField("理由", max_length=200)
    evidence_ja = models.CharField("確認した資料", max_length=200)
    security_ja = models.CharField("担保", max_length=200, blank=True)
    state = models.CharField("状態", max_length=10, choices=DefermentState, default=DefermentState.PROPOSED)
    recorded_by = models.CharField("起案した人", max_length=20)
    recorded_at = models.DateTimeField("記録日時")
    decided_on = models.DateField("決定日", null=True)
    decided_by = models.CharField("決裁した人", max_length=20, blank=True)
    ended_on = models.DateField("取消の日", null=True)
    ended_by = models.CharField("取消を決裁した人", max_length=20, blank=True)
    end_reason_ja = models.CharField("取消の理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "猶予・免除・期限の延長"
        ordering = ("-number",)
        constraints = [
            models.CheckConstraint(condition=Q(until_on__gte=models.F("from_on")), name="deferments_period_ck"),
            models.CheckConstraint(
                condition=~Q(state__in=["granted", "ended"]) | Q(decided_on__isnull=False), name="deferments_decided_ck"
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_on__isnull=False) | (~Q(state="ended") & Q(ended_on__isnull=True)),
                name="deferments_ended_ck",
            ),
        ]
        indexes = [models.Index(fields=("party",), name="deferments_party_ix")]

    def __str__(self) -> str:
        return f"{self.number} {self.get_state_display()}"


class DefermentClaim(models.Model):
    """対象の期別: the due date before and, of an extension, after the act; the open tax when it was proposed (yen)."""

    deferment = models.ForeignKey(Deferment, on_delete=models.PROTECT, related_name="claims", verbose_name="猶予等")
    charge = models.ForeignKey(
        "collection.Charge", on_delete=models.PROTECT, related_name="deferment_claims", verbose_name="期別債権"
    )
    open_yen = models.BigIntegerField("起案時の未納額")
    due_before = models.DateField("起案時の納期限")
    due_after = models.DateField("延長後の納期限", null=True)

    class Meta:
        verbose_name = "猶予等の対象"
        ordering = ("due_before", "pk")
        constraints = [models.UniqueConstraint(fields=("deferment", "charge"), name="deferments_claim_uq")]

    def __str__(self) -> str:
        return f"{self.deferment_id}:{self.charge_id}"

"""緊急時の権限の使用: who, why, which half hour, who was told, and who reviewed it afterwards."""

import uuid
from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from taxsys.platform import clock
from taxsys.platform.staff.models import Staff

LIFE = timedelta(minutes=30)


class EmergencyUse(models.Model):
    """一回の使用. It ends by itself; another person reviews it, and until then the same person begins no other."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="emergency_uses", verbose_name="職員")
    person_key = models.CharField("個人の識別", max_length=40)
    terminal_code = models.CharField("端末", max_length=20)
    reason = models.CharField("理由", max_length=300)
    begun_at = models.DateTimeField("開始日時", default=clock.now)
    ends_at = models.DateTimeField("終了日時")
    told = ArrayField(models.CharField(max_length=20), verbose_name="知らせた職員")
    reviewed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="点検者")
    reviewed_person = models.CharField("点検した個人の識別", max_length=40, blank=True)
    reviewed_at = models.DateTimeField("点検日時", null=True)
    remark = models.CharField("点検の結果・措置", max_length=1000, blank=True)

    class Meta:
        verbose_name = "緊急時の権限の使用"
        ordering = ("-begun_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("begun_at"), ends_at__lte=F("begun_at") + LIFE),
                name="emergency_half_an_hour_at_most",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="emergency_has_a_reason"),
            models.CheckConstraint(condition=Q(told__len__gt=0), name="emergency_somebody_was_told"),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True, reviewed_person="", remark="")
                | (Q(reviewed_at__isnull=False, reviewed_by__isnull=False) & ~Q(reviewed_person="") & ~Q(remark="")),
                name="emergency_reviewed_completely",
            ),
            models.CheckConstraint(
                condition=~Q(reviewed_person=F("person_key")), name="emergency_reviewed_by_somebody_else"
            ),
            models.UniqueConstraint(
                fields=("person_key",), condition=Q(reviewed_at__isnull=True), name="emergency_one_unreviewed"
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_running(self) -> bool:
        """Whether the half hour is not over."""
        return clock.now() < self.ends_at

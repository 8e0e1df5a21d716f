"""利用（サインインから終了まで）: one live one per person and per terminal, held by the database itself."""

import uuid

from django.db import models
from django.db.models import F, Q

from taxsys.platform import clock
from taxsys.platform.staff.models import Staff


class Sitting(models.Model):
    """利用: who works at which terminal since when, when last seen, and why it ended.

    `person_key` is the human behind the account: two staff numbers of one person never work at once.
    """

    class Ended(models.TextChoices):
        SIGNED_OUT = "signed_out", "本人が終了"
        IDLE = "idle", "操作がなかったため終了"
        TOO_LONG = "absolute", "利用できる時間を過ぎたため終了"
        OTHER_TERMINAL = "other_terminal", "本人が別の端末でサインイン"
        SAME_PLACE = "signed_in_again", "本人が同じ端末でサインインし直し"
        TERMINAL_STOPPED = "stopped", "端末または証明書の停止"
        TERMINAL_TAKEN = "terminal_taken", "同じ端末で別の職員がサインイン"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="sittings", verbose_name="職員")
    person_key = models.CharField("個人の識別", max_length=40)
    terminal_code = models.CharField("端末", max_length=20)
    begun_at = models.DateTimeField("開始日時", default=clock.now)
    seen_at = models.DateTimeField("最後の操作", default=clock.now)
    ended_at = models.DateTimeField("終了日時", null=True, blank=True)
    ended_reason = models.CharField("終了の理由", max_length=16, choices=Ended.choices, blank=True)
    ended_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="+", verbose_name="終了させた利用"
    )

    class Meta:
        verbose_name = "利用"
        ordering = ("-begun_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("person_key",), condition=Q(ended_at__isnull=True), name="sitting_one_live_per_person"
            ),
            models.UniqueConstraint(
                fields=("terminal_code",), condition=Q(ended_at__isnull=True), name="sitting_one_live_per_terminal"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_reason="")
                | (Q(ended_at__isnull=False, ended_at__gte=F("begun_at")) & ~Q(ended_reason="")),
                name="sitting_ended_with_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.staff_id}@{self.terminal_code}"

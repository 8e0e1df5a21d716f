"""個人番号の利用: what is known about the use and entry of numbers. Neither a number nor anything derived from one."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from addressbook.codes import NumberAlarmKind
from addressbook.models.party import Party
from addressbook.number_codes import (
    AgentAuthority,
    IdentityEvidence,
    Mismatch,
    NumberEntryKind,
    NumberEntryState,
    NumberEvidence,
    NumberForm,
    ReleaseReason,
)


class NumberAlarm(models.Model):
    """利用の警報: an officer showed or searched far more numbers in a day than usual, or reached the limit."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField("種別", max_length=8, choices=NumberAlarmKind.choices)
    staff_no = models.CharField("職員番号", max_length=20)
    day = models.DateField("日")
    count = models.PositiveIntegerField("その日の件数")
    usual = models.PositiveIntegerField("普段の1日の件数")
    raised_at = models.DateTimeField("発生日時")
    noted_by = models.CharField("確認した職員", max_length=20, blank=True, default="")
    noted_at = models.DateTimeField("確認日時", null=True, blank=True)

    class Meta:
        verbose_name = "個人番号の利用の警報"
        constraints = [
            models.UniqueConstraint(fields=["staff_no", "day", "kind"], name="numberalarm_once"),
            models.CheckConstraint(
                condition=Q(noted_at__isnull=True, noted_by="")
                | (Q(noted_at__isnull=False) & ~Q(noted_by="") & ~Q(noted_by=models.F("staff_no"))),
                name="numberalarm_noted_by_another",
            ),
        ]
        indexes = [models.Index(fields=["day"], name="numberalarm_open", condition=Q(noted_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.staff_no} {self.day}"


class NumberEntry(models.Model):
    """個人番号の登録・変更: entered by one, confirmed from the paper and approved by another (R-207).

    The number itself waits in the vault, held under this row's id, and goes from there to the party or is erased.
    """

    id = models.UUIDField("識別（保留番号の参照）", primary_key=True)
    party = models.ForeignKey(
        Party, verbose_name="宛名", on_delete=models.PROTECT, related_name="number_entries", db_index=False
    )
    kind = models.CharField("区分", max_length=6, choices=NumberEntryKind.choices)
    state = models.CharField("状態", max_length=10, choices=NumberEntryState.choices)
    form_code = models.CharField("受け付けた書類", max_length=20, choices=NumberForm.choices)
    number_evidence = models.CharField("番号確認書類", max_length=10, choices=NumberEvidence.choices)
    identity_evidence = models.CharField(
        "身元確認書類（代理のときは代理人）", max_length=12, choices=IdentityEvidence.choices
    )
    agent_authority = models.CharField(
        "代理権の確認書類", max_length=16, choices=AgentAuthority.choices, blank=True, default=""
    )
    acquired_on = models.DateField("取得日")
    mismatches = ArrayField(
        models.CharField(max_length=10, choices=Mismatch.choices), verbose_name="登録内容との相違", default=list
    )
    release_reason = models.CharField(
        "本人と認める理由", max_length=10, choices=ReleaseReason.choices, blank=True, default=""
    )
    entered_by = models.CharField("入力した職員", max_length=20)
    entered_at = models.DateTimeField("入力日時")
    approval_id = models.UUIDField("決裁", null=True, blank=True)
    confirmed_by = models.CharField("書類と照合した職員", max_length=20, blank=True, default="")
    settled_at = models.DateTimeField("処理日時", null=True, blank=True)

    class Meta:
        verbose_name = "個人番号の登録"
        ordering = ("entered_at", "id")
        indexes = [models.Index(fields=["party", "-entered_at"], name="numberentry_party")]
        constraints = [
            models.UniqueConstraint(
                fields=["party"], condition=Q(settled_at__isnull=True), name="numberentry_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("held", "proposed"), settled_at__isnull=True)
                | Q(state__in=("effective", "dropped"), settled_at__isnull=False),
                name="numberentry_settled",
            ),
            models.CheckConstraint(condition=Q(acquired_on__gte="2015-10-05"), name="numberentry_not_too_early"),
            models.CheckConstraint(
                condition=~Q(state__in=("proposed", "effective")) | Q(mismatches=[]) | ~Q(release_reason=""),
                name="numberentry_released_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(confirmed_by=models.F("entered_by")), name="numberentry_by_second_person"
            ),
            models.CheckConstraint(condition=~Q(state="effective") | ~Q(confirmed_by=""), name="numberentry_confirmed"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.state}"

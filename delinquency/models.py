"""滞納 (delinquency): reminders with what follows from them, and the record of contacts. F-DN-001, F-DL-013."""

from django.db import models
from django.db.models import F, Q

from collection.papers.slip_rows import instalment_label


class ReminderRunState(models.TextChoices):
    """督促の回の状態."""

    EXTRACTED = "extracted", "抽出済"
    ISSUED = "issued", "発付済"


class ReminderRun(models.Model):
    """督促の回: one extraction, let go by a second person. Nobody is reminded before that."""

    job_run_id = models.BigIntegerField("バッチ実行番号", unique=True)
    issued_on = models.DateField("発付日")
    due_until = models.DateField("対象の納期限(この日まで)")
    extracted_on = models.DateField("抽出日")
    state = models.CharField("状態", max_length=10, choices=ReminderRunState, default=ReminderRunState.EXTRACTED)
    requested_by = models.CharField("起案者", max_length=64)
    released_by = models.CharField("決裁者", max_length=64, blank=True)
    released_at = models.DateTimeField("決裁日時", null=True)
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "督促の回"
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(condition=Q(issued_on__gt=F("due_until")), name="reminder_run_after_due"),
            models.CheckConstraint(
                condition=Q(released_by="") | ~Q(released_by=F("requested_by")), name="reminder_run_four_eyes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issued_on}"


class ReminderState(models.TextChoices):
    """督促の状態."""

    CANDIDATE = "candidate", "抽出"
    HELD = "held", "保留"
    ISSUED = "issued", "発付"
    DROPPED = "dropped", "発付前に除外"
    WITHDRAWN = "withdrawn", "取消"


class Reminder(models.Model):
    """督促 of one instalment: what was asked, on what ground, and the days that follow from it (18条の2, 331条ほか).

    At most one reminder of a charge stands issued: a second one on the same claim has no effect.
    """

    run = models.ForeignKey(ReminderRun, on_delete=models.PROTECT, related_name="reminders", verbose_name="督促の回")
    charge = models.ForeignKey("collection.Charge", on_delete=models.PROTECT, related_name="+", verbose_name="期別債権")
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="債務者")
    reminder_no = models.CharField("督促番号", max_length=20, blank=True)
    state = models.CharField("状態", max_length=10, choices=ReminderState)
    due_on = models.DateField("納期限")
    statutory_due_on = models.DateField("法定納期限")
    unpaid_yen = models.BigIntegerField("未納税額")
    fee_yen = models.BigIntegerField("督促手数料", default=0)
    law_ja = models.CharField("根拠", max_length=60, blank=True)
    # Why it is held or dropped, in office words.
    hold_ja = models.CharField("保留・除外の理由", max_length=200, blank=True)
    is_late = models.BooleanField("納期限後20日を過ぎた発付", default=False)
    issued_on = models.DateField("発付日", null=True)
    ten_days_passed_on = models.DateField("10日を経過した日", null=True)
    seizure_from = models.DateField("差押えができる日", null=True)
    limitation_before_on = models.DateField("督促前の時効完成日", null=True)
    limitation_renewed_on = models.DateField("督促による更新後の時効完成日", null=True)
    returned_on = models.DateField("返戻日", null=True)
    returned_reason = models.CharField("返戻の理由", max_length=100, blank=True)
    withdrawn_on = models.DateField("取消日", null=True)
    withdrawn_by = models.CharField("取消者", max_length=64, blank=True)
    withdrawn_reason = models.CharField("取消の理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "督促"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=("run", "charge"), name="reminder_once_per_run"),
            models.UniqueConstraint(fields=("charge",), condition=Q(state="issued"), name="reminder_one_issued"),
            models.UniqueConstraint(fields=("reminder_no",), condition=~Q(reminder_no=""), name="reminder_no_once"),
            models.CheckConstraint(
                condition=Q(state__in=("issued", "withdrawn"), issued_on__isnull=False, seizure_from__isnull=False)
                | Q(state__in=("candidate", "held", "dropped"), issued_on__isnull=True),
                name="reminder_issued_completely",
            ),
            models.CheckConstraint(condition=Q(unpaid_yen__gt=0, fee_yen__gte=0), name="reminder_amounts"),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | (Q(withdrawn_on__isnull=False) & ~Q(withdrawn_reason="")),
                name="reminder_withdrawn_with_reason",
            ),
        ]
        indexes = [models.Index(fields=("party", "state"), name="reminder_party")]

    def __str__(self) -> str:
        return self.reminder_no or f"{self.charge_id}"

    @property
    def total_yen(self) -> int:
        """Tax and fee."""
        return self.unpaid_yen + self.fee_yen

    @property
    def instalment_ja(self) -> str:
        """期別 as people say it (第1期, 6月分)."""
        return instalment_label(self.charge.method, self.charge.instalment_no)


class ContactMethod(models.TextChoices):
    """折衝の方法."""

    PHONE_OUT = "phone_out", "電話（こちらから）"
    PHONE_IN = "phone_in", "電話（先方から）"
    COUNTER = "counter", "窓口"
    VISIT = "visit", "訪問"
    LETTER = "letter", "文書"


class Contact(models.Model):
    """折衝記録: what was said and what is next. Append-only; a mistake is put right by a further record."""

    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="対象者")
    contacted_on = models.DateField("折衝日")
    method = models.CharField("方法", max_length=10, choices=ContactMethod)
    content_ja = models.CharField("内容", max_length=1000)
    next_on = models.DateField("次にする日", null=True)
    next_ja = models.CharField("次にすること", max_length=100, blank=True)
    recorded_by = models.CharField("記録者", max_length=60)
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "折衝記録"
        ordering = ("-contacted_on", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(next_on__isnull=True) | Q(next_on__gte=F("contacted_on")), name="contact_next_after"
            )
        ]
        indexes = [models.Index(fields=("party", "contacted_on"), name="contact_party")]

    def __str__(self) -> str:
        return f"{self.party_id} {self.contacted_on}"

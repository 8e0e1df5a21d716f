"""提供簿・移転簿 (register of provisions and transfers) and the record of what was given by it.

Nothing leaves without a row: recipient, legal base, affair, item whitelist, method, period (R-159 to R-167, N-027).
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class RegisterRow(models.Model):
    """登録簿の一行の一版. A candidate opens nothing; only an approved version in its period does.

    An approved version never changes: a change is the next version, and ends the one before on its first day.
    """

    class Kind(models.TextChoices):
        PROVISION = "provision", "提供"
        TRANSFER = "transfer", "移転"

    class State(models.TextChoices):
        CANDIDATE = "candidate", "候補"
        APPROVED = "approved", "承認済"
        ENDED = "ended", "終了"

    class Method(models.TextChoices):
        NETWORK = "network", "情報提供ネットワークシステム"
        API = "api", "庁内連携(API)"
        FILE = "file", "庁内連携(ファイル)"
        MEDIA = "media", "電子記録媒体"
        FLASH = "flash", "フラッシュメモリ"
        PAPER = "paper", "紙"

    class ProtectedRule(models.TextChoices):
        HELD = "held", "支援措置対象者は自動応答しない"
        FLAGGED = "flagged", "支援措置の印を付けて答える"

    row_no = models.CharField("登録番号", max_length=20)
    version = models.PositiveSmallIntegerField("版", default=1)
    kind = models.CharField("区分", max_length=10, choices=Kind.choices)
    recipient = models.CharField("提供先・移転先", max_length=100)
    client_system = models.CharField("連携先システムコード", max_length=40, blank=True)
    legal_base = models.CharField("法令上の根拠", max_length=200)
    ordinance = models.CharField("条例の根拠", max_length=100, blank=True)
    affair = models.CharField("事務", max_length=200)
    items = ArrayField(models.CharField(max_length=30), verbose_name="提供する項目", default=list)
    population_ja = models.CharField("対象となる本人の数", max_length=60, blank=True)
    method = models.CharField("方法", max_length=10, choices=Method.choices)
    other_methods = ArrayField(
        models.CharField(max_length=10, choices=Method.choices), verbose_name="その他の方法", default=list, blank=True
    )
    timing_ja = models.CharField("時期", max_length=100, default="求められた都度")
    protected_rule = models.CharField("支援措置対象者", max_length=8, choices=ProtectedRule.choices, default="held")
    state = models.CharField("状態", max_length=10, choices=State.choices, default=State.CANDIDATE)
    # Of a candidate: H/M as judged, V where the published assessment itself names it; and where it was taken from.
    confidence = models.CharField("候補の確からしさ", max_length=1, blank=True)
    source_ja = models.CharField("出典", max_length=200, blank=True)
    valid_from = models.DateField("開始日", null=True)
    valid_to = models.DateField("終了日（この日から不可）", null=True)
    proposed_by = models.CharField("起案者", max_length=64, blank=True)
    approved_by = models.CharField("決裁者", max_length=64, blank=True)
    approved_at = models.DateTimeField("決裁日時", null=True)
    recorded_at = models.DateTimeField("記録日時")

    class Meta:
        verbose_name = "提供簿・移転簿"
        ordering = ("row_no", "version")
        constraints = (
            models.UniqueConstraint(fields=("row_no", "version"), name="register_row_version_uq"),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | (Q(valid_from__isnull=False) & ~Q(approved_by="") & ~Q(approved_by=F("proposed_by"))),
                name="register_row_four_eyes_ck",
            ),
            # Use inside the mayor's office needs an ordinance clause even for a listed affair (番号法9条2項, N-015).
            models.CheckConstraint(
                condition=~Q(state="approved") | ~Q(kind="transfer") | ~Q(ordinance=""),
                name="register_row_ordinance_ck",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="register_row_period_ck"
            ),
        )

    def __str__(self) -> str:
        return self.row_no

    @property
    def methods(self) -> tuple[str, ...]:
        """Every way by which this row lets something out, the usual one first."""
        return (self.method, *(one for one in self.other_methods if one != self.method))


class PiaTask(models.Model):
    """評価書修正の要処理: the register counts other rows in force than the published assessment says (R-160)."""

    kind = models.CharField("区分", max_length=10, choices=RegisterRow.Kind.choices)
    pia_count = models.PositiveIntegerField("評価書の件数")
    register_count = models.PositiveIntegerField("登録簿の件数")
    raised_on = models.DateField("起票日")
    checked_on = models.DateField("確認日")
    closed_on = models.DateField("終了日", null=True)

    class Meta:
        verbose_name = "評価書修正の要処理"
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("kind",), condition=Q(closed_on__isnull=True), name="pia_task_one_open"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.register_count}/{self.pia_count}"


class ProvisionRequest(models.Model):
    """提供の求め: one call of a neighbour under one row; the same reference is the same request (R-165, R-236)."""

    row = models.ForeignKey(RegisterRow, on_delete=models.PROTECT, related_name="requests")
    client_system = models.CharField("連携先", max_length=40)
    reference = models.CharField("照会番号", max_length=40)
    fingerprint = models.CharField("照会内容のハッシュ", max_length=64)
    tax_year = models.PositiveSmallIntegerField("課税年度")
    known_on = models.DateField("基準日")
    items = ArrayField(models.CharField(max_length=30), verbose_name="項目")
    person_count = models.PositiveIntegerField("照会人数")
    request_id = models.CharField("要求番号", max_length=40, blank=True)
    received_at = models.DateTimeField("受付日時")

    class Meta:
        verbose_name = "提供の求め"
        constraints = (models.UniqueConstraint(fields=("client_system", "reference"), name="provision_reference_uq"),)

    def __str__(self) -> str:
        return f"{self.client_system}:{self.reference}"


class ProvisionCall(models.Model):
    """呼出し: one arrival of a call, for the rate of a client; repeats of one request count too."""

    client_system = models.CharField("連携先", max_length=40)
    called_at = models.DateTimeField("日時")

    class Meta:
        verbose_name = "連携の呼出し"
        indexes = (models.Index(fields=("client_system", "-called_at"), name="provision_call_rate_ix"),)

    def __str__(self) -> str:
        return f"{self.client_system} {self.called_at:%H:%M:%S}"


class ProvisionRecord(models.Model):
    """提供記録: what became of one person of a request. Kept seven years; holds no amount (N-059, R-262)."""

    class Outcome(models.TextChoices):
        ANSWERED = "answered", "回答"
        HELD = "held", "自動応答不可"
        UNSETTLED = "unsettled", "決定の処理中"
        NO_DECISION = "no_decision", "決定なし"
        UNKNOWN = "unknown", "該当者なし"

    request = models.ForeignKey(ProvisionRequest, on_delete=models.PROTECT, related_name="records")
    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, null=True, related_name="+")
    decision = models.ForeignKey("assessment.Decision", on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.CharField("結果", max_length=12, choices=Outcome.choices)
    is_nondisclosed = models.BooleanField("不開示該当", default=False)
    provided_at = models.DateTimeField("提供日時")

    class Meta:
        verbose_name = "提供記録"
        indexes = (models.Index(fields=("party", "-provided_at"), name="provision_record_party_ix"),)

    def __str__(self) -> str:
        return f"{self.request_id} {self.outcome}"

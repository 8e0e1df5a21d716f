"""証明 (certificates): requests, the issue register, voids and holds.

The register is append-only: the database refuses UPDATE and DELETE of issues and voids (migration 0002), and refuses an
issue whose subject is not the subject of its request and of its decision (incident I13).
"""

import uuid

from django.db import models
from django.db.models import Q

from certificates.codes import Authority, IdentityCheck, Relation, RequestedKind, RequestState
from taxsys.platform.files.channels import ReceiptChannel


class CertificateRequest(models.Model):
    """証明書の請求 (application): who asks about whom, with what papers, and what the check found. F-CT-009, R-118."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="対象者")
    relation = models.CharField("請求者の区分", max_length=10, choices=Relation)
    applicant = models.ForeignKey(
        "addressbook.Party", on_delete=models.PROTECT, null=True, related_name="+", verbose_name="請求者"
    )
    applicant_name = models.CharField("請求者氏名", max_length=100)
    identity_check = models.CharField("本人確認", max_length=20, choices=IdentityCheck)
    authority = models.CharField("権限の書類", max_length=20, choices=Authority, blank=True)
    has_consent = models.BooleanField("本人の同意を確認", default=False)
    kind = models.CharField("種類", max_length=20, choices=RequestedKind)
    tax_year = models.PositiveSmallIntegerField("年度")
    purpose = models.CharField("使用目的", max_length=60)
    copies = models.PositiveSmallIntegerField("通数", default=1)
    hides_address = models.BooleanField("住所を記載しない", default=False)
    state = models.CharField("状態", max_length=10, choices=RequestState)
    # Codes of what the check found, newest check; the texts stand in the rules.
    finding_codes = models.JSONField("確認結果", default=list)
    received_on = models.DateField("受付日")
    # The counter takes a paper; other ways come with the application portal.
    channel = models.CharField("入手方法", max_length=10, choices=ReceiptChannel.choices, default=ReceiptChannel.PAPER)
    received_at = models.DateTimeField("受付日時")
    received_by = models.CharField("受付者", max_length=60)
    terminal = models.CharField("端末", max_length=20, blank=True)

    class Meta:
        verbose_name = "証明書の請求"
        constraints = [
            models.CheckConstraint(condition=Q(copies__gte=1, copies__lte=10), name="certificate_request_copies"),
        ]
        indexes = [models.Index(fields=("subject", "received_at"), name="certificate_request_subject")]

    def __str__(self) -> str:
        return str(self.id)


class IssueSequence(models.Model):
    """交付番号の採番: the last number of a fiscal year; its row is the lock."""

    fiscal_year = models.PositiveSmallIntegerField("会計年度", primary_key=True)
    last_no = models.PositiveIntegerField("最終番号", default=0)

    class Meta:
        verbose_name = "交付番号"

    def __str__(self) -> str:
        return f"{self.fiscal_year}: {self.last_no}"


class CertificateIssue(models.Model):
    """証明書交付簿 (issue register): one paper with its number. F-CT-014, F-CT-015, F-CT-021."""

    certificate_no = models.CharField("証明書番号", max_length=20, unique=True)
    request = models.ForeignKey(
        CertificateRequest, on_delete=models.PROTECT, related_name="issues", verbose_name="請求"
    )
    reissue_of = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="reissued_as", verbose_name="再発行の元"
    )
    # The title that was printed, 課税 or 非課税 decided.
    printed_kind = models.CharField("証明の種類", max_length=20)
    tax_year = models.PositiveSmallIntegerField("年度")
    subject = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="対象者")
    relation = models.CharField("請求者の区分", max_length=10, choices=Relation)
    applicant_name = models.CharField("請求者氏名", max_length=100)
    identity_check = models.CharField("本人確認", max_length=20, choices=IdentityCheck)
    purpose = models.CharField("使用目的", max_length=60)
    copies = models.PositiveSmallIntegerField("通数")
    fee_yen = models.BigIntegerField("手数料")
    decision = models.ForeignKey(
        "assessment.Decision", on_delete=models.PROTECT, related_name="+", verbose_name="賦課決定"
    )
    decision_version = models.PositiveSmallIntegerField("決定の版")
    # Everything that was printed, as data: the paper can be explained and compared for ever.
    content = models.JSONField("証明の内容")
    content_hash = models.CharField("内容のハッシュ", max_length=64)
    pdf_path = models.CharField("PDF", max_length=120)
    pdf_sha256 = models.CharField("PDFハッシュ", max_length=64)
    issued_on = models.DateField("交付日")
    issued_at = models.DateTimeField("交付日時")
    issued_by = models.CharField("交付者", max_length=60)
    terminal = models.CharField("端末", max_length=20, blank=True)

    class Meta:
        verbose_name = "証明書の交付"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=("request",), condition=Q(reissue_of__isnull=True), name="certificate_issue_once_per_request"
            ),
            models.CheckConstraint(condition=Q(fee_yen__gte=0, copies__gte=1), name="certificate_issue_amounts"),
        ]
        indexes = [
            models.Index(fields=("issued_on",), name="certificate_issue_day"),
            models.Index(fields=("subject", "issued_on"), name="certificate_issue_subject"),
        ]

    def __str__(self) -> str:
        return self.certificate_no

    @property
    def is_void(self) -> bool:
        """Whether it was taken back."""
        return hasattr(self, "void")


class CertificateVoid(models.Model):
    """証明書の取消: the number stays taken, the paper is worth nothing."""

    issue = models.OneToOneField(CertificateIssue, on_delete=models.PROTECT, related_name="void", verbose_name="交付")
    reason_ja = models.CharField("理由", max_length=200)
    is_fee_returned = models.BooleanField("手数料を返した", default=False)
    voided_on = models.DateField("取消日")
    voided_at = models.DateTimeField("取消日時")
    voided_by = models.CharField("取消者", max_length=60)

    class Meta:
        verbose_name = "証明書の取消"

    def __str__(self) -> str:
        return f"{self.issue_id}"


class IssueHold(models.Model):
    """証明発行停止: set by a desk with its reason, lifted by a record of its own (F-CT-012)."""

    party = models.ForeignKey("addressbook.Party", on_delete=models.PROTECT, related_name="+", verbose_name="対象者")
    reason_ja = models.CharField("理由", max_length=200)
    held_on = models.DateField("停止日")
    held_by = models.CharField("停止者", max_length=60)
    held_unit_code = models.CharField("停止した所属", max_length=20, blank=True)
    lifted_on = models.DateField("解除日", null=True, blank=True)
    lifted_by = models.CharField("解除者", max_length=60, blank=True)
    lift_reason_ja = models.CharField("解除の理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "証明発行停止"
        constraints = [
            models.CheckConstraint(
                condition=Q(lifted_on__isnull=True, lifted_by="") | (Q(lifted_on__isnull=False) & ~Q(lifted_by="")),
                name="certificate_hold_lifted_completely",
            ),
        ]
        indexes = [models.Index(fields=("party",), condition=Q(lifted_on__isnull=True), name="certificate_hold_open")]

    def __str__(self) -> str:
        return f"{self.party_id} {self.held_on}"

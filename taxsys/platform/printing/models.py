"""印刷物の組 (print packages): what was made, in which order, who let it go, when it was mailed."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class PackageState(models.TextChoices):
    """状態 (state of a package)."""

    PLANNED = "planned", "作成中"
    BUILT = "built", "作成済"
    RELEASED = "released", "発送承認済"
    HANDED_OVER = "handed_over", "引渡済"
    MAILED = "mailed", "発送済"
    RECALLED = "recalled", "回収"


class Batch(models.TextChoices):
    """印刷の区分 (who prints: the contractor, or the office itself for protected persons and hand delivery)."""

    BULK = "bulk", "委託印刷"
    INHOUSE = "inhouse", "庁内印刷"


class PrintPackage(models.Model):
    """印刷物の組 (print package): one kind of paper of one business event. R-106, N-095."""

    kind = models.CharField("帳票種別", max_length=40)
    business_key = models.CharField("業務キー", max_length=120)
    edition = models.PositiveSmallIntegerField("版", default=1)
    title_ja = models.CharField("表題", max_length=120)
    form_id = models.CharField("帳票ID", max_length=10, blank=True)
    state = models.CharField("状態", max_length=12, choices=PackageState.choices, default=PackageState.PLANNED)
    pieces = models.PositiveIntegerField("通数", default=0)
    pages = models.PositiveIntegerField("頁数", default=0)
    protected_pieces = models.PositiveIntegerField("支援措置対象通数", default=0)
    pulled_pieces = models.PositiveIntegerField("引抜き通数", default=0)
    content_hash = models.CharField("内容ハッシュ", max_length=64, blank=True)
    built_by = models.CharField("作成者", max_length=40)
    built_at = models.DateTimeField("作成日時", null=True, blank=True)
    released_by = models.CharField("承認者", max_length=40, blank=True)
    released_at = models.DateTimeField("承認日時", null=True, blank=True)
    handed_over_at = models.DateTimeField("引渡日時", null=True, blank=True)
    handed_over_to = models.CharField("引渡先", max_length=100, blank=True)
    posted_on = models.DateField("発送日", null=True, blank=True)
    recalled_at = models.DateTimeField("回収日時", null=True, blank=True)
    recalled_by = models.CharField("回収者", max_length=40, blank=True)
    recall_reason = models.CharField("回収理由", max_length=200, blank=True)
    job_run_id = models.BigIntegerField("バッチ実行番号", null=True, blank=True)
    mailed_pieces = models.PositiveIntegerField("発送通数", default=0)
    accident_pieces = models.PositiveIntegerField("事故通数", default=0)

    class Meta:
        verbose_name = "印刷物の組"
        verbose_name_plural = "印刷物の組"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "business_key"],
                condition=~Q(state="recalled"),
                name="printing_package_one_live_per_business_key",
            ),
            models.UniqueConstraint(fields=["kind", "business_key", "edition"], name="printing_package_edition_unique"),
            models.CheckConstraint(
                condition=Q(released_by="") | ~Q(released_by=F("built_by")), name="printing_package_second_person"
            ),
            models.CheckConstraint(
                condition=~Q(state="mailed") | Q(posted_on__isnull=False),
                name="printing_package_mailed_has_posting_date",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "built", "recalled"]) | ~Q(released_by=""),
                name="printing_package_out_only_when_released",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title_ja} {self.business_key}"


class PrintPart(models.Model):
    """印刷物の分冊 (one part: a PDF of at most 5,000 pages and the data file of the same pieces)."""

    package = models.ForeignKey(PrintPackage, on_delete=models.PROTECT, related_name="parts", verbose_name="組")
    part_no = models.PositiveIntegerField("分冊番号")
    batch = models.CharField("印刷の区分", max_length=8, choices=Batch.choices)
    first_seq = models.PositiveIntegerField("先頭連番")
    pieces = models.PositiveIntegerField("通数")
    pages = models.PositiveIntegerField("頁数")
    pdf_path = models.CharField("PDF", max_length=255, blank=True)
    pdf_sha256 = models.CharField("PDFハッシュ", max_length=64, blank=True)
    data_path = models.CharField("印刷データ", max_length=255, blank=True)
    data_sha256 = models.CharField("印刷データのハッシュ", max_length=64, blank=True)
    is_written = models.BooleanField("作成済", default=False)

    class Meta:
        verbose_name = "分冊"
        verbose_name_plural = "分冊"
        ordering = ["package_id", "part_no"]
        constraints = [
            models.UniqueConstraint(fields=["package", "part_no"], name="printing_part_number_unique"),
            models.CheckConstraint(condition=Q(pieces__gt=0), name="printing_part_not_empty"),
            models.CheckConstraint(
                condition=Q(is_written=False) | (~Q(pdf_sha256="") & (Q(batch="inhouse") | ~Q(data_sha256=""))),
                name="printing_part_written_has_hashes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.package_id}-{self.part_no}"


class PrintItem(models.Model):
    """一通 (one piece = one envelope). Holds keys and places only; the address stands in the sealed files."""

    package = models.ForeignKey(PrintPackage, on_delete=models.PROTECT, related_name="items", verbose_name="組")
    part_no = models.PositiveIntegerField("分冊番号")
    batch = models.CharField("印刷の区分", max_length=8, choices=Batch.choices)
    seq = models.PositiveIntegerField("連番")
    item_key = models.CharField("業務キー", max_length=60)
    person_no = models.CharField("宛名番号", max_length=15)
    notice_no = models.CharField("通知書番号", max_length=20)
    mail_kind = models.CharField("海外・返戻区分", max_length=1)
    is_protected = models.BooleanField("支援措置対象", default=False)
    addressee_key = models.CharField("送付先の宛名", max_length=40, blank=True, default="")
    pages = models.PositiveSmallIntegerField("頁数")
    amount_yen = models.BigIntegerField("通知する額", default=0)
    first_page = models.PositiveIntegerField("分冊内の先頭頁")
    content_hash = models.CharField("内容ハッシュ", max_length=64, blank=True)
    pulled_by = models.CharField("引抜き者", max_length=40, blank=True)
    pulled_at = models.DateTimeField("引抜き日時", null=True, blank=True)
    pull_reason = models.CharField("引抜き理由", max_length=100, blank=True)

    class Meta:
        verbose_name = "一通"
        verbose_name_plural = "通"
        ordering = ["package_id", "batch", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["package", "batch", "seq"], name="printing_item_sequence_unique"),
            models.UniqueConstraint(fields=["package", "item_key"], name="printing_item_once_per_package"),
            models.CheckConstraint(
                condition=Q(is_protected=False) | Q(batch="inhouse"), name="printing_item_protected_stays_inhouse"
            ),
            models.CheckConstraint(
                condition=Q(pulled_by="") | ~Q(pull_reason=""), name="printing_item_pull_has_reason"
            ),
        ]
        indexes = [models.Index(fields=["package", "part_no", "seq"], name="printing_item_part")]

    def __str__(self) -> str:
        return f"{self.package_id}:{self.batch}{self.seq}"


class PrintSubject(models.Model):
    """一通に載る人 (whose figures a piece carries): the taxpayer, or every employee on a withholder's notice.

    `reference` names what the piece tells of that person (notice number and version, say), so that a duty can ask what
    has been told to whom. Names and addresses stay out.
    """

    package = models.ForeignKey(PrintPackage, on_delete=models.PROTECT, related_name="subjects", verbose_name="組")
    item = models.ForeignKey(PrintItem, on_delete=models.CASCADE, related_name="subjects", verbose_name="一通")
    subject_key = models.CharField("対象者", max_length=64)
    reference = models.CharField("通知の内容", max_length=60, blank=True)

    class Meta:
        verbose_name = "一通に載る人"
        constraints = [
            models.UniqueConstraint(fields=["item", "subject_key"], name="printing_subject_once_per_piece"),
        ]
        indexes = [models.Index(fields=["subject_key"], name="printing_subject_key")]

    def __str__(self) -> str:
        return f"{self.item_id}:{self.reference}"

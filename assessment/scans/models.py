"""紙の画像 (scanned papers). The sealed original is read by few; what everybody else sees are pages without numbers."""

import uuid

from django.db import models
from django.db.models import Q

from taxsys.platform.files.channels import ReceiptChannel


class ScanKind(models.TextChoices):
    """What the paper is."""

    RETURN = "return", "申告書・報告書"
    APPLICATION = "application", "申請書・届出書"
    STATEMENT = "statement", "添付書類・明細書"
    IDENTITY = "identity", "本人確認書類・委任状"
    LETTER = "letter", "封筒・送付書・返戻"
    OTHER = "other", "その他"


class ScanState(models.TextChoices):
    """Nobody but those who mask sees a waiting one."""

    WAITING = "waiting", "遮蔽待ち"
    READY = "ready", "閲覧可"
    WITHDRAWN = "withdrawn", "取消"


class ScanPurpose(models.TextChoices):
    """画像を見る目的; the label goes into the access log."""

    ASSESSMENT = "assessment", "課税内容の確認・調査"
    MATCHING = "matching", "課税資料の突合"
    INQUIRY = "inquiry", "本人・代理人からの問合せへの対応"
    DISCLOSURE = "disclosure", "開示請求・審査請求への対応"
    CORRECTION = "correction", "登録誤りの確認・訂正"


class ScannedPaper(models.Model):
    """画像一件: one paper of a party, or of a source document (whose party is then its own)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    party = models.ForeignKey(
        "addressbook.Party", on_delete=models.PROTECT, null=True, verbose_name="宛名", related_name="+"
    )
    document = models.ForeignKey(
        "assessment.SourceDocument", on_delete=models.PROTECT, null=True, verbose_name="課税資料", related_name="scans"
    )
    reception_no = models.CharField("受付番号", max_length=30, blank=True, default="")
    kind = models.CharField("種別", max_length=12, choices=ScanKind.choices)
    arrived_on = models.DateField("受付日")
    channel = models.CharField("入手方法", max_length=10, choices=ReceiptChannel.choices, default=ReceiptChannel.PAPER)
    state = models.CharField("状態", max_length=10, choices=ScanState.choices, default=ScanState.WAITING)
    bears_number = models.BooleanField("個人番号の記載あり", default=False)
    page_count = models.PositiveSmallIntegerField("頁数")
    media_kind = models.CharField("形式", max_length=5)
    size = models.PositiveIntegerField("大きさ(バイト)")
    sha256 = models.CharField("ハッシュ値", max_length=64)
    path = models.CharField("原本の保管場所", max_length=200)
    registered_by = models.CharField("登録した人", max_length=20)
    registered_at = models.DateTimeField("登録日時")
    masked_by = models.CharField("遮蔽した人", max_length=20, blank=True, default="")
    masked_at = models.DateTimeField("遮蔽日時", null=True)
    withdrawn_by = models.CharField("取り消した人", max_length=20, blank=True, default="")
    withdrawn_reason = models.CharField("取消の理由", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "紙の画像"
        ordering = ("-arrived_on", "-registered_at", "id")
        indexes = [
            models.Index(fields=("party", "-arrived_on"), name="scan_party_ix"),
            models.Index(fields=("reception_no",), condition=~Q(reception_no=""), name="scan_reception_ix"),
            models.Index(fields=("registered_at",), condition=Q(state="waiting"), name="scan_waiting_ix"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(party__isnull=False, document__isnull=True) | Q(party__isnull=True, document__isnull=False),
                name="scan_of_one_thing_ck",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | (Q(masked_at__isnull=False) & ~Q(masked_by="")),
                name="scan_ready_is_masked_ck",
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | (~Q(withdrawn_by="") & ~Q(withdrawn_reason="")),
                name="scan_withdrawn_by_ck",
            ),
            # The same bytes stand once with one owner; withdrawn ones do not count.
            models.UniqueConstraint(
                fields=("party", "sha256"), condition=~Q(state="withdrawn"), name="scan_party_bytes_uq"
            ),
            models.UniqueConstraint(
                fields=("document", "sha256"), condition=~Q(state="withdrawn"), name="scan_document_bytes_uq"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class ScannedPage(models.Model):
    """画像の一頁, masked: JPEG without what stood below the masks (thousandths: left, top, right, bottom)."""

    scan = models.ForeignKey(ScannedPaper, on_delete=models.PROTECT, related_name="pages", verbose_name="画像")
    page_no = models.PositiveSmallIntegerField("頁")
    masks = models.JSONField("遮蔽した範囲", default=list)
    path = models.CharField("保管場所", max_length=200)
    sha256 = models.CharField("ハッシュ値", max_length=64)

    class Meta:
        verbose_name = "紙の画像の頁"
        ordering = ("scan_id", "page_no")
        constraints = [models.UniqueConstraint(fields=("scan", "page_no"), name="scan_page_uq")]

    def __str__(self) -> str:
        return f"{self.scan_id} {self.page_no}"

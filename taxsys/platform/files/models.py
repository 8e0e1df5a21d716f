"""受領ファイル・行エラー・提供ファイル (files that came in and went out). No row holds a raw line of a file."""

import uuid
from typing import Any, ClassVar

from django.db import models

from taxsys.platform.files.channels import ReceiptChannel
from taxsys.platform.files.errors import L_ERASED, StoredFileDamaged


class ReceivedFile(models.Model):
    """受領ファイル (received file): its bytes stay unchanged on disk; the row says what, whence, when and its fate."""

    class State(models.TextChoices):
        """受領状態 (state of a received file)."""

        RECEIVED = "received", "受領"
        REFUSED = "refused", "受付不可"
        STAGED = "staged", "取込準備"
        APPLIED = "applied", "取込済"
        PARTLY_APPLIED = "partly_applied", "一部取込"
        QUARANTINED = "quarantined", "隔離"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField("ファイル名", max_length=255)
    format = models.CharField("形式", max_length=60)
    edition = models.CharField("版", max_length=30, blank=True)
    sender = models.CharField("送付元", max_length=100)
    channel = models.CharField("入手方法", max_length=10, choices=ReceiptChannel.choices)
    sha256 = models.CharField("ハッシュ値", max_length=64)
    content_key = models.CharField("内容キー", max_length=64)
    size = models.BigIntegerField("バイト数")
    stored_path = models.CharField("保管場所", max_length=255)
    received_on = models.DateField("受領日(業務日)")
    received_at = models.DateTimeField("受領日時")
    received_by = models.CharField("受領者", max_length=60)
    state = models.CharField("状態", max_length=20, choices=State.choices, default=State.RECEIVED)
    refusal_code = models.CharField("受付不可コード", max_length=10, blank=True)
    refusal_message = models.CharField("受付不可理由", max_length=400, blank=True)
    record_count = models.BigIntegerField("件数", default=0)
    error_count = models.BigIntegerField("エラー件数", default=0)
    amount_sums = models.JSONField("金額合計", default=dict)
    is_number_bearing = models.BooleanField("特定個人情報を含む", default=False)
    # What the sender stated beside the file (NAME.manifest.json); null where none came.
    manifest = models.JSONField("送付票", null=True, default=None)
    content_erased_at = models.DateTimeField("内容の消去日時", null=True)

    class Meta:
        """受領ファイル."""

        verbose_name = "受領ファイル"
        ordering: ClassVar[Any] = ["-received_at", "name"]
        constraints: ClassVar[Any] = [
            models.UniqueConstraint(fields=["sha256"], name="files_received_sha256_once"),
            models.UniqueConstraint(
                fields=["format", "content_key"],
                condition=~models.Q(state__in=["refused", "quarantined"]),
                name="files_received_content_once",
            ),
            models.CheckConstraint(condition=models.Q(size__gte=0), name="files_received_size_not_negative"),
            models.CheckConstraint(
                condition=models.Q(channel__in=ReceiptChannel.values), name="files_received_channel_known"
            ),
        ]
        indexes: ClassVar[Any] = [models.Index(fields=["format", "received_at"], name="files_received_format")]

    def __str__(self) -> str:
        """Format and name."""
        return f"{self.format} {self.name}"

    def open_bytes(self) -> bytes:
        """Bytes of the file as received, decrypted when encrypted. Raises StoredFileDamaged on a changed file, and on
        one whose content has been erased after its use.
        """
        if self.content_erased_at is not None:
            raise StoredFileDamaged(
                L_ERASED, "このファイルの内容は、使い終えたため消去済みです。受領の記録だけが残ります。"
            )
        from taxsys.platform.files.storage import read_stored

        return read_stored(self.stored_path, sha256=self.sha256, encrypted=self.is_number_bearing)


class RefusedAttempt(models.Model):
    """再受領の記録 (attempt to bring in a file that was here before)."""

    file = models.ForeignKey(
        ReceivedFile, on_delete=models.PROTECT, related_name="attempts", verbose_name="受領済のファイル"
    )
    name = models.CharField("ファイル名", max_length=255)
    sender = models.CharField("送付元", max_length=100)
    channel = models.CharField("入手方法", max_length=10, choices=ReceiptChannel.choices)
    sha256 = models.CharField("ハッシュ値", max_length=64)
    code = models.CharField("コード", max_length=10)
    attempted_at = models.DateTimeField("日時")
    attempted_by = models.CharField("受領者", max_length=60)

    class Meta:
        """再受領の記録."""

        verbose_name = "再受領の記録"
        ordering: ClassVar[Any] = ["-attempted_at"]

    def __str__(self) -> str:
        """Code and name."""
        return f"{self.code} {self.name}"


class LineError(models.Model):
    """行エラー (a line set aside): the hash of the raw line finds it again; the line itself is never stored here."""

    class Severity(models.TextChoices):
        """重さ (error = the line was set aside, warning = the line was taken)."""

        ERROR = "error", "エラー"
        WARNING = "warning", "注意"

    file = models.ForeignKey(
        ReceivedFile, on_delete=models.CASCADE, related_name="line_errors", verbose_name="ファイル"
    )
    line_no = models.BigIntegerField("行番号")
    field = models.CharField("項目", max_length=60, blank=True)
    field_ja = models.CharField("項目名", max_length=120, blank=True)
    code = models.CharField("コード", max_length=10)
    severity = models.CharField("重さ", max_length=10, choices=Severity.choices, default=Severity.ERROR)
    message_ja = models.CharField("内容", max_length=400)
    raw_hash = models.CharField("行のハッシュ値", max_length=64, blank=True)
    is_resolved = models.BooleanField("対応済", default=False)

    class Meta:
        """行エラー."""

        verbose_name = "行エラー"
        ordering: ClassVar[Any] = ["file", "line_no", "id"]
        indexes: ClassVar[Any] = [models.Index(fields=["file", "line_no"], name="files_line_error_line")]

    def __str__(self) -> str:
        """Line number and code."""
        return f"{self.line_no}行目 {self.code}"


class OutgoingFile(models.Model):
    """提供ファイル (file made here for an outside body); one row for each kind and business key, ever."""

    class State(models.TextChoices):
        """提供状態 (state of an outgoing file)."""

        PREPARED = "prepared", "作成済"
        RELEASED = "released", "提供承認済"
        SENDING = "sending", "送信中"
        UNKNOWN = "unknown", "結果不明"
        ACKNOWLEDGED = "acknowledged", "受領確認済"
        REJECTED = "rejected", "相手先で拒否"
        WITHDRAWN = "withdrawn", "取下げ"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("種類", max_length=60)
    business_key = models.CharField("業務キー", max_length=120)
    name = models.CharField("ファイル名", max_length=255)
    layout = models.CharField("レイアウト", max_length=60, blank=True)
    sha256 = models.CharField("ハッシュ値", max_length=64)
    size = models.BigIntegerField("バイト数")
    stored_path = models.CharField("保管場所", max_length=255)
    record_count = models.BigIntegerField("件数")
    amount_sums = models.JSONField("金額合計", default=dict)
    is_number_bearing = models.BooleanField("特定個人情報を含む", default=False)
    state = models.CharField("状態", max_length=20, choices=State.choices, default=State.PREPARED)
    state_reason = models.CharField("理由", max_length=200, blank=True)
    created_at = models.DateTimeField("作成日時")
    created_by = models.CharField("作成者", max_length=60)
    state_changed_at = models.DateTimeField("状態変更日時")

    class Meta:
        """提供ファイル."""

        verbose_name = "提供ファイル"
        ordering: ClassVar[Any] = ["-created_at", "name"]
        constraints: ClassVar[Any] = [
            models.UniqueConstraint(fields=["kind", "business_key"], name="files_outgoing_business_key"),
            models.CheckConstraint(condition=models.Q(record_count__gte=0), name="files_outgoing_count_not_negative"),
        ]

    def __str__(self) -> str:
        """Kind and name."""
        return f"{self.kind} {self.name}"

    def open_bytes(self) -> bytes:
        """Bytes of the file as issued; decrypted when number bearing. Raises StoredFileDamaged on a changed file."""
        from taxsys.platform.files.storage import read_stored

        return read_stored(self.stored_path, sha256=self.sha256, encrypted=self.is_number_bearing)

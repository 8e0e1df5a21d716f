"""保管と消去の表: lists to erase, stop orders, certificates, copies elsewhere.

The rules stand in schema `erasure`, written by the owner after every migration from the declarations beside the models.
What may be erased is decided and done by the functions of that schema (migration 0002).
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from taxsys.platform import clock


class ListState(models.TextChoices):
    """消去候補の状態."""

    OPEN = "open", "候補"
    PROPOSED = "proposed", "一次決裁待ち"
    FIRST = "first", "二次決裁待ち"
    APPROVED = "approved", "承認済"
    RUNNING = "running", "消去中"
    ERASED = "erased", "消去済"
    DROPPED = "dropped", "取下げ"


ENDED = (ListState.ERASED, ListState.DROPPED)


class ErasureList(models.Model):
    """消去候補の一覧 of one family: counts, range of keys and their hash. Filled and carried out by the database."""

    family = models.CharField("消去単位", max_length=60)
    class_code = models.CharField("保管区分", max_length=20)
    months = models.PositiveSmallIntegerField("保管期間（月）")
    law_ja = models.CharField("根拠", max_length=300)
    run_key = models.CharField("抽出の実行", max_length=60)
    made_at = models.DateTimeField("抽出日時", default=clock.now)
    state = models.CharField("状態", max_length=10, choices=ListState.choices, default=ListState.OPEN)
    planned = models.BigIntegerField("消去する件数", default=0)
    stopped = models.BigIntegerField("停止した件数", default=0)
    first_key = models.CharField("先頭のキー", max_length=60, blank=True)
    last_key = models.CharField("末尾のキー", max_length=60, blank=True)
    oldest_start_on = models.DateField("最も古い起算日", null=True)
    newest_start_on = models.DateField("最も新しい起算日", null=True)
    oldest_erase_on = models.DateField("最も古い消去予定日", null=True)
    keys_hash = models.CharField("キーのハッシュ", max_length=64, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="起案者"
    )
    first_approval_id = models.UUIDField("一次決裁", null=True)
    second_approval_id = models.UUIDField("二次決裁", null=True)
    begun_at = models.DateTimeField("消去開始日時", null=True)
    ended_at = models.DateTimeField("消去終了日時", null=True)

    class Meta:
        verbose_name = "消去候補"
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("family",), condition=~Q(state__in=("erased", "dropped")), name="retention_one_live_list"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("approved", "running", "erased"))
                | (
                    Q(first_approval_id__isnull=False, second_approval_id__isnull=False)
                    & ~Q(first_approval_id=F("second_approval_id"))
                ),
                name="retention_two_approvals",
            ),
        )

    def __str__(self) -> str:
        return f"{self.family}:{self.pk}"


class ErasureItem(models.Model):
    """候補の一件: the key of a root row. Written by the database only, and taken away when the list is carried out."""

    list = models.ForeignKey(ErasureList, on_delete=models.PROTECT, related_name="items", verbose_name="一覧")
    no = models.BigIntegerField("番号", null=True)
    root_key = models.CharField("キー", max_length=60)
    group_no = models.BigIntegerField("組", null=True)
    start_on = models.DateField("起算日")
    erase_on = models.DateField("消去予定日")
    stop_code = models.CharField("停止の理由", max_length=40, blank=True)

    class Meta:
        verbose_name = "消去候補の明細"
        constraints = (
            models.UniqueConstraint(fields=("list", "root_key"), name="retention_item_once"),
            models.UniqueConstraint(fields=("list", "no"), name="retention_item_no"),
        )

    def __str__(self) -> str:
        return f"{self.list_id}:{self.no}"


class ErasureChunk(models.Model):
    """消去の一区切り: what was deleted of which table; written with the deletion itself."""

    list = models.ForeignKey(ErasureList, on_delete=models.PROTECT, related_name="chunks", verbose_name="一覧")
    from_no = models.BigIntegerField("始め")
    to_no = models.BigIntegerField("終り")
    roots = models.BigIntegerField("件数")
    counts = models.JSONField("表ごとの件数")
    erased_at = models.DateTimeField("消去日時")

    class Meta:
        verbose_name = "消去の区切り"
        constraints = (models.UniqueConstraint(fields=("list", "from_no"), name="retention_chunk_once"),)

    def __str__(self) -> str:
        return f"{self.list_id}:{self.from_no}"


class DoomedFile(models.Model):
    """消去するファイル: its row is gone, the bytes still have to go; below the data folder."""

    list = models.ForeignKey(ErasureList, on_delete=models.PROTECT, related_name="doomed_files", verbose_name="一覧")
    path = models.CharField("場所", max_length=400)
    removed_at = models.DateTimeField("消去日時", null=True)

    class Meta:
        verbose_name = "消去するファイル"
        constraints = (models.UniqueConstraint(fields=("list", "path"), name="retention_file_once"),)

    def __str__(self) -> str:
        return f"{self.list_id}:{self.pk}"


class ErasureCertificate(models.Model):
    """消去証明書: what class was erased, how much, which range, by what, approved by whom. No personal data (R-190)."""

    class Kind(models.TextChoices):
        RECORDS = "records", "記録の消去"
        KEY = "key", "暗号鍵の消去"
        MEDIUM = "medium", "控え・媒体・旧環境の廃棄"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    certificate_no = models.CharField("証明書番号", max_length=20, unique=True)
    kind = models.CharField("種類", max_length=8, choices=Kind.choices)
    subject_key = models.CharField("対象", max_length=120, unique=True)
    facts = models.JSONField("内容")
    content_hash = models.CharField("内容のハッシュ", max_length=64)
    backups_gone_on = models.DateField("控えからも失われる日", null=True)
    issued_at = models.DateTimeField("作成日時", default=clock.now)

    class Meta:
        verbose_name = "消去証明書"
        ordering = ("-issued_at",)

    def __str__(self) -> str:
        return self.certificate_no


class StopOrder(models.Model):
    """処分停止: nothing of this party is erased while it stands (dispute, investigation, disclosure request; N-078)."""

    class Reason(models.TextChoices):
        DISPUTE = "dispute", "審査請求・訴訟"
        INVESTIGATION = "investigation", "犯則調査・捜査への協力"
        DISCLOSURE = "disclosure", "開示・訂正・利用停止の請求"
        ARREARS = "arrears", "滞納処分の継続"
        AUDIT = "audit", "監査・検査"

    party_id = models.UUIDField("宛名の識別番号")
    reason = models.CharField("理由", max_length=14, choices=Reason.choices)
    reference = models.CharField("文書番号", max_length=60)
    from_on = models.DateField("停止日")
    placed_by = models.CharField("停止者", max_length=20)
    lifted_on = models.DateField("解除日", null=True, blank=True)
    lift_approval_id = models.UUIDField("解除の決裁", null=True, blank=True)
    recorded_at = models.DateTimeField("登録日時", default=clock.now)

    class Meta:
        verbose_name = "処分停止"
        ordering = ("-id",)
        indexes = (models.Index(fields=("party_id",), condition=Q(lifted_on__isnull=True), name="retention_stop_open"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(lifted_on__isnull=True, lift_approval_id__isnull=True)
                | Q(lifted_on__isnull=False, lift_approval_id__isnull=False),
                name="retention_stop_lifted_by_two",
            ),
        )

    def __str__(self) -> str:
        return f"{self.reason}:{self.pk}"


class BackupCopy(models.Model):
    """控え (backup): where a copy of the data lies and until when; what was erased lives on in it till then (R-191)."""

    label = models.CharField("名称", max_length=120, unique=True)
    region = models.CharField("保管地域", max_length=30)
    taken_at = models.DateTimeField("取得日時")
    expires_on = models.DateField("失効日")
    key_versions = models.JSONField("封じた鍵の版", default=list)
    destroyed_on = models.DateField("廃棄日", null=True, blank=True)
    destroyed_by = models.CharField("廃棄者", max_length=20, blank=True)

    class Meta:
        verbose_name = "控え"
        ordering = ("-taken_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(destroyed_on__isnull=True, destroyed_by="")
                | (Q(destroyed_on__isnull=False) & ~Q(destroyed_by="")),
                name="retention_copy_destroyed_completely",
            ),
        )

    def __str__(self) -> str:
        return self.label

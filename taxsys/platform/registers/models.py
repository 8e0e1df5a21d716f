"""台帳の行: what stands now, every version before it, its time limits and its papers."""

import uuid
from datetime import date

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from taxsys.platform import clock


class RegisterRow(models.Model):
    """台帳の一行. `values` is the newest version's; `subjects` are the parties it speaks of, for the access log."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("台帳", max_length=40)
    row_no = models.CharField("番号", max_length=30, unique=True)
    fiscal_year = models.PositiveSmallIntegerField("年度")
    title = models.CharField("件名", max_length=200)
    unit = models.ForeignKey("staff.Unit", on_delete=models.PROTECT, verbose_name="担当所属", related_name="+")
    state = models.CharField("状態", max_length=20, default="open")
    version = models.PositiveIntegerField("版", default=1)
    values = models.JSONField("内容")
    search_text = models.TextField("検索用の文字")
    subjects = ArrayField(models.CharField(max_length=36), verbose_name="対象の宛名", default=list, blank=True)
    opened_on = models.DateField("登録日")
    closed_on = models.DateField("完了日", null=True, blank=True)
    # What the row was opened for by a job: the same thing never twice.
    origin_key = models.CharField("発生元", max_length=160, null=True, blank=True, unique=True)
    retention_class = models.CharField("保存区分", max_length=20)
    keep_until_on = models.DateField("保存期限", null=True, blank=True)
    recorded_at = models.DateTimeField("記録日時", default=clock.now)

    class Meta:
        verbose_name = "台帳の行"
        ordering = ("-opened_on", "-row_no")
        indexes = (
            models.Index(fields=("kind", "state", "-opened_on"), name="register_row_list"),
            GinIndex(fields=("values",), opclasses=("jsonb_path_ops",), name="register_row_values"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(state="closed", closed_on__isnull=False, keep_until_on__isnull=False)
                | (~Q(state="closed") & Q(closed_on__isnull=True, keep_until_on__isnull=True)),
                name="register_row_closed_completely",
            ),
        )

    def __str__(self) -> str:
        return self.row_no

    @property
    def is_closed(self) -> bool:
        """Whether the row is finished."""
        return self.state == "closed"


class RowVersion(models.Model):
    """台帳の版: append-only; `act` is what was done (create, edit, reopen, attach or a step's code)."""

    row = models.ForeignKey(RegisterRow, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField("版")
    act = models.CharField("手続", max_length=40)
    state = models.CharField("状態", max_length=20)
    values = models.JSONField("内容")
    reason = models.CharField("理由", max_length=500, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="処理者"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="決裁者"
    )
    unit_code = models.CharField("所属", max_length=20, blank=True)
    business_on = models.DateField("業務日")
    recorded_at = models.DateTimeField("記録日時", default=clock.now)

    class Meta:
        verbose_name = "台帳の版"
        ordering = ("row_id", "-version")
        constraints = (
            models.UniqueConstraint(fields=("row", "version"), name="register_version_once"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("changed_by")),
                name="register_version_second_person",
            ),
        )

    def __str__(self) -> str:
        return f"{self.row_id} v{self.version}"


class RowTask(models.Model):
    """台帳の期限: one time limit of a row, computed by its rule; done when the row says so."""

    row = models.ForeignKey(RegisterRow, on_delete=models.CASCADE, related_name="tasks")
    code = models.CharField("種類", max_length=40)
    title_ja = models.CharField("期限", max_length=100)
    law = models.CharField("根拠", max_length=100, blank=True)
    due_on = models.DateField("期限の日")
    remind_on = models.DateField("知らせる日")
    done_on = models.DateField("済んだ日", null=True, blank=True)
    reminded_on = models.DateField("知らせた日", null=True, blank=True)

    class Meta:
        verbose_name = "台帳の期限"
        ordering = ("due_on", "row_id", "code")
        constraints = (models.UniqueConstraint(fields=("row", "code"), name="register_task_once"),)
        indexes = (
            models.Index(fields=("remind_on",), condition=Q(done_on__isnull=True), name="register_task_waiting"),
        )

    def __str__(self) -> str:
        return f"{self.row_id} {self.code}"

    def level(self, today: date) -> str:
        """done, danger (past), caution (time to act) or info."""
        if self.done_on is not None:
            return "done"
        if self.due_on < today:
            return "danger"
        return "caution" if self.remind_on <= today else "info"


class RowAttachment(models.Model):
    """台帳の添付: checked bytes, kept encrypted under their own id; the given name is only shown."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    row = models.ForeignKey(RegisterRow, on_delete=models.PROTECT, related_name="attachments")
    role = models.CharField("役割", max_length=40)
    name = models.CharField("名称", max_length=120)
    media_type = models.CharField("形式", max_length=100)
    extension = models.CharField("拡張子", max_length=8)
    size = models.PositiveIntegerField("大きさ")
    sha256 = models.CharField("ハッシュ", max_length=64)
    path = models.CharField("保存先", max_length=200)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="添付した人"
    )
    added_at = models.DateTimeField("添付日時", default=clock.now)

    class Meta:
        verbose_name = "台帳の添付"
        ordering = ("row_id", "added_at", "id")

    def __str__(self) -> str:
        return f"{self.row_id} {self.role}"


class RegisterCounter(models.Model):
    """台帳の番号: the last number given in a kind and fiscal year."""

    kind = models.CharField("台帳", max_length=40)
    fiscal_year = models.PositiveSmallIntegerField("年度")
    last_no = models.PositiveIntegerField("最終番号", default=0)

    class Meta:
        verbose_name = "台帳の番号"
        constraints = (models.UniqueConstraint(fields=("kind", "fiscal_year"), name="register_counter_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.fiscal_year} {self.last_no}"

"""アクセス記録: append-only events of every look at and every change of personal data (N-066 to N-071, R-229)."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from taxsys.platform import clock


class AccessEvent(models.Model):
    """アクセス記録 one act; never a number, a name, an amount or free text of a form.

    The database refuses UPDATE, DELETE and TRUNCATE (migration 0002), and stamps the transaction id for the sealer.
    """

    class Action(models.TextChoices):
        VIEW = "view", "閲覧"
        SEARCH = "search", "検索"
        CREATE = "create", "登録"
        UPDATE = "update", "更新"
        DELETE = "delete", "削除"
        PRINT = "print", "印刷"
        EXPORT = "export", "出力"
        REVEAL_NUMBER = "reveal_number", "個人番号の表示"
        READ_NUMBER = "read_number", "個人番号の読取り"
        WRITE_NUMBER = "write_number", "個人番号の登録"
        PROVIDE = "provide", "提供"
        INQUIRE = "inquire", "照会"
        SIGN_IN = "sign_in", "サインイン"
        SIGN_OUT = "sign_out", "利用の終了"
        DENIED = "denied", "拒否"

    class Result(models.TextChoices):
        OK = "ok", "成功"
        DENIED = "denied", "拒否"
        FAILED = "failed", "失敗"

    occurred_at = models.DateTimeField("日時", default=clock.now)
    business_on = models.DateField("業務日", default=clock.today)
    actor_kind = models.CharField("操作者区分", max_length=8)
    actor_id = models.CharField("操作者", max_length=60)
    unit_code = models.CharField("所属", max_length=20, blank=True)
    terminal = models.CharField("端末", max_length=20, blank=True)
    address = models.CharField("接続元", max_length=45, blank=True)
    function_id = models.CharField("機能", max_length=120, blank=True)
    legal_base = models.CharField("根拠", max_length=200, blank=True)
    purpose = models.CharField("目的", max_length=100, blank=True)
    action = models.CharField("操作", max_length=16, choices=Action.choices)
    subjects = ArrayField(models.CharField(max_length=64), verbose_name="対象者", default=list, blank=True)
    record_type = models.CharField("記録種別", max_length=60, blank=True)
    record_id = models.CharField("記録番号", max_length=80, blank=True)
    tax_year = models.PositiveSmallIntegerField("年度", null=True, blank=True)
    result = models.CharField("結果", max_length=8, choices=Result.choices, default=Result.OK)
    reason = models.CharField("理由コード", max_length=60, blank=True)
    count = models.PositiveIntegerField("件数", null=True, blank=True)
    request_id = models.CharField("要求番号", max_length=40, blank=True)

    class Meta:
        verbose_name = "アクセス記録"
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("-occurred_at",), name="access_event_time"),
            models.Index(fields=("actor_id", "-id"), name="access_event_actor"),
            GinIndex(fields=("subjects",), name="access_event_subject"),
            # What an officer did with numbers: counted before each further one.
            models.Index(
                fields=("actor_id", "occurred_at"),
                name="access_event_number",
                condition=models.Q(record_type="vault.number", actor_kind="staff"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.pk}:{self.action}"

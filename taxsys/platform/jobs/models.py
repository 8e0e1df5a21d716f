"""State of every job run (バッチ実行). PostgreSQL is the truth; a Celery message only says "look at run N".

All times are the database server's clock: they order workers on several machines and are never read by a job.
"""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Now


class RunState(models.TextChoices):
    """State of a run."""

    REQUESTED = "requested", "承認待ち"
    APPROVED = "approved", "開始待ち"
    RUNNING = "running", "実行中"
    FINISHED = "finished", "終了"
    STOPPED = "stopped", "停止"
    FAILED = "failed", "異常終了"
    RELEASING = "releasing", "解放処理中"
    RELEASED = "released", "解放済"
    DISCARDED = "discarded", "破棄"


# A run in one of these states keeps its scope: no second run beside it.
LIVE_STATES = (
    RunState.REQUESTED,
    RunState.APPROVED,
    RunState.RUNNING,
    RunState.STOPPED,
    RunState.FAILED,
    RunState.RELEASING,
)
WORKING_STATES = (RunState.RUNNING, RunState.RELEASING)


class Phase(models.TextChoices):
    """Half of a run: the work itself, or letting its outputs go."""

    WORK = "work", "処理"
    RELEASE = "release", "出力解放"


class JobRun(models.Model):
    """One run of a declared job with its parameters and business date."""

    job_id = models.CharField("バッチ番号", max_length=40)
    params = models.JSONField("引数", encoder=DjangoJSONEncoder, default=dict)
    params_hash = models.CharField("引数ハッシュ", max_length=64)
    scope = models.CharField("排他範囲", max_length=200)
    business_on = models.DateField("業務日")
    is_trial = models.BooleanField("試算", default=False)
    state = models.CharField("状態", max_length=12, choices=RunState.choices, default=RunState.REQUESTED)
    phase = models.CharField("段階", max_length=8, choices=Phase.choices, default=Phase.WORK)
    requested_by = models.CharField("依頼者", max_length=60)
    requested_by_name = models.CharField("依頼者名", max_length=100)
    requested_at = models.DateTimeField("依頼日時", db_default=Now())
    approved_by = models.CharField("承認者", max_length=60, blank=True, default="")
    approved_by_name = models.CharField("承認者名", max_length=100, blank=True, default="")
    approved_at = models.DateTimeField("承認日時", null=True)
    started_by_name = models.CharField("開始者名", max_length=100, blank=True, default="")
    started_at = models.DateTimeField("開始日時", null=True)
    finished_at = models.DateTimeField("終了日時", null=True)
    released_by = models.CharField("解放者", max_length=60, blank=True, default="")
    released_by_name = models.CharField("解放者名", max_length=100, blank=True, default="")
    release_started_at = models.DateTimeField("解放開始日時", null=True)
    released_at = models.DateTimeField("解放日時", null=True)
    discarded_by_name = models.CharField("破棄者名", max_length=100, blank=True, default="")
    discarded_at = models.DateTimeField("破棄日時", null=True)
    stop_requested_by = models.CharField("停止指示者名", max_length=100, blank=True, default="")
    retry_at = models.DateTimeField("自動再開予定", null=True)
    fence = models.BigIntegerField("世代番号", default=0)
    message = models.CharField("状況", max_length=500, blank=True, default="")

    class Meta:
        verbose_name = "バッチ実行"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope"], condition=models.Q(state__in=LIVE_STATES), name="jobs_run_one_live_per_scope"
            ),
            models.CheckConstraint(condition=models.Q(state__in=RunState.values), name="jobs_run_state_known"),
            models.CheckConstraint(
                condition=models.Q(released_by="") | ~models.Q(released_by=models.F("requested_by")),
                name="jobs_run_released_by_second_person",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[RunState.RELEASING, RunState.RELEASED]) | ~models.Q(released_by=""),
                name="jobs_run_release_names_person",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[RunState.RELEASING, RunState.RELEASED]) | models.Q(is_trial=False),
                name="jobs_run_trial_never_released",
            ),
        ]
        indexes = [
            models.Index(fields=["job_id", "-id"], name="jobs_run_by_job"),
            models.Index(fields=["state"], condition=models.Q(state__in=LIVE_STATES), name="jobs_run_live"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id} 第{self.pk}号"


class StageKind(models.TextChoices):
    """What a stage row runs: declared stages, and the single-chunk acts around them."""

    DECLARED = "declared", "処理"
    FINISH = "finish", "結果の取りまとめ"
    GATES = "gates", "検査"
    ON_RELEASE = "on_release", "解放の確定"


class StageState(models.TextChoices):
    """State of a stage."""

    WAITING = "waiting", "待ち"
    PLANNED = "planned", "処理中"
    DONE = "done", "済"


class JobStage(models.Model):
    """One stage of a run; planned into chunks when the one before is all done."""

    run = models.ForeignKey(JobRun, on_delete=models.PROTECT, related_name="stages")
    phase = models.CharField(max_length=8, choices=Phase.choices, default=Phase.WORK)
    seq = models.IntegerField("順")
    kind = models.CharField(max_length=12, choices=StageKind.choices, default=StageKind.DECLARED)
    name_ja = models.CharField("名称", max_length=100)
    state = models.CharField(max_length=8, choices=StageState.choices, default=StageState.WAITING)
    planned_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "バッチ工程"
        ordering = ["run_id", "-phase", "seq"]  # "work" before "release"
        constraints = [models.UniqueConstraint(fields=["run", "phase", "seq"], name="jobs_stage_once")]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.phase}/{self.seq} {self.name_ja}"


class ChunkState(models.TextChoices):
    """State of a chunk; `split` = cut into smaller ones after a failure."""

    OPEN = "open", "未処理"
    RUNNING = "running", "処理中"
    DONE = "done", "済"
    FAILED = "failed", "隔離"
    SPLIT = "split", "分割"


class JobChunk(models.Model):
    """One unit of work: its effect and the mark `done` commit together."""

    run = models.ForeignKey(JobRun, on_delete=models.PROTECT, related_name="chunks")
    stage = models.ForeignKey(JobStage, on_delete=models.PROTECT, related_name="chunks")
    seq = models.IntegerField("順")
    payload = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    state = models.CharField(max_length=8, choices=ChunkState.choices, default=ChunkState.OPEN)
    counts = models.JSONField(default=dict)
    error = models.CharField("理由", max_length=500, blank=True, default="")
    attempts = models.IntegerField("回数", default=0)
    fence = models.BigIntegerField(null=True)
    started_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "バッチ処理単位"
        constraints = [models.UniqueConstraint(fields=["stage", "seq"], name="jobs_chunk_once")]
        indexes = [
            models.Index(
                fields=["stage", "seq"], condition=models.Q(state__in=["open", "running"]), name="jobs_chunk_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.stage_id}#{self.seq}"


class JobLease(models.Model):
    """A worker's right to work on a run; its `fence` is checked by every commit. Takeover deletes the row."""

    run = models.ForeignKey(JobRun, on_delete=models.PROTECT, related_name="leases")
    owner = models.CharField("処理装置", max_length=120)
    fence = models.BigIntegerField("世代番号")
    taken_at = models.DateTimeField(db_default=Now())
    heartbeat_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = "バッチ占有"
        constraints = [models.UniqueConstraint(fields=["run", "fence"], name="jobs_lease_fence_once")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.owner} {self.fence}"


class JobOutput(models.Model):
    """A file a run wrote (成果物): named in the database only after it lies whole on the disk."""

    run = models.ForeignKey(JobRun, on_delete=models.PROTECT, related_name="outputs")
    name = models.CharField("名称", max_length=200)
    kind = models.CharField("種別", max_length=60)
    path = models.CharField("保存先", max_length=300)
    sha256 = models.CharField("ハッシュ", max_length=64)
    size = models.BigIntegerField("大きさ")
    count = models.BigIntegerField("件数", null=True)
    amount_yen = models.BigIntegerField("金額", null=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "バッチ成果物"
        ordering = ["run_id", "name"]
        constraints = [models.UniqueConstraint(fields=["run", "name"], name="jobs_output_once")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.name}"


class JobGate(models.Model):
    """Result of one population check of a run (検査結果)."""

    run = models.ForeignKey(JobRun, on_delete=models.PROTECT, related_name="gates")
    gate_id = models.CharField("検査番号", max_length=60)
    title_ja = models.CharField("検査", max_length=200)
    ok = models.BooleanField("合否")
    count = models.BigIntegerField("件数", default=0)
    detail_ja = models.CharField("内容", max_length=1000, blank=True, default="")
    guards = models.CharField("守るもの", max_length=100, blank=True, default="")
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "バッチ検査結果"
        ordering = ["run_id", "id"]
        constraints = [models.UniqueConstraint(fields=["run", "gate_id"], name="jobs_gate_once")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.gate_id} {'合' if self.ok else '否'}"


class JobLog(models.Model):
    """A line for the operator, in Japanese, never with a person in it."""

    run = models.ForeignKey(JobRun, on_delete=models.PROTECT, related_name="log_lines")
    chunk = models.ForeignKey(JobChunk, on_delete=models.SET_NULL, null=True)
    recorded_at = models.DateTimeField(db_default=Now())
    is_error = models.BooleanField(default=False)
    text_ja = models.CharField("内容", max_length=500)

    class Meta:
        verbose_name = "バッチ記録"
        ordering = ["run_id", "id"]

    def __str__(self) -> str:
        return self.text_ja


class WorkItemState(models.TextChoices):
    """State of a work list row."""

    OPEN = "open", "未処理"
    DONE = "done", "処理済"


class WorkItem(models.Model):
    """A row of the work list (要処理一覧): what a run set aside for a person of the desk."""

    run = models.ForeignKey(JobRun, on_delete=models.PROTECT, related_name="work_items")
    kind = models.CharField("種別", max_length=60)
    subject_key = models.CharField("対象", max_length=120)
    code = models.CharField("理由コード", max_length=60)
    message_ja = models.CharField("内容", max_length=500)
    state = models.CharField("状態", max_length=8, choices=WorkItemState.choices, default=WorkItemState.OPEN)
    recorded_at = models.DateTimeField(db_default=Now())
    done_by = models.CharField("処理者", max_length=60, blank=True, default="")
    done_at = models.DateTimeField("処理日時", null=True)

    class Meta:
        verbose_name = "要処理"
        ordering = ["run_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "kind", "subject_key", "code"], name="jobs_work_item_once")
        ]
        indexes = [models.Index(fields=["kind", "state"], name="jobs_work_item_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.code} {self.subject_key}"


class JobPlan(models.Model):
    """One planned start out of a job's declared calendar (実行予定)."""

    class State(models.TextChoices):
        PLANNED = "planned", "予定"
        REQUESTED = "requested", "依頼済"
        REFUSED = "refused", "開始不可"
        SKIPPED = "skipped", "見送り"

    job_id = models.CharField("バッチ番号", max_length=40)
    planned_at = models.DateTimeField("開始予定")
    business_on = models.DateField("業務日")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    run = models.ForeignKey(JobRun, on_delete=models.PROTECT, null=True, related_name="plans")
    message = models.CharField("状況", max_length=500, blank=True, default="")

    class Meta:
        verbose_name = "バッチ実行予定"
        ordering = ["planned_at", "job_id"]
        constraints = [models.UniqueConstraint(fields=["job_id", "planned_at"], name="jobs_plan_once")]

    def __str__(self) -> str:
        return f"{self.job_id} {self.planned_at:%Y-%m-%d %H:%M}"

"""What a job's plan, step, finish, gates and release see of their run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from taxsys.platform import clock
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.jobs import outputs
from taxsys.platform.jobs.declaration import Job
from taxsys.platform.jobs.models import JobChunk, JobLog, JobOutput, JobRun, WorkItem

LINE_MAX = 500


@dataclass(slots=True, kw_only=True)
class JobContext:
    """The run, its typed parameters and business date, and the ways to report. Rows that it writes belong to the
    transaction of the chunk, so a chunk that is rolled back leaves no log line, output or work list row behind.
    """

    run: JobRun
    job: Job
    params: Mapping[str, Any]
    chunk: JobChunk | None = None
    counts: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)  # Japanese log lines of this chunk so far

    @property
    def business_on(self) -> date:
        """業務日 of the run; `clock.today()` answers the same inside the run."""
        return self.run.business_on

    def day(self, name: str) -> date:
        """日付のパラメータ (a declared date parameter of the run)."""
        value = self.params[name]
        return value if isinstance(value, date) else date.fromisoformat(str(value))

    def count(self, name: str, n: int = 1) -> None:
        """Add `n` to the named count (件数 or 円) that console and CLI show summed over all chunks."""
        self.counts[name] += n

    def log(self, text_ja: str, *, is_error: bool = False) -> None:
        """Write a line for the operator: counts, files, lines, codes; never a person."""
        self.lines.append(text_ja)
        JobLog.objects.create(run=self.run, chunk=self.chunk, text_ja=text_ja[:LINE_MAX], is_error=is_error)

    def work(self, kind: str, *, subject_key: str, code: str, message_ja: str) -> None:
        """Put a row on the work list of the desk; the same (kind, subject, code) of a run stays one row."""
        WorkItem.objects.bulk_create(
            [WorkItem(run=self.run, kind=kind, subject_key=subject_key, code=code, message_ja=message_ja[:LINE_MAX])],
            ignore_conflicts=True,
        )

    def work_many(self, items: list[WorkItem]) -> None:
        """Put many work list rows at once; `run` is set here."""
        for item in items:
            item.run = self.run
        WorkItem.objects.bulk_create(items, ignore_conflicts=True, batch_size=2000)

    def output(
        self, name: str, kind: str, content: bytes | Path, *, count: int | None = None, amount_yen: int | None = None
    ) -> JobOutput:
        """Keep a file of the run: `content` is bytes or the path of a finished file, which is copied.

        The same name again replaces the row. Raises RunPaused when the disk refuses.
        """
        stored = outputs.store(self.run.pk, name=name, content=content)
        row, _ = JobOutput.objects.update_or_create(
            run=self.run,
            name=name,
            defaults={
                "kind": kind,
                "path": stored.path,
                "sha256": stored.sha256,
                "size": stored.size,
                "count": count,
                "amount_yen": amount_yen,
            },
        )
        return row


def context_for(run: JobRun, job: Job, *, chunk: JobChunk | None = None) -> JobContext:
    """The context of a run for one chunk (or for planning)."""
    return JobContext(run=run, job=job, params=job.parse(run.params), chunk=chunk)


@contextmanager
def acting(run: JobRun, job: Job) -> Iterator[None]:
    """Act as this run: business date fixed, access context of kind `job`."""
    access = AccessContext(
        actor_kind="job",
        actor_id=f"{run.job_id}#{run.pk}",
        function_id=run.job_id,
        legal_base=job.legal_base,
        purpose=job.name_ja,
        request_id=f"run-{run.pk}",
    )
    with ExitStack() as stack:
        stack.enter_context(clock.at(run.business_on))
        stack.enter_context(using(access))
        yield

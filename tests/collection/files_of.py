"""Running collection's jobs over received files in tests: receive, ask for the run, work on it in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from taxsys.platform import clock
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.services import file_receive
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.services import SYSTEM, job_request, job_run_inline

DESK = AccessContext(actor_kind="staff", actor_id="2001", function_id="F-CL-020", purpose="収納の試験", request_id="t")


@contextmanager
def at_desk(day: date) -> Iterator[None]:
    """Act as the cashier on a day."""
    with clock.at(day), using(DESK):
        yield


def run_job(job_id: str, params: dict[str, object], day: date) -> JobRun:
    """Ask for a run and work on it here."""
    with at_desk(day):
        run = job_request(job_id, params, actor=SYSTEM, business_on=day)
        return job_run_inline(run.pk)


def take(job_id: str, format_name: str, content: bytes, day: date, *, name: str = "", **more: object) -> ReceivedFile:
    """Receive a file and run its job; the receipt as it then stands."""
    with at_desk(day):
        received = file_receive(
            name=name or f"{format_name}_{day:%Y%m%d}.txt", content=content, format=format_name, sender="送付元",
            channel="line", **more,
        )  # fmt: skip
    run_job(job_id, {"file": str(received.pk)}, day)
    received.refresh_from_db()
    return received

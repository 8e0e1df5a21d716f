"""印刷物の照会 (reads of packages): lists, one package, its pieces. No name and no address stands here."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from taxsys.platform.jobs.models import JobGate, JobRun, RunState
from taxsys.platform.printing.models import Batch, PackageState, PrintItem, PrintPackage

SHOWN_PIECES = 50


def packages_recent() -> QuerySet[PrintPackage]:
    """組の一覧, newest first."""
    return PrintPackage.objects.order_by("-pk")


def pieces_found(package: PrintPackage, number: str) -> list[PrintItem]:
    """通の検索 by notice number or sequence number (「庁内 12」 is not needed: both batches are answered)."""
    text = number.strip()
    wanted = Q(notice_no=text) | Q(item_key=text)
    if text.isdecimal() and len(text) < 9:
        wanted |= Q(seq=int(text))
    return list(package.items.filter(wanted).order_by("batch", "seq")[:SHOWN_PIECES])


def pieces_pulled(package: PrintPackage) -> list[PrintItem]:
    """引抜きリスト of the package, in sequence."""
    return list(package.items.exclude(pulled_by="").order_by("batch", "seq"))


def bulk_counts(package: PrintPackage) -> dict[str, int]:
    """Pieces by batch (委託・庁内)."""
    rows = package.items.values_list("batch").annotate(n=Count("pk")).order_by("batch")
    return {Batch(batch).label: n for batch, n in rows}


def run_of(package: PrintPackage) -> JobRun | None:
    """The run that made the package, where one did."""
    return JobRun.objects.filter(pk=package.job_run_id).first() if package.job_run_id else None


def gates_of(package: PrintPackage) -> list[JobGate]:
    """検査 of the run that made the package."""
    return list(JobGate.objects.filter(run_id=package.job_run_id).order_by("pk")) if package.job_run_id else []


def release_waiting_count(staff: object) -> int:
    """How many packages wait for the approval of dispatch."""
    return PrintPackage.objects.filter(state=PackageState.BUILT).count()


def posting_waiting_count(staff: object) -> int:
    """How many approved packages have no posting date yet."""
    return PrintPackage.objects.filter(state__in=[PackageState.RELEASED, PackageState.HANDED_OVER]).count()


def is_released_by_job(package: PrintPackage) -> bool:
    """Whether the approval of dispatch is the release of a finished run."""
    run = run_of(package)
    return run is not None and run.state == RunState.FINISHED

"""通知: packages of notices made, let go by a second person, handed to the print contractor, posted."""

from collections import defaultdict
from datetime import date

from taxsys.platform.printing.models import Batch, PrintPackage
from taxsys.platform.printing.services import package_hand_over, package_mail
from taxsys.web.demo.walk import TAX_YEAR, Demo

STAGE = "通知書"
CONTRACTOR = "見本印刷株式会社"


def withholding_notices(demo: Demo) -> None:
    """May: notices to employers and employees, posted before the end of the month (地方税法321条の4第2項)."""
    may = [date(TAX_YEAR, 5, day) for day in (12, 15, 18)]
    _print(demo, "B-PI-15", made_on=may[0], notice_on=may[1], posted_on=may[2])


def withholding_changes(demo: Demo) -> None:
    """June: what the papers between the cuts have changed for employers and employees."""
    june = [date(TAX_YEAR, 6, day) for day in (9, 11, 12)]
    _print(demo, "B-PI-15", made_on=june[0], notice_on=june[1], posted_on=june[2])


def tax_notices(demo: Demo) -> None:
    """June: tax notices with their slips, once the slips are issued and their list has gone to the portal."""
    _print(
        demo, "B-PI-16", made_on=date(TAX_YEAR, 6, 9), notice_on=date(TAX_YEAR, 6, 11), posted_on=date(TAX_YEAR, 6, 12)
    )


def correction_notices(demo: Demo) -> None:
    """August: what the corrections have changed, for taxpayers and for employers, with the slips issued anew."""
    august = [date(TAX_YEAR, 8, day) for day in (19, 20, 21)]
    for job_id in ("B-PI-16", "B-PI-15"):
        _print(demo, job_id, made_on=august[0], notice_on=august[1], posted_on=august[2])


def _print(demo: Demo, job_id: str, *, made_on: date, notice_on: date, posted_on: date) -> None:
    with demo.timed(STAGE):
        run = demo.job(job_id, {"tax_year": TAX_YEAR, "notice_on": notice_on.isoformat()}, made_on)
        demo.release(run)
        package = PrintPackage.objects.filter(job_run_id=run.pk).first()
        if package is None:
            return
        with demo.desk(notice_on, function_id=job_id):
            package_hand_over(
                package.pk, to=CONTRACTOR, bulk_pieces=package.items.filter(batch=Batch.BULK, pulled_by="").count()
            )
        with demo.desk(posted_on, function_id=job_id):
            package_mail(package.pk, posted_on=posted_on, mailed_pieces=package.pieces - package.pulled_pieces)
    demo.handled(STAGE, package.pages)


def rows() -> list[tuple[str, str]]:
    """Packages: pieces, pages, what stayed in the house, posting date."""
    found: dict[str, list[PrintPackage]] = defaultdict(list)
    for package in PrintPackage.objects.order_by("pk"):
        found[package.title_ja].append(package)
    return [(title, "、".join(_told(one) for one in packages)) for title, packages in found.items()]


def _told(package: PrintPackage) -> str:
    posted = f" {package.posted_on}発送" if package.posted_on else f" {package.get_state_display()}"
    inside = f"（支援措置 庁内印刷{package.protected_pieces:,}通）" if package.protected_pieces else ""
    return f"{package.pieces:,}通 {package.pages:,}頁{inside}{posted}"

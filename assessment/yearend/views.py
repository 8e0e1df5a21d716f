"""年度切替の画面: the check list, what would be carried, the request for a trial, lines by person, switches so far."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from addressbook.access import access_shown
from assessment.permissions import RUN_ASSESSMENT, VIEW_RUNS
from assessment.views.people import officer_names
from assessment.yearend.carrying import ITEMS
from assessment.yearend.checks import switch_checks
from assessment.yearend.models import LineFate, SwitchState, YearSwitch
from assessment.yearend.selectors import item_counts, switch_lines, switch_newest, switches_done
from assessment.yearend.working import switched_year, working_year
from taxsys.platform.jobs.errors import JobError
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.models import RunState as JobState
from taxsys.platform.jobs.services import job_request, job_start
from taxsys.platform.staff.access import has_permission, requires

JOB_ID = "B-PI-28"
PAGE_SIZE = 50
FORM = "assessment.year_switch"
_WAYS = {"stands": ("そのまま続く", "done"), "stays": ("引き継がない", "neutral")}


@requires(VIEW_RUNS)
@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """年度切替: check list of the next year and the newest trial of it."""
    return _page(request, "")


def _page(request: HttpRequest, refusal_ja: str) -> HttpResponse:
    now = working_year()
    wanted = now + 1
    switch, job_run = _tried(wanted)
    checks = switch_checks(wanted)
    done = switches_done()
    officers = officer_names([one for row in done for one in (row.requested_by, row.released_by)])
    values: dict[str, Any] = {
        "here": "yearend", "working_year": now, "wanted": wanted, "is_switched": switched_year() is not None,
        "checks": checks, "held": [one for one in checks if one.holds_back], "refusal_ja": refusal_ja,
        "switch": switch, "job_run": job_run,
        "may_run": has_permission(request.user, RUN_ASSESSMENT),
        "history": [
            {
                "one": row, "counts": item_counts(row),
                "requested_ja": officers.get(row.requested_by, row.requested_by),
                "released_ja": officers.get(row.released_by, row.released_by),
            }
            for row in done
        ],
    }  # fmt: skip
    if switch is not None:
        values["counts"] = item_counts(switch)
        values["standings"] = [
            {"one": one, "way_ja": _WAYS[one["how"]][0], "level": _WAYS[one["how"]][1]} for one in switch.summary
        ]
        values["is_own"] = switch.requested_by == request.user.staff_no  # type: ignore[union-attr]
    return render(request, "yearend/switch.html", values, status=422 if refusal_ja else 200)


def _tried(tax_year: int) -> tuple[YearSwitch | None, JobRun | None]:
    """The newest trial of the year and its job run, unless it was given up."""
    switch = switch_newest(tax_year)
    job_run = JobRun.objects.filter(pk=switch.job_run_id).first() if switch else None
    return (None, None) if job_run is None or job_run.state == JobState.DISCARDED else (switch, job_run)


@requires(RUN_ASSESSMENT)
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """切替の試しを依頼する: a run of B-PI-28 for the next year, or again for the working year (what came in since)."""
    staff: Any = request.user
    now = working_year()
    tax_year = now if request.POST.get("which") == "again" and switched_year() is not None else now + 1
    try:
        run = job_request(JOB_ID, {"tax_year": tax_year}, actor=staff)
        job_start(run.pk, actor=staff)
    except JobError as refused:
        return _page(request, refused.message_ja)
    messages.success(request, f"年度切替の試しを第{run.pk}号として依頼しました。終わると、この画面に内訳が出ます。")
    return redirect("year-switch")


@requires(VIEW_RUNS)
@never_cache
@require_safe
def lines(request: HttpRequest, switch_id: int, item: str) -> HttpResponse:
    """引継ぎの明細 of one kind by person."""
    switch = YearSwitch.objects.filter(pk=switch_id).first()
    if switch is None or item not in ITEMS:
        raise Http404
    fate = request.GET.get("fate", "")
    fate = fate if fate in LineFate.values else ""
    found = Paginator(switch_lines(switch, item, fate=fate), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = list(found.object_list)
    access_shown(sorted({one.party_id for one in rows}), action="view", record_type=FORM)
    values = {
        "here": "yearend", "switch": switch, "item": item, "title_ja": ITEMS[item], "page": found, "rows": rows,
        "fate": fate, "fates": LineFate.choices, "is_done": switch.state == SwitchState.RELEASED,
    }  # fmt: skip
    return render(request, "yearend/lines.html", values)

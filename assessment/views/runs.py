"""課税計算と検証ゲート: runs, one run with its figures and checks, findings to look at and to settle."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from addressbook.access import access_shown
from assessment.decisions.runs import LEVELS, findings_by_check, findings_of, run_figures, runs_recent
from assessment.decisions.services import OPEN_STATES, findings_settle
from assessment.errors import FindingRefused
from assessment.models import AssessmentRun, Finding, FindingSeverity, RunState
from assessment.permissions import SETTLE_FINDING, VIEW_RUNS
from assessment.resident.checks import CHECKS
from assessment.resident.release import release_refusal_ja
from assessment.resident.sheet import prefectural_tax_word
from assessment.views.people import officer_names
from taxsys.platform.audit.services import access_record
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.models import RunState as JobState
from taxsys.platform.jobs.permissions import VIEW as VIEW_JOBS
from taxsys.platform.jobs.selectors import run_progress
from taxsys.platform.staff.access import has_permission, requires

PAGE_SIZE = 100
STATE_LEVELS = {
    RunState.PREPARED: "info",
    RunState.COMPUTED: "caution",
    RunState.RELEASED: "done",
    RunState.RECALLED: "danger",
    RunState.DISCARDED: "neutral",
}


@requires(VIEW_RUNS)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """課税計算の一覧, newest first; counts only."""
    rows = runs_recent()
    access_record(action="view", record_type="assessment.run", count=len(rows))
    names = officer_names({number for row in rows for number in (row.run.requested_by, row.run.released_by)})
    shown = [
        {
            "row": row,
            "level": STATE_LEVELS[RunState(row.run.state)],
            "requested_by": names.get(row.run.requested_by, row.run.requested_by),
            "released_by": names.get(row.run.released_by, row.run.released_by),
        }
        for row in rows
    ]
    return render(request, "assessment/runs.html", {"rows": shown, "here": "runs"})


def _run(run_id: int) -> AssessmentRun:
    return get_object_or_404(AssessmentRun.objects.select_related("base_run"), pk=run_id)


def _check_titles(job_run: JobRun | None) -> dict[str, str]:
    titles = {check.id: check.title_ja for check in CHECKS}
    if job_run is not None:
        titles |= dict(job_run.gates.values_list("gate_id", "title_ja"))
    return titles


def _job_run(run: AssessmentRun) -> JobRun | None:
    return JobRun.objects.filter(pk=run.job_run_id).first() if run.job_run_id else None


@requires(VIEW_RUNS)
@require_safe
def one(request: HttpRequest, run_id: int) -> HttpResponse:
    """一回の課税計算: figures, stages, the gates with what each guards, findings by check, the way to the release."""
    run, staff = _run(run_id), request.user
    job_run = _job_run(run)
    titles = _check_titles(job_run)
    access_record(action="view", record_type="assessment.run", record_id=str(run.pk), tax_year=run.tax_year)
    names = officer_names([run.requested_by, run.released_by])
    values = {
        "run": run,
        "level": STATE_LEVELS[RunState(run.state)],
        "figures": run_figures(run),
        "checks": [{"row": row, "title_ja": titles.get(row.check_id, row.check_id)} for row in findings_by_check(run)],
        "job_run": job_run,
        "progress": run_progress(job_run) if job_run else None,
        "gates": list(job_run.gates.all()) if job_run else [],
        "may_see_job": job_run is not None and has_permission(staff, VIEW_JOBS),
        "refusal_ja": _refusal(run, job_run),
        "is_own": getattr(staff, "staff_no", "") == run.requested_by,
        "requested_by": names.get(run.requested_by, run.requested_by),
        "released_by": names.get(run.released_by, run.released_by),
        "prefecture_word": prefectural_tax_word(settings.TAXSYS_MUNICIPALITY_CODE),
        "here": "runs",
    }
    return render(request, "assessment/run.html", values)


def _refusal(run: AssessmentRun, job_run: JobRun | None) -> str:
    """Why a run that is not decided yet cannot be, "" where only the second person is missing."""
    if run.state not in OPEN_STATES:
        return ""
    if job_run is None or job_run.state != JobState.FINISHED:
        return "計算のバッチが終わっていません。"
    red = [gate.title_ja for gate in job_run.gates.filter(ok=False)]
    if red:
        return f"不合格の検証があります: {'、'.join(red)}"
    return release_refusal_ja(run, settings.TAXSYS_MUNICIPALITY_CODE)


class SettleForm(forms.Form):
    """処理済とする: the findings chosen and the reason."""

    findings = forms.TypedMultipleChoiceField(
        coerce=int, label="事項", error_messages={"required": "処理する事項を選んでください。"}
    )
    reason = forms.CharField(
        label="処理の理由",
        max_length=200,
        help_text="何を確かめ、なぜこのままでよいかを書きます。",
        error_messages={"required": "処理の理由を入力してください。"},
    )

    def __init__(self, *args: Any, offered: list[int], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["findings"].choices = [(pk, str(pk)) for pk in offered]  # type: ignore[attr-defined]


def _findings_values(request: HttpRequest, run: AssessmentRun, check_id: str) -> dict[str, Any]:
    only_open = request.GET.get("all") != "1"
    rows = findings_of(run, check_id, only_open=only_open)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    found: list[Finding] = list(page.object_list)
    if not found and not Finding.objects.filter(run=run, check_id=check_id).exists():
        raise Http404
    access_shown([one.party_id for one in found if one.party_id], action="view", record_type="assessment.finding")
    names = officer_names(one.settled_by for one in found)
    may_settle = has_permission(request.user, SETTLE_FINDING) and run.state in OPEN_STATES
    return {
        "run": run,
        "check_id": check_id,
        "title_ja": _check_titles(_job_run(run)).get(check_id, check_id),
        "page": page,
        "rows": [
            {
                "finding": one,
                "level": LEVELS[FindingSeverity(one.severity)],
                "settled_by": names.get(one.settled_by, one.settled_by),
                "may_settle": may_settle and one.settled_at is None and one.severity != FindingSeverity.STOP,
            }
            for one in found
        ],
        "only_open": only_open,
        "may_settle": may_settle,
        "here": "runs",
    }


@requires(VIEW_RUNS)
@require_safe
def findings(request: HttpRequest, run_id: int, check_id: str) -> HttpResponse:
    """検証結果の一覧 of one check."""
    run = _run(run_id)
    values = _findings_values(request, run, check_id)
    values["form"] = SettleForm(offered=[])
    return render(request, "assessment/findings.html", values)


@requires(SETTLE_FINDING)
@require_POST
def settle(request: HttpRequest, run_id: int, check_id: str) -> HttpResponse:
    """処理済とする: with the reason, all that were chosen or none."""
    run, staff = _run(run_id), request.user
    offered = list(Finding.objects.filter(run=run, check_id=check_id).values_list("pk", flat=True))
    form = SettleForm(request.POST, offered=offered)
    if form.is_valid():
        chosen = form.cleaned_data["findings"]
        try:
            count = findings_settle(
                run.pk, chosen, actor_id=getattr(staff, "staff_no", ""), reason=form.cleaned_data["reason"]
            )
        except FindingRefused as error:
            form.add_error(error.field if error.field in form.fields else None, error.message_ja)
        else:
            subjects = Finding.objects.filter(pk__in=chosen, party__isnull=False).values_list("party_id", flat=True)
            access_record(action="update", subjects=[str(party) for party in subjects],
                          record_type="assessment.finding", record_id=f"{run.pk}:{check_id}", count=count)  # fmt: skip
            messages.success(request, f"{count:,}件を処理済にしました。")
            return redirect("assessment-run", run_id=run.pk)
    values = {**_findings_values(request, run, check_id), "form": form}
    return render(request, "assessment/findings.html", values, status=422)

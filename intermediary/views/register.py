"""提供簿・移転簿の画面: the list as of a day beside the assessment's counts, one row with its versions, proposals."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from intermediary.errors import RegisterRefused
from intermediary.forms import NewRowForm, RegisterFilter, RowEndForm, RowForm
from intermediary.items import titles_ja
from intermediary.models import PiaTask, RegisterRow
from intermediary.permissions import PROPOSE_REGISTER, VIEW_REGISTER
from intermediary.selectors.register import in_period, row_counts, row_history
from intermediary.services.pia import pia_counts
from intermediary.services.register import (
    APPROVAL_KIND,
    row_current,
    row_end_propose,
    row_propose,
    row_shown,
)
from intermediary.views.refusing import proposal_refused
from taxsys.platform import clock
from taxsys.platform.approvals.errors import AlreadyProposed
from taxsys.platform.approvals.models import Approval
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.access import requires

PAGE_SIZE = 50
State = RegisterRow.State


@requires(VIEW_REGISTER)
@require_safe
def rows(request: HttpRequest) -> HttpResponse:
    """登録簿の一覧: in force on the day, candidates apart; counts beside the assessment's 72 and 40 (R-160)."""
    form = RegisterFilter(request.GET or None)
    chosen: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    on = chosen.get("on") or clock.today()
    page = Paginator(_chosen(chosen, on), PAGE_SIZE).get_page(request.GET.get("page"))
    access_record(action="view", record_type="register_row", count=len(page.object_list))
    counts = row_counts(on=on)
    published, source = pia_counts(on=on)
    compared = [
        {
            "kind_ja": kind.label,
            "in_force": counts.get((kind.value, State.APPROVED.value), 0),
            "pia": published[kind.value],
            "candidates": counts.get((kind.value, State.CANDIDATE.value), 0),
        }
        for kind in RegisterRow.Kind
    ]
    values = {
        "form": form,
        "page": page,
        "rows": [{"row": row, "in_force": _is_in_force(row, on)} for row in page],
        "on": on,
        "compared": compared,
        "pia_source": source,
        "tasks": list(PiaTask.objects.filter(closed_on__isnull=True)),
        "tab": "register",
    }
    return render(request, "intermediary/register.html", values, status=422 if form.errors else 200)


def _chosen(chosen: dict[str, Any], on: Any) -> QuerySet[RegisterRow]:
    candidates = Q(state=State.CANDIDATE)
    by_state = {"in_force": in_period(on), "candidate": candidates}.get(chosen.get("state", ""))
    found = RegisterRow.objects.filter(by_state if by_state is not None else in_period(on) | candidates)
    if chosen.get("kind"):
        found = found.filter(kind=chosen["kind"])
    if text := chosen.get("text", ""):
        found = found.filter(Q(recipient__contains=text) | Q(affair__contains=text) | Q(row_no=text))
    return found


def _is_in_force(row: RegisterRow, on: Any) -> bool:
    return (
        row.state == State.APPROVED
        and row.valid_from is not None
        and row.valid_from <= on
        and (row.valid_to is None or on < row.valid_to)
    )


def _row_or_404(row_no: str) -> RegisterRow:
    row = row_current(row_no)
    if row is None:
        raise Http404
    return row


@requires(VIEW_REGISTER)
@require_safe
def row(request: HttpRequest, row_no: str) -> HttpResponse:
    """登録簿の一行: its items, base, period, every version, and who proposed and decided what."""
    current = _row_or_404(row_no)
    access_record(action="view", record_type="register_row", record_id=row_no)
    titles = titles_ja()
    on = clock.today()
    values = {
        "row": current,
        "methods": [RegisterRow.Method(one).label for one in current.methods],
        "items": [(name, titles.get(name, name)) for name in current.items],
        "in_force": _is_in_force(current, on),
        "versions": list(row_history(current)),
        "approvals": list(
            Approval.objects.filter(kind=APPROVAL_KIND, subject_key=row_no)
            .select_related("proposed_by", "decided_by")
            .order_by("-proposed_at")
        ),
        "tab": "register",
    }
    return render(request, "intermediary/register_row.html", values)


@requires(PROPOSE_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, row_no: str) -> HttpResponse:
    """候補の確認・変更の起案: the row as it stands, to be put right and proposed from a day on."""
    current = _row_or_404(row_no)
    if request.method != "POST":
        shown = row_shown(current)
        if current.state == State.APPROVED:
            shown = {**shown, "valid_from": "", "valid_to": ""}
        form = RowForm(initial=shown)
    else:
        form = RowForm(request.POST)
    values = {"form": form, "row": current, "row_no": row_no, "tab": "register"}
    fixed = {"row_no": row_no, "kind": current.kind}
    return _proposed(request, form, fixed) or _drawn(request, values)


@requires(PROPOSE_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """新しい行の起案."""
    form = NewRowForm(request.POST) if request.method == "POST" else NewRowForm()
    return _proposed(request, form, {}) or _drawn(request, {"form": form, "row": None, "tab": "register"})


def _drawn(request: HttpRequest, values: dict[str, Any]) -> HttpResponse:
    return render(request, "intermediary/register_form.html", values, status=422 if values["form"].errors else 200)


def _proposed(request: HttpRequest, form: RowForm, fixed: dict[str, str]) -> HttpResponse | None:
    """The way on after a proposal, or None where the form is (again) to be drawn."""
    actor: Any = request.user
    if not form.is_bound or not form.is_valid():
        return None
    content = {**form.content(), **fixed}
    try:
        approval = row_propose(content, actor=actor)
    except RegisterRefused as error:
        form.add_error(None, error.message_ja)
        return None
    except AlreadyProposed as error:
        raise proposal_refused(error) from error
    access_record(action="create", record_type="register_proposal", record_id=str(approval.pk))
    messages.success(request, f"「{approval.title_ja}」を起案しました。別の職員が決裁すると有効になります。")
    return redirect("provision-register")


@requires(PROPOSE_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, row_no: str) -> HttpResponse:
    """行の終了の起案."""
    actor: Any = request.user
    current = _row_or_404(row_no)
    form = RowEndForm(request.POST) if request.method == "POST" else RowEndForm()
    if form.is_bound and form.is_valid():
        try:
            approval = row_end_propose(row_no, valid_to=form.cleaned_data["valid_to"], actor=actor)
        except RegisterRefused as error:
            form.add_error("valid_to", error.message_ja)
        except AlreadyProposed as error:
            raise proposal_refused(error) from error
        else:
            access_record(action="create", record_type="register_proposal", record_id=str(approval.pk))
            messages.success(request, f"「{approval.title_ja}」を起案しました。別の職員が決裁すると有効になります。")
            return redirect("provision-register")
    values = {"form": form, "row": current, "tab": "register"}
    return render(request, "intermediary/register_end.html", values, status=422 if form.errors else 200)

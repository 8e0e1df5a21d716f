"""台帳の一行: entry, page, change, steps, papers, earlier versions."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from taxsys.platform import clock
from taxsys.platform.approvals.errors import ApprovalError
from taxsys.platform.approvals.models import Approval
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.registers.access import may_step, may_work
from taxsys.platform.registers.attachments import attachment_add, attachment_bytes
from taxsys.platform.registers.declaration import Kind
from taxsys.platform.registers.errors import NotYours, RegisterError, Stale, StepRefused, ValueRefused
from taxsys.platform.registers.forms import AttachForm, RowForm, UnitForm, step_form
from taxsys.platform.registers.models import RegisterRow, RowAttachment, RowVersion
from taxsys.platform.registers.permissions import ENTER, VIEW
from taxsys.platform.registers.registry import kind_get, page_acts
from taxsys.platform.registers.selectors import rows_pointing_at
from taxsys.platform.registers.services import (
    REOPEN,
    Draft,
    approval_kind,
    row_edit,
    row_open,
    row_step,
    step_problems,
    values_after,
)
from taxsys.platform.registers.views.showing import (
    act_ja,
    kind_opened,
    row_opened,
    state_level,
    steps_shown,
    values_shown,
)
from taxsys.platform.staff.access import requires
from taxsys.platform.staff.models import Unit
from taxsys.platform.ui.documents import file_given
from taxsys.platform.ui.subject_token import subject_check, subject_token


def _recorded(row: RegisterRow, action: str, reason: str = "") -> None:
    access_record(
        action=action, subjects=row.subjects, record_type=f"register.{row.kind}", record_id=row.row_no, reason=reason
    )


def _refused(error: RegisterError) -> Refused:
    code = "R403" if isinstance(error, NotYours) else "R409"
    return Refused(code, error.message_ja, reason=error.code)


def _told(form: Any, error: RegisterError) -> None:
    """Put the words of a refusal where they belong on the form."""
    if isinstance(error, StepRefused):
        for reason in error.reasons:
            form.add_error(None, reason)
    else:
        form.add_error(error.field if error.field in form.fields else None, error.message_ja)


@requires(ENTER)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, kind_code: str) -> HttpResponse:
    """新しい行の登録."""
    staff: Any = request.user
    kind = kind_opened(request, kind_code, "enter")
    form = RowForm(kind, kind.entry_fields, request.POST or None)
    unit_form = UnitForm(request.POST or None, initial={"unit": staff.unit_on().code})
    if request.method == "POST" and form.is_valid() and unit_form.is_valid():
        unit = Unit.objects.get(code=unit_form.cleaned_data["unit"])
        try:
            row = row_open(Draft(kind=kind.code, values=form.values(), unit=unit), actor=staff)
        except NotYours as error:
            raise _refused(error) from error
        except RegisterError as error:
            _told(form, error)
        else:
            _recorded(row, "create")
            messages.success(request, f"{kind.title_ja} {row.row_no} を登録しました。")
            return redirect("register-row", row_id=row.pk)
    values = {"kind": kind, "form": form, "unit_form": unit_form, "title": f"{kind.title_ja}の登録"}
    return render(request, "registers/form.html", values, status=422 if form.errors else 200)


@requires(VIEW)
@never_cache
@require_safe
def page(request: HttpRequest, row_id: UUID) -> HttpResponse:
    """一行の画面: what stands, its time limits, papers, related rows, history and the steps that are open."""
    row, kind = row_opened(request, row_id)
    _recorded(row, "view")
    return render(request, "registers/row.html", _page_values(request, row, kind))


def _page_values(request: HttpRequest, row: RegisterRow, kind: Kind) -> dict[str, Any]:
    staff: Any = request.user
    today = clock.today()
    attachments = list(row.attachments.select_related("added_by"))
    waiting = Approval.objects.filter(kind=approval_kind(kind), subject_key=str(row.pk), state="proposed").first()
    may = may_work(staff, row)
    return {
        "kind": kind,
        "row": row,
        "level": state_level(row),
        "state_ja": kind.state_ja(row.state),
        "items": values_shown(kind, row.values),
        "tasks": [(task, task.level(today)) for task in row.tasks.all()],
        "attachments": [(one, kind.paper_ja(one.role)) for one in attachments],
        "missing": [paper for paper in kind.papers if paper.code not in {one.role for one in attachments}],
        "related": [(one, kind_get(one.kind)) for one in rows_pointing_at(row)],
        "versions": [(one, act_ja(kind, one)) for one in row.versions.select_related("changed_by", "approved_by")],
        "steps": [] if waiting else steps_shown(request, row, kind),
        "waiting": waiting,
        "may_edit": may and not row.is_closed and waiting is None,
        "attach_form": AttachForm(kind) if may and not row.is_closed else None,
        "extras": page_acts(row, staff),
    }


@requires(VIEW)
@never_cache
@require_safe
def version(request: HttpRequest, row_id: UUID, number: int) -> HttpResponse:
    """過去の版: what stood then."""
    row, kind = row_opened(request, row_id)
    found = get_object_or_404(RowVersion.objects.select_related("changed_by", "approved_by"), row=row, version=number)
    _recorded(row, "view", reason="version")
    values = {"kind": kind, "row": row, "version": found, "act_ja": act_ja(kind, found),
              "state_ja": kind.state_ja(found.state), "items": values_shown(kind, found.values)}  # fmt: skip
    return render(request, "registers/version.html", values)


@requires(ENTER)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, row_id: UUID) -> HttpResponse:
    """変更・引継ぎ."""
    staff: Any = request.user
    row, kind = row_opened(request, row_id)
    if not may_work(staff, row):
        raise _refused(NotYours())
    form = RowForm(kind, kind.entry_fields, request.POST or None, row=row)
    unit_form = UnitForm(request.POST or None, initial={"unit": row.unit.code})
    if request.method == "POST":
        subject_check(request, form="register-edit", subject=str(row.pk), version=str(row.version))
        if form.is_valid() and unit_form.is_valid():
            unit = Unit.objects.get(code=unit_form.cleaned_data["unit"])
            try:
                row = row_edit(row.pk, form.values(), actor=staff, version=row.version, unit=unit,
                               reason=unit_form.cleaned_data["reason"])  # fmt: skip
            except (NotYours, Stale) as error:
                raise _refused(error) from error
            except RegisterError as error:
                _told(form, error)
            else:
                _recorded(row, "update")
                messages.success(request, f"{row.row_no} を変更しました。")
                return redirect("register-row", row_id=row.pk)
    values = {
        "kind": kind, "row": row, "form": form, "unit_form": unit_form, "title": f"{row.row_no} の変更",
        "token": subject_token(request, form="register-edit", subject=str(row.pk), version=str(row.version)),
    }  # fmt: skip
    return render(request, "registers/form.html", values, status=422 if form.errors else 200)


@requires(ENTER)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, row_id: UUID, code: str) -> HttpResponse:
    """手続: asks for the step's items; what is still missing is told before and after."""
    staff: Any = request.user
    row, kind = row_opened(request, row_id)
    wanted = next((one for one in steps_shown(request, row, kind) if one.code == code), None)
    named = kind.step(code)
    if wanted is None and named is not None and not may_step(staff, row, named):
        raise _refused(NotYours())
    if wanted is None:
        raise Refused("R409", "この手続は、今の状態ではできません。画面を開き直してください。", reason="step")
    form = step_form(kind, wanted, row, request.POST or None)
    if request.method == "POST":
        subject_check(request, form=f"register-{code}", subject=str(row.pk), version=str(row.version))
        if form.is_valid():
            done = _step_done(request, row, code, form)
            if done is not None:
                return done
    problems = () if wanted is REOPEN else step_problems(row, kind, wanted, values_after(row, wanted, {}))
    asked = {f"「{kind.field(name).title_ja}」を入力してください。" for name in wanted.fields}
    values = {
        "kind": kind, "row": row, "step": wanted, "form": form, "title": f"{wanted.title_ja}：{row.row_no}",
        "problems": [] if form.errors else [one for one in problems if one not in asked],
        "is_reopen": wanted is REOPEN, "person": staff,
        "token": subject_token(request, form=f"register-{code}", subject=str(row.pk), version=str(row.version)),
    }  # fmt: skip
    return render(request, "registers/step.html", values, status=422 if form.errors else 200)


def _step_done(request: HttpRequest, row: RegisterRow, code: str, form: RowForm) -> HttpResponse | None:
    staff: Any = request.user
    try:
        result = row_step(row.pk, code, form.values(), actor=staff, version=row.version,
                          reason=request.POST.get("reason", ""))  # fmt: skip
    except (NotYours, Stale) as error:
        raise _refused(error) from error
    except ApprovalError as error:
        raise Refused("R409", error.message_ja, reason=error.code) from error
    except RegisterError as error:
        _told(form, error)
        return None
    _recorded(row, "update", reason=code)
    if isinstance(result, Approval):
        messages.success(request, "起案しました。別の職員の決裁で効力が生じます。")
    else:
        messages.success(request, f"{row.row_no} の手続を登録しました。")
    return redirect("register-row", row_id=row.pk)


@requires(ENTER)
@require_POST
def attach(request: HttpRequest, row_id: UUID) -> HttpResponse:
    """添付する."""
    staff: Any = request.user
    row, kind = row_opened(request, row_id)
    form = AttachForm(kind, request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            attachment_add(row.pk, role=form.cleaned_data["role"], name=file.name, content=file.read(), actor=staff)
        except NotYours as error:
            raise _refused(error) from error
        except (StepRefused, ValueRefused, RegisterError) as error:
            form.add_error("file", error.message_ja)
        else:
            _recorded(row, "create", reason="attachment")
            messages.success(request, "添付しました。")
            return redirect("register-row", row_id=row.pk)
    _recorded(row, "view")
    values = {**_page_values(request, row, kind), "attach_form": form, "form": form}
    return render(request, "registers/row.html", values, status=422)


@requires(VIEW)
@never_cache
@require_safe
def attachment(request: HttpRequest, row_id: UUID, attachment_id: UUID) -> HttpResponse:
    """添付を受け取る: always a download, under a name of our own."""
    row, _kind = row_opened(request, row_id)
    found = get_object_or_404(RowAttachment, pk=attachment_id, row=row)
    _recorded(row, "export", reason="attachment")
    return file_given(attachment_bytes(found), f"register-{found.pk}.{found.extension}", found.media_type)

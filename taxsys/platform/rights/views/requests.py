"""権限の届出・一件・確認."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.rights import errors, selectors, services
from taxsys.platform.rights.forms import AnswerForm, GrantRequestForm
from taxsys.platform.rights.models import Confirmation, GrantRequest
from taxsys.platform.rights.permissions import CONFIRM, REQUEST, VIEW
from taxsys.platform.rights.subsystems import BY_CODE
from taxsys.platform.rights.views.refusing import refused
from taxsys.platform.staff.access import has_permission, requires

# What the asker can mend in the form; everything else is a refusal.
FIELD_ERRORS = (
    errors.ReasonMissing,
    errors.PeriodWrong,
    errors.NothingToDo,
    errors.NotGrantable,
    errors.AlreadyAsked,
)


@requires(REQUEST)
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """権限の届出: one form for granting and taking away."""
    actor: Any = request.user
    if request.method != "POST":
        initial = {"staff": request.GET.get("staff_no", ""), "from_on": clock.today()}
        form = GrantRequestForm(initial=initial)
        return render(request, "rights/request.html", {"form": form, "tab": "request"})
    form = GrantRequestForm(request.POST)
    if form.is_valid():
        values = form.cleaned_data
        wanted = services.Wanted(
            staff=values["staff"],
            permissions=values["permissions"],
            from_on=values["from_on"],
            to_on=values["to_on"],
            reason=values["reason"],
        )
        make = services.revocation_request_make if values["action"] == "revoke" else services.grant_request_make
        try:
            made = make(wanted, actor=actor)
        except FIELD_ERRORS as error:
            form.add_error("staff" if error.field == "staff_no" else error.field or None, error.message_ja)
        except errors.RightsError as error:
            raise refused(error) from error
        else:
            for one in made:
                access_record(action="create", record_type="grant_request", record_id=str(one.pk), reason=one.action)
            messages.success(request, _asked_ja(made))
            return redirect("rights-requests")
    return render(request, "rights/request.html", {"form": form, "tab": "request"}, status=422)


def _asked_ja(made: list[GrantRequest]) -> str:
    if made[0].action == GrantRequest.Action.REVOKE:
        return f"取消を{len(made)}件届け出ました。権限は取消日の0時に終わります。"
    return f"付与を{len(made)}件届け出ました。二人の確認が済むと有効になります。"


def _detail_values(request: HttpRequest, one: GrantRequest) -> dict[str, Any]:
    actor: Any = request.user
    may = has_permission(actor, CONFIRM) and actor.pk not in {one.requested_by_id, one.staff_id}
    sides = selectors.answerable_sides(one, actor) if may else []
    given = {confirmation.side: confirmation for confirmation in one.confirmations.select_related("decided_by")}
    return {
        "one": one,
        "subsystem_ja": BY_CODE[one.subsystem].title_ja,
        "rows": selectors.difference(one),
        "sides": [(side.label, given.get(side.value)) for side in Confirmation.Side],
        "answer_side": sides[0] if sides else None,
        "may_withdraw": one.requested_by_id == actor.pk
        and one.state == GrantRequest.State.REQUESTED
        and one.action == GrantRequest.Action.GRANT,
        "tab": "requests",
    }


@requires(VIEW)
@require_safe
def detail(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """届出の一件: what changes, who asked in what office, who confirmed; buttons where the officer may answer."""
    one = get_object_or_404(GrantRequest.objects.select_related("staff", "unit", "requested_by"), pk=request_id)
    access_record(action="view", record_type="grant_request", record_id=str(one.pk))
    values = _detail_values(request, one)
    values["form"] = AnswerForm(initial={"seen_hash": one.content_hash, "side": values["answer_side"]})
    return render(request, "rights/detail.html", values)


@requires(CONFIRM)
@require_POST
def answer(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """届出を確認・否認する: exactly what was shown, for one side."""
    actor: Any = request.user
    one = get_object_or_404(GrantRequest.objects.select_related("staff", "unit", "requested_by"), pk=request_id)
    form = AnswerForm(request.POST)
    if form.is_valid():
        try:
            answered = services.request_answer(one.pk, actor=actor, **form.cleaned_data)
        except errors.ReasonMissing as error:
            form.add_error("reason", error.message_ja)
        except errors.RightsError as error:
            raise refused(error) from error
        else:
            access_record(
                action="update",
                record_type="grant_request",
                record_id=str(one.pk),
                reason=f"{form.cleaned_data['side']}:{form.cleaned_data['decision']}",
            )
            messages.success(request, f"記録しました。この届出は「{answered.get_state_display()}」です。")
            return redirect("rights-waiting")
    return render(request, "rights/detail.html", {**_detail_values(request, one), "form": form}, status=422)


@requires(REQUEST)
@require_POST
def withdraw(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """届出を取り下げる."""
    actor: Any = request.user
    get_object_or_404(GrantRequest, pk=request_id)
    try:
        withdrawn = services.request_withdraw(request_id, actor=actor)
    except errors.RightsError as error:
        raise refused(error) from error
    access_record(action="update", record_type="grant_request", record_id=str(withdrawn.pk), reason="withdrawn")
    messages.success(request, "届出を取り下げました。")
    return redirect("rights-requests")

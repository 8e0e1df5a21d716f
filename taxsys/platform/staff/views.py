"""サインイン・サインアウト・再確認: one address, two steps, keyboard only."""

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from taxsys.platform import clock
from taxsys.platform.audit import context
from taxsys.platform.audit.services import access_record
from taxsys.platform.sittings.models import Sitting
from taxsys.platform.sittings.services import InUse, sitting_begin, sitting_end, sitting_of
from taxsys.platform.staff.access import public_view, requires
from taxsys.platform.staff.factors import FactorRefused, second_factor
from taxsys.platform.staff.forms import CodeForm, KeyForm, PasswordForm
from taxsys.platform.staff.models import Staff, Terminal
from taxsys.platform.staff.passwords import password_warning_ja
from taxsys.platform.staff.permissions import SELF
from taxsys.platform.staff.pledges import acknowledgement_is_due, acknowledgement_is_over
from taxsys.platform.staff.rooms import room_check
from taxsys.platform.staff.terminals import terminal_get
from taxsys.platform.ui.request_context import access_context_of

PENDING_SECONDS = 300
BACKEND = "taxsys.platform.staff.backends.StaffBackend"


def safe_next(request: HttpRequest) -> str:
    """The address to go on to: one of our own, otherwise home."""
    target = request.POST.get("next") or request.GET.get("next") or "/"
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts=None) and target.startswith("/") else "/"


def _pending_staff(request: HttpRequest) -> Staff | None:
    pending = request.session.get("pending", {})
    if clock.now().timestamp() - pending.get("at", 0) > PENDING_SECONDS:
        return None
    staff = Staff.objects.select_related("unit", "transfer_unit").filter(pk=pending.get("staff_id")).first()
    return staff if staff is not None and staff.is_usable_on() else None


def _key_values(staff: Staff, purpose: str) -> dict[str, Any]:
    """What the page needs where the factor is a key: its options as JSON, and the words for enrolling."""
    options = second_factor().options(staff, purpose)
    if options is None:
        return {}
    values: dict[str, Any] = {"key_options": json.dumps(options)}
    if options["mode"] == "create":
        values["prompt_ja"] = (
            "鍵の登録が許可されています。登録する鍵を挿し、「鍵を登録する」を押して、PINを入力してください。"
        )
        values["is_enrolment"] = True
    return values


def _factor_form(data: Any = None) -> forms.Form:
    return KeyForm(data) if second_factor().has_key_form else CodeForm(data)


def _answer_is_right(form: forms.Form, staff: Staff, purpose: str) -> bool:
    """Whether the second factor's answer is right; otherwise the form says why not."""
    wrong_ja = second_factor().wrong_ja
    try:
        if form.is_valid() and second_factor().verify(staff, purpose, form.cleaned_data["code"]):
            return True
    except FactorRefused as refused:
        wrong_ja = refused.message_ja
    form.add_error(None if second_factor().has_key_form else "code", wrong_ja)
    return False


def _show(request: HttpRequest, form: forms.Form, step: str, status: int = 200) -> HttpResponse:
    values = {"form": form, "step": step, "next": safe_next(request), "prompt_ja": second_factor().prompt_ja}
    staff = _pending_staff(request) if step == "code" else None
    if staff is not None:
        values.update(_key_values(staff, "sign_in"))
    return render(request, "staff/sign_in.html", values, status=status)


@public_view
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """サインイン: password first, then the second factor; nothing but ids and times goes into the session."""
    terminal = terminal_get(request)
    if request.method != "POST":
        if isinstance(request.user, Staff):
            return redirect(safe_next(request))
        return _show(request, PasswordForm(), "password")
    if "code" in request.POST:
        return _second_step(request, terminal)
    if "take_over" in request.POST:
        return _take_over(request, terminal.code)
    return _first_step(request)


def _first_step(request: HttpRequest) -> HttpResponse:
    form = PasswordForm(request.POST)
    if not form.is_valid():
        return _show(request, form, "password", status=422)
    staff = authenticate(request, **form.cleaned_data)
    if not isinstance(staff, Staff):
        _record_failure(request, "password")
        form.add_error(None, "職員番号またはパスワードが正しくないか、利用できない職員番号です。")
        return _show(request, form, "password", status=422)
    second_factor().begin(staff, "sign_in")
    request.session.cycle_key()
    request.session["pending"] = {"staff_id": staff.pk, "at": clock.now().timestamp()}
    return _show(request, _factor_form(), "code")


def _second_step(request: HttpRequest, terminal: Terminal) -> HttpResponse:
    staff = _pending_staff(request)
    if staff is None:
        return _begin_again(request)
    form = _factor_form(request.POST)
    if not _answer_is_right(form, staff, "sign_in"):
        user_login_failed.send(sender=__name__, request=request, credentials={"staff_no": staff.staff_no})
        _record_failure(request, "second_factor")
        return _show(request, form, "code", status=422)
    if acknowledgement_is_over(staff):
        _record_failure(request, "acknowledgement")
        form.add_error(None, "守秘義務の確認の期限を過ぎたため、利用できません。所属長に申し出てください。")
        return _show(request, form, "code", status=422)
    room_check(staff, terminal)
    request.session["pending"] = {**request.session["pending"], "verified_on": terminal.code}
    return _begin(request, staff, terminal.code, takes_over=False)


def _take_over(request: HttpRequest, terminal_code: str) -> HttpResponse:
    """The officer who has given both factors wants the sittings in the way to end."""
    staff = _pending_staff(request)
    if staff is None or request.session["pending"].get("verified_on") != terminal_code:
        return _begin_again(request)
    return _begin(request, staff, terminal_code, takes_over=True)


@transaction.atomic
def _begin(request: HttpRequest, staff: Staff, terminal_code: str, *, takes_over: bool) -> HttpResponse:
    at = int(clock.now().timestamp())
    actor = access_context_of(request, None, staff=staff, terminal=terminal_code)
    try:
        with context.using(actor):
            sitting = sitting_begin(staff, terminal_code, takes_over=takes_over)
    except InUse as in_use:
        values = {"sittings": in_use.sittings, "staff": staff, "next": safe_next(request), "terminal": terminal_code}
        return render(request, "staff/in_use.html", values, status=409)
    login(request, staff, backend=BACKEND)
    request.session.pop("pending", None)
    request.session.update(
        {"signed_in_at": at, "seen_at": at, "step_up_at": at, "terminal": terminal_code, "sitting": str(sitting.pk)}
    )
    return HttpResponseRedirect(_where_to(request, staff))


def _where_to(request: HttpRequest, staff: Staff) -> str:
    """Where a new sitting begins: a due duty first, otherwise where the officer wanted to go."""
    warning_ja = password_warning_ja(staff)
    if warning_ja:
        messages.warning(request, warning_ja)
    if staff.must_change_password:
        return reverse("password")
    if acknowledgement_is_due(staff):
        messages.warning(request, "年1回の守秘義務の確認をしてください。期限を過ぎるとサインインできません。")
        return reverse("acknowledge")
    return safe_next(request)


def _begin_again(request: HttpRequest) -> HttpResponse:
    request.session.flush()
    form = PasswordForm({})
    form.errors.clear()
    form.add_error(None, "時間が過ぎました。職員番号とパスワードからやり直してください。")
    return _show(request, form, "password", status=422)


def _record_failure(request: HttpRequest, reason: str) -> None:
    with context.using(access_context_of(request, None)):
        access_record(action="sign_in", result="denied", reason=reason)


@public_view
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """終了: ends the sitting and tells the browser to forget what it kept."""
    sitting = sitting_of(request.session.get("sitting"))
    if sitting is not None and isinstance(request.user, Staff):
        with context.using(access_context_of(request, None)):
            sitting_end(sitting, Sitting.Ended.SIGNED_OUT)
    logout(request)
    response = redirect("sign-in")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@requires(SELF)
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def step_up(request: HttpRequest) -> HttpResponse:
    """再確認: the second factor once more, good for five minutes."""
    staff: Any = request.user
    factor = second_factor()
    values: dict[str, Any] = {"next": safe_next(request), "prompt_ja": factor.prompt_ja}
    if request.method != "POST":
        factor.begin(staff, "step_up")
        values.update(_key_values(staff, "step_up"))
        return render(request, "staff/step_up.html", {**values, "form": _factor_form()})
    form = _factor_form(request.POST)
    if _answer_is_right(form, staff, "step_up"):
        request.session["step_up_at"] = int(clock.now().timestamp())
        return HttpResponseRedirect(safe_next(request))
    access_record(action="sign_in", result="denied", reason="step_up")
    values.update(_key_values(staff, "step_up"))
    return render(request, "staff/step_up.html", {**values, "form": form}, status=422)

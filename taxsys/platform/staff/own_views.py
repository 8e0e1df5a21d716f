"""自分の設定: the own password, the yearly acknowledgement of the duty of secrecy."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import password_validators_help_texts
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from taxsys.platform.audit.services import access_record
from taxsys.platform.staff import pledges
from taxsys.platform.staff.access import requires
from taxsys.platform.staff.passwords import password_change, password_expires_on
from taxsys.platform.staff.permissions import SELF


class PasswordChangeForm(forms.Form):
    """パスワードの変更の入力."""

    current = forms.CharField(
        label="今のパスワード",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label="新しいパスワード",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="新しいパスワード（もう一度）",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """The two new ones must be the same."""
        values = super().clean() or {}
        if values.get("new") != values.get("again"):
            self.add_error("again", "新しいパスワードが一致しません。同じものを二度入力してください。")
        return values


@requires(SELF)
@sensitive_post_parameters("current", "new", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """パスワードの変更: the current one, then a new one that keeps the rules."""
    staff: Any = request.user
    form = PasswordChangeForm(request.POST or None)
    values = {"form": form, "expires_on": password_expires_on(staff), "rules": password_validators_help_texts()}
    if request.method == "POST" and form.is_valid():
        if not staff.check_password(form.cleaned_data["current"]):
            user_login_failed.send(sender=__name__, request=request, credentials={"staff_no": staff.staff_no})
            access_record(action="sign_in", result="denied", reason="password")
            form.add_error("current", "今のパスワードが正しくありません。")
        else:
            try:
                changed = password_change(staff, new=form.cleaned_data["new"])
            except ValidationError as error:
                form.add_error("new", error)
            else:
                update_session_auth_hash(request, changed)
                access_record(action="update", record_type="password", record_id=staff.staff_no)
                messages.success(request, "パスワードを変更しました。")
                return redirect("home")
    return render(request, "staff/password.html", values, status=422 if request.method == "POST" else 200)


class AcknowledgeForm(forms.Form):
    """守秘義務の確認."""

    agree = forms.BooleanField(
        label="上の内容を確認し、守ることを誓約します",
        error_messages={"required": "内容を確かめて、印を付けてください。"},
    )


@requires(SELF)
@require_http_methods(["GET", "HEAD", "POST"])
def acknowledge(request: HttpRequest) -> HttpResponse:
    """守秘義務・事務外利用禁止の確認 (yearly)."""
    staff: Any = request.user
    form = AcknowledgeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        pledges.acknowledge(staff)
        access_record(action="update", record_type="acknowledgement", record_id=staff.staff_no)
        messages.success(request, "守秘義務の確認を記録しました。")
        return redirect("home")
    values = {
        "form": form,
        "acknowledged_on": staff.acknowledged_on,
        "ends_on": pledges.acknowledgement_ends_on(staff),
        "trained_on": staff.trained_on,
    }
    return render(request, "staff/acknowledge.html", values, status=422 if request.method == "POST" else 200)

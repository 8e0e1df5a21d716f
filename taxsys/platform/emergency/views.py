"""緊急時の権限の画面: begin with a reason, end, and the review by a second person."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.audit.wording import ACTION_JA, RESULT_JA
from taxsys.platform.emergency import errors, services
from taxsys.platform.emergency.models import EmergencyUse
from taxsys.platform.emergency.permissions import REVIEW, USE
from taxsys.platform.emergency.selectors import events_of
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires

EVENTS_A_PAGE = 100


class ReasonForm(forms.Form):
    """緊急の理由."""

    reason = forms.CharField(
        label="緊急の理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="何が起き、なぜ通常の権限では間に合わないかを書いてください。氏名・番号は書かないでください。",
    )


class RemarkForm(forms.Form):
    """点検の結果."""

    remark = forms.CharField(label="点検の結果・措置", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


@requires(USE)
@require_http_methods(["GET", "HEAD", "POST"])
def use(request: HttpRequest) -> HttpResponse:
    """緊急時の権限を使う: one message, one reason, two buttons."""
    staff: Any = request.user
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            begun = services.emergency_begin(
                actor=staff, reason=form.cleaned_data["reason"], terminal_code=request.session["terminal"]
            )
        except errors.EmergencyError as error:
            form.add_error("reason" if isinstance(error, errors.ReasonMissing) else None, error.message_ja)
        else:
            messages.warning(request, f"緊急時の権限を使い始め、{len(begun.told)}人に知らせました。")
            return redirect("home")
    values = {
        "form": form,
        "running": EmergencyUse.objects.filter(staff=staff, ends_at__gt=clock.now()).first(),
        "told": services.reviewers_for(staff),
    }
    return render(request, "emergency/use.html", values, status=422 if request.method == "POST" else 200)


@requires(USE)
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """緊急時の権限を終える."""
    staff: Any = request.user
    services.emergency_end(actor=staff)
    messages.success(request, "緊急時の権限を終えました。別の職員が点検します。")
    return redirect("home")


@requires(REVIEW)
@require_safe
def uses(request: HttpRequest) -> HttpResponse:
    """使用の一覧: newest first, unreviewed ones marked."""
    page = Paginator(EmergencyUse.objects.select_related("staff", "reviewed_by"), 50).get_page(request.GET.get("page"))
    access_record(action="view", record_type="emergency", count=len(page.object_list))
    return render(request, "emergency/uses.html", {"page": page})


@requires(REVIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, use_id: UUID) -> HttpResponse:
    """使用の点検: what was done in the half hour, and the reviewer's finding."""
    actor: Any = request.user
    shown = get_object_or_404(EmergencyUse.objects.select_related("staff", "reviewed_by"), pk=use_id)
    form = RemarkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.emergency_review(shown.pk, actor=actor, remark=form.cleaned_data["remark"])
        except errors.SamePerson as error:
            raise Refused("R403-OWN", error.message_ja, reason="same_person") from error
        except errors.NotOver as error:
            raise Refused("R409", error.message_ja, reason=error.code) from error
        except errors.EmergencyError as error:
            form.add_error("remark", error.message_ja)
        else:
            messages.success(request, "点検を記録しました。")
            return redirect("emergency-uses")
    page = Paginator(events_of(shown), EVENTS_A_PAGE).get_page(request.GET.get("page"))
    access_record(action="view", record_type="emergency", record_id=str(shown.pk), count=len(page.object_list))
    rows = [(event, ACTION_JA[event.action], RESULT_JA[event.result]) for event in page.object_list]
    values = {"form": form, "use": shown, "page": page, "rows": rows, "is_own": shown.person_key == actor.person_key}
    return render(request, "emergency/review.html", values, status=422 if request.method == "POST" else 200)

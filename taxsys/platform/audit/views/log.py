"""アクセス記録の画面: who looked at whom, with which function, when. Searching it is itself recorded."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.audit.permissions import VIEW_LOG
from taxsys.platform.audit.selectors import REASONS_JA, EventFilter, events
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.access import requires
from taxsys.platform.staff.catalogue import catalogue
from taxsys.platform.ui.forms import WarekiDateField

PAGE_SIZE = 50
PAGES_AT_MOST = 200


class FilterForm(forms.Form):
    """検索条件; posted, so that no person's id stands in an address."""

    subject = forms.CharField(label="対象者の識別番号", required=False, max_length=64)
    actor = forms.CharField(label="職員番号・操作者", required=False, max_length=60)
    action = forms.ChoiceField(label="操作", required=False, choices=[("", "すべて"), *AccessEvent.Action.choices])
    result = forms.ChoiceField(label="結果", required=False, choices=[("", "すべて"), *AccessEvent.Result.choices])
    from_on = WarekiDateField(label="日付（から）", required=False)
    to_on = WarekiDateField(label="日付（まで）", required=False)

    def clean(self) -> dict[str, Any]:
        """The period must run forward."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("from_on") and values.get("to_on") and values["from_on"] > values["to_on"]:
            self.add_error("to_on", "「まで」は「から」以後の日を入力してください。")
        return values


@requires(VIEW_LOG)
@require_http_methods(["GET", "HEAD", "POST"])
def log(request: HttpRequest) -> HttpResponse:
    """The log, newest first; the look itself is an event that names the subject looked for."""
    form = FilterForm(request.POST if request.method == "POST" else None)
    if form.is_bound and not form.is_valid():
        return render(request, "audit/log.html", {"form": form, "page": None}, status=422)
    narrow = EventFilter(**form.cleaned_data) if form.is_bound else EventFilter()
    found = events(narrow)[: PAGE_SIZE * PAGES_AT_MOST]
    page = Paginator(found, PAGE_SIZE).get_page(request.POST.get("page"))
    titles = {code: permission.title_ja for code, permission in catalogue().items()}
    rows = [
        {
            "event": event,
            "function_ja": titles.get(event.function_id, event.function_id),
            "reason_ja": REASONS_JA.get(event.reason, event.reason),
        }
        for event in page
    ]
    access_record(
        action="search",
        record_type="access_event",
        subjects=[narrow.subject] if narrow.subject else (),
        count=len(rows),
    )
    return render(request, "audit/log.html", {"form": form, "page": page, "rows": rows})

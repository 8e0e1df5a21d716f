"""変更記録の画面: before and after of master data, of all of it, of one record, or of one party's records."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from taxsys.platform.audit.changes.registering import all_logged, logged_get
from taxsys.platform.audit.changes.selectors import ChangeFilter, changes, entries
from taxsys.platform.audit.changes.watching import unseen_writes
from taxsys.platform.audit.permissions import VIEW_CHANGES
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.access import requires
from taxsys.platform.ui.forms import WarekiDateField

PAGE_SIZE = 50


class ChangeForm(forms.Form):
    """検索条件; posted, so that no person's number stands in an address."""

    kind = forms.ChoiceField(label="記録の種類", required=False)
    record = forms.CharField(label="記録番号", required=False, max_length=64)
    actor = forms.CharField(label="職員番号・操作者", required=False, max_length=60)
    from_on = WarekiDateField(label="日付（から）", required=False)
    to_on = WarekiDateField(label="日付（まで）", required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["kind"]
        field.choices = [("", "すべて"), *sorted((one.label, one.title_ja) for one in all_logged())]

    def clean(self) -> dict[str, Any]:
        """The period must run forward."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("from_on") and values.get("to_on") and values["from_on"] > values["to_on"]:
            self.add_error("to_on", "「まで」は「から」以後の日を入力してください。")
        return values


@requires(VIEW_CHANGES)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change_log(request: HttpRequest) -> HttpResponse:
    """All changes, newest first, and the writes that no entry tells."""
    form = ChangeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and not form.is_valid():
        return render(request, "audit/changes.html", {"form": form, "page": None}, status=422)
    narrow = ChangeFilter(**form.cleaned_data) if form.is_bound else ChangeFilter()
    return _page(request, narrow, {"form": form, "unseen": unseen_writes()}, number=request.POST.get("page"))


@requires(VIEW_CHANGES)
@never_cache
@require_safe
def record_changes(request: HttpRequest, kind: str, record: str) -> HttpResponse:
    """One record's changes; linked from the page of the record."""
    if logged_get(kind) is None:
        raise Http404
    return _page(request, ChangeFilter(kind=kind, record=record), {}, number=request.GET.get("page"))


@requires(VIEW_CHANGES)
@never_cache
@require_safe
def party_changes(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """Changes of all records of a party; linked from the party's history."""
    return _page(request, ChangeFilter(party=str(party_id)), {}, number=request.GET.get("page"))


def _page(request: HttpRequest, narrow: ChangeFilter, values: dict[str, Any], *, number: str | None) -> HttpResponse:
    page = Paginator(entries(narrow), PAGE_SIZE).get_page(number)
    rows = changes(page.object_list)
    access_record(
        action="search",
        record_type="change_log",
        record_id=f"{narrow.kind}:{narrow.record}".strip(":"),
        subjects=sorted({row.party for row in rows if row.party}),
        count=len(rows),
    )
    return render(request, "audit/changes.html", {**values, "page": page, "rows": rows, "narrow": narrow})

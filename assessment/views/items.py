"""要調査事項: relatives claimed twice or earning too much, spouses who disagree, non-filers — worked off with notes."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from addressbook.access import access_shown
from addressbook.models import Party
from assessment.errors import FindingRefused
from assessment.items.models import DeskItem, ItemKind, ItemState
from assessment.items.selectors import counts_by_kind, item_years, items_list
from assessment.items.services import items_reopen, items_settle
from assessment.permissions import EXPORT_ITEMS, SETTLE_FINDING, VIEW_SOURCES
from assessment.views.people import officer_names
from assessment.yearend.working import working_year
from taxsys.platform.audit.services import access_record
from taxsys.platform.files.payloads.spreadsheet import table_csv
from taxsys.platform.staff.access import has_permission, requires
from taxsys.platform.ui.documents import file_given

PAGE_SIZE = 100
HEADINGS = (
    "課税年度",
    "種別",
    "宛名番号",
    "氏名",
    "カナ",
    "生年月日",
    "内容",
    "状態",
    "処理の内容",
    "処理者",
    "処理日",
)
LEVELS = {ItemState.OPEN: "caution", ItemState.DONE: "done", ItemState.GONE: "neutral"}


class NoteForm(forms.Form):
    """処理の入力."""

    note = forms.CharField(
        label="処理の内容", max_length=200, help_text="誰に何を確かめ、どうしたかを書きます。",
        error_messages={"required": "処理の内容を入力してください。"},
    )  # fmt: skip


def _asked(values: Any) -> dict[str, Any]:
    """Year, kind and state asked for."""
    years = item_years()
    typed = str(values.get("year", ""))
    year = int(typed) if typed.isascii() and typed.isdecimal() and int(typed[:5]) in years else None
    kind, state = str(values.get("kind", "")), str(values.get("state", ItemState.OPEN))
    return {
        "year": year or (years[0] if years else working_year()),
        "kind": kind if kind in ItemKind.values else "",
        "state": state if state in ItemState.values else "",
    }


def _values(request: HttpRequest, asked: dict[str, Any]) -> dict[str, Any]:
    rows = items_list(tax_year=asked["year"], kind=asked["kind"], state=asked["state"])
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    found: list[DeskItem] = list(page.object_list)
    parties = Party.objects.in_bulk({other for one in found for other in one.others})
    shown = {one.party_id for one in found} | set(parties)
    access_shown(sorted(shown), action="view", record_type="assessment.item")
    names = officer_names(one.settled_by for one in found)
    counts = counts_by_kind(asked["year"])
    return {
        **asked,
        "asked": urlencode(asked),
        "page": page,
        "rows": [
            {
                "item": one,
                "level": LEVELS[ItemState(one.state)],
                "others": [parties[other] for other in one.others if other in parties],
                "officer": names.get(one.settled_by, one.settled_by),
            }
            for one in found
        ],
        "counts": [(kind.label, counts[kind.value]) for kind in ItemKind],
        "years": item_years(),
        "kinds": ItemKind.choices,
        "states": ItemState.choices,
        "may_settle": has_permission(request.user, SETTLE_FINDING),
        "may_export": has_permission(request.user, EXPORT_ITEMS),
        "here": "items",
    }


@requires(VIEW_SOURCES)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """要調査事項の一覧."""
    return render(request, "assessment/items.html", {**_values(request, _asked(request.GET)), "form": NoteForm()})


@requires(SETTLE_FINDING)
@require_POST
def settle(request: HttpRequest) -> HttpResponse:
    """処理済にする, or back: with the note, all that were chosen or none."""
    staff: Any = request.user
    asked = _asked(request.POST)
    form = NoteForm(request.POST)
    chosen = [int(one) for one in request.POST.getlist("items") if one.isascii() and one.isdecimal() and len(one) < 19]
    act = items_reopen if request.POST.get("act") == "reopen" else items_settle
    if form.is_valid():
        try:
            done = act(chosen, note=form.cleaned_data["note"], actor=staff)
        except FindingRefused as error:
            form.add_error(error.field if error.field in form.fields else None, error.message_ja)
        else:
            subjects: set[UUID] = {one.party_id for one in done}
            access_record(action="update", subjects=sorted(map(str, subjects)), record_type="assessment.item",
                          count=len(done), tax_year=asked["year"])  # fmt: skip
            words = "未処理に戻しました" if act is items_reopen else "処理済にしました"
            messages.success(request, f"{len(done):,}件を{words}。")
            return redirect(f"{reverse('assessment-items')}?{urlencode(asked)}")
    return render(request, "assessment/items.html", {**_values(request, asked), "form": form}, status=422)


@requires(EXPORT_ITEMS)
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """CSV of the list as asked for: who and what, no address and no number."""
    asked = _asked(request.GET)
    rows = list(items_list(tax_year=asked["year"], kind=asked["kind"], state=asked["state"]))
    access_shown(sorted({one.party_id for one in rows}), action="export", record_type="assessment.item")
    cells = [
        (
            one.tax_year, one.get_kind_display(), one.party.person_no, one.party.name, one.party.name_kana,
            one.party.birth_on, one.message_ja, one.get_state_display(), one.note, one.settled_by,
            f"{one.settled_at:%Y-%m-%d}" if one.settled_at else "",
        )
        for one in rows
    ]  # fmt: skip
    return file_given(table_csv(HEADINGS, cells), f"items-{asked['year']}.csv", "text/csv; charset=utf-8")

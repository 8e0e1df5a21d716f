"""個人番号の確認待ち: the work list of numbers that were not stored, and the act of settling one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from addressbook.access import access_shown
from addressbook.codes import NumberTaskKind
from addressbook.disclosure import names_for
from addressbook.errors import NumberTaskClosed
from addressbook.models import NumberFile, NumberTask
from addressbook.number_codes import NumberTaskOutcome
from addressbook.number_forms import TaskForm
from addressbook.permissions import REGISTER_NUMBER, VIEW_NUMBER_STATE
from addressbook.selectors.number_tasks import tasks_listed
from addressbook.services.number_tasks import task_settle
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import has_permission, requires

OUTPUT = "addressbook.number_tasks"
PAGE_SIZE = 50
WHAT_TO_DO_JA = {
    NumberTaskKind.BAD_CHECK_DIGIT: "書かれた番号は取り込んでいません。資料は番号なしで突合されています。"
    "送付元に番号を確認し、正しい番号が分かったら「個人番号」タブから登録してください。",
    NumberTaskKind.COLLISION: "番号は、別の宛名に登録済みです。"
    "同一人なら名寄せを、別人なら番号の書き間違いを確かめてください。",
    NumberTaskKind.DIFFERENT_NUMBER: "この宛名には、別の番号が登録済みです。"
    "番号の変更か、資料の番号の誤りかを確かめてください。変更なら「個人番号」タブから変更を登録してください。",
    NumberTaskKind.BEFORE_ACQUISITION: "取得日が番号制度の開始（平成27年10月5日）より前です。"
    "移行データの取得日を確かめてください。",
}


@requires(VIEW_NUMBER_STATE)
@require_safe
def number_tasks(request: HttpRequest) -> HttpResponse:
    """一覧: open ones oldest first, or settled ones newest first; filtered by kind."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in NumberTaskKind.values else ""
    is_closed = request.GET.get("state") == "closed"
    page = Paginator(tasks_listed(kind=kind, is_closed=is_closed), PAGE_SIZE).get_page(request.GET.get("page"))
    values = {
        "page": page,
        "rows": _rows(page.object_list),
        "kind": kind,
        "kinds": NumberTaskKind.choices,
        "is_closed": is_closed,
        "may_settle": has_permission(request.user, REGISTER_NUMBER),
    }
    return render(request, "addressbook/number_tasks.html", values)


@requires(REGISTER_NUMBER)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def number_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """One task: who is meant, what to do, and the form that settles it."""
    task = NumberTask.objects.select_related("party", "other_party").filter(pk=task_id).first()
    if task is None:
        raise Refused("R404", reason="not_found")
    form = TaskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        outcome = NumberTaskOutcome(form.cleaned_data["outcome"])
        reason, staff = form.cleaned_data["reason"], request.user
        try:
            task_settle(task.pk, outcome=outcome, reason=reason, staff=staff)  # type: ignore[arg-type]
        except NumberTaskClosed as error:
            raise Refused("R409", error.message_ja, reason=error.code) from error
        messages.success(request, "処理済みにしました。")
        return redirect("number-tasks")
    values = {"row": _rows([task])[0], "form": form, "what_to_do_ja": WHAT_TO_DO_JA[NumberTaskKind(task.kind)]}
    return render(request, "addressbook/number_task.html", values, status=422 if request.method == "POST" else 200)


def _rows(tasks: Iterable[NumberTask]) -> list[dict[str, Any]]:
    """Tasks in words, with the names of both sides and the file they came from; one event for all who are shown."""
    tasks = list(tasks)
    ids = sorted({one for task in tasks for one in (task.party_id, task.other_party_id) if one})
    names = names_for(ids, output=OUTPUT)
    files = _files(tasks)
    access_shown(ids, action="view", record_type="number_task")
    return [
        {
            "task": task,
            "kind_ja": NumberTaskKind(task.kind).label,
            "outcome_ja": NumberTaskOutcome(task.outcome).label if task.outcome else "",
            "name": names.get(task.party_id, "") if task.party_id else "",
            "other_name": names.get(task.other_party_id, "") if task.other_party_id else "",
            "file": files.get(task.source),
        }
        for task in tasks
    ]


def _files(tasks: Sequence[NumberTask]) -> Mapping[str, NumberFile]:
    """Source as written in the task (format:file) → the file, where it is one that brought numbers."""
    wanted: dict[UUID, str] = {}
    for task in tasks:
        _, _, text = task.source.partition(":")
        try:
            wanted[UUID(text)] = task.source
        except ValueError:
            continue
    found = NumberFile.objects.select_related("file").in_bulk(list(wanted))
    return {wanted[file_id]: entry for file_id, entry in found.items()}

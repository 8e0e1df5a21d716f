"""印刷物の画面: packages from making to posting, one piece as it is printed, and the acts between.

Lists carry numbers only; a name or an address stands nowhere but in the piece itself, which is shown inline, never
cached, and with an access event that names its people. Mass printing never starts here: that is a job and its release.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms as django_forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from taxsys.platform.audit.services import access_record
from taxsys.platform.jobs.errors import JobError, JobForbidden
from taxsys.platform.jobs.services import job_release
from taxsys.platform.printing import cutting, selectors, services, store
from taxsys.platform.printing.errors import PrintingError
from taxsys.platform.printing.forms import HandOverForm, MailForm, PullForm, RecallForm
from taxsys.platform.printing.models import Batch, PackageState, PrintItem, PrintPackage
from taxsys.platform.printing.permissions import HANDLE, PREVIEW, RECALL, RELEASE, VIEW
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import has_permission, requires
from taxsys.platform.ui.documents import file_given, pdf_shown

PAGE_SIZE = 50
T = TypeVar("T")
REVEAL_PROTECTED = "addressbook.reveal_protected"
LEVELS = {
    PackageState.PLANNED: "info",
    PackageState.BUILT: "caution",
    PackageState.RELEASED: "info",
    PackageState.HANDED_OVER: "info",
    PackageState.MAILED: "done",
    PackageState.RECALLED: "danger",
}
_PULLABLE = {PackageState.BUILT, PackageState.RELEASED, PackageState.HANDED_OVER}
_MAILABLE = {PackageState.RELEASED, PackageState.HANDED_OVER}


@requires(VIEW)
@never_cache
@require_safe
def packages(request: HttpRequest) -> HttpResponse:
    """印刷物の一覧."""
    page = Paginator(selectors.packages_recent(), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [{"package": one, "level": LEVELS[PackageState(one.state)]} for one in page]
    access_record(action="view", record_type="printing.printpackage", count=len(rows))
    return render(request, "printing/packages.html", {"page": page, "rows": rows})


@requires(VIEW)
@never_cache
@require_safe
def package_page(request: HttpRequest, package_id: int) -> HttpResponse:
    """一つの組: parts with their hashes, checks, pieces looked for, and what may be done next."""
    package = get_object_or_404(PrintPackage, pk=package_id)
    asked = request.GET.get("number", "")[:60]
    found = selectors.pieces_found(package, asked) if asked else []
    access_record(
        action="search" if asked else "view",
        subjects=sorted({s.subject_key for item in found for s in item.subjects.all()}),
        record_type="printing.printpackage",
        record_id=str(package.pk),
    )
    return render(request, "printing/package.html", _values(request, package, asked=asked, found=found))


def _values(
    request: HttpRequest,
    package: PrintPackage,
    *,
    asked: str = "",
    found: list[PrintItem] | None = None,
    bound: django_forms.Form | None = None,
) -> dict[str, Any]:
    user, state = request.user, PackageState(package.state)
    may = has_permission(user, HANDLE)
    run = selectors.run_of(package)

    def form(kind: type[django_forms.Form], allowed: bool) -> django_forms.Form | None:
        if not allowed:
            return None
        return bound if isinstance(bound, kind) else kind()

    return {
        "package": package,
        "level": LEVELS[state],
        "parts": list(package.parts.order_by("part_no")),
        "batches": selectors.bulk_counts(package),
        "pulled": selectors.pieces_pulled(package),
        "run": run,
        "gates": selectors.gates_of(package),
        "asked": asked,
        "found": found or [],
        "may_preview": has_permission(user, PREVIEW),
        "may_pull": may and state in _PULLABLE,
        "may_take": may and state not in {PackageState.PLANNED},
        "may_release": has_permission(user, RELEASE) and state == PackageState.BUILT,
        "hand_over": form(HandOverForm, may and state == PackageState.RELEASED),
        "mail": form(MailForm, may and state in _MAILABLE),
        "recall": form(RecallForm, has_permission(user, RECALL) and state != PackageState.RECALLED),
        "form": bound,
    }


@requires(PREVIEW)
@never_cache
@require_safe
def piece(request: HttpRequest, package_id: int, item_id: int) -> HttpResponse:
    """一通のプレビュー: the very pages that are printed, inline; pieces about protected people need their own right."""
    item = get_object_or_404(PrintItem.objects.select_related("package"), pk=item_id, package_id=package_id)
    subjects = sorted(item.subjects.values_list("subject_key", flat=True)) or [item.person_no]
    if item.is_protected and not has_permission(request.user, REVEAL_PROTECTED):
        raise Refused("R403", "支援措置の対象者が載る通知です。表示する権限がありません。", reason="protected_piece")
    content = _kept(lambda: cutting.piece_pdf(item))
    access_record(
        action="view",
        subjects=subjects,
        record_type="printing.printitem",
        record_id=f"{item.package_id}:{item.item_key}",
        reason="protected_address" if item.is_protected else "",
    )
    return pdf_inline(content, f"{item.batch}-{item.seq:06d}.pdf")


def pdf_inline(content: bytes, name: str) -> HttpResponse:
    """PDFを画面に出す (shown in the browser, kept by nobody)."""
    return pdf_shown(content, name)


@requires(HANDLE)
@require_safe
def count_sheet(request: HttpRequest, package_id: int) -> HttpResponse:
    """件数表 (PDF) for the handing over."""
    package = get_object_or_404(PrintPackage, pk=package_id)
    if package.state == PackageState.PLANNED:
        raise Refused("R409", "この組はまだ作成されていません。", reason="not_built")
    path = store.root() / store.folder_name(package) / "count_sheet.pdf"
    if not path.is_file():
        raise Refused("R409", "件数表のファイルがありません。この組を作り直してください。", reason="no_file")
    access_record(action="export", record_type="printing.printpackage", record_id=str(package.pk))
    return pdf_inline(path.read_bytes(), f"count-sheet-{package.pk}.pdf")


@requires(HANDLE)
@require_safe
def pull_outs(request: HttpRequest, package_id: int) -> HttpResponse:
    """引抜きリスト (CSV)."""
    package = get_object_or_404(PrintPackage, pk=package_id)
    content = services.pull_out_list(package)
    access_record(action="export", record_type="printing.printpackage", record_id=str(package.pk))
    return file_given(content, f"pull-out-{package.pk}.csv", "text/csv; charset=utf-8")


@requires(RELEASE)
@require_POST
def release(request: HttpRequest, package_id: int) -> HttpResponse:
    """発送承認 by a second person: the release of the run that made the package, with all its checks green."""
    package = get_object_or_404(PrintPackage, pk=package_id)
    staff: Any = request.user
    if package.built_by == staff.staff_no:
        raise Refused(
            "R403-OWN", "作成者本人は発送を承認できません。別の職員が承認してください。", reason="own_package"
        )
    if package.job_run_id and selectors.is_released_by_job(package):
        try:
            job_release(package.job_run_id, staff)
        except JobError as error:
            code = "R403-OWN" if isinstance(error, JobForbidden) and error.code == "J-SAME" else "R409"
            raise Refused(code, error.message_ja, reason=error.code) from error
        messages.success(request, "発送を承認しました。出力の解放が終わると「発送承認済」になります。")
    else:
        _kept(lambda: services.package_release(package.pk, actor=staff.staff_no))
        messages.success(request, "発送を承認しました。")
    access_record(action="update", record_type="printing.printpackage", record_id=str(package.pk), reason="発送承認")
    return redirect("printing-package", package_id=package.pk)


@requires(HANDLE)
@require_POST
def pull(request: HttpRequest, package_id: int) -> HttpResponse:
    """一通を引き抜く."""
    staff: Any = request.user

    def act(form: django_forms.Form) -> str:
        given = form.cleaned_data
        item = services.item_pull(package_id, given["item_key"], actor=staff.staff_no, reason=given["reason"])
        return f"{Batch(item.batch).label} {item.seq}番を引き抜きました。引抜きリストに載っています。"

    return _done(request, package_id, PullForm(request.POST), act)


@requires(HANDLE)
@require_POST
def hand_over(request: HttpRequest, package_id: int) -> HttpResponse:
    """委託先へ引き渡す: refused unless the counted pieces are those of the count sheet."""

    def act(form: django_forms.Form) -> str:
        given = form.cleaned_data
        services.package_hand_over(package_id, to=given["to"], bulk_pieces=given["bulk_pieces"])
        return f"{given['to']}への引渡しを記録しました。"

    return _done(request, package_id, HandOverForm(request.POST), act)


@requires(HANDLE)
@require_POST
def mail(request: HttpRequest, package_id: int) -> HttpResponse:
    """発送を記録する: refused unless made = posted + pulled + spoiled."""

    def act(form: django_forms.Form) -> str:
        services.package_mail(package_id, **form.cleaned_data)
        return "発送日を記録しました。"

    return _done(request, package_id, MailForm(request.POST), act)


@requires(RECALL)
@require_POST
def recall(request: HttpRequest, package_id: int) -> HttpResponse:
    """組を回収する; the next edition may follow."""
    staff: Any = request.user

    def act(form: django_forms.Form) -> str:
        services.package_recall(package_id, actor=staff.staff_no, reason=form.cleaned_data["reason"])
        return "組を回収しました。作り直すと、次の版になります。"

    return _done(request, package_id, RecallForm(request.POST), act)


def _done(
    request: HttpRequest, package_id: int, form: django_forms.Form, act: Callable[[django_forms.Form], str]
) -> HttpResponse:
    """The act of a valid form, or the page again with what is wrong; counts that disagree stay with the form."""
    package = get_object_or_404(PrintPackage, pk=package_id)
    if form.is_valid():
        try:
            told = act(form)
        except PrintingError as error:
            form.add_error(None, error.message_ja)
        else:
            messages.success(request, told)
            return redirect("printing-package", package_id=package_id)
    return render(request, "printing/package.html", _values(request, package, bound=form), status=422)


def _kept(read: Callable[[], T]) -> T:
    """What a stored file answers, or the house's refusal when it is gone, changed, or the act is not allowed."""
    try:
        return read()
    except PrintingError as error:
        raise Refused("R409", error.message_ja, reason=error.code) from error

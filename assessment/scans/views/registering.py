"""紙の画像の登録と遮蔽: on number-use terminals, because until it is masked the number stands on the paper (R-066)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from addressbook.card import card_context
from addressbook.views.numbers import number_terminal
from assessment.permissions import REGISTER_SCANS
from assessment.scans.errors import ScanRefused
from assessment.scans.forms import MaskForm, RegisterForm, WithdrawForm
from assessment.scans.models import ScannedPaper, ScanState
from assessment.scans.openings import MASKED_SECONDS, is_open, open_pages
from assessment.scans.selectors import owner_of
from assessment.scans.services import (
    PaperFacts,
    document_owner,
    original_page,
    page_bytes,
    scan_mask,
    scan_mask_more,
    scan_register,
    scan_withdraw,
)
from assessment.scans.views.doors import page_values, picture, protected_check, scan_found, stored_faults, subjects_of
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires
from taxsys.platform.ui.subject_token import subject_check, subject_token

METHODS = ["GET", "HEAD", "POST"]
_MASKABLE = (ScanState.WAITING, ScanState.READY)


@requires(REGISTER_SCANS)
@never_cache
@require_http_methods(METHODS)
def register_for_party(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """画像を登録する with a party."""
    number_terminal(request)
    values = card_context(request, party_id, "scans")
    return _registered(request, values, owner={"party_id": values["party"].id}, subject=str(values["party"].id))


@requires(REGISTER_SCANS)
@never_cache
@require_http_methods(METHODS)
def register_for_document(request: HttpRequest, document_id: int) -> HttpResponse:
    """画像を登録する with a source document, matched or not."""
    number_terminal(request)
    document = document_owner(document_id)
    if document is None:
        raise Refused("R404", reason="not_found")
    values = card_context(request, document.party_id, "scans") if document.party_id else {}
    values["document"] = document
    return _registered(request, values, owner={"document_id": document.pk}, subject=f"document:{document.pk}")


def _registered(request: HttpRequest, values: dict[str, Any], *, owner: dict[str, Any], subject: str) -> HttpResponse:
    staff: Any = request.user
    form = RegisterForm(request.POST, request.FILES) if request.method == "POST" else RegisterForm()
    if form.is_bound:
        subject_check(request, form="scan-new", subject=subject, version="")
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        facts = PaperFacts(
            kind=given["kind"], arrived_on=given["arrived_on"], reception_no=given["reception_no"].strip(), **owner
        )
        try:
            made = scan_register(given["file"].read(), facts, actor=staff)
        except ScanRefused as error:
            form.add_error(error.field or None, error.message_ja)
        else:
            messages.success(request, "画像を保管しました。個人番号の範囲を囲んでください。")
            return redirect("scan-mask" if made.state == ScanState.WAITING else "scan", scan_id=made.pk)
    token = subject_token(request, form="scan-new", subject=subject, version="")
    return render(
        request, "scans/new.html", {**values, "form": form, "token": token}, status=422 if form.errors else 200
    )


@requires(REGISTER_SCANS)
@never_cache
@require_http_methods(METHODS)
def mask(request: HttpRequest, scan_id: UUID) -> HttpResponse:
    """遮蔽: the pages as they came with the areas to black out; later only more areas on the masked pages."""
    number_terminal(request)
    found = scan_found(scan_id, states=_MASKABLE)
    protected_check(request, found)
    is_more = found.state == ScanState.READY
    form = MaskForm(request.POST or None, pages=found.page_count, is_more=is_more)
    version = f"{found.state}:{found.masked_at or ''}"
    if request.method == "POST":
        subject_check(request, form="scan-mask", subject=str(found.pk), version=version)
        if form.is_valid() and _masked(request, found, form, is_more=is_more):
            return redirect("scan", scan_id=found.pk)
    _record_masking(found)
    open_pages(request, found.pk, "masked", seconds=MASKED_SECONDS)
    values = page_values(request, found) | {
        "form": form,
        "is_more": is_more,
        "pages": [{**one, "url": reverse("scan-mask-page", args=[found.pk, one["no"]])} for one in form.page_fields()],
        "token": subject_token(request, form="scan-mask", subject=str(found.pk), version=version),
        "withdraw_form": WithdrawForm(),
    }
    return render(request, "scans/mask.html", values, status=422 if form.errors else 200)


def _masked(request: HttpRequest, found: ScannedPaper, form: MaskForm, *, is_more: bool) -> bool:
    staff: Any = request.user
    try:
        with stored_faults(found):
            (scan_mask_more if is_more else scan_mask)(found.pk, form.masks(), actor=staff)
    except ScanRefused as error:
        form.add_error(None, error.message_ja)
        return False
    messages.success(request, "遮蔽しました。表示して、番号が残っていないことを確かめてください。")
    return True


@requires(REGISTER_SCANS)
@never_cache
@require_safe
def mask_page(request: HttpRequest, scan_id: UUID, page_no: int) -> HttpResponse:
    """一頁 to draw areas on: as it came while it waits, masked afterwards; only from the page of masking."""
    number_terminal(request)
    found = scan_found(scan_id, states=_MASKABLE)
    protected_check(request, found)
    if not is_open(request, found.pk, "masked"):
        raise Refused("R403", "遮蔽の画面から開いてください。", reason="purpose")
    with stored_faults(found):
        if found.state == ScanState.WAITING:
            content = original_page(found, page_no)
        else:
            kept = found.pages.filter(page_no=page_no).first()
            content = page_bytes(kept) if kept else None
    if content is None:
        raise Refused("R404", reason="not_found")
    access_record(
        action="view", subjects=subjects_of(found), record_type="scan.page", record_id=f"{found.pk}/{page_no}",
        reason="masking",
    )  # fmt: skip
    return picture(content)


@requires(REGISTER_SCANS)
@require_POST
def withdraw(request: HttpRequest, scan_id: UUID) -> HttpResponse:
    """画像を取り消す."""
    staff: Any = request.user
    found = scan_found(scan_id, states=_MASKABLE)
    owner = owner_of(found)
    try:
        scan_withdraw(found.pk, reason=request.POST.get("reason", "")[:200], actor=staff)
    except ScanRefused as error:
        raise Refused("R422", error.message_ja, reason=error.code) from error
    messages.success(request, "画像を取り消しました。")
    return redirect("party-scans", party_id=owner) if owner else redirect("scans")


def _record_masking(found: ScannedPaper) -> None:
    access_record(
        action="view", subjects=subjects_of(found), record_type="scan", record_id=str(found.pk), reason="masking",
        count=found.page_count,
    )  # fmt: skip

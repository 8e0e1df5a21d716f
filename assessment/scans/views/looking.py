"""紙の画像を見る: lists without pictures, the masked pages for a stated purpose, the original for the few (R-066)."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from addressbook.access import access_shown
from addressbook.card import card_context
from addressbook.codes import NumberPurpose
from addressbook.permissions import REVEAL_NUMBER
from addressbook.views.numbers import number_terminal, vault_faults
from assessment.permissions import REGISTER_SCANS, VIEW_SCANS
from assessment.scans.forms import ListFilter, OpenForm, RevealForm
from assessment.scans.models import ScanPurpose, ScanState
from assessment.scans.openings import MASKED_SECONDS, is_open, open_pages
from assessment.scans.selectors import scans_listed, scans_of_party
from assessment.scans.services import original_page, original_reveal, page_bytes
from assessment.scans.views.doors import (
    may_see_sources,
    page_values,
    picture,
    protected_check,
    rows_of,
    scan_found,
    stored_faults,
    subjects_of,
)
from taxsys.platform.audit import context
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import has_permission, requires

METHODS = ["GET", "HEAD", "POST"]
PAGE_SIZE = 50


@requires(VIEW_SCANS)
@require_safe
def party_tab(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """画像タブ: every paper of the party, newest first; no picture."""
    values = card_context(request, party_id, "scans")
    page = Paginator(scans_of_party(values["party"].id), PAGE_SIZE).get_page(request.GET.get("page"))
    values |= {"page": page, "rows": rows_of(list(page), request.user)}
    values["may_register"] = has_permission(request.user, REGISTER_SCANS)
    values["may_see_sources"] = may_see_sources(request.user)
    return render(request, "scans/party.html", values)


@requires(VIEW_SCANS)
@never_cache
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """紙の画像の一覧: by state and 受付番号; the owner stands by number only."""
    form = ListFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = scans_listed(state=chosen.get("state", ""), reception_no=chosen.get("reception_no", ""))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = rows_of(list(page), request.user)
    access_shown([row["party"].pk for row in rows if row["party"]], action="view", record_type="scan")
    values = {"form": form, "page": page, "rows": rows, "may_register": has_permission(request.user, REGISTER_SCANS)}
    return render(request, "scans/list.html", {**values, "may_see_sources": may_see_sources(request.user)})


@requires(VIEW_SCANS)
@never_cache
@require_http_methods(METHODS)
def scan(request: HttpRequest, scan_id: UUID) -> HttpResponse:
    """画像一件: asks for the purpose; with it, the masked pages, recorded with that purpose."""
    found = scan_found(scan_id, states=(ScanState.READY,))
    reason = protected_check(request, found)
    values = page_values(request, found)
    form = OpenForm(request.POST or None)
    values |= {"form": form, "may_reveal": found.bears_number and has_permission(request.user, REVEAL_NUMBER)}
    values |= {"may_register": has_permission(request.user, REGISTER_SCANS)}
    if request.method != "POST" or not form.is_valid():
        return render(request, "scans/scan.html", values, status=422 if request.method == "POST" else 200)
    _record_opening(found, ScanPurpose(form.cleaned_data["purpose"]).label, reason)
    open_pages(request, found.pk, "masked", seconds=MASKED_SECONDS)
    values["pages"] = [{"no": one, "url": reverse("scan-page", args=[found.pk, one])} for one in _numbers(found)]
    return render(request, "scans/scan.html", values)


@requires(VIEW_SCANS)
@never_cache
@require_safe
def page(request: HttpRequest, scan_id: UUID, page_no: int) -> HttpResponse:
    """一頁 (masked), only after a purpose was stated for this paper in this sitting."""
    found = scan_found(scan_id, states=(ScanState.READY,))
    reason = protected_check(request, found)
    _opened_check(is_open(request, found.pk, "masked"))
    one = found.pages.filter(page_no=page_no).first()
    if one is None:
        raise Refused("R404", reason="not_found")
    access_record(
        action="view", subjects=subjects_of(found), record_type="scan.page", record_id=f"{found.pk}/{page_no}",
        reason=reason,
    )  # fmt: skip
    with stored_faults(found):
        return picture(page_bytes(one))


@requires(REVEAL_NUMBER)
@never_cache
@require_http_methods(METHODS)
def reveal(request: HttpRequest, scan_id: UUID) -> HttpResponse:
    """原本の表示: asks for the purpose; with it, the pages as they came, for thirty seconds, counted like a number."""
    number_terminal(request)
    found = scan_found(scan_id, states=(ScanState.READY,))
    if not found.bears_number:
        raise Refused("R404", "この画像に個人番号の記載はありません。", reason="not_found")
    protected_check(request, found)
    values = page_values(request, found)
    form = RevealForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "scans/reveal.html", {**values, "form": form}, status=status)
    staff: Any = request.user
    with vault_faults():
        original_reveal(found, staff=staff, purpose=NumberPurpose(form.cleaned_data["purpose"]))
    seconds = settings.TAXSYS_REVEAL_SECONDS
    open_pages(request, found.pk, "original", seconds=seconds)
    after = reverse("scan", args=[found.pk])
    pages = [{"no": one, "url": reverse("scan-reveal-page", args=[found.pk, one])} for one in _numbers(found)]
    response = render(
        request, "scans/revealed.html", {**values, "pages": pages, "shown": {"seconds": seconds, "after": after}}
    )
    # Without JavaScript the page leaves by itself all the same.
    response["Refresh"] = f"{seconds}; url={after}"
    return response


@requires(REVEAL_NUMBER)
@never_cache
@require_safe
def original(request: HttpRequest, scan_id: UUID, page_no: int) -> HttpResponse:
    """一頁 of the original, within the seconds after its purpose was stated in this sitting."""
    number_terminal(request)
    found = scan_found(scan_id, states=(ScanState.READY,))
    reason = protected_check(request, found)
    _opened_check(is_open(request, found.pk, "original"))
    with stored_faults(found):
        content = original_page(found, page_no)
    if content is None:
        raise Refused("R404", reason="not_found")
    access_record(
        action="view", subjects=subjects_of(found), record_type="scan.original", record_id=f"{found.pk}/{page_no}",
        reason=reason,
    )  # fmt: skip
    return picture(content)


def _numbers(found: Any) -> range:
    return range(1, found.page_count + 1)


def _opened_check(is_open_now: bool) -> None:
    if not is_open_now:
        raise Refused("R403", "画像は、目的を選んで開き直してください。", reason="purpose")


def _record_opening(found: Any, purpose: str, reason: str) -> None:
    with context.using(replace(context.current(), purpose=purpose)):
        access_record(
            action="view", subjects=subjects_of(found), record_type="scan", record_id=str(found.pk),
            reason=reason, count=found.page_count,
        )  # fmt: skip

"""課税資料: papers of a party, of a received file, and one paper as it was read with the evidence of its matching."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from addressbook.access import access_shown
from addressbook.card import card_context
from addressbook.disclosure import HIDDEN_TEXT, hidden_among
from assessment.errors import DocumentNotFound, PlacementRefused
from assessment.models import SourceDocument, SourceState
from assessment.permissions import PLACE_SOURCES, VIEW_SOURCES
from assessment.sources import selectors
from assessment.sources.placements import Place, document_place
from assessment.views.document_page import STATE_LEVELS, document_values
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires

PAGE_SIZE = 100


def rows_of(documents: Sequence[SourceDocument]) -> list[dict[str, Any]]:
    """Rows of a list of papers: badge of the state, payer (hidden for protected persons and for papers whose person is
    not known yet), why one did not count."""
    bound = {one.party_id for one in documents if one.party_id}
    hidden = hidden_among(sorted(bound), clock.today()) if bound else set()
    reasons = selectors.exclusions_of([one.pk for one in documents]) | selectors.state_reasons(documents)
    return [
        {
            "document": one,
            "level": STATE_LEVELS[SourceState(one.state)],
            "payer": _payer(one, is_shown=one.party_id in bound - hidden),
            "excluded_ja": reasons.get(one.pk, ""),
        }
        for one in documents
    ]


def _payer(document: SourceDocument, *, is_shown: bool) -> str:
    if document.withholder is None:
        return ""
    return document.withholder.name if is_shown else HIDDEN_TEXT


@requires(VIEW_SOURCES)
@require_safe
def party_tab(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """資料タブ: every paper bound to the party, newest year first."""
    values = card_context(request, party_id, "documents")
    documents = list(selectors.documents_of_party(values["party"].id))
    values["rows"] = rows_of(documents)
    return render(request, "assessment/party_documents.html", values)


@requires(VIEW_SOURCES)
@require_safe
def files(request: HttpRequest) -> HttpResponse:
    """受領ファイル別: files that brought papers, with counts; no person."""
    rows = selectors.document_files()
    access_record(action="view", record_type="assessment.file", count=len(rows))
    return render(request, "assessment/files.html", {"rows": rows, "here": "files"})


@requires(VIEW_SOURCES)
@require_safe
def file_documents(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """The papers of one file, in the order of its lines."""
    received = get_object_or_404(ReceivedFile, pk=file_id)
    page = Paginator(selectors.documents_of_file(received.pk), PAGE_SIZE).get_page(request.GET.get("page"))
    documents: list[SourceDocument] = list(page.object_list)
    if not documents:
        raise Http404
    access_shown([one.party_id for one in documents if one.party_id], action="view", record_type="assessment.document")
    values = {"file": received, "page": page, "rows": rows_of(documents), "here": "files"}
    return render(request, "assessment/file_documents.html", values)


@requires(VIEW_SOURCES)
@require_safe
def document(request: HttpRequest, document_id: int) -> HttpResponse:
    """資料一件: as read (the paper's own order and words, no number), its binding and evidence, what can be done."""
    found = selectors.document_get(document_id)
    if found is None:
        raise Http404
    return render(request, "assessment/document.html", document_values(request, found))


@requires(PLACE_SOURCES)
@require_POST
def place(request: HttpRequest, document_id: int) -> HttpResponse:
    """紙の保管場所を記録する (R-187)."""
    staff: Any = request.user
    wanted = Place(request.POST.get("place", "")[:100], request.POST.get("is_locked") == "yes")
    try:
        made = document_place(document_id, wanted, actor=staff)
    except DocumentNotFound as error:
        raise Http404 from error
    except PlacementRefused as error:
        raise Refused("R422", error.message_ja, reason=error.code) from error
    subjects = [str(made.document.party_id)] if made.document.party_id else []
    access_record(action="update", subjects=subjects, record_type="assessment.placement", record_id=str(document_id))
    messages.success(request, "保管場所を記録しました。")
    return redirect("assessment-document", document_id=document_id)

"""消去証明書の画面と印刷."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from taxsys.platform.audit.services import access_record
from taxsys.platform.retention.models import ErasureCertificate
from taxsys.platform.retention.paper import certificate_pdf, fact_rows
from taxsys.platform.retention.permissions import VIEW
from taxsys.platform.staff.access import requires
from taxsys.platform.ui.documents import pdf_shown

PAGE_SIZE = 50


@requires(VIEW)
@never_cache
@require_safe
def certificates(request: HttpRequest) -> HttpResponse:
    """消去証明書の登録簿, newest first."""
    page = Paginator(ErasureCertificate.objects.all(), PAGE_SIZE).get_page(request.GET.get("page"))
    access_record(action="view", record_type="erasure_certificate", count=len(page))
    rows = [{"certificate": one, "what": what_ja(one)} for one in page]
    return render(request, "retention/certificates.html", {"page": page, "rows": rows})


def what_ja(certificate: ErasureCertificate) -> str:
    """In a line: what was erased."""
    facts: dict[str, Any] = certificate.facts
    if certificate.kind == ErasureCertificate.Kind.RECORDS:
        return f"{facts['family']} {facts['erased']:,}件"
    if certificate.kind == ErasureCertificate.Kind.KEY:
        return f"個人番号の鍵 第{facts['key_version']}版"
    return str(facts["label"])


@requires(VIEW)
@never_cache
@require_safe
def certificate(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """消去証明書の一件."""
    one = get_object_or_404(ErasureCertificate, pk=certificate_id)
    access_record(action="view", record_type="erasure_certificate", record_id=one.certificate_no)
    values = {"certificate": one, "facts": fact_rows(one), "tables": one.facts.get("tables", [])}
    return render(request, "retention/certificate.html", values)


@requires(VIEW)
@never_cache
@require_safe
def sheet(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """消去証明書 (PDF)."""
    one = get_object_or_404(ErasureCertificate, pk=certificate_id)
    access_record(action="print", record_type="erasure_certificate", record_id=one.certificate_no)
    return pdf_shown(certificate_pdf(one), f"{one.certificate_no}.pdf")

"""通知の画面: the preview of one person's notice."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from assessment.models import Decision
from assessment.permissions import PREVIEW_NOTICE
from assessment.resident.notices.preview import notice_preview
from assessment.resident.papers.tax_notice_data import NoticeMismatch
from collection.papers.payment_slip_data import SlipMismatch
from taxsys.platform.audit.services import access_record
from taxsys.platform.printing.errors import MissingGlyph, PrintingError, TextDoesNotFit
from taxsys.platform.printing.views import pdf_inline
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires


@requires(PREVIEW_NOTICE)
@never_cache
@require_safe
def preview(request: HttpRequest, decision_id: int) -> HttpResponse:
    """通知のプレビュー (inline PDF, not kept; the look at the taxpayer is recorded)."""
    decision = get_object_or_404(Decision.objects.select_related("run"), pk=decision_id)
    try:
        content = notice_preview(decision, viewer=request.user)
    except (MissingGlyph, TextDoesNotFit) as error:
        raise Refused("R409", "印字できない文字又は収まらない文字があります。外字の登録を確かめてください。",
                      reason=error.code) from error  # fmt: skip
    except (PrintingError, NoticeMismatch, SlipMismatch) as error:
        raise Refused("R409", error.message_ja, reason=error.code) from error
    access_record(
        action="view",
        subjects=[str(decision.party_id)],
        record_type="notice_preview",
        record_id=f"{decision.notice_no}:{decision.version}",
        tax_year=decision.tax_year,
    )
    return pdf_inline(content, f"preview-{decision.pk}.pdf")

"""封印の画面: how far the seals are, the signed heads with their codes, and the daily sheet."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from taxsys.kernel import wareki
from taxsys.platform.audit.models import LogCheck, SignedHead
from taxsys.platform.audit.permissions import VIEW_SEALS
from taxsys.platform.audit.sealing import LAG_LIMIT, seal_state
from taxsys.platform.audit.services import access_record
from taxsys.platform.audit.signing import head_code
from taxsys.platform.printing.tables import TablePaper
from taxsys.platform.staff.access import requires
from taxsys.platform.ui.documents import pdf_shown
from taxsys.platform.ui.templatetags.house import moment

HEADS_SHOWN = 31
LEVELS_JA = {"done": "正常", "caution": "遅れ（注意）", "danger": "遅れ（危険）"}


@requires(VIEW_SEALS)
@never_cache
@require_safe
def seals(request: HttpRequest) -> HttpResponse:
    """封印の状況."""
    state = seal_state()
    heads = [
        {"head": head, "code": head_code(head)} for head in SignedHead.objects.order_by("-day")[:HEADS_SHOWN]
    ]  # fmt: skip
    access_record(action="view", record_type="audit_seal", count=len(heads))
    values = {
        "state": state,
        "level_ja": LEVELS_JA[state.level],
        "lag_seconds": int(state.lag.total_seconds()),
        "limit_hours": int(LAG_LIMIT.total_seconds()) // 3600,
        "heads": heads,
        "check": LogCheck.objects.first(),
    }
    return render(request, "audit/seals.html", values)


@requires(VIEW_SEALS)
@never_cache
@require_safe
def day_sheet(request: HttpRequest, day: str) -> HttpResponse:
    """日次の控え (PDF): the signed head of a day with its code and QR, kept on paper by another office."""
    try:
        head = get_object_or_404(SignedHead, day=date.fromisoformat(day))
    except ValueError as error:
        raise Http404 from error
    access_record(action="print", record_type="audit_seal", record_id=day)
    return pdf_shown(day_sheet_pdf(head), f"seal-{day}.pdf")


def day_sheet_pdf(head: SignedHead) -> bytes:
    """The sheet; the code is what `manage.py audit verify --head` takes."""
    paper = TablePaper(title_ja="アクセス記録 日次の控え")
    paper.facts(
        [
            ("対象日", wareki.format_long(head.day)),
            ("封印の番号", f"{head.seq:,}"),
            ("累計件数", f"{head.events_total:,}件"),
            ("署名日時", moment(head.signed_at)),
            ("鍵の識別", head.key_id),
        ]
    )
    paper.code(head_code(head), caption="符号（検証のときに入力します）")
    paper.text(
        "この用紙は、システムを運用する部署とは別の部署で保管してください。"
        "検証：manage.py audit verify --head（符号）。"
        "符号が合わないときは、記録の末尾が切られたか、置き換えられています。",
        lines=3,
    )
    paper.boxes(("運用担当", "受領者（別の部署）", "受領日"))
    return paper.finish()

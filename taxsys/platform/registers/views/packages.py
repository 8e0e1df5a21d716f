"""取りまとめの画面: the package for a request of disclosure, masked data for a question, evidence for an audit.

Each is asked for on a page of its own, made by an act, given as a download, and on record with everybody it tells of.
"""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from taxsys.kernel import wareki
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.registers import registry
from taxsys.platform.registers.closing import day_of
from taxsys.platform.registers.declaration import Kind
from taxsys.platform.registers.dossier import Asked, masked, sections, tables_of, zip_of
from taxsys.platform.registers.dossier_paper import dossier_pdf
from taxsys.platform.registers.evidence import Period, evidence_zip
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.registers.permissions import EVIDENCE, PACKAGE, SUPPORT
from taxsys.platform.registers.views.showing import row_opened
from taxsys.platform.staff.access import requires
from taxsys.platform.ui.documents import file_given


def _row_of(request: HttpRequest, row_id: Any, kind_code: str) -> tuple[RegisterRow, Kind]:
    row, kind = row_opened(request, row_id)
    if kind.code != kind_code:
        raise Refused("R404", "この台帳の行では作成できません。", reason="kind")
    return row, kind


@requires(PACKAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def package(request: HttpRequest, row_id: UUID) -> HttpResponse:
    """開示資料: all of one person's records as a paper or as a package (R-283)."""
    row, kind = _row_of(request, row_id, "rights_request")
    is_draft = row.state == "open" or row.values.get("decision") not in ("full", "part")
    if request.method != "POST":
        names = [one.title_ja for one in sections()]
        values = {"kind": kind, "row": row, "sections": names, "is_draft": is_draft, "title": "開示資料の作成"}
        return render(request, "registers/package.html", values)
    key = str(row.values["party"])
    link = registry.link_get("party")
    refused = link.refuse(key, str(row.values.get("agent_name", "")))
    if refused:
        raise Refused("R403", refused, reason="opponent")
    tables = tables_of(Asked(key, clock.today(), request.user))
    facts = [
        ("請求の番号", row.row_no),
        ("氏名", link.name_of(key)),
        ("対象", link.show(key).label),
        ("請求の内容", row.title),
        ("作成日", wareki.format_long(clock.today())),
    ]
    paper = dossier_pdf(tables, facts=facts, is_draft=is_draft)
    is_paper = request.POST.get("form") == "pdf"
    access_record(
        action="print" if is_paper else "export",
        subjects=[key],
        record_type="register.package",
        record_id=row.row_no,
        reason="draft" if is_draft else "decided",
        count=sum(len(table.rows) for table in tables),
    )
    if is_paper:
        return file_given(paper, f"disclosure-{row.pk}.pdf", "application/pdf")
    content = zip_of(tables, papers=[("開示資料.pdf", paper)])
    return file_given(content, f"disclosure-{row.pk}.zip", "application/zip")


@requires(SUPPORT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def support(request: HttpRequest, row_id: UUID) -> HttpResponse:
    """問合せ用データ: masked; unmasked only from a row whose second person has allowed it (R-185)."""
    row, kind = _row_of(request, row_id, "support_export")
    is_allowed = row.state == "unmasked_allowed"
    if request.method != "POST":
        names = [one.title_ja for one in sections() if one.for_support]
        values = {
            "kind": kind,
            "row": row,
            "sections": names,
            "is_allowed": is_allowed,
            "title": "問合せ用データの作成",
        }
        return render(request, "registers/support.html", values)
    if row.is_closed:
        raise Refused("R409", "完了した行からは作成できません。", reason="closed")
    is_unmasked = request.POST.get("unmasked") == "yes"
    if is_unmasked and not is_allowed:
        words = "伏せないデータは、決裁を受けた行からだけ作れます。「伏せない提供の承認」を起案してください。"
        raise Refused("R403", words, reason="not_allowed")
    key = str(row.values["party"])
    tables = tables_of(Asked(key, clock.today(), request.user), for_support=True)
    given = tables if is_unmasked else masked(tables)
    access_record(
        action="export",
        subjects=[key],
        record_type="register.support",
        record_id=row.row_no,
        reason="unmasked" if is_unmasked else "masked",
        count=sum(len(table.rows) for table in tables),
    )
    return file_given(zip_of(given), f"support-{row.pk}.zip", "application/zip")


@requires(EVIDENCE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def evidence(request: HttpRequest, row_id: UUID) -> HttpResponse:
    """監査の証拠資料 of the audited period; no names and no texts of people in it (R-280)."""
    row, kind = _row_of(request, row_id, "audit_record")
    first, last = day_of(row.values, "period_from_on"), day_of(row.values, "period_to_on")
    if first is None or last is None:
        raise Refused("R409", "対象期間を入力してから書き出してください。", reason="period")
    if request.method != "POST":
        values = {"kind": kind, "row": row, "first": first, "last": last, "title": "証拠資料の書出し"}
        return render(request, "registers/evidence.html", values)
    content, count = evidence_zip(Period(first, last), made_on=clock.today(), audit_no=row.row_no)
    access_record(action="export", record_type="register.evidence", record_id=row.row_no, reason="audit", count=count)
    return file_given(content, f"evidence-{row.pk}.zip", "application/zip")

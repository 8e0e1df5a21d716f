"""通知のプレビュー: one person's notices as they would be printed from the decision in force, marked プレビュー.

The same builders and drawers as the packages; no number is taken, nothing is stored. The address of a hidden person is
shown only to who holds that right.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from addressbook.disclosure import HIDDEN_TEXT, address_for
from assessment.models import CollectionMethod, Decision, RunState
from assessment.resident.notices import ordinary, withholding
from assessment.resident.notices.targets import Standing, standings
from assessment.resident.papers.tax_notice import TaxNoticeDrawer
from assessment.resident.papers.tax_notice_data import TaxNotice
from assessment.resident.papers.withholding import WithheldTaxpayerNoticeDrawer
from taxsys.platform import clock
from taxsys.platform.printing.engine import Book
from taxsys.platform.printing.errors import PrintingError

MARK = "プレビュー"
OUTPUT = "assessment.notice_preview"


class NoPreview(PrintingError):
    """プレビューできない決定 (a decision that has no notice to show)."""

    code = "N0003"


def notice_preview(decision: Decision, *, viewer: Any = None) -> bytes:
    """通知のプレビュー (PDF). Raises NoPreview, or NoticeMismatch and SlipMismatch where figures do not agree."""
    current = Decision.objects.filter(
        party_id=decision.party_id, tax_year=decision.tax_year, run__state=RunState.RELEASED
    ).order_by("-version")
    if decision.pk != current.values_list("pk", flat=True).first():
        raise NoPreview(
            "この決定は、その後変更又は取消しされています。発送した通知は「印刷物」の控えで確かめてください。"
        )
    book = Book(title="通知のプレビュー", mark=MARK)
    on = decision.run.notice_on or clock.today()
    paper = _tax_notice(decision, on, viewer)
    if paper is not None:
        book.owner(paper.addressee.name)
        TaxNoticeDrawer().draw(book, paper)
    sheet = withholding.employee_sheet(decision, notice_on=on)
    if sheet is not None:
        book.owner(sheet.employee.name)
        WithheldTaxpayerNoticeDrawer().draw(book, sheet)
    if not book.page_count:
        raise NoPreview("この決定には通知する税額がありません。")
    return book.finish()


def _tax_notice(decision: Decision, on: date, viewer: Any) -> TaxNotice | None:
    standing = _standing(decision, ordinary.KIND)
    billed = any(share.method in ordinary.METHODS and share.total_yen for share in standing.shares)
    if not billed and not any(share.method in ordinary.METHODS for share in standing.told_shares):
        return None
    rows = ordinary.notice_rows([standing], tax_year=decision.tax_year, notice_on=on)
    paper = ordinary.tax_notice(standing, rows, notice_on=on, needs_slips=False)
    return _masked(paper, decision, viewer)


def _standing(decision: Decision, kind: str) -> Standing:
    (found,) = standings(
        decision.tax_year,
        kind=kind,
        methods=CollectionMethod.values,
        party_ids=[decision.party_id],
        only_before=True,
    )
    return found


def _masked(paper: TaxNotice, decision: Decision, viewer: Any) -> TaxNotice:
    """A hidden person's places are left out for viewers without the right to see them."""
    if not paper.addressee.is_protected:
        return paper
    if not address_for(decision.party_id, output=OUTPUT, viewer=viewer).is_masked:
        return paper
    to = replace(paper.addressee, zip7="", address_lines=(HIDDEN_TEXT,), address_code="")
    return replace(paper, addressee=to, slips=tuple(replace(slip, payer_address="") for slip in paper.slips))

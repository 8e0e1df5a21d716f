"""支援措置の机: where the terms of measures hang in the home page and among the approvals (N-086)."""

from typing import Any

from django.urls import reverse

from addressbook.models import RevealReport
from addressbook.permissions import MANAGE_PROTECTION, REVIEW_REVEALS
from addressbook.selectors.protections import measures_due
from addressbook.services import protection_measures, protection_terms
from taxsys.platform import clock
from taxsys.platform.approvals import registry
from taxsys.platform.ui.menu import waiting_card


def due_count(_staff: Any) -> int:
    """Measures that end within 30 days or have passed their end."""
    return measures_due(clock.today()).count()


def reports_open(_staff: Any) -> int:
    """Daily reports of reveals nobody has looked at."""
    return RevealReport.objects.filter(noted_at=None, events__gt=0).count()


def register() -> None:
    """Called when the app is ready."""
    waiting_card("支援措置の期限", "protections", MANAGE_PROTECTION, due_count)
    waiting_card("支援措置対象者の表示の日報", "reveal-reports", REVIEW_REVEALS, reports_open)
    registry.register(
        protection_measures.KIND,
        title_ja="支援措置の登録",
        proposes=MANAGE_PROTECTION.code,
        permission=MANAGE_PROTECTION.code,
        present=protection_measures.measure_present,
        on_approved=protection_measures.measure_approved,
        on_sent_back=protection_measures.measure_closed,
        stale=protection_measures.measure_stale,
        subjects=protection_measures.measure_subjects,
        rework=lambda _approval: reverse("protection-new"),
        voided_by_ja="同じ区分・受付日の支援措置の登録（住民記録からの連絡）、宛名の統合",
        deputies=False,
    )
    registry.register(
        protection_terms.KIND,
        title_ja="支援措置の延長・終了",
        proposes=MANAGE_PROTECTION.code,
        permission=MANAGE_PROTECTION.code,
        labels=protection_terms.LABELS,
        stale=protection_terms.term_stale,
        subjects=protection_terms.term_subjects,
        rework=lambda approval: reverse("protection-term", args=[approval.content["protection_id"]]),
        voided_by_ja="支援措置の期間・状態の変更（住民記録からの新しい連絡を含む）",
        deputies=False,
        on_approved=protection_terms.term_approved,
    )

"""What the 賦課 duty hangs into the house: tabs of the party card, menu items, cards of the home page, approvals."""

from typing import Any

from addressbook.card import CardPanel, CardTab, panel_register, tab_register
from assessment.decisions.runs import open_review_count
from assessment.entry.selectors import differences_count, papers_left
from assessment.items.selectors import open_items_count
from assessment.panel import tax_panel
from assessment.permissions import (
    APPROVE_MATCH,
    DECIDE_PRIVILEGE,
    EXTRACT,
    FORWARD_SOURCES,
    KEY_PAPERS,
    MANAGE_BUNDLES,
    MATCH_SOURCES,
    RECORD_CHANGES,
    SETTLE_FINDING,
    VIEW_ASSESSMENT,
    VIEW_PARAMETERS,
    VIEW_RUNS,
    VIEW_SOURCES,
    WHAT_IF,
)
from assessment.resident.moves import succession
from assessment.resident.moves.selectors import waiting_count
from assessment.sources.matching import APPROVAL_KIND, match_approved, match_stale
from assessment.sources.selectors import elsewhere_count, unmatched_count
from assessment.views.matching import match_difference
from taxsys.platform.approvals import registry as approvals
from taxsys.platform.ui.menu import HomeCard, MenuItem, home_card, menu_register, waiting_card


def register() -> None:
    """Called once by AppConfig.ready."""
    tab_register(
        CardTab(id="resident-tax", title_ja="住民税", order=10, permission=VIEW_ASSESSMENT, url_name="party-assessment")
    )
    tab_register(
        CardTab(id="documents", title_ja="資料", order=80, permission=VIEW_SOURCES, url_name="party-documents")
    )
    panel_register(
        CardPanel(
            id="resident-tax",
            title_ja="住民税",
            order=5,
            permission=VIEW_ASSESSMENT,
            template="assessment/panel.html",
            context=tax_panel,
            is_wide=True,
        )
    )
    menu_register(
        MenuItem(key="assessment", title_ja="賦課", url_name="assessment-runs", permission=VIEW_RUNS, order=30)
    )
    menu_register(
        MenuItem(
            key="parameters",
            title_ja="法定値",
            url_name="assessment-parameters-current",
            permission=VIEW_PARAMETERS,
            order=75,
        )
    )
    menu_register(MenuItem(key="extraction", title_ja="EUC抽出", url_name="extraction", permission=EXTRACT, order=77))
    menu_register(MenuItem(key="what-if", title_ja="政策試算", url_name="what-if", permission=WHAT_IF, order=76))
    _cards()
    approvals.register(
        succession.KIND,
        title_ja="特別徴収義務者の承継・番号の変更",
        proposes=RECORD_CHANGES.code,
        permission=DECIDE_PRIVILEGE.code,
        on_approved=succession.succession_decided,
        stale=succession.succession_stale,
        subjects=succession.succession_subjects,
        voided_by_ja="受給者の数の変化、どちらかの指定番号の変更",
        labels=succession.LABELS,
    )
    approvals.register(
        APPROVAL_KIND,
        title_ja="番号の合わない資料の突合",
        proposes=MATCH_SOURCES.code,
        permission=APPROVE_MATCH.code,
        stale=match_stale,
        subjects=lambda approval: [str(approval.content["party"])],
        voided_by_ja="資料の状態の変更（別の宛名への突合・回送）、宛名の統合",
        on_approved=match_approved,
        present=match_difference,
    )


def _cards() -> None:
    def unmatched(_staff: Any) -> int:
        return unmatched_count()

    def reviews(_staff: Any) -> int:
        return open_review_count()

    home_card(
        HomeCard(
            key="assessment-unmatched",
            title_ja="突合不能の資料",
            url_name="assessment-unmatched",
            permission=MATCH_SOURCES,
            count=unmatched,
            order=30,
            level="caution",
        )
    )

    _entry_cards()

    def elsewhere(_staff: Any) -> int:
        return elsewhere_count()

    home_card(
        HomeCard(
            key="assessment-elsewhere",
            title_ja="市外の人の資料",
            url_name="assessment-elsewhere",
            permission=FORWARD_SOURCES,
            count=elsewhere,
            order=32,
            level="caution",
        )
    )

    def held_changes(_staff: Any) -> int:
        return waiting_count()

    home_card(
        HomeCard(
            key="assessment-changes",
            title_ja="保留の異動届",
            url_name="assessment-changes",
            permission=RECORD_CHANGES,
            count=held_changes,
            order=33,
            level="caution",
        )
    )
    home_card(
        HomeCard(
            key="assessment-findings",
            title_ja="要確認の検証結果",
            url_name="assessment-runs",
            permission=SETTLE_FINDING,
            count=reviews,
            order=31,
            level="caution",
        )
    )


def _entry_cards() -> None:
    """Papers to key, papers on which two keyers differ, matters found over the whole city."""
    waiting_card("入力する原票", "assessment-keying", KEY_PAPERS, papers_left, order=33, level="info")
    waiting_card(
        "二人入力の相違", "assessment-bundles", MANAGE_BUNDLES, lambda _staff: differences_count(), order=34
    )  # fmt: skip
    waiting_card("要調査事項", "assessment-items", SETTLE_FINDING, lambda _staff: open_items_count(), order=35)

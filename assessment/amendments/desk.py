"""What corrections and remissions hang into the house: kinds of approvals, cards of the home page."""

from assessment.amendments import proposals, relief_proposals
from assessment.amendments.selectors import open_cases_count, open_reliefs_count
from assessment.permissions import AMEND, RELEASE_ASSESSMENT
from taxsys.platform.approvals import registry as approvals
from taxsys.platform.ui.menu import waiting_card


def register() -> None:
    """Called once by AppConfig.ready."""
    approvals.register(
        proposals.KIND,
        title_ja="税額の更正・決定(更正事案)",
        proposes=AMEND.code,
        permission=RELEASE_ASSESSMENT.code,
        on_approved=proposals.case_approved,
        on_sent_back=proposals.case_reopened,
        on_withdrawn=proposals.case_reopened,
        stale=proposals.case_stale,
        present=proposals.case_rows,
        subjects=proposals.case_subjects,
        rework=proposals.case_address,
        voided_by_ja="対象の年度の決定の変更、資料の追加・訂正による計算の違い",
    )
    approvals.register(
        relief_proposals.KIND,
        title_ja="住民税の減免・不承認・取消",
        proposes=AMEND.code,
        permission=RELEASE_ASSESSMENT.code,
        on_approved=relief_proposals.relief_approved,
        on_sent_back=relief_proposals.relief_reopened,
        on_withdrawn=relief_proposals.relief_reopened,
        stale=relief_proposals.relief_stale,
        present=relief_proposals.relief_rows,
        subjects=relief_proposals.relief_subjects,
        rework=relief_proposals.relief_address,
        voided_by_ja="その年度の決定の変更、期別の税額の変更",
    )
    waiting_card("審査中の減免", "reliefs", AMEND, lambda _staff: open_reliefs_count(), order=37)
    waiting_card("検討中の更正事案", "amendments", AMEND, lambda _staff: open_cases_count(), order=36)

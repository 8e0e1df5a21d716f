"""業務ホームの札 of the access log: what waits for the security officer and what worries the operator."""

from typing import Any

from taxsys.platform.audit.models import LogCheck
from taxsys.platform.audit.permissions import SIGN_REVIEW, VIEW_SEALS
from taxsys.platform.audit.review.selectors import unsigned_count
from taxsys.platform.audit.sealing import seal_state
from taxsys.platform.ui.menu import HomeCard, home_card


def late_count(_staff: Any) -> int:
    """Events that wait for their seal while it is late; 0 while sealing keeps pace."""
    state = seal_state()
    return 0 if state.level == "done" else state.waiting


def late_level(_staff: Any) -> str:
    """How late: caution or danger."""
    return seal_state().level


def fault_count(_staff: Any) -> int:
    """Faults of the last verification."""
    check = LogCheck.objects.first()
    return len(check.faults) if check else 0


def cards_register() -> None:
    """Put the cards on the home page (AppConfig.ready)."""
    home_card(
        HomeCard(
            key="audit-reviews",
            title_ja="確認待ちのアクセス記録点検",
            url_name="access-reviews",
            permission=SIGN_REVIEW,
            count=lambda _staff: unsigned_count(),
            order=15,
            level="caution",
        )
    )
    home_card(
        HomeCard(
            key="audit-seals-late",
            title_ja="アクセス記録の封印の遅れ",
            url_name="access-seals",
            permission=VIEW_SEALS,
            count=late_count,
            order=16,
            level=late_level,
        )
    )
    home_card(
        HomeCard(
            key="audit-log-faults",
            title_ja="アクセス記録の検証の異常",
            url_name="access-seals",
            permission=VIEW_SEALS,
            count=fault_count,
            order=17,
            level="danger",
        )
    )

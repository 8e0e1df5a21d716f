"""What 収納 hangs into the house: the tab and the panel of the party's card, badges, menu, home cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Sum

from addressbook.badges import Badge, BadgeKind, badges_register
from addressbook.card import CardPanel, CardTab, panel_register, tab_register, tab_url
from addressbook.models import Party
from collection.models import DebitMandate, Overpayment, Suspense
from collection.permissions import CLOSE_DAY, VIEW_BOOKS, VIEW_LEDGER, WORK_REFUND, WORK_SUSPENSE
from collection.selectors.account import ChargeStanding, party_account
from taxsys.platform.ui.menu import HomeCard, MenuItem, home_card, menu_register
from taxsys.platform.ui.templatetags.house import yen_text


def register() -> None:
    """Hang everything (from AppConfig.ready)."""
    tab_register(
        CardTab(id="collection", title_ja="収納", order=50, permission=VIEW_LEDGER, url_name="party-collection")
    )
    panel_register(
        CardPanel(
            id="collection",
            title_ja="収納",
            order=10,
            permission=VIEW_LEDGER,
            template="collection/panel.html",
            context=open_panel,
            is_wide=True,
        )
    )
    badges_register(BadgeKind(id="collection.debit", find=debit_badges, order=70, permission=VIEW_LEDGER))
    menu_register(
        MenuItem(key="collection", title_ja="収納", url_name="collection-home", permission=CLOSE_DAY, order=40)
    )
    menu_register(
        MenuItem(key="rates", title_ja="収納率", url_name="collection-rates", permission=VIEW_BOOKS, order=42)
    )
    home_card(
        HomeCard(
            key="suspense",
            title_ja="仮受(不明金)",
            url_name="collection-suspense",
            permission=WORK_SUSPENSE,
            count=lambda _staff: Suspense.objects.filter(remaining_yen__gt=0).count(),
            note=_suspense_note,
            level="caution",
            order=40,
        )
    )
    home_card(
        HomeCard(
            key="refunds",
            title_ja="過誤納（案のないもの）",
            url_name="collection-refunds",
            permission=WORK_REFUND,
            count=lambda _staff: Overpayment.objects.filter(remaining_yen__gt=0, held_by__isnull=True).count(),
            note=_refund_note,
            level="caution",
            order=41,
        )
    )


def _refund_note(_staff: Any) -> str:
    yen = Overpayment.objects.filter(held_by__isnull=True).aggregate(yen=Sum("remaining_yen"))["yen"] or 0
    return f"残額 {yen_text(int(yen))}" if yen else ""


def _suspense_note(_staff: Any) -> str:
    yen = Suspense.objects.aggregate(yen=Sum("remaining_yen"))["yen"] or 0
    return f"残額 {yen_text(int(yen))}" if yen else ""


def debit_badges(party_ids: Sequence[UUID], on: date) -> dict[UUID, list[Badge]]:
    """口座振替 of many parties on a day: the tax and the last digits of the account. One query."""
    found: dict[UUID, list[Badge]] = {}
    mandates = DebitMandate.objects.in_force(on).filter(party_id__in=party_ids).select_related("tax_kind")
    for mandate in mandates.order_by("party_id", "tax_kind_id", "mandate_no"):
        text = f"口座振替 {mandate.tax_kind.title.split('・')[0]} ＊{mandate.account_number[-3:]}"
        found.setdefault(mandate.party_id, []).append(("info", text))
    return found


def open_panel(party: Party, _staff: Any, on: date) -> Mapping[str, Any] | None:
    """いくら払えばよいか: by tax and year, with what is to be paid on the day; None for who has never been billed."""
    standings = [one for one in party_account(party.id, as_of=on) if one.levied_yen]
    if not standings:
        return None
    groups: dict[tuple[int, str], list[ChargeStanding]] = {}
    for one in standings:
        groups.setdefault((one.tax_year, one.tax_title), []).append(one)
    rows = [_row(tax_year, title, group, on) for (tax_year, title), group in groups.items()]
    own = [one for one in standings if not one.is_paid_by_agent and one.due_on <= on]
    late = [one for one in own if one.open_yen > 0 and one.due_on < on and not one.is_reported]
    return {
        "url": tab_url("collection", party.id),
        "rows": rows,
        "to_pay": sum(one.open_yen + one.other_open_yen + one.interest_left_yen for one in own),
        "overdue": f"期限超過 {len(late)}期" if late else "",
    }


def _row(tax_year: int, title: str, group: Sequence[ChargeStanding], on: date) -> dict[str, Any]:
    return {
        "title": title,
        "tax_year": tax_year,
        "levied": sum(one.levied_yen for one in group),
        "paid": sum(one.paid_yen for one in group),
        "open": sum(one.open_yen for one in group),
        "interest": sum(one.interest_left_yen for one in group),
        "next_due": min((one.due_on for one in group if one.due_on >= on and one.open_yen > 0), default=None),
    }

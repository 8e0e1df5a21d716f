"""収納のタブ (tabs of the collection desk): a handful of groups by the day's work, the pages of a group beside them.

A group opens the first of its pages that the officer may open; a group without any is not shown. Alt+1 … Alt+5 open the
groups, Alt+6 … Alt+0 the pages of the group one is in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from collection import permissions
from taxsys.platform.staff.access import has_permission
from taxsys.platform.staff.catalogue import Permission


@dataclass(frozen=True, slots=True)
class DeskPage:
    """One page of the desk; `here` is what its templates call themselves."""

    here: str
    title_ja: str
    url_name: str
    permission: Permission


@dataclass(frozen=True, slots=True)
class DeskGroup:
    """Pages of one kind of work."""

    title_ja: str
    pages: tuple[DeskPage, ...]


GROUPS = (
    DeskGroup(
        "今日の収納",
        (
            DeskPage("home", "収納業務", "collection-home", permissions.CLOSE_DAY),
            DeskPage("day", "日計", "collection-day", permissions.CLOSE_DAY),
            DeskPage("closing", "窓口の締め", "collection-closing", permissions.CLOSE_DAY),
            DeskPage("proof", "元帳の証明", "collection-proof", permissions.PROVE_LEDGER),
        ),
    ),
    DeskGroup(
        "入金",
        (
            DeskPage("counter", "窓口収納", "collection-counter", permissions.TAKE_PAYMENT),
            DeskPage("paid_slips", "済通", "paid-slip-batches", permissions.POST_RECEIPTS),
            DeskPage("agents", "特徴の納入", "agent-payments", permissions.WORK_SUSPENSE),
            DeskPage("suspense", "仮受(不明金)", "collection-suspense", permissions.WORK_SUSPENSE),
        ),
    ),
    DeskGroup(
        "還付・充当", (DeskPage("refund", "還付・充当", "collection-refunds", permissions.WORK_REFUND),)
    ),
    DeskGroup(
        "口座振替・猶予",
        (
            DeskPage("debit", "口座振替", "collection-debit-desk", permissions.MANAGE_DEBIT),
            DeskPage("deferments", "猶予・減免", "collection-deferment-list", permissions.KEEP_DEFERMENT),
        ),
    ),
    DeskGroup(
        "締め・報告",
        (
            DeskPage("periods", "締め", "collection-periods", permissions.CLOSE_PERIOD),
            DeskPage("books", "調定簿", "collection-books", permissions.VIEW_BOOKS),
            DeskPage("rates", "収納率", "collection-rates", permissions.VIEW_BOOKS),
            DeskPage("remittances", "払込", "collection-remittances", permissions.REMIT),
            DeskPage("takeover", "移行", "collection-takeover", permissions.TAKE_OVER),
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab as it is drawn: `key` is its digit with Alt, "" for none."""

    title_ja: str
    url: str
    key: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class DeskTabs:
    """Groups, and the pages of the group one is in (none where it has a single page)."""

    groups: list[Tab]
    pages: list[Tab]


def desk_tabs(staff: Any, here: str) -> DeskTabs:
    """The tabs of an officer on a page of the desk."""
    shown = [(group, allowed) for group in GROUPS if (allowed := list(_allowed(group, staff)))]
    groups = [
        Tab(group.title_ja, reverse(allowed[0].url_name), str(number), any(one.here == here for one in group.pages))
        for number, (group, allowed) in enumerate(shown, 1)
    ]
    inside = next((allowed for group, allowed in shown if any(one.here == here for one in group.pages)), [])
    pages = [
        Tab(one.title_ja, reverse(one.url_name), str(number % 10), one.here == here)
        for number, one in enumerate(inside, 6)
    ]
    return DeskTabs(groups, pages if len(pages) > 1 else [])


def _allowed(group: DeskGroup, staff: Any) -> Iterator[DeskPage]:
    return (one for one in group.pages if has_permission(staff, one.permission))

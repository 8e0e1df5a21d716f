"""バッジ: what every page about a party, and every list of parties, says beside the name before anything else.

Apps on upper floors register a set-based finder; the order of levels is fixed (ui: stop first), so that a warning never
stands behind a remark.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from addressbook.codes import LinkKind, PartyState
from addressbook.selectors.badge_rows import badge_rows
from addressbook.selectors.protections import protection_marks
from taxsys.kernel import wareki
from taxsys.platform.staff.access import has_permission
from taxsys.platform.staff.catalogue import Permission

# (level, text); levels in the order in which they are shown.
Badge = tuple[str, str]
LEVELS = ("stop", "danger", "caution", "neutral", "info", "done")
Finder = Callable[[Sequence[UUID], date], Mapping[UUID, Sequence[Badge]]]

PROTECTED = "支援措置"
PROTECTED_HOUSEHOLD = "支援措置（同一世帯）"
HANDLE_WITH_CARE = "取扱注意"


@dataclass(frozen=True, kw_only=True)
class BadgeKind:
    """バッジの種類: `find(party_ids, on)` answers the badges of many parties in a fixed number of queries.

    With `permission` only those who hold it see them (滞納, say).
    """

    id: str
    find: Finder
    order: int = 100
    permission: Permission | None = None


_kinds: dict[str, BadgeKind] = {}


def badges_register(kind: BadgeKind) -> None:
    """Register badges (from AppConfig.ready); the same id replaces."""
    _kinds[kind.id] = kind


def badges_unregister(kind_id: str) -> None:
    """Take badges out again (tests)."""
    _kinds.pop(kind_id, None)


def badges_for(party_ids: Sequence[UUID], *, staff: Any, on: date) -> dict[UUID, list[Badge]]:
    """The badges of each party that this officer may see, in the fixed order: stop, danger, caution, neutral, info."""
    found: dict[UUID, list[Badge]] = {party_id: [] for party_id in party_ids}
    for kind in sorted(_kinds.values(), key=lambda one: (one.order, one.id)):
        if kind.permission is not None and not has_permission(staff, kind.permission):
            continue
        for party_id, badges in kind.find(party_ids, on).items():
            found[party_id].extend(badges)
    for badges in found.values():
        badges.sort(key=lambda badge: LEVELS.index(badge[0]))
    return found


def protection_badges(party_ids: Sequence[UUID], on: date) -> dict[UUID, list[Badge]]:
    """支援措置 of the party or its household."""
    marks = protection_marks(party_ids, on=on)
    return {party_id: [("stop", PROTECTED if is_own else PROTECTED_HOUSEHOLD)] for party_id, is_own in marks.items()}


_LINK_BADGES: dict[str, Badge] = {
    LinkKind.TAX_ADMINISTRATOR: ("info", "納税管理人あり"),
    LinkKind.HEIR_REPRESENTATIVE: ("info", "相続人代表者あり"),
    LinkKind.BANKRUPTCY_TRUSTEE: ("danger", "破産管財人あり"),
    LinkKind.JOINT_LIABILITY: ("info", "連帯納税義務者あり"),
    LinkKind.SECONDARY_LIABILITY: ("caution", "第二次納税義務者あり"),
}
_PLAIN: dict[str, Badge] = {
    "delivery": ("info", "送付先あり"),
    "candidate": ("caution", "名寄せ候補"),
    "opponent": ("neutral", HANDLE_WITH_CARE),
}


def register_badges(party_ids: Sequence[UUID], on: date) -> dict[UUID, list[Badge]]:
    """死亡・転出・消除 with the day (facts, not faults), agents, 送付先, 名寄せ候補, and the neutral lock
    of an opponent (N-087: no name, no link)."""
    found: dict[UUID, list[Badge]] = {}
    for party_id, what, which, day in badge_rows(party_ids, on):
        if what == "state":
            label = str(PartyState(which).label)
            badge = ("neutral", f"{label} {wareki.format_short(day)}" if day else label)
        else:
            badge = _LINK_BADGES[which] if what == "link" else _PLAIN[what]
        found.setdefault(party_id, []).append(badge)
    return found


OWN_KINDS = (
    BadgeKind(id="addressbook.protection", find=protection_badges, order=0),
    BadgeKind(id="addressbook.register", find=register_badges, order=10),
)

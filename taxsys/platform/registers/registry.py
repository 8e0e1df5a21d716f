"""台帳の種類と結び先: every declared kind, and what rows may be linked to in other rooms of the house (party)."""

from collections.abc import Callable
from dataclasses import dataclass

from taxsys.platform.registers.declaration import Kind
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.staff.access import has_permission
from taxsys.platform.staff.catalogue import Permission
from taxsys.platform.staff.models import Staff

_kinds: dict[str, Kind] = {}


@dataclass(frozen=True, slots=True)
class Target:
    """結び先: its key (never a name or number of a person), the words shown for it, and the address of its page."""

    key: str
    label: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Link:
    """結び先の種類. `find(typed)` answers the target or None; `show(key)` the words of a stored key.

    `refuse(key, agent_name)` says why nothing of it may be given to this agent ("" where it may).
    """

    name: str
    title_ja: str
    help_ja: str
    find: Callable[[str], Target | None]
    show: Callable[[str], Target]
    is_party: bool = False
    refuse: Callable[[str, str], str] = lambda key, agent_name: ""
    name_of: Callable[[str], str] = lambda key: ""  # for the paper that the person itself gets


@dataclass(frozen=True, kw_only=True)
class PageAct:
    """行の画面に足す操作 of another room of the house: its words, and its address for a row ("" where not open)."""

    name: str
    kind: str
    title_ja: str
    permission: Permission
    url: Callable[[RegisterRow], str]


_links: dict[str, Link] = {}
_acts: dict[str, PageAct] = {}


def kind_register(kind: Kind) -> None:
    """Register a kind (AppConfig.ready); the same code again replaces."""
    _kinds[kind.code] = kind


def kind_get(code: str) -> Kind:
    """The kind of this code; raises KeyError."""
    return _kinds[code]


def kind_find(code: str) -> Kind | None:
    """The kind of this code, or None."""
    return _kinds.get(code)


def all_kinds() -> tuple[Kind, ...]:
    """Every kind, in order of registration."""
    return tuple(_kinds.values())


def link_register(link: Link) -> None:
    """Register what rows may be linked to (AppConfig.ready of the app that owns it)."""
    _links[link.name] = link


def link_get(name: str) -> Link:
    """The link of this name; raises KeyError."""
    return _links[name]


def act_register(act: PageAct) -> None:
    """Put an act onto the pages of a kind (AppConfig.ready)."""
    _acts[act.name] = act


def page_acts(row: RegisterRow, staff: Staff) -> list[tuple[str, str]]:
    """(words, address) of the acts open to this officer on this row."""
    found = [act for act in _acts.values() if act.kind == row.kind and has_permission(staff, act.permission)]
    return [(act.title_ja, act.url(row)) for act in found if act.url(row)]

"""検索の種類: apps register what they can find; one box serves all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from taxsys.platform.staff.access import has_permission
from taxsys.platform.staff.catalogue import Permission


class SearchRefused(Exception):
    """A provider knows the kind but the words say too little; `message_ja` stands on the search page."""

    def __init__(self, message_ja: str) -> None:
        super().__init__(message_ja)
        self.message_ja = message_ja


@dataclass(frozen=True, kw_only=True)
class SearchRow:
    """結果の一行: where it leads, its cells in the order of the columns, badges as (level, text), the party shown."""

    url: str
    cells: Sequence[str]
    badges: Sequence[tuple[str, str]] = ()
    subject: str = ""

    @property
    def head(self) -> str:
        """The first cell, which carries the link."""
        return self.cells[0]

    @property
    def rest(self) -> Sequence[str]:
        """The other cells; drawn without a question per cell, because lists are drawn all day."""
        return self.cells[1:]


@dataclass(frozen=True, kw_only=True)
class SearchProvider:
    """検索の種類.

    `recognise(text)` says whether the (NFKC-normalised, stripped) text may be such a key; `find(text, staff)` returns
    ids (strings), best first, at most 200; `present(ids, staff)` returns one row per id that may still be shown. Lower
    `order` is asked first; the first provider with hits answers. `find` may raise SearchRefused. `offer(text)` is a
    wider search for when nothing was found: the words of its button and the text it searches. `url_of(id)` says where
    a single hit opens without drawing its row.
    """

    kind: str
    title_ja: str
    permission: Permission
    recognise: Callable[[str], bool]
    find: Callable[[str, Any], Sequence[str]]
    present: Callable[[Sequence[str], Any], Sequence[SearchRow]]
    columns: tuple[str, ...] = ("名称",)
    order: int = 100
    numeric_columns: frozenset[int] = field(default_factory=frozenset)
    offer: Callable[[str], tuple[str, str] | None] | None = None
    url_of: Callable[[str], str] | None = None


_providers: dict[str, SearchProvider] = {}


def search_register(provider: SearchProvider) -> None:
    """Register a provider (from AppConfig.ready); the same kind replaces."""
    _providers[provider.kind] = provider


def search_unregister(kind: str) -> None:
    """Take a provider out again (tests)."""
    _providers.pop(kind, None)


def provider_get(kind: str) -> SearchProvider | None:
    """The provider of a stored result, or None when it is gone."""
    return _providers.get(kind)


def providers_for(staff: Any) -> list[SearchProvider]:
    """The providers this officer may use, in order."""
    providers = sorted(_providers.values(), key=lambda provider: (provider.order, provider.kind))
    return [provider for provider in providers if has_permission(staff, provider.permission)]

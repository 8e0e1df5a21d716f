"""決裁の種類: what each kind of proposal is called, who may decide it, and what happens when it is approved."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class ApprovalKind:
    """種類: `on_approved` / `on_sent_back` / `on_withdrawn` run in the transaction of the act and may raise to undo it.

    `present(approval)` returns rows (label, before, after) for the screen; without it the content's own
    `before` / `after` dictionaries are compared, `labels` giving their Japanese names.
    """

    kind: str
    title_ja: str
    permission: str
    on_approved: Callable[[Any], None]
    on_sent_back: Callable[[Any], None] | None = None
    on_withdrawn: Callable[[Any], None] | None = None
    present: Callable[[Any], list[tuple[str, str, str]]] | None = None
    labels: dict[str, str] | None = None


class UnknownApprovalKind(LookupError):
    """A proposal of a kind that no app registered."""


_kinds: dict[str, ApprovalKind] = {}


def register(
    kind: str,
    *,
    on_approved: Callable[[Any], None],
    title_ja: str = "",
    permission: str = "approvals.decide",
    on_sent_back: Callable[[Any], None] | None = None,
    on_withdrawn: Callable[[Any], None] | None = None,
    present: Callable[[Any], list[tuple[str, str, str]]] | None = None,
    labels: dict[str, str] | None = None,
) -> None:
    """Register a kind of proposal (call it from AppConfig.ready); registering again replaces."""
    _kinds[kind] = ApprovalKind(
        kind=kind,
        title_ja=title_ja or kind,
        permission=permission,
        on_approved=on_approved,
        on_sent_back=on_sent_back,
        on_withdrawn=on_withdrawn,
        present=present,
        labels=labels,
    )


def get(kind: str) -> ApprovalKind:
    """The registered kind; raises UnknownApprovalKind."""
    try:
        return _kinds[kind]
    except KeyError:
        raise UnknownApprovalKind(kind) from None


def all_kinds() -> tuple[ApprovalKind, ...]:
    """Every registered kind, by code."""
    return tuple(_kinds[kind] for kind in sorted(_kinds))

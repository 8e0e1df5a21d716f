"""決裁の種類: what each kind of proposal is called, who may propose and decide it, what voids it, what it does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from taxsys.platform.staff.catalogue import permission_get


@dataclass(frozen=True, kw_only=True)
class ApprovalKind:
    """種類: `on_approved` / `on_sent_back` / `on_withdrawn` run in the transaction of the act and may raise to undo it.

    `proposes` and `permission` are the rights to propose and to decide. `stale(approval)` answers in Japanese why the
    proposal no longer stands, "" while it does: such a one is void. `concerned(approval)` names persons (person keys)
    whom the proposal is about: they never decide it. `subjects(approval)` are the parties on
    its page, for the access log. `rework(approval)` is the address where a sent-back one is
    proposed anew. `job_id` names the declared job by which a large effect happens after the approval.
    `present(approval)` returns rows (label, before, after) for the screen; without it the content's own
    `before` / `after` dictionaries are compared, `labels` giving their Japanese names.
    """

    kind: str
    title_ja: str
    permission: str
    on_approved: Callable[[Any], None]
    proposes: str = ""
    voided_by_ja: str = ""
    on_sent_back: Callable[[Any], None] | None = None
    on_withdrawn: Callable[[Any], None] | None = None
    present: Callable[[Any], list[tuple[str, str, str]]] | None = None
    labels: dict[str, str] | None = None
    stale: Callable[[Any], str] | None = None
    concerned: Callable[[Any], frozenset[str]] | None = None
    rework: Callable[[Any], str] | None = None
    subjects: Callable[[Any], list[str]] | None = None
    job_id: str = ""
    deputies: bool = True

    @property
    def allows_deputy(self) -> bool:
        """代決できるか: never where numbers are handled; that needs the officer's own designation (番号法, N-110)."""
        return self.deputies and permission_get(self.permission).risk != "number"


class UnknownApprovalKind(LookupError):
    """A proposal of a kind that no app registered."""


_kinds: dict[str, ApprovalKind] = {}


def register(
    kind: str,
    *,
    on_approved: Callable[[Any], None],
    title_ja: str = "",
    permission: str = "approvals.decide",
    **more: Any,
) -> None:
    """Register a kind of proposal (call it from AppConfig.ready); `more` are the other fields of ApprovalKind.

    Registering again replaces.
    """
    _kinds[kind] = ApprovalKind(
        kind=kind, title_ja=title_ja or kind, permission=permission, on_approved=on_approved, **more
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

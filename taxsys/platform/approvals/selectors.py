"""決裁一覧: the queue for one officer, and the difference a proposal makes."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from taxsys.platform import clock
from taxsys.platform.approvals import registry
from taxsys.platform.approvals.authority import accounts_of, decidable, kinds_proposed_by
from taxsys.platform.approvals.models import Approval, Deputy
from taxsys.platform.staff.models import Staff


@dataclass(frozen=True)
class DifferenceRow:
    """One item of a proposal: its Japanese name, the value before and after, whether it changes."""

    label: str
    before: str
    after: str

    @property
    def is_changed(self) -> bool:
        """Whether the proposal changes this item."""
        return self.before != self.after


def waiting_for(staff: Staff) -> QuerySet[Approval]:
    """Open proposals of others that this officer may decide, in the own name or as deputy, oldest first."""
    open_ones = Approval.objects.filter(decidable(staff), state=Approval.State.PROPOSED)
    return open_ones.exclude(proposed_by__in=accounts_of([staff])).select_related("proposed_by", "decided_for")


def waiting_count(staff: Staff) -> int:
    """How many proposals wait for this officer."""
    return waiting_for(staff).count()


def proposed_by(staff: Staff) -> QuerySet[Approval]:
    """The officer's own proposals of kinds that are still the officer's to propose, newest first."""
    own = Approval.objects.filter(proposed_by=staff, kind__in=kinds_proposed_by(staff))
    return own.select_related("decided_by", "decided_for").order_by("-proposed_at")


def visible_to(staff: Staff) -> QuerySet[Approval]:
    """Proposals the officer may open: own ones, and those of kinds the officer may decide, as the rights stand now."""
    own = Q(proposed_by=staff, kind__in=kinds_proposed_by(staff))
    return Approval.objects.filter(own | decidable(staff)).select_related("proposed_by", "decided_by", "decided_for")


def _text(value: Any) -> str:
    if value is None or value == "":
        return "（なし）"
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, int):
        return f"△{-value:,}" if value < 0 else f"{value:,}"
    if isinstance(value, list | tuple):
        return "、".join(_text(item) for item in value) or "（なし）"
    if isinstance(value, dict):
        return "、".join(f"{key}：{_text(inner)}" for key, inner in value.items()) or "（なし）"
    return str(value)


def _shown(key: str, values: dict[str, Any]) -> str:
    value = values.get(key)
    unit = "円" if key.endswith("_yen") and isinstance(value, int) else ""
    return f"{_text(value)}{unit}"


def difference(approval: Approval) -> list[DifferenceRow]:
    """The rows shown to the approver: the kind's own presentation, else `before` against `after` of the content.

    Items come in the order of the kind's `labels`; keys ending in `_yen` are shown as money.
    """
    entry = registry.get(approval.kind)
    if entry.present is not None:
        return [DifferenceRow(*row) for row in entry.present(approval)]
    labels = entry.labels or {}
    content = approval.content
    after = content.get("after", {key: value for key, value in content.items() if key != "before"})
    before = content.get("before", {})
    named = [key for key in labels if key in before or key in after]
    keys = dict.fromkeys([*named, *before, *after])
    return [DifferenceRow(labels.get(key, key), _shown(key, before), _shown(key, after)) for key in keys]


def reworked(approval: Approval) -> list[DifferenceRow]:
    """版の違い: what this version asks otherwise than the one before; empty for a first version."""
    if approval.previous is None:
        return []
    earlier = {row.label: row.after for row in difference(approval.previous)}
    later = {row.label: row.after for row in difference(approval)}
    rows = [DifferenceRow(label, earlier.get(label, ""), later.get(label, "")) for label in {**earlier, **later}]
    return [row for row in rows if row.is_changed]


def deputies_of(staff: Staff) -> QuerySet[Deputy]:
    """The deputies an officer has named whose period has not ended, by first day."""
    return Deputy.objects.filter(principal=staff, to_on__gt=clock.today()).select_related("deputy")


def deputising_for(staff: Staff) -> QuerySet[Deputy]:
    """Whose deputy the officer is or will be."""
    return Deputy.objects.filter(deputy=staff, to_on__gt=clock.today()).select_related("principal")

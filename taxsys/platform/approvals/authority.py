"""決裁の立場: in whose name somebody decides a proposal, and which people may not stand behind the decision (R-207)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from taxsys.platform import clock
from taxsys.platform.approvals import registry
from taxsys.platform.approvals.errors import NotEntitled, OwnProposal
from taxsys.platform.approvals.models import Approval, Deputy
from taxsys.platform.approvals.registry import ApprovalKind
from taxsys.platform.staff.access import has_permission
from taxsys.platform.staff.models import Staff, open_period


@dataclass(frozen=True)
class Authority:
    """The officer who acts, and the one whose absence is bridged (代決), if any."""

    actor: Staff
    principal: Staff | None = None

    @property
    def persons(self) -> frozenset[str]:
        """The humans behind the decision."""
        return frozenset(one.person_key for one in (self.actor, self.principal) if one is not None)


def principals_of(staff: Staff) -> list[Staff]:
    """Those for whom the officer may decide today; a principal who has left hands nothing on."""
    if not staff.is_usable_on():
        return []
    rows = Deputy.objects.filter(open_period(clock.today()), deputy=staff).select_related("principal")
    found = {row.principal_id: row.principal for row in rows}
    return [one for one in found.values() if one.is_usable_on() and one.person_key != staff.person_key]


def versions_of(approval: Approval) -> list[Approval]:
    """The proposal and its earlier versions, the newest first."""
    found: list[Approval] = []
    version: Approval | None = approval
    while version is not None:
        found.append(version)
        version = version.previous
    return found


def apart_from(approval: Approval, entry: ApprovalKind) -> frozenset[str]:
    """Who may not stand behind the decision: all who proposed a version, and whom the proposal is about."""
    proposers = {version.proposed_by.person_key for version in versions_of(approval)}
    return frozenset(proposers) | (entry.concerned(approval) if entry.concerned else frozenset())


def authority_get(actor: Staff, approval: Approval) -> Authority:
    """In whose name the actor decides: in the own, else as deputy of one who is not in the proposal.

    Raises OwnProposal where every way leads back to a person of the proposal, NotEntitled where there is none.
    """
    entry = registry.get(approval.kind)
    apart = apart_from(approval, entry)
    if actor.person_key in apart:
        raise OwnProposal
    if has_permission(actor, entry.permission):
        return Authority(actor)
    ways = [Authority(actor, principal) for principal in principals_of(actor) if _hands_on(entry, principal)]
    if not ways:
        raise NotEntitled
    for way in ways:
        if not way.persons & apart:
            return way
    raise OwnProposal("起案者または案件の本人の代決者は、決裁できません。別の職員が決裁してください。")


def _hands_on(entry: ApprovalKind, principal: Staff) -> bool:
    return entry.allows_deputy and has_permission(principal, entry.permission)


def kinds_for(staff: Staff) -> list[str]:
    """The kinds this officer may decide in the own name."""
    return [entry.kind for entry in registry.all_kinds() if has_permission(staff, entry.permission)]


def kinds_proposed_by(staff: Staff) -> list[str]:
    """The kinds this officer may propose now."""
    return [entry.kind for entry in registry.all_kinds() if not entry.proposes or has_permission(staff, entry.proposes)]


def decidable(staff: Staff) -> Q:
    """Condition on Approval: kinds the officer may decide, in the own name or as deputy (whoever proposed them)."""
    condition = Q(kind__in=kinds_for(staff))
    for principal in principals_of(staff):
        kinds = [entry.kind for entry in registry.all_kinds() if _hands_on(entry, principal)]
        condition |= Q(kind__in=kinds) & ~Q(proposed_by__in=accounts_of([principal]))
    return condition


def accounts_of(people: Iterable[Staff]) -> QuerySet[Staff]:
    """Every account of these humans."""
    keys = {one.person_key for one in people}
    return Staff.objects.filter(Q(person_no__in=keys) | Q(person_no="", staff_no__in=keys))

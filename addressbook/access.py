"""Guarded doors of the 宛名 duty: who opens a party leaves an event; without a context nothing opens (N-068, N-070)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from addressbook.errors import PartyAccessDenied, PartyNotFound
from addressbook.models import Party
from addressbook.permissions import VIEW_PARTY
from addressbook.selectors.protections import protection_marks
from taxsys.platform.audit import context
from taxsys.platform.audit.context import AccessContext
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import has_permission
from taxsys.platform.staff.catalogue import Permission


def access_party(party_id: UUID, *, action: str = "view", staff: Any = None, record_type: str = "party") -> Party:
    """Open one party: check the right (when `staff` is given), write the access event, answer the party.

    A merged party answers its survivor. The event of a protected party carries the reason `protected` (N-101). Raises
    PartyNotFound, PartyAccessDenied, AuditContextMissing.
    """
    if staff is not None and not has_permission(staff, VIEW_PARTY):
        access_record(action="denied", subjects=[str(party_id)], record_type=record_type, result="denied")
        raise PartyAccessDenied
    party = Party.objects.filter(pk=party_id).first()
    for _ in range(5):
        if party is None or party.merged_into_id is None:
            break
        party = Party.objects.filter(pk=party.merged_into_id).first()
    if party is None:
        raise PartyNotFound
    reason = "protected" if protection_marks([party.id]).get(party.id) else ""
    access_record(
        action=action, subjects=[str(party.id)], record_type=record_type, record_id=party.person_no, reason=reason
    )
    return party


def party_require(party_id: UUID, *, action: str = "view", staff: Any, record_type: str = "party") -> Party:
    """`access_party` for a page. Raises Refused R404 for an unknown party, R403 without the right to open parties."""
    try:
        return access_party(party_id, action=action, staff=staff, record_type=record_type)
    except PartyNotFound as error:
        raise Refused("R404", error.message_ja, reason="not_found") from error
    except PartyAccessDenied as error:
        raise Refused("R403", error.message_ja, reason="no_permission") from error


def access_shown(party_ids: Sequence[UUID], *, action: str = "search", record_type: str = "party") -> None:
    """A list shows these parties: one event with all of them as subjects (N-070)."""
    access_record(action=action, subjects=[str(party_id) for party_id in party_ids], record_type=record_type,
                  count=len(party_ids))  # fmt: skip


@contextmanager
def number_use(permission: Permission, *, purpose: str, staff: Any = None) -> Iterator[AccessContext]:
    """Act on numbers inside the block: the context in force, with the function and legal base of `permission`.

    Only permissions of risk `number` with a legal base open this door; with `staff` the right is checked. Raises
    PartyAccessDenied, AuditContextMissing.
    """
    if permission.risk != "number" or not permission.legal_base:
        raise PartyAccessDenied
    if staff is not None and not has_permission(staff, permission):
        access_record(action="denied", record_type="vault.number", result="denied", reason=permission.code)
        raise PartyAccessDenied
    function_id = permission.function_ids[0] if permission.function_ids else permission.code
    widened = replace(context.current(), function_id=function_id, legal_base=permission.legal_base, purpose=purpose)
    with context.using(widened):
        yield widened

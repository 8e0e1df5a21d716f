"""宛名の印字 (what the delivery service decided, as the addressee of a printed piece). N-090, N-095; formats §12.5.

Every paper for a party is addressed here: who gets it (heirs, trustee, administrator, registered delivery address),
what may be printed, the digits of the customer bar code, and whether the piece stays in the house.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from addressbook.delivery import PULL_OPPONENT, PULL_PROTECTED, Delivery, deliveries_for
from addressbook.models import Party, Town
from taxsys.platform.printing.parts import Addressee, MailKind
from taxsys.platform.printing.postal import address_code, behind_town

# Papers about hidden persons: printed in the house, marked 支援措置 on count sheet and pull-out list.
_PROTECTED = frozenset({PULL_PROTECTED, PULL_OPPONENT})


@dataclass(frozen=True, slots=True)
class Mailing:
    """宛名 of one piece. `taxpayer_name` and `person_no` are the taxpayer's own, whoever gets the paper."""

    party_id: UUID
    person_no: str
    taxpayer_name: str
    addressee: Addressee
    pull_reason: str


def mailings_for(party_ids: Sequence[UUID], *, tax_kind: str, on: date) -> dict[UUID, Mailing]:
    """宛名 of papers of a tax for many parties, in a fixed number of queries."""
    deliveries = deliveries_for(party_ids, tax_kind=tax_kind, on=on)
    people = dict(Party.objects.filter(pk__in=party_ids).values_list("pk", "person_no"))
    names = dict(Party.objects.filter(pk__in=party_ids).values_list("pk", "name"))
    towns = _towns({one.zip for one in deliveries.values() if one.zip})
    return {
        party_id: Mailing(
            party_id,
            people[party_id],
            names[party_id],
            _addressee(one, people[party_id], towns),
            one.pull_reason,
        )
        for party_id, one in deliveries.items()
    }


def _towns(zips: set[str]) -> Mapping[str, list[str]]:
    """Names of the towns of these postal codes, longest first."""
    found: dict[str, list[str]] = {}
    for zip_code, name in Town.objects.filter(zip__in=zips).values_list("zip", "name"):
        found.setdefault(zip_code, []).append(name)
    return {zip_code: sorted(names, key=lambda name: (-len(name), name)) for zip_code, names in found.items()}


def _addressee(delivery: Delivery, person_no: str, towns: Mapping[str, list[str]]) -> Addressee:
    lines = tuple(line for line in (delivery.address_text, delivery.building_text) if line)
    held = delivery.is_pulled and delivery.pull_reason != PULL_PROTECTED
    return Addressee(
        person_no=person_no,
        name=delivery.name,
        zip7=delivery.zip,
        address_lines=lines,
        address_code=_code(delivery, towns.get(delivery.zip, ())),
        honorific=delivery.honorific,
        mail_kind=(MailKind.HOLD_BACK if held else MailKind.NORMAL).value,
        is_protected=delivery.pull_reason in _PROTECTED,
        party_key=str(delivery.addressee_id),
    )


def _code(delivery: Delivery, towns: Sequence[str]) -> str:
    """What of the address stands behind the town of its postal code, as digits of the customer bar code."""
    behind = behind_town(delivery.address_text)
    for town in towns:
        _, found, rest = delivery.address_text.partition(town)
        if found:
            behind = rest
            break
    return address_code(behind + ("　" + delivery.building_text if delivery.building_text else "")) if behind else ""

"""送付先の決定: to whom and where a paper of a tax goes, and whether it is pulled out for handling in the house.

Order: heirs' representative of a dead person, trustee, tax administrator → registered delivery address of the tax, then
of all taxes → own address (after moving away: the address moved to). Papers of hidden persons are always pulled out and
never reach the print contractor (N-095).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from addressbook.codes import ALL_TAX_KINDS, LinkKind, PartyKind, PartyState
from addressbook.disclosure import (
    Opponent,
    ShownAddress,
    is_opponent,
    opponents_by_party,
    safe_addresses,
    shown_address,
)
from addressbook.models import DeliveryAddress, Party, PartyLink, PartyVersion
from addressbook.selectors.parties import addresses_on
from addressbook.selectors.protections import hidden_parties

PULL_PROTECTED = "支援措置"
PULL_DECEASED = "死亡・相続人代表者なし"
PULL_NO_ADDRESS = "送付先なし"
PULL_OPPONENT = "送付先が支援措置の相手方"
PULL_ERASED = "宛名消除"
_ACTING = {
    LinkKind.HEIR_REPRESENTATIVE: 0,
    LinkKind.BANKRUPTCY_TRUSTEE: 1,
    LinkKind.TAX_ADMINISTRATOR: 2,
}
_HONORIFIC = {PartyKind.CORPORATION: "御中", PartyKind.BODY: "御中"}


@dataclass(frozen=True, slots=True)
class Delivery:
    """宛先 of one paper. `on_behalf_of` is the taxpayer's name where someone else gets it (「…様分」)."""

    party_id: UUID
    addressee_id: UUID
    name: str
    honorific: str
    on_behalf_of: str
    zip: str
    address_text: str
    building_text: str
    pull_reason: str

    @property
    def is_pulled(self) -> bool:
        """Whether the paper is handled in the house instead of being sent with the rest."""
        return bool(self.pull_reason)


@dataclass(frozen=True, slots=True)
class _Facts:
    parties: Mapping[UUID, Party]
    agents: Mapping[UUID, PartyLink]
    registered: Mapping[UUID, DeliveryAddress]
    addresses: Mapping[UUID, ShownAddress]
    versions: Mapping[UUID, PartyVersion]
    hidden: set[UUID]
    safe: Mapping[UUID, str]
    opponents: Mapping[UUID, list[Opponent]]


def deliveries_for(party_ids: Sequence[UUID], *, tax_kind: str, on: date) -> dict[UUID, Delivery]:
    """Where papers of `tax_kind` go on the day, for many parties in a fixed number of queries."""
    facts = _facts(party_ids, tax_kind=tax_kind, on=on)
    return {party_id: _delivery(facts, party_id) for party_id in party_ids if party_id in facts.parties}


def delivery_for(party_id: UUID, tax_kind: str, on: date) -> Delivery:
    """Where a paper of `tax_kind` goes on the day. Raises KeyError for an unknown party."""
    return deliveries_for([party_id], tax_kind=tax_kind, on=on)[party_id]


def _facts(party_ids: Sequence[UUID], *, tax_kind: str, on: date) -> _Facts:
    open_on = Q(valid_from__lte=on, superseded_at__isnull=True) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    of_tax = open_on & Q(tax_kind__in={tax_kind, ALL_TAX_KINDS})
    agents: dict[UUID, PartyLink] = {}
    for link in PartyLink.objects.filter(of_tax, party_id__in=party_ids, kind__in=list(_ACTING)):
        standing = agents.get(link.party_id)
        if standing is None or _link_rank(link) < _link_rank(standing):
            agents[link.party_id] = link
    registered: dict[UUID, DeliveryAddress] = {}
    for row in DeliveryAddress.objects.filter(of_tax, party_id__in=party_ids):
        if row.party_id not in registered or row.tax_kind != ALL_TAX_KINDS:
            registered[row.party_id] = row
    everyone = list({*party_ids, *(link.agent_id for link in agents.values())})
    hidden = hidden_parties(on=on)
    return _Facts(
        parties=Party.objects.in_bulk(everyone),
        agents=agents,
        registered=registered,
        addresses={party_id: shown_address(row) for party_id, row in addresses_on(everyone, on).items()},
        versions={row.party_id: row for row in PartyVersion.objects.as_of(on).filter(party_id__in=everyone)},
        hidden=hidden,
        safe=safe_addresses(sorted(hidden.intersection(everyone)), on=on) if hidden else {},
        opponents=opponents_by_party(sorted(hidden.intersection(party_ids)), on=on) if hidden else {},
    )


def _link_rank(link: PartyLink) -> tuple[int, bool]:
    return _ACTING[LinkKind(link.kind)], link.tax_kind == ALL_TAX_KINDS


def _delivery(facts: _Facts, party_id: UUID) -> Delivery:
    party = facts.parties[party_id]
    version = facts.versions.get(party_id)
    state = version.state if version else party.state
    link = facts.agents.get(party_id)
    if link is not None and link.kind == LinkKind.HEIR_REPRESENTATIVE and state != PartyState.DEAD:
        link = None
    addressee = facts.parties[link.agent_id] if link else party
    registered = None if link else facts.registered.get(party_id)
    zip_code, text, building = _place(facts, addressee.id, registered)
    name = registered.addressee_name if registered and registered.addressee_name else addressee.name
    return Delivery(
        party_id=party_id,
        addressee_id=addressee.id,
        name=name,
        honorific=_HONORIFIC.get(PartyKind(addressee.kind), "様"),
        on_behalf_of=party.name if name != party.name else "",
        zip=zip_code,
        address_text=text,
        building_text=building,
        pull_reason=_pull_reason(facts, party, addressee, state=state, has_address=bool(text)),
    )


def _place(facts: _Facts, addressee_id: UUID, registered: DeliveryAddress | None) -> tuple[str, str, str]:
    safe = facts.safe.get(addressee_id)
    if safe:
        return "", safe, ""
    if registered is not None:
        return registered.zip, registered.address_text, registered.building_text
    version = facts.versions.get(addressee_id)
    if version is not None and version.state == PartyState.MOVED_OUT:
        return "", version.next_address_text, ""
    shown = facts.addresses.get(addressee_id)
    return (shown.zip, shown.address_text, shown.building_text) if shown else ("", "", "")


def _pull_reason(facts: _Facts, party: Party, addressee: Party, *, state: str, has_address: bool) -> str:
    if addressee.id != party.id and is_opponent(addressee, facts.opponents.get(party.id, ())):
        return PULL_OPPONENT
    if party.id in facts.hidden or addressee.id in facts.hidden:
        return PULL_PROTECTED
    if state == PartyState.ERASED:
        return PULL_ERASED
    if state == PartyState.DEAD and addressee.id == party.id:
        return PULL_DECEASED
    return "" if has_address else PULL_NO_ADDRESS

"""宛名の照会: a party at a day, the taxable population, households, addresses (F-CM-018, F-CM-019, R-016)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from addressbook.codes import AddressKind, PartyState
from addressbook.models import Address, HouseholdMembership, Party, PartyVersion
from addressbook.models.history import BitemporalQuerySet


@dataclass(frozen=True, slots=True)
class PartyAtDate:
    """A party as it stood on a day: each part is None where nothing was known for it. Addresses here are not masked:
    whatever is shown or printed asks `addressbook.disclosure` first."""

    party: Party
    version: PartyVersion | None
    address: Address | None
    household: HouseholdMembership | None


@dataclass(frozen=True, slots=True)
class HouseholdMember:
    """世帯員 on a day."""

    party_id: UUID
    person_no: str
    name: str
    birth_on: date | None
    sex: str
    relation_code: str
    is_head: bool
    state: str


def party_as_of(party_id: UUID, on: date, known_at: datetime | None = None) -> PartyAtDate:
    """The party on the day `on`, as known at `known_at` (now if not given). Raises Party.DoesNotExist."""
    party = Party.objects.get(pk=party_id)
    return PartyAtDate(
        party,
        PartyVersion.objects.filter(party=party).as_of(on, known_at).first(),
        Address.objects.filter(party=party).as_of(on, known_at).order_by("kind").first(),
        HouseholdMembership.objects.filter(party=party).as_of(on, known_at).first(),
    )


party_at = party_as_of


def parties_by_person_no(person_nos: Sequence[str]) -> dict[str, UUID]:
    """Person number → party id for those that exist; merged parties answer their survivor."""
    rows = Party.objects.filter(person_no__in=person_nos).values_list("person_no", "id", "merged_into_id")
    return {person_no: survivor or party_id for person_no, party_id, survivor in rows}


def population_on(on: date, known_at: datetime | None = None) -> BitemporalQuerySet:
    """賦課期日の住民: everybody registered here on the day, by person number (地方税法39条, 318条).

    A person counts from 住民となった日 (a move or birth on the day itself counts) until the day before 転出日 or
    死亡日: who died or left on 1 January itself is not in the population of 1 January; who did so on 2 January is.
    Merged parties are left out. Rows: PartyVersion, one a party (`party_id`, `birth_on`, `sex` …).
    """
    return (
        PartyVersion.objects.as_of(on, known_at)
        .filter(state=PartyState.REGISTERED, party__merged_into__isnull=True)
        .select_related("party")
        .order_by("party__person_no")
    )


def population_chunks(on: date, *, size: int, known_at: datetime | None = None) -> list[tuple[str, str]]:
    """Ranges (first, last person number) that cut the population into chunks of at most `size`, for jobs."""
    numbers = list(population_on(on, known_at).values_list("party__person_no", flat=True))
    return [(numbers[at], numbers[min(at + size, len(numbers)) - 1]) for at in range(0, len(numbers), size)]


def population_range(on: date, first: str, last: str, known_at: datetime | None = None) -> BitemporalQuerySet:
    """The population between two person numbers, both included (one chunk of a job)."""
    return population_on(on, known_at).filter(party__person_no__gte=first, party__person_no__lte=last)


def households_on(
    party_ids: Sequence[UUID], on: date, known_at: datetime | None = None
) -> dict[UUID, tuple[str, str, bool]]:
    """Party → (household number, relation code, is head) on the day, for many parties in one query."""
    rows = HouseholdMembership.objects.as_of(on, known_at).filter(party_id__in=party_ids)
    return {
        party_id: (number, relation, is_head)
        for party_id, number, relation, is_head in rows.values_list(
            "party_id", "household_no", "relation_code", "is_head"
        )
    }


def household_members(household_no: str, on: date, known_at: datetime | None = None) -> list[HouseholdMember]:
    """世帯構成 on the day, head first, then by relation and birth date; only persons registered that day (F-CM-019)."""
    living = PartyVersion.objects.as_of(on, known_at).filter(party=OuterRef("party"), state=PartyState.REGISTERED)
    rows = (
        HouseholdMembership.objects.as_of(on, known_at)
        .filter(Exists(living), household_no=household_no)
        .select_related("party")
        .order_by("-is_head", "relation_code", "party__birth_on", "party__person_no")
    )
    return [
        HouseholdMember(
            row.party_id, row.party.person_no, row.party.name, row.party.birth_on, row.party.sex,
            row.relation_code, row.is_head, row.party.state,
        )
        for row in rows
    ]  # fmt: skip


def addresses_on(party_ids: Sequence[UUID], on: date, known_at: datetime | None = None) -> dict[UUID, Address]:
    """住所 on the day (賦課期日の住所, say) of many parties in one query; residence before head office."""
    rows = Address.objects.as_of(on, known_at).filter(party_id__in=party_ids)
    found: dict[UUID, Address] = {}
    for row in rows:
        if row.party_id not in found or row.kind == AddressKind.RESIDENCE:
            found[row.party_id] = row
    return found


def address_history(party_id: UUID, known_at: datetime | None = None) -> list[Address]:
    """住所の履歴, newest first, as known at the moment given."""
    return list(Address.objects.known(known_at).filter(party_id=party_id).order_by("-valid_from"))

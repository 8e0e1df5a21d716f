"""転出・死亡済みの者の登録: people whom only a file of a former year names, with the state they left in (F-CM-001)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from addressbook.address_text import address_key, name_key
from addressbook.codes import AddressKind, PartyKind, PartyState
from addressbook.models import Address, Party, PartyVersion
from addressbook.services.feed import search_keys
from taxsys.platform import clock


@dataclass(frozen=True, kw_only=True, slots=True)
class FormerResidentRow:
    """One person as the file names him: `state` moved_out or dead since `left_on`; resident from `since_on` on."""

    person_no: str
    name: str
    name_kana: str
    birth_on: date | None
    sex: str
    address_text: str
    state: PartyState
    since_on: date
    left_on: date


@transaction.atomic
def former_residents_ensure(rows: Sequence[FormerResidentRow], *, source: str) -> dict[str, UUID]:
    """Find by person number, or register; answers person number → party. Idempotent; a known person is left alone."""
    known = dict(Party.objects.filter(person_no__in=[row.person_no for row in rows]).values_list("person_no", "id"))
    fresh = [(row, _party(row)) for row in rows if row.person_no not in known]
    Party.objects.bulk_create(party for _, party in fresh)
    PartyVersion.objects.bulk_create(
        version for row, party in fresh for version in _versions(row, party, source=source)
    )
    Address.objects.bulk_create(
        Address(
            party=party,
            kind=AddressKind.RESIDENCE,
            valid_from=row.since_on,
            valid_to=row.left_on,
            recorded_at=party.recorded_at,
            source=source,
            full_text=row.address_text,
            address_key=address_key(row.address_text),
        )
        for row, party in fresh
        if row.address_text
    )
    return known | {row.person_no: party.id for row, party in fresh}


def _party(row: FormerResidentRow) -> Party:
    strict, loose = search_keys(row.name_kana)
    return Party(
        person_no=row.person_no,
        kind=PartyKind.RESIDENT,
        name=row.name,
        name_kana=row.name_kana,
        name_key=name_key(row.name),
        strict_key=strict,
        loose_key=loose,
        birth_on=row.birth_on,
        sex=row.sex,
        state=row.state,
        recorded_at=clock.now(),
    )


def _versions(row: FormerResidentRow, party: Party, *, source: str) -> list[PartyVersion]:
    spans = ((row.since_on, row.left_on, PartyState.REGISTERED), (row.left_on, None, row.state))
    return [
        PartyVersion(
            party=party,
            valid_from=valid_from,
            valid_to=valid_to,
            recorded_at=party.recorded_at,
            source=source,
            name=party.name,
            name_kana=party.name_kana,
            birth_on=party.birth_on,
            sex=party.sex,
            state=state,
            resident_since=row.since_on,
            left_on=row.left_on if state == PartyState.MOVED_OUT else None,
            died_on=row.left_on if state == PartyState.DEAD else None,
        )
        for valid_from, valid_to, state in spans
    ]

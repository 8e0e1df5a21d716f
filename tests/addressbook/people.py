"""Parties for the tests of search and card: a few people, each with what makes him worth a test."""

from datetime import date
from typing import Any

from addressbook.address_text import address_key, name_key
from addressbook.models import Address, HouseholdMembership, Party, PartyVersion, Protection, ProtectionMember
from addressbook.services.feed import search_keys
from addressbook.services.protection_measures import Measure
from taxsys.platform import clock

TODAY = date(2026, 11, 20)


def person(no: int, *, name: str = "旭川　太郎", kana: str = "アサヒカワ　タロウ", **fields: Any) -> Party:
    """A resident with a version, an address and a household of his own (or `household`), known since 2010."""
    strict, loose = search_keys(kana)
    birth_on = fields.pop("birth_on", date(1980, 5, 5))
    address_text = fields.pop("address_text", f"北海道旭川市四条通八丁目{no}番3号")
    household = fields.pop("household", f"S{no:010d}")
    relation = fields.pop("relation", "02")
    died_on, left_on = fields.pop("died_on", None), fields.pop("left_on", None)
    version = {key: fields.pop(key) for key in ("birth_text", "alias", "former_surname") if key in fields}
    values = {"kind": "resident", "state": "registered", "sex": "1", "person_no": f"R{no:014d}", **fields}
    party = Party.objects.create(
        name=name, name_kana=kana, name_key=name_key(name), strict_key=strict, loose_key=loose, birth_on=birth_on,
        recorded_at=clock.now(), **values,
    )  # fmt: skip
    known: dict[str, Any] = {"valid_from": date(2010, 4, 1), "recorded_at": clock.now(), "source": "test"}
    PartyVersion.objects.create(
        party=party, name=name, name_kana=kana, birth_on=birth_on, sex=party.sex, state=party.state,
        died_on=died_on, left_on=left_on, **version, **known,
    )  # fmt: skip
    if address_text:
        Address.objects.create(
            party=party, full_text=address_text, address_key=address_key(address_text.removeprefix("北海道旭川市")),
            kind="head_office" if party.kind in ("corporation", "body") else "residence", **known,
        )  # fmt: skip
    if household:
        HouseholdMembership.objects.create(
            party=party, household_no=household, relation_code=relation, is_head=relation == "02", **known
        )
    return party


def measure(party: Party, **changes: Any) -> Measure:
    """What the application form for a protection of the party says, as an officer enters it."""
    values = {
        "person_no": party.person_no, "kind": "1", "accepted_on": TODAY, "valid_from": TODAY,
        "valid_to": date(2027, 11, 20), "targets": ("9",), "requested_from": "011002",
        "opponents": (("相手　方男", "北海道旭川市九条通1丁目"),), **changes,
    }  # fmt: skip
    return Measure(**values)


def protect(party: Party, *members: Party, **fields: Any) -> Protection:
    """A standing protection of the party, with members named beside it."""
    values = {"kind": "1", "accepted_on": date(2026, 4, 1), "valid_from": date(2026, 4, 1), "source": "test", **fields}
    row = Protection.objects.create(party=party, recorded_at=clock.now(), **values)
    ProtectionMember.objects.bulk_create(ProtectionMember(protection=row, party=member) for member in members)
    return row

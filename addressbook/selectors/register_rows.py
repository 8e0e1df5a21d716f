"""What the address book says today of the people of the resident register, for the comparison of both (R-277)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Max

from addressbook.codes import PartyKind, PartyState
from addressbook.models import Address, FeedRecord, HouseholdMembership, Party, PartyVersion

Known = dict[UUID, tuple[Any, ...]]


def residents_by_no(person_nos: Sequence[str]) -> dict[str, UUID]:
    """宛名番号 → party of residents, merged ones included."""
    rows = Party.objects.filter(person_no__in=list(person_nos), kind=PartyKind.RESIDENT)
    return dict(rows.values_list("person_no", "id"))


def current_rows(model: Any, party_ids: Sequence[UUID], columns: Sequence[str]) -> Known:
    """The newest known row of each party in a table with history, as a tuple of `columns`."""
    rows = (
        model.objects.filter(party_id__in=list(party_ids), superseded_at__isnull=True)
        .order_by("party_id", "-valid_from")
        .distinct("party_id")
        .values_list("party_id", *columns)
    )
    return {row[0]: tuple(row[1:]) for row in rows}


def last_seqs(party_ids: Sequence[UUID], *, source: str) -> dict[UUID, int]:
    """The newest feed record applied to each party."""
    rows = FeedRecord.objects.filter(party_id__in=list(party_ids), source=source).values("party_id")
    return {row["party_id"]: row["newest"] for row in rows.annotate(newest=Max("seq"))}


def registered_nos() -> list[str]:
    """宛名番号 of everybody whom the address book holds to be a registered resident, in order."""
    rows = Party.objects.filter(kind=PartyKind.RESIDENT, state=PartyState.REGISTERED, merged_into__isnull=True)
    return list(rows.order_by("person_no").values_list("person_no", flat=True))


VERSION, ADDRESS, HOUSEHOLD = PartyVersion, Address, HouseholdMembership

"""申告された親族の特定 (reads): whom the relatives written on live papers are, as far as the address book tells.

A relative is the one member of the claimant's household of that name (and birth date, where it is written), else the
one person of the frozen population with that name and birth date. Whoever fits twice, or nobody, stays unknown.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from addressbook.address_text import name_key
from assessment.models import SourceDocument, SourceState, TaxablePopulation
from assessment.sources.models import DOMICILED

SPOUSE = "spouse"


@dataclass(frozen=True, slots=True)
class RelativeClaim:
    """One relative claimed by one taxpayer; `stated_income_yen` as the paper says, None where it says nothing."""

    claimant_id: UUID
    relative_id: UUID
    role: str
    document_id: int
    stated_income_yen: int | None


@dataclass(frozen=True, slots=True)
class _Member:
    party_id: UUID
    birth_on: date | None


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims whose relative is known, one per claimant and relative; counts of all and of the unknown ones."""

    known: tuple[RelativeClaim, ...]
    written: int
    unknown: int


def relative_claims(*, tax_year: int) -> Claims:
    """Every relative on the year's live papers, ordered by claimant and relative. Three statements for a whole city."""
    in_household, in_city, household_of = _population(tax_year)
    found: dict[tuple[UUID, UUID], RelativeClaim] = {}
    written = unknown = 0
    papers = (
        SourceDocument.objects.filter(tax_year=tax_year, state=SourceState.ACTIVE, party__isnull=False)
        .exclude(relatives=[])
        .order_by("party_id", "arrived_on", "pk")
        .values_list("party_id", "pk", "relatives", "items__spouse_income_yen")
    )
    for claimant, paper, relatives, spouse_income_yen in papers.iterator(chunk_size=5000):
        for one in relatives:
            written += 1
            birth = date.fromisoformat(one["birth_on"]) if one.get("birth_on") else None
            key = name_key(str(one["name"]))
            fits = _fitting(in_household.get((household_of.get(claimant, ""), key), ()), birth)
            if len(fits) != 1 and birth is not None:
                fits = in_city.get((key, birth), [])
            others = [party for party in fits if party != claimant]
            if len(others) != 1:
                unknown += 1
                continue
            income = spouse_income_yen if one["role"] == SPOUSE else one.get("income_yen")
            found[claimant, others[0]] = RelativeClaim(claimant, others[0], str(one["role"]), paper, income)
    return Claims(tuple(found[key] for key in sorted(found)), written, unknown)


def _fitting(members: "list[_Member] | tuple[()]", birth: date | None) -> list[UUID]:
    return [one.party_id for one in members if birth is None or one.birth_on == birth]


def _population(
    tax_year: int,
) -> tuple[dict[tuple[str, str], list[_Member]], dict[tuple[str, date], list[UUID]], dict[UUID, str]]:
    """Members by household and name, people by name and birth date, household of each person."""
    in_household: dict[tuple[str, str], list[_Member]] = defaultdict(list)
    in_city: dict[tuple[str, date], list[UUID]] = defaultdict(list)
    household_of: dict[UUID, str] = {}
    rows = TaxablePopulation.objects.filter(tax_year=tax_year, basis__in=DOMICILED).values_list(
        "party_id", "household_no", "party__name_key", "party__birth_on"
    )
    for party, household_no, key, birth in rows.iterator(chunk_size=5000):
        household_of[party] = household_no
        if household_no:
            in_household[household_no, key].append(_Member(party, birth))
        if birth is not None:
            in_city[key, birth].append(party)
    return in_household, in_city, household_of

"""Documents of many people → RESIDENT_FACTS columns (reads only). The consolidation itself is pure and beside this."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from addressbook.models import Party
from assessment.models import SourceDocument, SourceState, TaxablePopulation
from assessment.resident.consolidation import Consolidated, Paper, Subject, consolidate
from assessment.resident.rules.facts import RESIDENT_FACTS
from taxsys.kernel.columns import Batch


@dataclass(frozen=True, slots=True)
class BuiltFacts:
    """Facts of the people asked for, in the order of `party_ids` (rows of the batch)."""

    party_ids: list[UUID]
    batch: Batch
    found: list[Consolidated]
    births: list[date | None]


def parties_with_documents(*, tax_year: int, documents_until: date) -> list[UUID]:
    """People of whom there is a live paper of the year that arrived in time, ordered by id."""
    return list(
        SourceDocument.objects.filter(
            tax_year=tax_year, state=SourceState.ACTIVE, party__isnull=False, arrived_on__lte=documents_until
        )
        .order_by("party_id")
        .values_list("party_id", flat=True)
        .distinct()
    )


def facts_build(*, tax_year: int, party_ids: Sequence[UUID], documents_until: date) -> BuiltFacts:
    """Consolidate the papers of these people that arrived until the day given. Deterministic in any order of rows."""
    papers: dict[UUID, list[Paper]] = defaultdict(list)
    rows = SourceDocument.objects.filter(
        tax_year=tax_year, state=SourceState.ACTIVE, party_id__in=party_ids, arrived_on__lte=documents_until
    ).values_list("party_id", "id", "kind", "items", "arrived_on", "withholder_id", "relatives")
    for party_id, *rest in rows:
        papers[party_id].append(Paper(*rest))
    here = set(
        TaxablePopulation.objects.filter(tax_year=tax_year, party_id__in=party_ids).values_list("party_id", flat=True)
    )
    persons = {
        pk: (birth_on, sex)
        for pk, birth_on, sex in Party.objects.filter(pk__in=party_ids).values_list("id", "birth_on", "sex")
    }
    ordered = sorted(party_ids)
    found = [
        consolidate(
            Subject(birth_on=persons[pk][0], sex=persons[pk][1], tax_year=tax_year, is_domiciled=pk in here),
            papers[pk],
        )
        for pk in ordered
    ]
    batch = RESIDENT_FACTS.batch(
        {column.name: [one.facts.get(column.name, 0) for one in found] for column in RESIDENT_FACTS}, rows=len(found)
    )
    return BuiltFacts(ordered, batch, found, [persons[pk][0] for pk in ordered])

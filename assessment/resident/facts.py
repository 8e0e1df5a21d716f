"""Documents of many people → RESIDENT_FACTS columns (reads only). The consolidation itself is pure and beside this."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np

from assessment.resident.bulk import papers as bulk
from assessment.resident.consolidation import Consolidated, consolidate
from assessment.resident.rules.facts import RESIDENT_FACTS
from taxsys.kernel.columns import Batch


@dataclass(frozen=True, slots=True)
class BuiltFacts:
    """Facts of the people asked for, in the order of `party_ids` (rows of the batch)."""

    party_ids: list[UUID]
    batch: Batch
    found: list[Consolidated]
    births: list[date | None]

    def only(self, rows: Sequence[int]) -> "BuiltFacts":
        """These rows."""
        index = np.array(rows, dtype=np.intp)
        return BuiltFacts(
            [self.party_ids[row] for row in rows],
            {name: values[index] for name, values in self.batch.items()},
            [self.found[row] for row in rows],
            [self.births[row] for row in rows],
        )


def facts_build(*, tax_year: int, party_ids: Sequence[UUID], documents_until: date) -> BuiltFacts:
    """Consolidate the papers of these people that arrived until the day given. Deterministic in any order of rows."""
    ordered = sorted(party_ids)
    papers = bulk.papers_of(ordered, tax_year=tax_year, documents_until=documents_until)
    subjects = bulk.subjects_of(ordered, tax_year=tax_year)
    found = [consolidate(subjects[party], papers[party]) for party in ordered]
    return BuiltFacts(ordered, facts_columns(found), found, [subjects[party].birth_on for party in ordered])


def facts_columns(found: Sequence[Consolidated]) -> Batch:
    """The facts of the people as columns; what nobody wrote down is zero."""
    rows: dict[str, list[int]] = defaultdict(list)
    values: dict[str, list[int]] = defaultdict(list)
    for row, one in enumerate(found):
        for name, value in one.facts.items():
            rows[name].append(row)
            values[name].append(value)
    batch = {column.name: np.zeros(len(found), dtype=column.dtype) for column in RESIDENT_FACTS}
    for name, places in rows.items():
        batch[name][places] = values[name]
    return batch

"""減免の現在額 (reads): what of a year's tax the standing remissions come to, by person and part (yen).

A remission is decided of the tax that stood. Where a correction lowers that tax, it comes to its share of what is left
(地方税法323条), so a remission never exceeds the tax; the granted amount stays on record, and counts again as far as
the tax rises back.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np

from assessment.amendments.relief_models import Relief, ReliefState
from assessment.models import AssessmentRun, Decision, ResidentResult
from assessment.resident.facts import BuiltFacts
from assessment.resident.rules.pipeline import compute
from assessment.resident.rules.remitted import fitted_yen
from taxsys.params.model import ParameterSet

RELIEF_COLUMNS = ("relief_city_yen", "relief_prefecture_yen", "relief_forest_yen")
Relief3 = tuple[int, int, int]
_LEVIES = ("income_levy_city_yen", "per_capita_city_yen", "income_levy_prefecture_yen", "per_capita_prefecture_yen")


@dataclass(frozen=True, slots=True)
class Taxes:
    """A year's tax before any remission (yen); `forest_yen` None: not known, the remission of it stays as decided."""

    city_yen: int
    prefecture_yen: int
    forest_yen: int | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A remission in force: what was granted of which tax."""

    granted: Relief3
    then: Taxes

    def fitted(self, now: Taxes, *, granted: Relief3 | None = None) -> Relief3:
        """What it comes to of the tax of now; `granted`: another amount granted of the same tax."""
        city, prefecture, forest = granted or self.granted
        return (
            fitted_yen(city, self.then.city_yen, now.city_yen),
            fitted_yen(prefecture, self.then.prefecture_yen, now.prefecture_yen),
            forest if now.forest_yen is None else min(forest, now.forest_yen),
        )


def levies_of(row: Mapping[str, Any]) -> Taxes:
    """The tax before remission of a result row (its levy columns)."""
    return Taxes(
        row["income_levy_city_yen"] + row["per_capita_city_yen"],
        row["income_levy_prefecture_yen"] + row["per_capita_prefecture_yen"],
    )


def grants_of(*, tax_year: int, party_ids: Sequence[UUID]) -> dict[UUID, list[Grant]]:
    """The remissions in force of these people, each with the tax of the decision that granted it."""
    rows = Relief.objects.filter(
        tax_year=tax_year, party_id__in=party_ids, state__in=[ReliefState.GRANTED, ReliefState.REVOKED],
        version__isnull=False,
    ).order_by("relief_no")  # fmt: skip
    some = [one for one in rows if one.total_yen]
    versions = Decision.objects.filter(tax_year=tax_year, party_id__in={one.party_id for one in some})
    runs = {(party, version): run for party, version, run in versions.values_list("party_id", "version", "run_id")}
    wanted = [(one.party_id, runs[one.party_id, one.version or 0]) for one in some]
    results = ResidentResult.objects.filter(
        run_id__in={run for _, run in wanted}, party_id__in={party for party, _ in wanted}
    )
    levies = {
        (row["party_id"], row["run_id"]): levies_of(row) for row in results.values("party_id", "run_id", *_LEVIES)
    }
    found: dict[UUID, list[Grant]] = defaultdict(list)
    for one, key in zip(some, wanted, strict=True):
        found[one.party_id].append(Grant((one.city_yen, one.prefecture_yen, one.forest_yen), levies[key]))
    return dict(found)


def reliefs_fit(run: AssessmentRun, built: BuiltFacts, law: ParameterSet) -> None:
    """減免 granted for the year stays whatever papers come later, until an act of its own ends it; as its share of a
    tax that is lower now."""
    grants = grants_of(tax_year=run.tax_year, party_ids=built.party_ids)
    if not grants:
        return
    rows = np.array([row for row, party in enumerate(built.party_ids) if party in grants], dtype=np.intp)
    facts = {name: values[rows] for name, values in built.batch.items()}
    for name in RELIEF_COLUMNS:
        facts[name] = np.zeros(rows.size, dtype=np.int64)
    result = compute(facts, law).columns
    for place, row in enumerate(rows):
        levies = levies_of({name: int(result[name][place]) for name in _LEVIES})
        now = Taxes(levies.city_yen, levies.prefecture_yen, int(result["forest_tax_yen"][place]))
        amounts = [one.fitted(now) for one in grants[built.party_ids[row]]]
        for part, name in enumerate(RELIEF_COLUMNS):
            limit = (now.city_yen, now.prefecture_yen, now.forest_yen or 0)[part]
            built.batch[name][row] = min(sum(one[part] for one in amounts), limit)

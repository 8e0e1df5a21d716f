"""減免の現在額 (reads): what of a year's tax is remitted by the decisions in force, by person and part (yen)."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from assessment.decisions.selectors import standing_decisions
from assessment.models import AssessmentRun, Decision, ResidentFacts, RunKind, RunState
from taxsys.platform.among import among

RELIEF_COLUMNS = ("relief_city_yen", "relief_prefecture_yen", "relief_forest_yen")
Relief3 = tuple[int, int, int]


def standing_reliefs(*, tax_year: int, party_ids: Sequence[UUID]) -> dict[UUID, Relief3]:
    """City, prefecture and forest yen of everybody with a remission in force among these people."""
    if not AssessmentRun.objects.filter(tax_year=tax_year, kind=RunKind.RELIEF, state=RunState.RELEASED).exists():
        return {}
    some = Q()
    for name in RELIEF_COLUMNS:
        some |= Q(**{f"{name}__gt": 0})
    decided = Decision.objects.filter(run=OuterRef("run"), party=OuterRef("party"))
    rows = ResidentFacts.objects.filter(some, Exists(decided), party__in=among(party_ids), run__tax_year=tax_year)
    found = {
        (run, party): (city, prefecture, forest)
        for run, party, city, prefecture, forest in rows.values_list("run_id", "party_id", *RELIEF_COLUMNS)
    }
    if not found:
        return {}
    standing = standing_decisions(tax_year=tax_year).filter(party_id__in={party for _, party in found})
    return {
        party: found[run, party]
        for run, party in standing.values_list(F("run_id"), F("party_id"))
        if (run, party) in found
    }

"""扶養重複・所得超過・配偶者の不一致 (checks over the whole city before the runs). F-PC-012.

The relatives' own incomes come from their own papers through the same rules as everybody's.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np

from addressbook.models import Party
from assessment.models import SourceDocument, SourceState
from assessment.resident.facts import facts_build
from assessment.resident.relatives import SPOUSE, Claims, RelativeClaim, relative_claims
from assessment.resident.rules.pipeline import compute, resident_law
from taxsys.kernel.yen import format_yen
from taxsys.params.model import ParameterSet

TWICE, TOO_RICH, SPOUSES = "扶養親族の重複", "扶養親族の所得超過", "配偶者の不一致"
CODES = {TWICE: "S0401", TOO_RICH: "S0402", SPOUSES: "S0403"}
SPECIFIC = "specific_relative"
BLOCK = 5000


@dataclass(frozen=True, slots=True)
class DependantFinding:
    """One thing to settle: `subject_no` the relative's person number, `claimants` those who claim (person numbers)."""

    kind: str
    subject_no: str
    claimants: tuple[str, ...]
    message_ja: str

    @property
    def code(self) -> str:
        """Stable code of the kind."""
        return CODES[self.kind]


def dependants_check(*, tax_year: int, documents_until: date, city_code: str) -> tuple[Claims, list[DependantFinding]]:
    """Every finding over the year's papers, ordered by kind and relative; nothing is written."""
    claims = relative_claims(tax_year=tax_year)
    law = resident_law(tax_year, city_code)
    incomes = _incomes(sorted({one.relative_id for one in claims.known}), documents_until, law)
    people = {one.claimant_id for one in claims.known} | {one.relative_id for one in claims.known}
    numbers = dict(Party.objects.filter(pk__in=people).values_list("pk", "person_no"))
    found = [
        *_twice(claims.known, numbers),
        *_too_rich(claims.known, numbers, incomes, law),
        *_spouses(claims.known, numbers, incomes, tax_year),
    ]
    return claims, sorted(found, key=lambda one: (one.code, one.subject_no, one.claimants))


def _incomes(people: Sequence[UUID], until: date, law: ParameterSet) -> dict[UUID, int]:
    """合計所得金額 of these people from their own papers (yen); who has no paper has none."""
    found: dict[UUID, int] = {}
    for start in range(0, len(people), BLOCK):
        part = people[start : start + BLOCK]
        built = facts_build(tax_year=int(str(law.when)), party_ids=part, documents_until=until)
        totals = compute(built.batch, law).columns["total_income_yen"]
        found |= dict(zip(built.party_ids, np.asarray(totals).tolist(), strict=True))
    return found


def _twice(claims: Sequence[RelativeClaim], numbers: dict[UUID, str]) -> Iterator[DependantFinding]:
    by_relative: dict[UUID, list[RelativeClaim]] = defaultdict(list)
    for one in claims:
        by_relative[one.relative_id].append(one)
    for relative, several in by_relative.items():
        if len(several) < 2:
            continue
        claimants = tuple(sorted(numbers[one.claimant_id] for one in several))
        yield DependantFinding(
            TWICE,
            numbers[relative],
            claimants,
            f"{len(claimants)}人が同じ親族を申告しています(申告者の宛名番号 {'・'.join(claimants)})。"
            "どちらの扶養とするか確かめてください。",
        )


def _too_rich(
    claims: Sequence[RelativeClaim], numbers: dict[UUID, str], incomes: dict[UUID, int], law: ParameterSet
) -> Iterator[DependantFinding]:
    limit = law["resident.deduction.relative_income_limit"].integer
    for one in claims:
        income = incomes[one.relative_id]
        if one.role in {SPOUSE, SPECIFIC} or income <= limit:
            continue
        yield DependantFinding(
            TOO_RICH,
            numbers[one.relative_id],
            (numbers[one.claimant_id],),
            f"扶養親族の合計所得が{format_yen(income)}で、限度の{format_yen(limit)}を超えています"
            f"(申告者の宛名番号 {numbers[one.claimant_id]})。扶養を外すか本人の資料を確かめてください。",
        )


def _spouses(
    claims: Sequence[RelativeClaim], numbers: dict[UUID, str], incomes: dict[UUID, int], tax_year: int
) -> Iterator[DependantFinding]:
    """Both claim each other; the income on the paper is not the spouse's; the spouse says to be single."""
    pairs = {(one.claimant_id, one.relative_id) for one in claims if one.role == SPOUSE}
    single = set(
        SourceDocument.objects.filter(
            tax_year=tax_year, state=SourceState.ACTIVE, items__is_single_parent=1, party__isnull=False
        ).values_list("party_id", flat=True)
    )
    for one in claims:
        if one.role != SPOUSE:
            continue
        actual, stated = incomes[one.relative_id], one.stated_income_yen or 0
        reasons = []
        if (one.relative_id, one.claimant_id) in pairs and one.claimant_id < one.relative_id:
            reasons.append("互いに配偶者として申告しています")
        if actual > stated:
            reasons.append(f"配偶者の所得が記載の{format_yen(stated)}より多い{format_yen(actual)}です")
        if one.relative_id in single or one.claimant_id in single:
            reasons.append("一方がひとり親として申告しています")
        if reasons:
            claimant = numbers[one.claimant_id]
            yield DependantFinding(
                SPOUSES,
                numbers[one.relative_id],
                (claimant,),
                f"{'、'.join(reasons)}(申告者の宛名番号 {claimant})。配偶者の資料を確かめてください。",
            )

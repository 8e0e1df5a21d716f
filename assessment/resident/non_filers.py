"""未申告者 (reads): who is taxable here and of whom nothing is known for the year. F-PL-015, 地方税法317条の2.

Somebody with a paper that counts or waits is known, and so is a relative named on another's paper. Minors below the
age asked for and people on livelihood aid (295条1項1号: not taxable, 317条の2第1項ただし書) are left out.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from assessment.models import SourceDocument, SourceState, TaxablePopulation
from assessment.resident.consolidation import age_at_year_end
from assessment.resident.relatives import relative_claims
from taxsys.kernel import wareki

# Papers of these states speak of the person, counted already or waiting for a clerk.
_KNOWN = (SourceState.ACTIVE, SourceState.HELD, SourceState.UNMATCHED, SourceState.ELSEWHERE)


@dataclass(frozen=True, slots=True)
class NonFiler:
    """One person without any word: the birth date helps to judge."""

    party_id: UUID
    birth_on: date | None

    @property
    def message_ja(self) -> str:
        """In words for the list."""
        born = f"{wareki.format_short(self.birth_on)}生" if self.birth_on else "生年月日不詳"
        return f"{born}。課税資料がなく、誰の扶養親族にもなっていません。申告の要否を確かめてください。"


def non_filers(*, tax_year: int, age_from: int) -> list[NonFiler]:
    """Everybody of the frozen population without a paper and without a claim, by person number. Five statements."""
    heard_of = set(
        SourceDocument.objects.filter(tax_year=tax_year, state__in=_KNOWN, party__isnull=False).values_list(
            "party_id", flat=True
        )
    )
    heard_of |= {one.relative_id for one in relative_claims(tax_year=tax_year).known}
    people = (
        TaxablePopulation.objects.filter(tax_year=tax_year, basis="resident", is_on_livelihood_aid=False)
        .order_by("party__person_no")
        .values_list("party_id", "birth_on")
    )
    return [
        NonFiler(party_id, birth_on)
        for party_id, birth_on in people.iterator(chunk_size=5000)
        if party_id not in heard_of and _is_old_enough(birth_on, tax_year, age_from)
    ]


def _is_old_enough(birth_on: date | None, tax_year: int, age_from: int) -> bool:
    return birth_on is None or age_at_year_end(birth_on, tax_year - 1) >= age_from

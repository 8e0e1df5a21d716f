"""突合: unmatched papers against the address book, by held number first, then kana, birth date and address (R-012)."""

from collections.abc import Sequence
from dataclasses import dataclass

from addressbook.services.matching import MatchRow, match_many
from assessment.models import SourceDocument, SourceState
from assessment.sources.matching import income_from
from assessment.sources.services import matches_note_numbers, matches_store
from eltax_bridge.services.numbers import numbers_bind


@dataclass(frozen=True, slots=True)
class MatchingCounts:
    """件数 of one call."""

    looked_at: int
    bound: int
    left: tuple[tuple[int, str], ...]


def unmatched_documents(tax_year: int) -> list[int]:
    """Papers of the year that nobody is bound to yet, oldest first."""
    return list(
        SourceDocument.objects.filter(tax_year=tax_year, state=SourceState.UNMATCHED)
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def documents_match(document_ids: Sequence[int], *, actor_id: str = "batch") -> MatchingCounts:
    """Bind what can be bound with evidence; an ambiguous person is never bound by a machine.

    Idempotent: a bound paper is passed over. Answers how many were looked at and bound, and why the rest were not.
    """
    documents = list(SourceDocument.objects.filter(pk__in=document_ids, state=SourceState.UNMATCHED).order_by("pk"))
    results = match_many(
        [
            MatchRow(
                ref=str(document.pk),
                name=document.name,
                name_kana=document.name_kana,
                birth_on=document.birth_on,
                address_text=document.address,
                number_ref=document.number_ref,
                since=income_from(document.tax_year),
            )
            for document in documents
        ]
    )
    matches, pairs, left = [], [], []
    for document, result in zip(documents, results, strict=True):
        if result.party_id is None:
            left.append((document.pk, result.reason))
            continue
        matches.append((document.pk, result.party_id, str(result.method), {"agreed": dict(result.evidence)}))
        if document.number_ref is not None:
            pairs.append((document.number_ref, result.party_id))
    bound = matches_store(matches, actor_id=actor_id)
    outcomes = numbers_bind(pairs)
    refs = {document.number_ref: document.pk for document in documents if document.number_ref is not None}
    matches_note_numbers({refs[ref]: outcome for ref, outcome in outcomes.items() if ref in refs})
    return MatchingCounts(len(documents), bound, tuple(left))

"""What a run has stored of one person."""

from uuid import UUID

from assessment.models import AssessmentRun, ResidentFacts, ResidentResult
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import RESIDENT_RESULT
from taxsys.kernel.columns import Batch


def stored_facts(run: AssessmentRun, party_id: UUID) -> Batch:
    """The facts of one person as stored, as a batch of length one, for explanation and what-if."""
    row = ResidentFacts.objects.get(run=run, party_id=party_id)
    return RESIDENT_FACTS.batch({column.name: [getattr(row, column.name)] for column in RESIDENT_FACTS})


def stored_result(run: AssessmentRun, party_id: UUID) -> dict[str, int]:
    """The stored result columns of one person."""
    row = ResidentResult.objects.get(run=run, party_id=party_id)
    return {column.name: int(getattr(row, column.name)) for column in RESIDENT_RESULT}

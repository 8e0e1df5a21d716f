"""納期限 of a run: those of the law, or new ones that a recall has set (I1: 郡山市 moved its first term).

A new date is kept per way of collecting and number of the instalment, written "ordinary:1" → ISO date.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from assessment.models import AssessmentRun, RunRecall
from assessment.resident.collection_split import KEYS, due_dates


def run_due_dates(run: AssessmentRun, method: str) -> Sequence[date]:
    """Due date of every place of a method in this run, in order."""
    changed: Mapping[str, str] = run.due_dates
    return [
        date.fromisoformat(changed[f"{method}:{place}"]) if f"{method}:{place}" in changed else due_on
        for place, due_on in enumerate(due_dates(method, run.tax_year), start=1)
    ]


def due_dates_in_force(tax_year: int) -> dict[str, str]:
    """Dates that recalls of the year have set, the latest word winning; a run opened now takes them over."""
    found: dict[str, str] = {}
    for recall in RunRecall.objects.filter(run__tax_year=tax_year).order_by("recorded_at", "pk"):
        found |= recall.new_due_dates
    return found


def due_date_keys() -> list[str]:
    """Every key under which a new due date may be given."""
    return [f"{method}:{place}" for method, keys in KEYS.items() for place in range(1, len(keys) + 1)]

"""入力の照会: years that may be entered, what an officer entered last, bundles and their progress."""

from assessment.entry.models import PaperEntry
from assessment.resident.rules.pipeline import PIPELINES
from taxsys.platform import clock
from taxsys.platform.staff.models import Staff

LAST = 20


def years_open() -> list[int]:
    """課税年度 whose papers may be entered: those whose rules are built, newest first."""
    return sorted(PIPELINES, reverse=True)


def current_year() -> int:
    """The 課税年度 of the business day: papers of the year before come in from January on."""
    return clock.today().year


def entries_of(staff: Staff) -> list[PaperEntry]:
    """What this officer entered last, newest first."""
    return list(
        PaperEntry.objects.filter(entered_by=staff, document__isnull=False).select_related("document")[:LAST]
    )  # fmt: skip

"""課税計算の実行 (a run): open → compute in chunks → check → release by a second person.

Trial first: the rows of a run are nobody's debt. Release makes decisions and levies of them; from then on they are the
decisions' snapshot. R-004, R-016, R-019; 地方税法319条の2, 321条の4.
"""

from assessment.resident.runs.computing import run_compute_chunk, run_computed
from assessment.resident.runs.opening import TAX_KIND, law_of, run_open, run_population
from assessment.resident.runs.releasing import (
    PersonToRelease,
    notice_numbers_used,
    people_to_release,
    run_release_chunk,
    run_released,
)
from assessment.resident.runs.snapshots import stored_facts, stored_result

__all__ = [
    "TAX_KIND",
    "PersonToRelease",
    "law_of",
    "notice_numbers_used",
    "people_to_release",
    "run_compute_chunk",
    "run_computed",
    "run_open",
    "run_population",
    "run_release_chunk",
    "run_released",
    "stored_facts",
    "stored_result",
]

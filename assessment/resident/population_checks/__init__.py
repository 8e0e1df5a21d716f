"""全件検証の項目 (population checks): what must hold of every row of a run before anybody may release it.

Each finds the people with faulty rows, and names the incident or the article that it guards. They read this duty's
tables and those of the floors below. `%(run)s`, `%(year)s`, `%(kind)s`, `%(until)s` and `%(on)s` (business day) come
from the run; `%(first_bill_on)s` is the first due date; legal values have the names of `law.LAW_VALUES`.
"""

from assessment.resident.population_checks.amounts import AMOUNTS
from assessment.resident.population_checks.collection import COLLECTION
from assessment.resident.population_checks.facts import FACTS
from assessment.resident.population_checks.model import PopulationCheck, RowCheck
from assessment.resident.population_checks.pensions import PENSIONS
from assessment.resident.population_checks.people import PAPERS, PEOPLE
from assessment.resident.population_checks.standing import BEFORE
from assessment.resident.population_checks.whole import WHOLE, RunCheck

ROW_CHECKS: tuple[RowCheck, ...] = (*AMOUNTS, *FACTS)
SET_CHECKS: tuple[PopulationCheck, ...] = (*COLLECTION, *PENSIONS, *PEOPLE, *PAPERS, *BEFORE)
CHECKS: tuple[RowCheck | PopulationCheck | RunCheck, ...] = (*WHOLE, *ROW_CHECKS, *SET_CHECKS)

__all__ = ["CHECKS", "ROW_CHECKS", "SET_CHECKS", "WHOLE", "PopulationCheck", "RowCheck", "RunCheck"]

"""Fourteen decided people of three districts, with wages from nothing to twelve million yen."""

from datetime import date

from assessment.models import AssessmentRun, TaxablePopulation
from tests.assessment.desk.scene import decided, resident, wage_paper

WAGES = (0, 900_000, 1_200_000, *[3_000_000 + 10_000 * n for n in range(10)], 12_000_000)


def fourteen() -> AssessmentRun:
    """Everybody decided in June."""
    for no, wage in enumerate(WAGES, start=1):
        party = resident(no, birth_on=date(1950 + 4 * no, 5, 5), name=f"旭川　{no}郎")
        TaxablePopulation.objects.filter(party=party).update(town_code=f"{no % 3:07d}")
        wage_paper(party, line_no=no, name=party.name, birth_on=party.birth_on, items={"wage_yen": wage})
    return decided()

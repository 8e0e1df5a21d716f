"""Opening of a run: which law, whom it concerns."""

from datetime import date
from uuid import UUID

from django.db import transaction

from assessment.amendments.law_archive import law_keep
from assessment.errors import RunNotReady
from assessment.models import AssessmentRun, RunKind
from assessment.resident.bulk import papers
from assessment.resident.due_dates import due_dates_in_force
from assessment.resident.reviewed import law_refusal_ja
from assessment.resident.rules.pipeline import coverage, pipeline_of, resident_law
from assessment.sources.elsewhere import elsewhere_set_aside
from taxsys.kernel import wareki
from taxsys.params.model import ParameterSet
from taxsys.platform import clock

TAX_KIND = "10"


def law_of(run: AssessmentRun, city_code: str) -> ParameterSet:
    """The legal values of the run's year for the city."""
    return resident_law(run.tax_year, city_code)


def undecidable_year_ja(tax_year: int) -> str:
    """Why nothing of the tax year may be decided (its rules are not proved at all), or ""; trials may go on."""
    if coverage(tax_year).state != "none":
        return ""
    return f"{wareki.format_year(tax_year)}年度の計算は検証されていないため、決定できません(試算だけができます)。"


@transaction.atomic
def run_open(
    *, tax_year: int, kind: str, documents_until: date, requested_by: str, city_code: str, job_run_id: int | None = None
) -> AssessmentRun:
    """Open a run with the parameter set and pipeline it will use.

    Raises RunNotReady for a year whose rules are not proved at all and for a parameter set that nobody has reviewed,
    unless it is a trial. Papers of people who lived elsewhere on 1 January are set aside first.
    """
    if kind != RunKind.TRIAL and (refusal := undecidable_year_ja(tax_year)):
        raise RunNotReady(refusal)
    law = resident_law(tax_year, city_code)
    if kind != RunKind.TRIAL and (refusal := law_refusal_ja(law, city_code)):
        raise RunNotReady(refusal)
    law_keep(law, city_code)
    elsewhere_set_aside(tax_year=tax_year)
    return AssessmentRun.objects.create(
        tax_kind=TAX_KIND,
        tax_year=tax_year,
        kind=kind,
        business_on=clock.today(),
        documents_until=documents_until,
        parameter_hash=law.hash,
        pipeline_version=pipeline_of(law).version,
        due_dates=due_dates_in_force(tax_year),
        job_run_id=job_run_id,
        requested_by=requested_by,
        recorded_at=clock.now(),
    )


def run_population(run: AssessmentRun) -> list[UUID]:
    """Whom the run concerns, ordered: people with papers in time whose newest paper no released run has seen yet.

    A trial concerns everybody with papers; the salary cut of May only those with a pay slip of a withholder.
    """
    return papers.population(
        tax_year=run.tax_year,
        documents_until=run.documents_until,
        unseen_only=run.kind != RunKind.TRIAL,
        wage_only=run.kind == RunKind.INITIAL_WAGE,
    )

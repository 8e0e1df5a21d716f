"""A decision of a person, made by the real rules from facts a test chooses, without running a whole year."""

from datetime import date
from typing import Any

from addressbook.models import Party
from assessment.models import AssessmentRun, Decision, ResidentFacts, ResidentResult, RunKind, RunState
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import compute, pipeline_of, resident_law
from taxsys.platform import clock

TODAY = date(2026, 11, 20)
CITY = "012041"


def decided(
    party: Party,
    *,
    tax_year: int = 2026,
    version: int = 1,
    state: str = RunState.RELEASED,
    decided_on: date = date(2026, 6, 3),
    **facts: int,
) -> Decision:
    """賦課決定 of the party, its facts and results as rows of a run of its own (salary 5,000,000 yen if not told)."""
    law = resident_law(tax_year, CITY)
    given = {"salary_receipts_yen": 5_000_000, "social_insurance_yen": 700_000, **facts}
    batch = RESIDENT_FACTS.batch({c.name: [given.get(c.name, c.default)] for c in RESIDENT_FACTS}, rows=1)
    columns = compute(batch, law).columns
    run = AssessmentRun.objects.create(
        tax_year=tax_year, kind=RunKind.INITIAL_ORDINARY, state=RunState.COMPUTED, business_on=decided_on,
        documents_until=decided_on, parameter_hash=law.hash, pipeline_version=pipeline_of(law).version,
        requested_by="1001", recorded_at=clock.now(),
    )  # fmt: skip
    values: dict[str, Any] = {name: array[0].item() for name, array in columns.items()}
    ResidentFacts.objects.create(run=run, party=party, **{name: array[0].item() for name, array in batch.items()})
    ResidentResult.objects.create(run=run, party=party, **values)
    made = Decision.objects.create(
        party=party, tax_year=tax_year, version=version, cause="initial" if version == 1 else "correction",
        decided_on=decided_on, run=run, annual_yen=values["annual_tax_yen"],
        notice_no=f"{tax_year}-10-{int(party.person_no[1:]):07d}", released_by="1002", recorded_at=clock.now(),
    )  # fmt: skip
    run.state, run.released_by = state, "1002"
    run.save(update_fields=["state", "released_by"])
    return made

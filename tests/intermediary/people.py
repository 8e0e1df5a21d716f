"""Decided people for the tests of the intermediary: real rules over given facts, no papers, one run after another."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import date

from django.db import transaction

from addressbook.models import Party, Protection
from assessment.models import (
    AssessmentRun,
    Decision,
    DecisionCause,
    ResidentFacts,
    ResidentResult,
    RunKind,
    RunRecall,
    RunState,
)
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import RESIDENT_RESULT, compute, resident_law
from taxsys.platform import clock
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.services import job_release, job_request, job_run_inline
from taxsys.platform.outbox.services import outbox_put
from tests.platform.actors import officer

TAX_YEAR = 2026
JUNE = date(2026, 6, 5)


def acting() -> AbstractContextManager[AccessContext]:
    return using(AccessContext(actor_kind="job", actor_id="test", function_id="B-PI-21", legal_base="番号法19条8号"))


def person(number: int) -> Party:
    found, _ = Party.objects.get_or_create(
        person_no=f"R{number:014d}",
        defaults={"kind": "resident", "name": f"試験{number}", "state": "active", "recorded_at": clock.now()},
    )
    return found


def run_of(
    facts: Mapping[Party, Mapping[str, int]], *, on: date = JUNE, state: str = RunState.RELEASED,
    cause: str = DecisionCause.INITIAL, tax_year: int = TAX_YEAR,
) -> AssessmentRun:  # fmt: skip
    """Decide these people in one run, as its release does: rows, decisions, messages."""
    law = resident_law(tax_year, "012041")
    with transaction.atomic():
        run = AssessmentRun.objects.create(
            tax_year=tax_year, kind=RunKind.INITIAL_ORDINARY, business_on=on, documents_until=on,
            requested_by="S-CLERK", released_by="S-CHIEF", recorded_at=clock.now(),
        )  # fmt: skip
        for party, given in facts.items():
            batch = RESIDENT_FACTS.batch({name: [value] for name, value in given.items()})
            result = compute(batch, law)
            assert not result.failures
            ResidentFacts.objects.create(
                run=run, party=party, **{column.name: batch[column.name][0].item() for column in RESIDENT_FACTS}
            )
            values = {column.name: result.columns[column.name][0].item() for column in RESIDENT_RESULT}
            ResidentResult.objects.create(run=run, party=party, **values)
            previous = Decision.objects.filter(party=party, tax_year=tax_year).order_by("-version").first()
            version = previous.version + 1 if previous else 1
            Decision.objects.create(
                party=party, tax_year=tax_year, version=version, cause=cause, decided_on=on, run=run,
                annual_yen=values["annual_tax_yen"], notice_no=f"{tax_year}-10-{party.person_no[-7:]}",
                released_by="S-CHIEF", recorded_at=clock.now(), previous=previous,
            )  # fmt: skip
            outbox_put(
                topic="copy.changed", subject_key=str(party.pk), payload={"tax_year": tax_year, "version": version},
                dedupe_key=f"copy:{party.pk}:{tax_year}:{version}",
            )  # fmt: skip
        run.state = state
        run.save()
    return run


def recall(run: AssessmentRun, *, on: date) -> None:
    """Recall a released run: its decisions stand no longer, and everybody in it is told of."""
    with transaction.atomic():
        RunRecall.objects.create(
            run=run, reason_ja="試験", was_mailed=False, proposed_by="A", approved_by="B", recalled_on=on,
            recorded_at=clock.now(),
        )  # fmt: skip
        run.state = RunState.RECALLED
        run.save(update_fields=["state"])
        for decision in run.decisions.all():
            outbox_put(
                topic="copy.changed", subject_key=str(decision.party_id), payload={"tax_year": run.tax_year},
                dedupe_key=f"recall:{run.pk}:{decision.party_id}",
            )  # fmt: skip


def protect(party: Party, *, on: date = date(2026, 4, 1)) -> Protection:
    return Protection.objects.create(
        party=party, kind="1", accepted_on=on, valid_from=on, source="test", recorded_at=clock.now()
    )


def copies_run(on: date, *, release: bool = True) -> JobRun:
    """Make the copies of what changed, and let them go."""
    everything = ["intermediary.make_copies", "intermediary.release_copies"]
    clerk, chief = officer("5001", permissions=everything), officer("5002", permissions=everything)
    run = job_request("B-PI-21", {}, actor=clerk, business_on=on)
    run = job_run_inline(run.pk, actor=clerk, raise_errors=True)
    if release:
        run = job_release(run.pk, chief, inline=True)
    return run

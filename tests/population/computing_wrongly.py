"""Ways to compute people of a run wrongly, as a faulty program would: with other facts or other legal values."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from unittest.mock import patch

from assessment.models import AssessmentRun, ResidentFacts, ResidentResult, SourceDocument
from assessment.resident import runs
from assessment.resident.facts import BuiltFacts
from assessment.resident.runs import computing
from assessment.resident.runs.opening import law_of
from taxsys.params.model import Value

CITY_CODE = "012041"
Change = Callable[[BuiltFacts], object]


def computed_wrongly(
    run: AssessmentRun,
    people: Sequence[Any],
    *,
    facts: Change | None = None,
    law: Mapping[str, Value] | None = None,
) -> None:
    """Compute these people again with facts changed after the consolidation, or with other legal values."""
    build = computing.facts_build

    def built(**named: Any) -> BuiltFacts:
        found = build(**named)
        if facts is not None:
            facts(found)
        return found

    used = law_of(run, CITY_CODE).overlay(law or {})
    with patch.object(computing, "facts_build", built), patch.object(computing, "law_of", lambda *_: used):
        runs.run_compute_chunk(run, people, city_code=CITY_CODE)


def person(run: AssessmentRun, **conditions: Any) -> Any:
    """Somebody taxed by bill on papers without a return, of whom the conditions (on results) hold."""
    plain = ResidentFacts.objects.filter(run=run, salary_receipts_yen__gt=0, business_income_yen=0,
                                         has_spouse=False, dependants_under_16=0).values("party")  # fmt: skip
    found = ResidentResult.objects.filter(
        run=run, party__in=plain, income_levy_city_yen__gt=10_000, stop_code="", **conditions
    )
    row = found.order_by("-annual_tax_yen", "party__person_no").first()
    assert row is not None
    return row.party_id


def with_facts(**columns: int) -> Callable[[AssessmentRun], None]:
    """One person computed on these facts instead of those of the papers."""

    def plant(run: AssessmentRun) -> None:
        def change(built: BuiltFacts) -> None:
            for name, value in columns.items():
                built.batch[name][:] = value

        computed_wrongly(run, [person(run)], facts=change)

    return plant


def with_law(parameter: str, value: Value, **conditions: Any) -> Callable[[AssessmentRun], None]:
    """One person computed with another legal value than the run's."""
    return lambda run: computed_wrongly(run, [person(run, **conditions)], law={parameter: value})


def paper_of(run: AssessmentRun, party_id: Any) -> SourceDocument:
    """The first adopted pay slip or pension report of the person."""
    facts = ResidentFacts.objects.get(run=run, party_id=party_id)
    found = SourceDocument.objects.filter(pk__in=facts.document_ids, kind="wage").order_by("pk").first()
    assert found is not None
    return found


def paper_again(paper: SourceDocument, **changes: Any) -> SourceDocument:
    """A further paper like this one, as if it had come in another line of its file."""
    paper.pk, paper.line_no = None, 80_000 + SourceDocument.objects.count()
    for name, value in changes.items():
        setattr(paper, name, value)
    paper.save(force_insert=True)
    return paper


def adopt(run: AssessmentRun, party_id: Any, *papers: SourceDocument) -> None:
    """Make these papers the person's adopted ones."""
    ResidentFacts.objects.filter(run=run, party_id=party_id).update(document_ids=[one.pk for one in papers])

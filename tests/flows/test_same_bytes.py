"""The same city twice, in databases with other ids and folders of their own: the same bytes leave the house.

And of every decision made on the way the calculation text gives the very figures that were decided.
"""

from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest
from django.conf import settings

import assessment.resident.jobs
from assessment.models import Decision, RunKind
from assessment.resident.explain import explanation
from assessment.resident.rules.pipeline import RESIDENT_RESULT
from assessment.resident.runs import law_of, stored_facts, stored_result
from taxsys.platform.jobs.models import JobOutput
from taxsys.platform.printing.store import root as print_root
from taxsys.web.demo import run_year
from taxsys.web.demo.walk import MUNICIPALITY
from tests.flows import canonical
from tests.flows.conftest import data_in, database_empty, small_demo

Story = dict[str, Any]


def pdf_text(content: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pdfium.PdfDocument(content)]


def printed() -> dict[str, Any]:
    """Everything the printer gets: text of PDFs, bytes of the rest."""
    files = sorted(path for path in print_root().rglob("*") if path.is_file()) if print_root().exists() else []
    return {
        str(path.relative_to(print_root())): pdf_text(path.read_bytes()) if path.suffix == ".pdf" else path.read_bytes()
        for path in files
    }


def lists() -> dict[tuple[str, str, str], bytes]:
    """Result lists of the jobs."""
    folder = Path(settings.TAXSYS_DATA_DIR)
    return {
        (one.run.job_id, "" if "file" in one.run.params else one.run.params_hash, one.name): (
            folder / one.path
        ).read_bytes()
        for one in JobOutput.objects.select_related("run")
    }


def calculation_of_every_decision() -> tuple[int, list[str]]:
    """How many decisions were explained, and every column that its text does not give as it was decided."""
    wrong = []
    decided = Decision.objects.exclude(run__kind=RunKind.TAKEN_OVER).select_related("run").order_by("notice_no")
    for decision in decided:
        told = explanation(stored_facts(decision.run, decision.party_id), law_of(decision.run, MUNICIPALITY))
        stored = stored_result(decision.run, decision.party_id)
        wrong += [
            f"{decision.notice_no} {column.name}: {told.value_of(column.name)} ≠ {stored[column.name]}"
            for column in RESIDENT_RESULT
            if told.value_of(column.name) != stored[column.name]
        ]
        if told.value_of("annual_tax_yen") != decision.annual_yen:
            wrong.append(f"{decision.notice_no} {decision.annual_yen}")
    return len(decided), wrong


@pytest.fixture(scope="module")
def stories(module_database: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, Story]:
    """The demonstration's year twice: the second time in other chunks, on the ids that the first one left."""
    usual = assessment.resident.jobs.CHUNK_PERSONS
    told = []
    try:
        for chunk in (usual, 37):
            assessment.resident.jobs.CHUNK_PERSONS = chunk
            with data_in(tmp_path_factory.mktemp("year")):
                database_empty()
                run_year(small_demo(size=150, seed=3))
                told.append({
                    **canonical.everything(), "printed": printed(), "lists": lists(),
                    "explained": calculation_of_every_decision(),
                })  # fmt: skip
    finally:
        assessment.resident.jobs.CHUNK_PERSONS = usual
    return told[0], told[1]


PARTS = (
    "incoming", "outgoing", "printed", "lists", "facts", "results", "shares", "papers", "withholders", "decisions",
    "charges", "withheld", "journal", "balances", "receipts", "suspense", "overpaid", "slips", "outbox",
)  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_two_years_of_the_same_city_are_the_same(stories: tuple[Story, Story], part: str) -> None:
    first, second = (story[part] for story in stories)
    if isinstance(first, dict):
        assert sorted(first) == sorted(second)
        assert [name for name in first if first[name] != second[name]] == []
    assert first == second


def test_there_is_something_to_compare(stories: tuple[Story, Story]) -> None:
    told = stories[0]
    assert len(told["incoming"]) > 15
    assert len(told["outgoing"]) > 1
    assert min(len(told[part]) for part in ("decisions", "charges", "journal", "balances", "slips", "receipts")) > 50


def test_the_calculation_text_gives_what_was_decided_for_every_decision(stories: tuple[Story, Story]) -> None:
    for story in stories:
        explained, wrong = story["explained"]
        assert wrong == []
        assert explained == sum(row[6] != RunKind.TAKEN_OVER for row in story["decisions"]) > 80

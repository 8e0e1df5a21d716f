"""総合: the year's tax, how it is collected and what it was last year, before anybody asks."""

from datetime import date
from typing import Any

import pytest

from assessment.models import AssessmentRun, RunState
from assessment.panel import tax_panel
from tests.assessment.desk.scene import YEAR, decided, resident, wage_paper

pytestmark = pytest.mark.django_db
ON = date(YEAR, 11, 20)


def test_the_decision_in_force_is_told_with_its_ways_of_collecting() -> None:
    party = resident(1)
    wage_paper(party)
    decided()
    panel: Any = tax_panel(party, None, ON)
    (row,) = panel["rows"]
    assert (row["tax_year"], row["decision"].version) == (YEAR, 1)
    assert row["decision"].annual_yen > 0
    assert sum(yen for _, yen in row["shares"]) == row["decision"].annual_yen
    assert panel["url"] == f"/party/{party.id}/assessment"


def test_a_recalled_year_says_so_instead_of_a_figure() -> None:
    party = resident(1)
    wage_paper(party)
    run = decided()
    AssessmentRun.objects.filter(pk=run.pk).update(state=RunState.RECALLED)
    panel: Any = tax_panel(party, None, ON)
    assert [(row["tax_year"], row["decision"], row["shares"]) for row in panel["rows"]] == [(YEAR, None, [])]


def test_who_was_never_assessed_has_no_panel() -> None:
    assert tax_panel(resident(1), None, ON) is None


def test_the_panel_costs_two_questions(django_assert_num_queries: Any) -> None:
    party = resident(1)
    wage_paper(party)
    decided()
    with django_assert_num_queries(2):
        tax_panel(party, None, ON)

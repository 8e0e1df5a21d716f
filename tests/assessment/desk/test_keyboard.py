"""The calculation opened, unfolded and left by the keyboard alone, with and without scripts."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assessment.models import RunKind
from tests.assessment.desk.scene import decided, resident, wage_paper, withholder
from tests.platform.test_keyboard import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def party_id(transactional_db: None) -> Any:
    party = resident(1)
    wage_paper(party, withholder=withholder())
    decided(RunKind.INITIAL_WAGE, date(2026, 5, 10))
    return party.id


def test_from_the_card_to_an_unfolded_line_and_back(browser_page: Any, data_folder: Path, party_id: Any) -> None:
    problems: list[str] = []
    browser_page.on("pageerror", lambda error: problems.append(str(error)))
    page = signed_in(browser_page, data_folder)
    page.goto(f"/party/{party_id}/")
    place = page.get_by_role("link", name="住民税").get_attribute("data-tab")
    page.keyboard.press(f"Alt+Digit{place}")
    page.wait_for_url("**/assessment")
    page.keyboard.press("F9")
    page.wait_for_url("**/assessment/2026/1")
    line = page.locator("#levy-taxable_income_yen")
    line.locator("summary").focus()
    page.keyboard.press("Enter")
    line.get_by_text("総所得金額 4,792,000円 − 所得控除の合計 2,098,200円 = 2,693,000円").wait_for()
    page.keyboard.press("Space")
    line.locator("p").wait_for(state="hidden")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    page.keyboard.press("Escape")
    page.wait_for_url("**/assessment?year=2026")
    assert problems == []


def test_lines_unfold_without_scripts(browser_page: Any, data_folder: Path, party_id: Any) -> None:
    page = signed_in(browser_page, data_folder)
    page.route("**/*.js", lambda route: route.abort())
    page.goto(f"/party/{party_id}/assessment/2026/1")
    page.locator("#levy-calculated_levy summary").focus()
    page.keyboard.press("Enter")
    page.locator("#levy-calculated_levy").get_by_text("市民税所得割の税率").first.wait_for()

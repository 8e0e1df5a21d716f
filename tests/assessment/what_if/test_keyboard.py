"""A what-if by keyboard alone in a real browser: a value, F9, the tables and drawings, Escape and back."""

from pathlib import Path
from typing import Any

import pytest

from tests.assessment.what_if.conftest import PEOPLE, people_decided
from tests.platform.test_keyboard import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_value_is_typed_and_answered_without_the_mouse(browser_page: Any, data_folder: Path) -> None:
    people_decided()
    page = signed_in(browser_page, data_folder)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if "Content Security" in message.text else None)
    page.goto("/what-if/")
    page.locator("[name='v-resident.per_capita.city']").focus()
    page.keyboard.type("３，５００")
    page.keyboard.press("F9")
    page.wait_for_selector("svg.tx-chart")
    assert f"対象 {PEOPLE}人" in page.inner_text("main")
    assert "3,500円" in page.inner_text("main")
    # Nothing is cut or runs over another: every text of a drawing lies inside it.
    inside = page.evaluate(
        """() => [...document.querySelectorAll("svg.tx-chart")].every(svg => {
          const frame = svg.getBoundingClientRect();
          return [...svg.querySelectorAll("text")].every(text => {
            const box = text.getBoundingClientRect();
            return box.left >= frame.left - 1 && box.right <= frame.right + 1 && box.bottom <= frame.bottom + 1;
          });
        })"""
    )
    assert inside
    page.keyboard.press("Escape")
    page.wait_for_selector("[name='v-resident.rate.city']")
    assert page.input_value("[name='v-resident.per_capita.city']") == "３，５００"
    page.locator("[name='v-resident.rate.city']").focus()
    page.keyboard.type("6")
    page.keyboard.press("F9")
    page.wait_for_selector("#errors")
    assert "率は「6%」" in page.inner_text("#errors")
    assert problems == []

"""The card by the keyboard alone, in a real browser: search, list, tabs, notes, the next person; nothing cut off."""

from pathlib import Path
from typing import Any

import pytest

from addressbook.models import ContactNote
from taxsys.platform.search.models import SearchResult
from taxsys.platform.search.services import neighbours
from tests.addressbook.people import person, protect
from tests.platform.actors import officer
from tests.platform.test_keyboard import focused, signed_in


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_from_kana_to_a_note_and_the_next_person_without_the_mouse(browser_page: Any, data_folder: Path) -> None:
    names = ((1, "一郎", "イチロウ"), (2, "二郎", "ジロウ"), (3, "三郎", "サブロウ"))
    people = [person(no, name=f"旭川　{mark}", kana=f"アサヒカワ　{kana}") for no, mark, kana in names]
    first, second, third = people[0], people[2], people[1]  # in the order of kana
    protect(third)
    page = signed_in(browser_page, data_folder)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.keyboard.type("アサヒカワ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/*-*")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/party/{second.id}/")
    assert page.title().startswith("0003 アサヒカワ　サブロウ")
    for key, tab in (("Alt+Digit2", "household"), ("Alt+Digit1", "")):
        page.keyboard.press(key)
        page.wait_for_url(f"**/party/{second.id}/{tab}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    page.keyboard.press("F4")
    page.wait_for_url(f"**/party/{second.id}/contacts")
    page.locator("#id_text").focus()
    page.keyboard.type("納期を案内した。")
    page.keyboard.press("F9")
    page.wait_for_selector(".tx-banner--success")
    assert ContactNote.objects.get().party_id == second.id
    page.keyboard.press("Alt+ArrowUp")
    page.wait_for_url(f"**/party/{first.id}/contacts")
    page.keyboard.press("Alt+ArrowDown")
    page.wait_for_url(f"**/party/{second.id}/contacts")
    page.keyboard.press("Alt+ArrowDown")
    page.wait_for_url(f"**/party/{third.id}/contacts")
    assert page.title().startswith("0002 対象者")
    page.keyboard.press("F2")
    page.wait_for_url("**/search/")
    focused(page, "q")
    assert problems == []


@pytest.mark.django_db
def test_neighbours_are_those_of_the_last_list_of_this_officer() -> None:
    staff, other = officer(), officer("5002")
    for hits in (["a", "b"], ["x", "y", "z"]):
        SearchResult.objects.create(staff=staff, provider="p", hits=hits, expires_at="2126-01-01T00:00:00Z")
    assert neighbours(staff, "y") == ("x", "z")
    assert neighbours(staff, "x") == ("", "y")
    assert neighbours(staff, "z") == ("y", "")
    assert neighbours(staff, "a") == ("", "")
    assert neighbours(other, "y") == ("", "")

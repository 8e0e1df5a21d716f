"""The keyboard of the house in a real browser: everything without the mouse, and never against the input method."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session

from taxsys.platform.approvals import registry
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.staff.catalogue import catalogue
from tests.platform.actors import officer, terminal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "ながい合言葉-春の旭川-2026"

PRESS_WHILE_CONVERTING = """() => {
  const box = document.getElementById("q");
  for (const key of ["F1", "F2", "F9", "F10", "Enter", "Escape"])
    for (const how of [{ isComposing: true }, { keyCode: 229 }])
      box.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...how }));
}"""


@pytest.fixture(autouse=True)
def _kind() -> Any:
    registry.register("test.nothing", on_approved=lambda approval: None, title_ja="試験")
    yield
    registry._kinds.pop("test.nothing")


def focused(page: Any, element_id: str) -> None:
    """Wait until the page itself has put the focus there."""
    page.wait_for_function("id => document.activeElement && document.activeElement.id === id", arg=element_id)


def signed_in(page: Any, data_folder: Path) -> Any:
    """A page signed in by the keyboard alone."""
    terminal()
    staff = officer("7001", permissions=list(catalogue()))
    staff.set_password(PASSWORD)
    staff.save()
    page.goto("/")
    focused(page, "id_staff_no")
    page.keyboard.type("7001")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    focused(page, "id_code")
    codes = (data_folder / "console" / "one-time-codes.log").read_text()
    page.keyboard.type(re.findall(r"sign_in (\d{6})", codes)[-1])
    page.keyboard.press("Enter")
    focused(page, "q")
    return page


def proposals(count: int) -> list[Approval]:
    return [
        approval_propose(
            kind="test.nothing",
            subject_key=f"k{number}",
            title_ja=f"案件{number}",
            content={"before": {"a": 1}, "after": {"a": 2}},
            actor=officer("7002"),
        )
        for number in range(count)
    ]


def test_sign_in_search_and_approval_by_keyboard_alone(browser_page: Any, data_folder: Path) -> None:
    problems: list[str] = []
    browser_page.on("pageerror", lambda error: problems.append(str(error)))
    browser_page.on(
        "console", lambda message: problems.append(message.text) if "Content Security" in message.text else None
    )
    page = signed_in(browser_page, data_folder)
    items = proposals(3)
    page.goto("/approvals/")
    page.keyboard.press("Alt+Digit2")
    page.wait_for_url("**/approvals/own")
    page.keyboard.press("Alt+Digit1")
    page.wait_for_url("**/approvals/")
    page.locator("tbody a").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_selector("button[value=approve]")
    assert str(items[1].pk) in page.url
    page.keyboard.press("F9")
    page.wait_for_selector(".tx-banner--success")
    items[1].refresh_from_db()
    assert items[1].state == "approved"
    page.keyboard.press("F1")
    page.wait_for_url("**/ui/help")
    page.keyboard.press("F2")
    page.wait_for_url("**/search/")
    assert problems == []


def test_shortcuts_keep_out_of_kana_conversion(browser_page: Any, data_folder: Path) -> None:
    page = signed_in(browser_page, data_folder)
    here = page.url
    page.evaluate(PRESS_WHILE_CONVERTING)
    page.wait_for_timeout(300)
    assert page.url == here
    page.keyboard.press("F1")
    page.wait_for_url("**/ui/help")


def test_a_form_pressed_twice_is_sent_once(browser_page: Any, data_folder: Path) -> None:
    page = signed_in(browser_page, data_folder)
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.keyboard.type("ナシ")
    page.evaluate(
        """() => { const form = document.getElementById("q").form; form.requestSubmit(); form.requestSubmit(); }"""
    )
    page.wait_for_url("**/search/")
    page.wait_for_load_state()
    assert len(posts) == 1


def test_a_typed_date_is_echoed_and_pages_fit_the_screen(browser_page: Any, data_folder: Path) -> None:
    page = signed_in(browser_page, data_folder)
    page.goto("/ui/gallery")
    page.locator("#id_due_on").fill("R8.11.24")
    page.locator("#id_due_on").press("Tab")
    # Not wait_for_function: it evaluates text in the page, which the Content Security Policy refuses.
    page.locator("#id_due_on-echo").filter(has_text="2026-11-24").wait_for()
    for address in ("/", "/search/", "/approvals/", "/access-log/", "/ui/gallery"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 1366, address
    page.set_viewport_size({"width": 342, "height": 768})
    for address in ("/", "/approvals/", "/access-log/", "/ui/gallery"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 342, address


def test_without_scripts_sign_in_search_and_sign_out_work(browser_page: Any, data_folder: Path) -> None:
    browser_page.route("**/*.js", lambda route: route.abort())
    page = signed_in(browser_page, data_folder)
    page.locator("#q").fill("ナシ")
    page.locator("#q").press("Enter")
    page.wait_for_url("**/search/")
    page.get_by_role("button", name="終了").click()
    page.wait_for_url("**/sign-in")
    assert Session.objects.count() == 0

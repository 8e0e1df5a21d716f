"""The lock of an unused screen in a real browser: nothing stays on it, and what was typed comes back."""

import re
from pathlib import Path
from typing import Any

import pytest

from taxsys.platform.sittings.models import Sitting
from tests.platform.actors import officer
from tests.platform.test_keyboard import PASSWORD, focused, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOCK_SECONDS = 5


def sign_in_on_the_lock(page: Any, data_folder: Path, staff_no: str) -> None:
    focused(page, "id_password")
    page.fill("#lock #id_staff_no", staff_no)
    page.fill("#lock #id_password", PASSWORD)
    page.keyboard.press("Enter")
    focused(page, "id_code")
    codes = (data_folder / "console" / "one-time-codes.log").read_text()
    page.keyboard.type(re.findall(rf"{staff_no} sign_in (\d{{6}})", codes)[-1])
    page.keyboard.press("Enter")


@pytest.mark.req("R-235")
def test_an_unused_screen_locks_and_gives_the_typed_form_back_to_the_same_officer(
    browser_page: Any, data_folder: Path, settings: Any
) -> None:
    page = signed_in(browser_page, data_folder)
    settings.TAXSYS_IDLE_LOCK_SECONDS = LOCK_SECONDS
    page.goto("/password")
    page.fill("#id_current", "半ばまで打った")
    page.wait_for_selector("#lock #id_staff_no")
    assert page.locator("#id_current").count() == 0
    assert "半ばまで打った" not in page.content()
    assert Sitting.objects.get().ended_reason == "idle"
    sign_in_on_the_lock(page, data_folder, "7001")
    page.wait_for_selector("#main #id_current")
    assert page.input_value("#id_current") == "半ばまで打った"
    page.fill("#id_new", "あたらしい合言葉-夏の旭川-2027")
    page.fill("#id_again", "あたらしい合言葉-夏の旭川-2027")
    page.keyboard.press("F9")
    page.wait_for_selector("#errors")
    assert "今のパスワードが正しくありません" in page.inner_text("#errors")


@pytest.mark.req("R-235")
def test_another_officer_who_unlocks_gets_a_home_page_and_nothing_of_the_work(
    browser_page: Any, data_folder: Path, settings: Any
) -> None:
    page = signed_in(browser_page, data_folder)
    other = officer("7005", permissions=["staff.home", "staff.self"])
    other.set_password(PASSWORD)
    other.save()
    settings.TAXSYS_IDLE_LOCK_SECONDS = LOCK_SECONDS
    page.goto("/password")
    page.fill("#id_current", "半ばまで打った")
    page.wait_for_selector("#lock #id_staff_no")
    sign_in_on_the_lock(page, data_folder, "7005")
    page.wait_for_url(re.compile(r"/$"))
    page.wait_for_selector("text=職員7005")
    assert page.locator("#id_current").count() == 0

"""The extraction by the keyboard in a real browser: choose, ask with F9, read, no sideways scrolling of the page."""

from pathlib import Path
from typing import Any

import pytest

from tests.assessment.tax_status.people import fourteen
from tests.platform.test_keyboard import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_question_is_put_and_answered_without_the_mouse(browser_page: Any, data_folder: Path) -> None:
    fourteen()
    page = signed_in(browser_page, data_folder)
    page.goto("/assessment/extraction/")
    page.get_by_label("条件1の列").select_option("salary_receipts_yen")
    page.get_by_label("条件1の比べ方").select_option("ge")
    page.get_by_label("条件1の値").fill("12,000,000")
    page.keyboard.press("F9")
    page.get_by_role("heading", name="結果　1件").wait_for()
    page.get_by_text("条件：給与収入 12000000 以上。").wait_for()
    assert page.get_by_label("条件1の値").input_value() == "12,000,000"
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366

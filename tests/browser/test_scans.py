"""A scanned paper in a real browser: taken in, its number framed with the mouse, seen blacked out (R-066)."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from assessment.scans.models import ScannedPage, ScannedPaper
from taxsys.platform.staff.models import Terminal
from tests.addressbook.people import TODAY, person
from tests.assessment.scans.paper import SIZE, file_of, reds
from tests.browsers import policy_reports
from tests.platform.test_keyboard import signed_in

REFUSED = {
    "script-src": "() => { const one = document.createElement('script'); one.text = '1'; document.body.append(one); }",
    "img-src": "() => { new Image().src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw='; }",
}
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.req("R-066")
def test_a_number_is_framed_with_the_mouse_and_black_afterwards(
    browser_page: Any, data_folder: Path, tmp_path: Path, settings: Any
) -> None:
    settings.TAXSYS_BUSINESS_DATE, settings.TAXSYS_CREATE_KEYS = TODAY.isoformat(), True
    party = person(1)
    page = signed_in(browser_page, data_folder)
    Terminal.objects.update(is_number_use=True)
    paper = tmp_path / "paper.png"
    paper.write_bytes(file_of())

    page.goto(f"/party/{party.id}/scans/new")
    page.set_input_files("#id_file", str(paper))
    page.select_option("#id_kind", "return")
    page.fill("#id_arrived_on", "R8.2.20")
    with page.expect_navigation():
        page.keyboard.press("F9")
    page.wait_for_function("() => document.querySelector('.tx-page-image').naturalWidth > 0")
    frame = page.locator(".tx-mask-layer").bounding_box()
    across, down = frame["width"] / SIZE[0], frame["height"] / SIZE[1]
    page.mouse.move(frame["x"] + 390 * across, frame["y"] + 90 * down)
    page.mouse.down()
    page.mouse.move(frame["x"] + 710 * across, frame["y"] + 150 * down, steps=4)
    page.mouse.up()
    assert page.locator(".tx-mask-layer rect").count() == 1
    with page.expect_navigation():
        page.keyboard.press("F9")

    page.check("input[name=purpose][value=correction]")
    with page.expect_navigation():
        page.keyboard.press("F9")
    page.wait_for_function("() => document.querySelector('.tx-page-image').naturalWidth > 0")
    shown = Image.open(io.BytesIO(page.locator(".tx-page-image").screenshot()))
    out = io.BytesIO()
    shown.convert("RGB").save(out, "PNG")
    assert reds(out.getvalue()) == 0
    left, top, right, bottom = ScannedPage.objects.get().masks[0]
    assert (abs(left - 488) <= 3, abs(top - 90) <= 3, abs(right - 888) <= 3, abs(bottom - 150) <= 3) == (True,) * 4
    assert ScannedPaper.objects.get().state == "ready"


def test_what_a_page_asks_against_its_policy_is_told(browser_page: Any) -> None:
    browser_page.goto("/sign-in")
    for directive, act in REFUSED.items():
        with browser_page.expect_console_message(lambda told, wanted=directive: wanted in told.text):
            browser_page.evaluate(act)
    told = policy_reports(browser_page)
    assert [any(directive in one for one in told) for directive in REFUSED] == [True, True]
    browser_page.context.policy_reports.clear()

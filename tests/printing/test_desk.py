"""The printing desk: from the list of packages to the post; one piece as it is printed; refusals change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from taxsys.platform import clock
from taxsys.platform.audit import context
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.printing import services
from taxsys.platform.printing.models import PackageState, PrintPackage
from taxsys.platform.printing.permissions import HANDLE, PREVIEW, RECALL, RELEASE, VIEW
from taxsys.platform.printing.pieces import Subject
from tests.platform.actors import officer, sign_in
from tests.printing.conftest import flat, page_texts
from tests.printing.test_packages import build, piece

pytestmark = pytest.mark.django_db
ALL = (VIEW, PREVIEW, HANDLE, RELEASE, RECALL)


@pytest.fixture(autouse=True)
def _office(settings: Any) -> Iterator[None]:
    settings.TAXSYS_FONT_CACHE_DIR = Path(django_settings.BASE_DIR) / "var" / "fonts"
    with clock.at(date(2026, 6, 10)):
        yield


@pytest.fixture
def package() -> PrintPackage:
    actor = context.AccessContext(actor_kind="job", actor_id="run-1", function_id="B-PI-16", request_id="test")
    subjects = [Subject(f"00000000-0000-4000-8000-00000000000{n}", f"2026-10-{n}:1") for n in range(4)]
    with context.using(actor):
        return build([replace(piece(n, is_protected=n == 3), subjects=(subjects[n],)) for n in (1, 2, 3)])


@pytest.fixture
def chief(client: Client) -> Client:
    return sign_in(client, officer("5002", permissions=ALL))


def page(client: Client, package: PrintPackage, query: str = "") -> str:
    return client.get(f"/printing/{package.pk}{query}").content.decode()


def test_the_list_and_the_page_show_state_counts_and_hashes_but_no_name(chief: Client, package: PrintPackage) -> None:
    listed = chief.get("/printing/").content.decode()
    shown = page(chief, package)
    for text in (listed, shown):
        assert "納税通知書" in text
        assert "作成済" in text
        assert "架空　" not in text
        assert "見本町" not in text
    assert "3通 12頁" in shown
    assert package.parts.get(batch="bulk").pdf_sha256[:16] in shown


@pytest.mark.req("R-107")
def test_a_package_goes_its_way_to_the_post(chief: Client, package: PrintPackage) -> None:
    chief.post(f"/printing/{package.pk}/release")
    package.refresh_from_db()
    assert (package.state, package.released_by) == (PackageState.RELEASED, "5002")
    wrong = chief.post(f"/printing/{package.pk}/hand-over", {"to": "見本印刷", "bulk_pieces": "3"})
    assert wrong.status_code == 422
    assert "一致しません" in wrong.content.decode()
    chief.post(f"/printing/{package.pk}/hand-over", {"to": "見本印刷", "bulk_pieces": "2"})
    refused = chief.post(
        f"/printing/{package.pk}/mail", {"posted_on": "R8.6.12", "mailed_pieces": "2", "accident_pieces": "0"}
    )
    assert refused.status_code == 422
    assert "作成3通" in refused.content.decode()
    chief.post(f"/printing/{package.pk}/mail", {"posted_on": "R8.6.12", "mailed_pieces": "3", "accident_pieces": "0"})
    package.refresh_from_db()
    assert (package.state, package.posted_on) == (PackageState.MAILED, date(2026, 6, 12))
    assert "令和8年6月12日" in page(chief, package)


def test_the_maker_cannot_approve_the_dispatch(client: Client, package: PrintPackage) -> None:
    maker = sign_in(client, officer("S0001", permissions=ALL))
    assert maker.post(f"/printing/{package.pk}/release").status_code == 403
    package.refresh_from_db()
    assert package.state == PackageState.BUILT


def test_a_piece_is_found_by_its_number_shown_as_printed_and_the_look_is_recorded(
    chief: Client, package: PrintPackage
) -> None:
    item = package.items.get(notice_no="R8-10-0000002")
    assert f"/printing/{package.pk}/pieces/{item.pk}" in page(chief, package, "?number=R8-10-0000002")
    answer = chief.get(f"/printing/{package.pk}/pieces/{item.pk}")
    assert (answer["Content-Type"], answer.status_code) == ("application/pdf", 200)
    assert answer["Content-Disposition"].startswith("inline")
    assert "no-store" in answer["Cache-Control"]
    texts = page_texts(answer.content)
    assert len(texts) == item.pages
    assert "R8-10-0000002" in flat(texts[0])
    assert not any("R8-10-0000001" in flat(text) for text in texts)
    event = AccessEvent.objects.filter(record_type="printing.printitem", action="view").get()
    assert event.subjects == ["00000000-0000-4000-8000-000000000002"]


@pytest.mark.req("N-087")
def test_a_piece_about_a_protected_person_needs_the_right_to_see_the_address(
    chief: Client, package: PrintPackage
) -> None:
    item = package.items.get(is_protected=True)
    address = f"/printing/{package.pk}/pieces/{item.pk}"
    assert chief.get(address).status_code == 403
    officer("5002", permissions=["addressbook.reveal_protected"])
    assert chief.get(address).status_code == 200
    assert AccessEvent.objects.filter(reason="protected_address", record_type="printing.printitem").count() == 1


def test_a_piece_is_pulled_with_a_reason_and_stands_on_the_list(chief: Client, package: PrintPackage) -> None:
    empty = chief.post(f"/printing/{package.pk}/pull", {"item_key": "10:2026:1", "reason": ""})
    assert empty.status_code == 422
    chief.post(f"/printing/{package.pk}/pull", {"item_key": "10:2026:1", "reason": "死亡の届出"})
    assert "死亡の届出" in page(chief, package)
    listed = chief.get(f"/printing/{package.pk}/pull-outs")
    assert "10:2026:1" in listed.content.decode()
    assert "死亡の届出" in listed.content.decode()


def test_the_count_sheet_is_shown_and_a_missing_file_is_said(chief: Client, package: PrintPackage) -> None:
    sheet = chief.get(f"/printing/{package.pk}/count-sheet")
    assert "合計3通12頁" in flat(page_texts(sheet.content)[0])
    from taxsys.platform.printing import store

    (store.root() / store.folder_name(package) / "count_sheet.pdf").unlink()
    assert chief.get(f"/printing/{package.pk}/count-sheet").status_code == 409


def test_a_recalled_package_says_why_and_offers_no_act(chief: Client, package: PrintPackage) -> None:
    chief.post(f"/printing/{package.pk}/recall", {"reason": "税額誤り"})
    shown = page(chief, package)
    assert "税額誤り" in shown
    assert "発送を承認" not in shown
    assert "組を回収する" not in shown
    assert chief.post(f"/printing/{package.pk}/release").status_code == 409


@pytest.mark.parametrize(
    ("method", "tail"),
    [
        ("get", ""), ("get", "/pieces/1"), ("get", "/count-sheet"), ("get", "/pull-outs"), ("post", "/release"),
        ("post", "/pull"), ("post", "/hand-over"), ("post", "/mail"), ("post", "/recall"),
    ],
)  # fmt: skip
def test_without_the_right_nothing_is_shown_and_nothing_changes(
    client: Client, package: PrintPackage, method: str, tail: str
) -> None:
    stranger = sign_in(client, officer("5009"))
    answer = getattr(stranger, method)(f"/printing/{package.pk}{tail}", {"reason": "x", "item_key": "10:2026:1"})
    assert answer.status_code == 403
    package.refresh_from_db()
    assert (package.state, package.pulled_pieces) == (PackageState.BUILT, 0)
    assert services.pull_out_list(package).count(b"\r\n") == 1

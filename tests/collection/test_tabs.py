"""Tabs of the collection desk: groups by the day's work, each page by two keys, nothing shown without right."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from collection import permissions
from collection.tabs import GROUPS, desk_tabs
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db
UNIT = "納税管理課"


def test_an_officer_with_every_right_sees_five_groups_and_the_pages_of_the_one() -> None:
    staff = officer("2002", permissions=permissions.PERMISSIONS, unit_name=UNIT)
    tabs = desk_tabs(staff, "remittances")
    assert [(tab.key, tab.title_ja, tab.is_current) for tab in tabs.groups] == [
        ("1", "今日の収納", False), ("2", "入金", False), ("3", "還付・充当", False), ("4", "口座振替・猶予", False),
        ("5", "締め・報告", True),
    ]  # fmt: skip
    assert [(tab.key, tab.title_ja, tab.is_current) for tab in tabs.pages] == [
        ("6", "締め", False), ("7", "調定簿", False), ("8", "収納率", False), ("9", "払込", True), ("0", "移行", False),
    ]  # fmt: skip
    assert desk_tabs(staff, "refund").pages == []


def test_groups_and_pages_without_right_are_not_shown_and_a_group_opens_what_may_be_opened() -> None:
    staff = officer("2001", permissions=[permissions.WORK_SUSPENSE, permissions.VIEW_BOOKS], unit_name=UNIT)
    tabs = desk_tabs(staff, "suspense")
    assert [(tab.title_ja, tab.url) for tab in tabs.groups] == [
        ("入金", "/collection/agents/payments"), ("締め・報告", "/collection/books/"),
    ]  # fmt: skip
    assert [tab.title_ja for tab in tabs.pages] == ["特徴の納入", "仮受(不明金)"]


def test_every_template_of_the_desk_names_a_page_of_the_tabs() -> None:
    pages = {page.here for group in GROUPS for page in group.pages}
    named = set()
    for path in Path(settings.BASE_DIR, "templates").rglob("*.html"):
        named |= set(re.findall(r'collection/tabs\.html" with here="([a-z_]+)"', path.read_text(encoding="utf-8")))
    assert named == pages
    assert max(len(group.pages) for group in GROUPS) <= 5  # Alt+6 … Alt+0


def test_each_key_stands_once_on_a_page(client: Client) -> None:
    desk = sign_in(client, officer("2002", permissions=permissions.PERMISSIONS, unit_name=UNIT))
    page = desk.get("/collection/remittances/").content.decode()
    keys = re.findall(r'data-tab="(\d)"', page)
    assert keys == ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"]
    assert page.count('aria-current="page"') >= 1

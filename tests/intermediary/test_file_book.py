"""個人情報ファイル簿 on screen, as CSV and on paper: what the dictionary and the register in force say (R-196)."""

import csv
import io
from datetime import date
from typing import Any

import pypdfium2
import pytest
from django.test import Client

from intermediary.models import RegisterRow
from intermediary.permissions import VIEW_REGISTER
from taxsys.platform import clock
from taxsys.platform.dictionary.listing import record_items
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db


def row(row_no: str, recipient: str, *, valid_to: date | None = None, **fields: Any) -> None:
    RegisterRow.objects.create(
        row_no=row_no, kind="transfer", recipient=recipient, legal_base="番号法9条2項", ordinance="市条例",
        affair="保険料の賦課", items=["total_income"],
        recorded_at=clock.now(), method="api", state="approved", valid_from=date(2026, 4, 1),
        valid_to=valid_to, proposed_by="1001", approved_by="1002", **fields,
    )  # fmt: skip


@pytest.fixture
def desk(client: Client, settings: Any) -> Client:
    settings.TAXSYS_BUSINESS_DATE = "2026-11-20"
    row("X-1", "国保の担当課")
    row("X-2", "終わった提供先", valid_to=date(2026, 11, 20))
    return sign_in(client, officer(permissions=[VIEW_REGISTER]))


@pytest.mark.req("R-196")
def test_the_page_names_items_and_the_recipients_in_force_on_the_day(desk: Client) -> None:
    page = desk.get("/provision/file-book").content.decode()
    assert "令和8年11月20日" in page
    assert "国保の担当課（保険料の賦課）" in page
    assert "終わった提供先" not in page
    assert "障害者福祉関係情報" in page
    assert "地方税の賦課徴収" in page


@pytest.mark.req("R-196")
@pytest.mark.req("R-149")
def test_the_tables_hold_the_form_and_every_item_of_the_dictionary(desk: Client) -> None:
    def read(name: str) -> list[list[str]]:
        answer = desk.get(f"/provision/file-book/{name}.csv")
        assert answer["Content-Disposition"] == f'attachment; filename="file-book-{name}-20261120.csv"'
        return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))

    form = dict(read("register"))
    assert form["経常的な提供先"] == "国保の担当課（保険料の賦課）"
    items = read("items")
    assert items[0] == ["記録項目群", "記録", "項目", "保有目的", "使える用途"]
    assert len(items) == 1 + sum(len(one.items) for one in record_items())
    assert desk.get("/provision/file-book/other.csv").status_code == 404


@pytest.mark.req("R-196")
def test_the_paper_holds_the_form_and_the_items(desk: Client) -> None:
    answer = desk.get("/provision/file-book.pdf")
    assert answer["Content-Type"] == "application/pdf"
    text = (
        "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(answer.content))
        .replace("\r", "")
        .replace("\n", "")
    )
    for words in ("個人情報ファイル簿", "国保の担当課（保険料の賦課）", "総務部 総務課", "口座番号"):
        assert words in text


def test_who_may_not_see_the_register_sees_no_file_book(client: Client) -> None:
    sign_in(client, officer(permissions=[]))
    for address in ("file-book", "file-book.pdf", "file-book/items.csv"):
        assert client.get(f"/provision/{address}").status_code == 403

"""The search box: never by My Number, never a name in an address, every person shown in the log."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.search.models import SearchResult
from taxsys.platform.search.permissions import SEARCH
from taxsys.platform.search.registry import SearchProvider, SearchRow, search_register, search_unregister
from taxsys.platform.search.services import holds_my_number, normalise
from taxsys.platform.staff.permissions import HOME
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db
PEOPLE = {"id-1": "アサヒカワ タロウ", "id-2": "アサヒカワ ハナコ", "id-3": "カムイ ジロウ"}
# Published sample of the check digit; not a number of anybody.
SAMPLE_NUMBER = "123456789018"


def find(text: str, _staff: Any) -> Sequence[str]:
    return [key for key, name in PEOPLE.items() if name.startswith(text)]


def present(ids: Sequence[str], _staff: Any) -> Sequence[SearchRow]:
    return [SearchRow(url=f"/ui/help?{key}", cells=(PEOPLE[key],), subject=key) for key in ids]


@pytest.fixture(autouse=True)
def providers() -> Iterator[list[str]]:
    """Two kinds: names in kana and the 44 digits of a slip; what the finders were asked."""
    asked: list[str] = []

    def slip(text: str, _staff: Any) -> Sequence[str]:
        asked.append(text)
        return ["id-3"]

    search_register(
        SearchProvider(
            kind="test-name",
            title_ja="氏名カナ",
            permission=SEARCH,
            recognise=lambda text: text[0] > "ァ",
            find=find,
            present=present,
            columns=("氏名カナ",),
        )
    )
    search_register(
        SearchProvider(
            kind="test-slip",
            title_ja="納付書",
            permission=SEARCH,
            recognise=lambda text: text.isdigit() and len(text) == 44,
            find=slip,
            present=present,
            order=1,
        )
    )
    yield asked
    search_unregister("test-name")
    search_unregister("test-slip")


@pytest.fixture
def clerk(client: Client) -> Client:
    return sign_in(client, officer(permissions=[HOME, SEARCH]))


def test_results_live_under_a_random_id_without_the_terms(clerk: Client) -> None:
    answer = clerk.post("/search/", {"q": "ｱｻﾋｶﾜ"})
    result = SearchResult.objects.get()
    assert answer["Location"] == f"/search/{result.pk}"
    assert result.hits == ["id-1", "id-2"]
    html = clerk.get(answer["Location"]).content.decode()
    assert "検索結果（氏名カナとして検索）" in html
    assert "アサヒカワ ハナコ" in html
    shown = AccessEvent.objects.filter(action="search", subjects__len=2).get()
    assert (shown.subjects, shown.count, shown.function_id) == (["id-1", "id-2"], 2, "search.search")


def test_one_hit_opens_at_once_and_a_scanned_slip_is_recognised(clerk: Client, providers: list[str]) -> None:
    digits = "9" * 12 + "0" * 31 + "1"
    assert (
        clerk.post("/search/", {"q": digits.translate(str.maketrans("0123456789", "０１２３４５６７８９"))})["Location"]
        == "/ui/help?id-3"
    )
    assert providers == [digits]
    assert clerk.post("/search/", {"q": "カムイ"})["Location"] == "/ui/help?id-3"


@pytest.mark.req("R-065")
@pytest.mark.req("R-213")
@pytest.mark.parametrize(
    "typed",
    [
        SAMPLE_NUMBER,
        "１２３４５６７８９０１８",
        "1234-5678-9018",
        "1234 5678 9018",
        "  123456789018\n",
        "アサヒカワ 123456789018",
        "123456789018*",
        "1234%5678_9018",
    ],
)
def test_a_my_number_is_never_a_search_key(clerk: Client, typed: str, providers: list[str], caplog: Any) -> None:
    answer = clerk.post("/search/", {"q": typed})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "個人番号では検索できません" in html
    assert SAMPLE_NUMBER not in html
    assert (providers, SearchResult.objects.count()) == ([], 0)
    event = AccessEvent.objects.get(action="denied")
    assert event.reason == "my_number_in_search"
    everything = str(AccessEvent.objects.values()) + caplog.text + str(dict(clerk.session))
    assert SAMPLE_NUMBER not in everything.replace("-", "").replace(" ", "")


def test_twelve_digits_with_a_wrong_check_digit_are_not_a_my_number() -> None:
    assert not holds_my_number("123456789019")
    assert not holds_my_number("0" * 32 + SAMPLE_NUMBER)


def test_nothing_found_says_what_was_tried(clerk: Client) -> None:
    html = clerk.post("/search/", {"q": "ナガヤマ"}).content.decode()
    assert "氏名カナとして検索しましたが、見つかりませんでした" in html
    assert "この形の語で検索できるものがありません" in clerk.post("/search/", {"q": "!!"}).content.decode()


@pytest.mark.parametrize("typed", ["", "   ", "ア" * 201, "\x00\x07"])
def test_empty_and_overlong_terms_are_refused(clerk: Client, typed: str) -> None:
    assert clerk.post("/search/", {"q": typed}).status_code == 422


def test_normalising_joins_width_and_space() -> None:
    assert normalise("　ｱｻﾋｶﾜ　　タロウ\u0007 ") == "アサヒカワ タロウ"


def test_a_result_belongs_to_its_officer_and_ends_after_a_quarter_hour(clerk: Client) -> None:
    with time_machine.travel("2026-11-20 01:00:00+00:00", tick=False) as moving:
        sign_in(clerk, officer())
        where = clerk.post("/search/", {"q": "アサヒカワ"})["Location"]
        other = sign_in(Client(), officer("5002", permissions=[SEARCH]))
        assert other.get(where).status_code == 404
        moving.shift(timedelta(minutes=9))
        assert clerk.get(where).status_code == 200
        moving.shift(timedelta(minutes=6, seconds=1))
        assert clerk.get("/").status_code == 200
        assert clerk.get(where).status_code == 404


def test_hostile_text_is_shown_as_text(clerk: Client) -> None:
    PEOPLE["id-4"] = "ワル<script>alert(1)</script>"
    PEOPLE["id-5"] = "ワル'\" onmouseover=x"
    try:
        html = clerk.post("/search/", {"q": "ワル"}, follow=True).content.decode()
    finally:
        del PEOPLE["id-4"], PEOPLE["id-5"]
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert" not in html

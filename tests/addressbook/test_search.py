"""Searching for a party: what people type, what it is read as, and that an index answers it at any size."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from addressbook.permissions import SEARCH_PARTY, VIEW_PARTY
from addressbook.search import COLUMNS, party_lines, town_text
from addressbook.search_terms import PartyQuery, read_address, read_name, read_number
from addressbook.selectors.search import parties_found
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.search.models import SearchResult
from taxsys.platform.search.permissions import SEARCH
from taxsys.platform.search.services import normalise
from taxsys.platform.staff.permissions import HOME
from tests.addressbook.people import TODAY, person, protect
from tests.bench import register
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _day(settings: Any) -> None:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()


@pytest.fixture
def clerk(client: Client) -> Client:
    return sign_in(client, officer(permissions=[HOME, SEARCH, SEARCH_PARTY, VIEW_PARTY]))


def found(client: Client, typed: str) -> str:
    return client.post("/search/", {"q": typed}, follow=True).content.decode()


# ---- reading


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("ｱｻﾋｶﾜ", PartyQuery(text="アサヒカワ")),
        ("旭川　太郎", PartyQuery(text="旭川 太郎")),
        ("アサヒカワ S55.5.5", PartyQuery(text="アサヒカワ", birth_on=date(1980, 5, 5))),
        ("昭和５５年５月５日 旭川太郎", PartyQuery(text="旭川太郎", birth_on=date(1980, 5, 5))),
        ("19800505", PartyQuery(birth_on=date(1980, 5, 5))),
        ("アサヒ S55", PartyQuery(text="アサヒ", birth_year=1980)),
        ("アサヒ 1980年生", PartyQuery(text="アサヒ", birth_year=1980)),
        ("アサヒ 平成元年", PartyQuery(text="アサヒ", birth_year=1989)),
        ("*タロウ", PartyQuery(text="タロウ", is_part=True)),
        ("*太郎", None),
        ("四条通8丁目", None),
        ("R00000000000012", None),
    ],
)
def test_names_and_births_are_read_in_any_order(typed: str, wanted: PartyQuery | None) -> None:
    assert read_name(normalise(typed)) == wanted


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("四条通８丁目", PartyQuery(address="四条通8丁目")),
        ("北海道旭川市四条通八丁目12番", PartyQuery(address="北海道旭川市四条通八丁目12番")),
        ("サトウ 四条通8", PartyQuery(text="サトウ", address="四条通8")),
        ("佐藤 春光町", PartyQuery(text="佐藤", address="春光町")),
        ("佐藤 S55.5.5 春光町 3丁目", PartyQuery(text="佐藤", birth_on=date(1980, 5, 5), address="春光町3丁目")),
        ("アサヒカワ", None),
        ("12-3", None),
        ("町", None),
    ],
)
def test_addresses_are_read_alone_or_behind_a_name(typed: str, wanted: PartyQuery | None) -> None:
    assert read_address(normalise(typed)) == wanted


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("r00000000000012", PartyQuery(text="R00000000000012")),
        ("123456789012345", PartyQuery(text="123456789012345")),
        ("4-0000-2000-0002", None),
        ("7000012050002", PartyQuery(corporate_no="7000012050002")),
        ("7-0000-1205-0002", PartyQuery(corporate_no="7000012050002")),
        ("1234567890123", None),
    ],
)
def test_person_and_corporate_numbers_are_known_by_their_shape_and_check_digit(
    typed: str, wanted: PartyQuery | None
) -> None:
    assert read_number(normalise(typed)) == wanted


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("北海道旭川市四条通8丁目12番3号", "四条通8丁目"),
        ("北海道旭川市永山3条4丁目5番6号", "永山3条4丁目"),
        ("春光町三丁目12番3号", "春光町三丁目"),
        ("東京都千代田区霞が関1-2-3", "東京都千代田区霞が関"),
        ("錦町", "錦町"),
        ("", ""),
    ],
)
def test_lists_show_an_address_up_to_the_town(address: str, shown: str) -> None:
    assert town_text(address) == shown


# ---- finding


@pytest.mark.parametrize(
    "typed",
    [
        "アサヒカワ", "ｱｻﾋｶﾜ ﾀﾛｳ", "あさひかわ", "アサヒガワ", "旭川太郎", "旭川　太郎", "旭川 S55.5.5",
        "あさひ 1980年", "R00000000000012", f"ｒ{'０' * 12}12", "アサヒカワ 四条通8丁目12番", "*タロウ",
        "旭川市四条通八丁目12", "北海道旭川市四条通８丁目１２番３号", "四条通8-12-3",
    ],
)  # fmt: skip
def test_one_hit_opens_the_card_at_once(clerk: Client, typed: str) -> None:
    party = person(12)
    person(13, name="神居　花子", kana="カムイ　ハナコ", birth_on=date(1990, 1, 1))
    answer = clerk.post("/search/", {"q": typed})
    assert answer["Location"] == f"/party/{party.id}/"


@pytest.mark.parametrize("typed", ["高橋　一", "髙橋　一", "高𣘺 一", "髙𣘺 一"])
def test_variant_glyphs_find_each_other_and_are_shown_as_registered(clerk: Client, typed: str) -> None:
    person(1, name="髙𣘺　一", kana="タカハシ　ハジメ")
    person(2, name="高橋　一", kana="タカハシ　ハジメ", birth_on=date(1990, 1, 1))
    html = found(clerk, typed)
    assert "髙𣘺　一" in html
    assert "高橋　一" in html


@pytest.mark.parametrize("typed", ["ヴァネッサ", "バネツサ", "ばねっさ", "ハネサ", "バネーッサ"])
def test_kana_are_found_however_they_are_spelt(clerk: Client, typed: str) -> None:
    party = person(1, name="ヴァネッサ　スミス", kana="ヴァネッサ　スミス")
    wanted = f"/party/{party.id}/" if typed != "ハネサ" else None
    assert clerk.post("/search/", {"q": typed}).get("Location") == wanted


def test_a_corporation_is_found_by_number_and_by_name_in_any_case(clerk: Client) -> None:
    party = person(
        7, name="Ａｓａｈｉ株式会社", kana="アサヒ", kind="corporation", state="active", birth_on=None, household="",
        corporate_no="7000012050002", address_text="北海道旭川市六条通九丁目46番地",
    )  # fmt: skip
    for typed in ("7000012050002", "７-００００-１２０５-０００２", "asahi株式会社", "ASAHI", "六条通9丁目46"):
        assert clerk.post("/search/", {"q": typed})["Location"] == f"/party/{party.id}/", typed


def test_a_list_shows_dense_lines_with_badges_and_marks_namesakes(clerk: Client) -> None:
    first = person(1, sex="2")
    person(2, kana="アサヒガワ　タロウ")
    person(3, birth_on=date(1990, 1, 1), state="dead", died_on=date(2026, 1, 2))
    html = found(clerk, "アサヒカワ")
    assert all(column in html for column in COLUMNS)
    assert html.count("同名・同生年月日") == 2
    assert "死亡 R8.1.2" in html
    assert "四条通八丁目" in html
    assert "1番3号" not in html
    shown = AccessEvent.objects.filter(action="search", subjects__len=3).get()
    assert str(first.id) in shown.subjects


@pytest.mark.req("R-091")
def test_protected_people_are_masked_in_lists_and_not_found_by_where_they_live(clerk: Client) -> None:
    victim = person(1, name="神居　花子", kana="カムイ　ハナコ", address_text="北海道旭川市錦町5番6号")
    child = person(2, name="神居　次郎", kana="カムイ　ジロウ", household="S0000000001", relation="20",
                   address_text="北海道旭川市錦町5番6号")  # fmt: skip
    neighbour = person(3, name="神居　三郎", kana="カムイ　サブロウ", address_text="北海道旭川市錦町5番7号")
    protect(victim)
    html = found(clerk, "カムイ")
    assert html.count("非表示") == 2
    assert html.count("錦町") == 1
    assert "世帯主</td>" in html
    assert html.count("<td>子</td>") == 0
    assert clerk.post("/search/", {"q": "錦町5"})["Location"] == f"/party/{neighbour.id}/"
    for typed in ("錦町5番6号", "カムイ 錦町5番6号", "神居花子 錦町"):
        page = found(clerk, typed)
        assert "見つかりませんでした" in page, typed
        assert str(victim.id) not in page
        assert str(child.id) not in page


def test_merged_parties_are_not_listed(clerk: Client) -> None:
    survivor, merged = person(1), person(2)
    merged.merged_into = survivor
    merged.save()
    assert clerk.post("/search/", {"q": "アサヒカワ"})["Location"] == f"/party/{survivor.id}/"


@pytest.mark.parametrize(("typed", "words"), [("ア", "カナは2文字以上"), ("旭", "漢字は他の条件と合わせて")])
def test_a_search_that_says_too_little_asks_for_more(clerk: Client, typed: str, words: str) -> None:
    person(1)
    html = found(clerk, typed)
    assert words in html
    assert SearchResult.objects.count() == 0


def test_nothing_found_offers_to_look_inside_the_names(clerk: Client) -> None:
    party = person(1)
    html = found(clerk, "タロウ")
    assert "氏名の途中も探す" in html
    assert re.search(r'name="q" value="\*タロウ"', html)
    assert clerk.post("/search/", {"q": "*タロウ"})["Location"] == f"/party/{party.id}/"
    assert "氏名の途中も探す" not in found(clerk, "錦町5")


@pytest.mark.parametrize("typed", ["123456789018", "カムイ 1234-5678-9018", "１２３４５６７８９０１８"])
def test_a_my_number_finds_nobody(clerk: Client, typed: str) -> None:
    person(1)
    answer = clerk.post("/search/", {"q": typed})
    assert answer.status_code == 422
    assert "個人番号では検索できません" in answer.content.decode()


@pytest.mark.parametrize("typed", ["%", "_サ", "アサヒ%", "' OR 1=1 --", "アサヒカワ\\", "＊", "***", "\U0010ffff旭"])
def test_signs_of_query_languages_mean_nothing(clerk: Client, typed: str) -> None:
    person(1)
    assert "該当" not in found(clerk, typed)
    assert SearchResult.objects.count() == 0


def test_very_long_names_and_addresses_stand_in_full(clerk: Client) -> None:
    name = "ジュゲムジュゲムゴコウノスリキレ" * 4
    person(1, name=name, kana=name, address_text="北海道旭川市" + "長い町名" * 40 + "1番1号")
    html = found(clerk, "ジュゲム")
    assert name in html
    assert "長い町名" * 40 in html


def test_a_list_of_many_asks_no_more_questions_than_a_list_of_few() -> None:
    staff = officer(permissions=[SEARCH_PARTY])
    party_lines([], staff=staff)  # the officer's rights are read once
    counts = []
    for size in (2, 30):
        ids = [person(size * 100 + number).id for number in range(size)]
        protect(person(size * 100 + 99))
        with CaptureQueriesContext(connection) as asked:
            assert len(party_lines(ids, staff=staff)) == size
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] <= 12


# ---- plans


SEARCHES = {
    "two kana": PartyQuery(text="サト"),
    "full kana": PartyQuery(text="サトウ　ケン"),
    "kana and year": PartyQuery(text="タカハシ", birth_year=1980),
    "kanji": PartyQuery(text="佐藤"),
    "number": PartyQuery(text="R00000000000500"),
    "birth": PartyQuery(birth_on=date(1955, 6, 7)),
    "kana and birth": PartyQuery(text="サトウ", birth_on=date(1955, 6, 7)),
    "address": PartyQuery(address="春光町3丁目"),
    "corporate number": PartyQuery(corporate_no="7000012050002"),
}


def test_every_search_walks_an_index_and_never_the_whole_register() -> None:
    register.fill(12_000)
    for title, query in SEARCHES.items():
        with CaptureQueriesContext(connection) as asked:
            assert len(parties_found(query)) <= 201
        statements = [one["sql"] for one in asked if "addressbook_party" in one["sql"] and "LIMIT" in one["sql"]]
        assert statements, title
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(f"EXPLAIN {statement}")
                plan = "\n".join(row[0] for row in cursor.fetchall())
                assert "Seq Scan on addressbook_party" not in plan, (title, plan)
                assert "Seq Scan on addressbook_address" not in plan, (title, plan)

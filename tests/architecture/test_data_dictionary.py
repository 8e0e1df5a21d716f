"""The data dictionary: every stored field has its one group, and each rule of it finds the fault it is for (R-147)."""

import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.template.loader import render_to_string

from intermediary.items import ITEMS
from taxsys.platform import dictionary
from taxsys.platform.dictionary import (
    PurposeRefused,
    dictionary_faults,
    entries,
    entry,
    faults,
    groups,
    purpose_ja,
    use_check,
)
from taxsys.platform.dictionary.listing import csv_rows, file_register, record_items

NAMED_BY_THE_ASSESSMENT = {
    "個人番号", "個人番号対応符号", "その他識別情報（内部番号）", "4情報（氏名、性別、生年月日、住所）",
    "連絡先（電話番号、送付先等）", "その他住民票関係情報", "国税関係情報", "地方税関係情報", "医療保険関係情報",
    "児童福祉・子育て関係情報", "障害者福祉関係情報", "生活保護関係情報", "介護関係情報", "年金関係情報",
    "災害関係情報", "口座登録・振替関係情報",
}  # fmt: skip


@pytest.mark.req("R-147")
def test_every_field_of_every_table_has_exactly_one_group() -> None:
    # A field is missing here? Name it in the `data_dictionary.toml` of its app, under its group.
    assert dictionary_faults() == []
    assert len({(one.record, one.field) for one in entries()}) == len(entries()) > 1400
    assert {one.title_ja for one in groups().values()} >= NAMED_BY_THE_ASSESSMENT


@pytest.mark.req("R-147")
@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"Party": {"four_items": ["name"]}}, "Party.birth_on: no group"),
        ({"Party": {"four_items": ["name", "birth_on"], "contact": ["name"]}}, "Party.name: more than one group"),
        ({"Party": {"four_items": ["name", "birth_on", "nane"]}}, "Party.nane: no such field"),
        ({"Party": {"horoscope": ["name", "birth_on"]}}, "Party: unknown group horoscope"),
        ({"Party": {"four_items": ["name", "birth_on"]}, "Perty": {}}, "Perty: no such table"),
        ({}, "Party.name: no group"),
    ],
)
def test_a_field_without_a_group_or_a_group_nobody_knows_is_found(
    given: dict[str, dict[str, list[str]]], fault: str
) -> None:
    assert fault in faults(given, {"Party": ["name", "birth_on"]})
    assert faults({"Party": {"four_items": ["name", "birth_on"]}}, {"Party": ["name", "birth_on"]}) == []


@pytest.mark.req("R-147")
def test_the_numbers_themselves_stand_in_the_vault_alone(db: None) -> None:
    numbers = {one.record for one in entries() if one.group.code == "my_number"}
    assert numbers == {"table.vault.number", "table.vault.held_number"}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, array_agg(a.attname::text) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
            " WHERE c.relnamespace = 'vault'::regnamespace AND c.relname IN ('number', 'held_number')"
            " AND a.attnum > 0 AND NOT a.attisdropped GROUP BY 1"
        )
        stored = dict(cursor.fetchall())
    for name, columns in stored.items():
        assert {one.field for one in entries() if one.record == f"table.vault.{name}"} == set(columns)
    assert not {one.record for one in entries() if one.group.code == "link_code"}


@pytest.mark.req("R-148")
def test_every_group_says_why_it_is_held_and_what_it_may_be_used_for() -> None:
    assert all(one.purpose_ja and one.title_ja for one in groups().values())
    assert purpose_ja("addressbook.Party.birth_on") == (
        "4情報（氏名、性別、生年月日、住所）：対象者の特定、課税要件の判定、通知書等の送付のため"
    )


@pytest.mark.req("R-148")
@pytest.mark.parametrize(
    ("use", "field"),
    [
        ("statistics", "addressbook.Party.name"),
        ("statistics", "addressbook.Party.person_no"),
        ("statistics", "table.vault.number.index_odd"),
        ("provision", "addressbook.ContactNote.text"),
        ("provision", "addressbook.Protection.opponent_name"),
        ("levy", "addressbook.BankAccount.account_no"),
        ("provision", "assessment.ResidentFacts.receives_livelihood_aid"),
    ],
)
def test_a_use_outside_the_purpose_of_a_group_is_refused(use: str, field: str) -> None:
    with pytest.raises(PurposeRefused, match="に使えない項目です"):
        use_check(use, [field])
    use_check("statistics", ["assessment.ResidentResult.total_income_yen"])
    assert entry(field).group.code != "operation"


@pytest.mark.req("R-148")
def test_the_band_of_a_person_says_on_hover_why_each_item_is_held() -> None:
    values = {"person_no": "R1", "birth_text": "昭和60年1月1日", "sex_text": "女", "relation_text": "世帯主"}
    band = render_to_string("components/person_band.html", {"person": values})
    for label, group in (
        ("宛名番号", "その他識別情報（内部番号）"),
        ("生年月日", "4情報（氏名、性別、生年月日、住所）"),
        ("住所", "4情報（氏名、性別、生年月日、住所）"),
        ("続柄", "その他住民票関係情報"),
    ):
        assert re.search(rf'<dt title="{group}：[^"]+">(?:\s*){label}</dt>', band)


def test_a_use_that_nobody_declared_is_no_use() -> None:
    with pytest.raises(dictionary.DictionaryFault, match="unknown use curiosity"):
        use_check("curiosity", [])


@pytest.mark.req("R-148")
@pytest.mark.req("R-161")
def test_every_item_that_may_be_provided_comes_from_fields_held_for_it() -> None:
    facts = {name for item in ITEMS for name in item.facts}
    results = {name for item in ITEMS for name in (*item.result, *item.less)}
    use_check("provision", [f"assessment.ResidentFacts.{name}" for name in sorted(facts)])
    use_check("provision", [f"assessment.ResidentResult.{name}" for name in sorted(results)])


@pytest.mark.req("R-149")
def test_the_list_of_record_items_is_written_from_the_dictionary() -> None:
    call_command("record_items_doc", "--check")
    rows = csv_rows(record_items())
    assert ("口座登録・振替関係情報", "口座", "口座番号", "口座振替・還付のため", "収納") in rows
    assert not [row for row in rows if row[0].startswith("運用の記録")]


@pytest.mark.req("R-196")
def test_the_public_register_of_the_file_names_items_recipients_and_desks() -> None:
    lines = dict(file_register(["介護保険課（介護保険料の賦課）"]))
    assert set(lines) >= {"個人情報ファイルの名称", "利用目的", "記録項目", "記録範囲", "収集方法", "経常的な提供先"}
    assert lines["経常的な提供先"] == "介護保険課（介護保険料の賦課）"
    assert "個人番号（" in lines["記録項目"]

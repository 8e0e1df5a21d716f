"""What an extraction answers: the decisions in force, on record, and nothing of protected people's addresses."""

import csv
import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from addressbook.models import Party
from assessment.errors import ExtractionRefused
from assessment.extraction.question import question_read
from assessment.extraction.selectors import extraction_run
from assessment.extraction.services import definition_remove, definition_save, definitions_of, extract_file
from assessment.models import ExtractionDefinition, ExtractionRecord, TaxablePopulation
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.staff.models import Staff
from tests.assessment.desk.scene import decided, resident, wage_paper
from tests.assessment.runs.test_initial_runs import on
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)


@pytest.fixture
def people() -> list[Party]:
    """Three decided people: 6.5, 3.0 and 1.0 million yen of wages."""
    found = []
    for no, wage in ((1, 6_543_200), (2, 3_000_000), (3, 1_000_000)):
        party = resident(no)
        TaxablePopulation.objects.filter(party=party).update(town_code=f"000{no}000")
        wage_paper(party, line_no=no, name=party.name, birth_on=party.birth_on, items={"wage_yen": wage})
        found.append(party)
    decided()
    return found


def ask(**changes: Any):
    asked = {"tax_year": 2026, "columns": ["person_no", "salary_receipts_yen", "annual_yen"], "conditions": []}
    return question_read(**{**asked, **changes})


def clerk() -> Staff:
    return officer("1001", permissions=["assessment.extract"])


def test_conditions_order_and_limit_choose_the_rows(people: list[Party]) -> None:
    with on(DAY):
        found = extraction_run(
            ask(conditions=[["salary_receipts_yen", "ge", "2000000"]], order=[["annual_yen", "desc"]], limit=1),
            viewer=clerk(),
        )
    assert found.total == 2
    assert found.header == ["宛名番号", "給与収入(円)", "年税額(円)"]
    assert [row[:2] for row in found.rows] == [[people[0].person_no, 6_543_200]]
    assert found.party_ids == [people[0].pk]


def test_a_sum_over_the_rows_is_the_sum_of_the_decisions(people: list[Party]) -> None:
    with on(DAY):
        found = extraction_run(ask(columns=["annual_yen", "ordinary_yen", "wage_yen", "pension_yen"]), viewer=clerk())
    assert sum(row[0] for row in found.rows) == sum(sum(row[1:]) for row in found.rows) > 0


@pytest.mark.req("R-172")
def test_the_protected_persons_district_is_empty_and_finds_nobody(people: list[Party], monkeypatch) -> None:
    hidden = people[0].pk
    monkeypatch.setattr("assessment.extraction.selectors.hidden_parties", lambda: {hidden})
    with on(DAY):
        everybody = extraction_run(ask(columns=["person_no", "district"]), viewer=clerk())
        by_place = extraction_run(
            ask(columns=["person_no"], conditions=[["district", "eq", "0001000"]]), viewer=clerk()
        )
        others = extraction_run(ask(columns=["person_no"], conditions=[["district", "eq", "0002000"]]), viewer=clerk())
    assert dict(everybody.rows)[people[0].person_no] == ""
    assert by_place.total == 0
    assert others.party_ids == [people[1].pk]


def test_a_file_leaves_with_its_record_and_its_event(people: list[Party]) -> None:
    staff = clerk()
    with on(DAY):
        content, found = extract_file(ask(conditions=[["annual_yen", "gt", "0"]]), form="csv", actor=staff)
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == 1 + len(found.rows)
    record = ExtractionRecord.objects.get()
    assert (record.staff_no, record.form, record.row_count) == ("1001", "csv", len(found.rows))
    assert record.content["conditions"] == [["annual_yen", "gt", "0"]]
    event = AccessEvent.objects.filter(record_type="assessment.extraction").latest("pk")
    assert (event.action, event.count, event.record_id) == ("export", len(found.rows), str(record.pk))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ExtractionRecord.objects.update(row_count=0)


def test_a_file_above_the_limit_is_refused_whole(people: list[Party]) -> None:
    with on(DAY), pytest.raises(ExtractionRefused, match="該当が3件で、出力の上限1件を超えます"):
        extract_file(ask(limit=1), form="csv", actor=clerk())
    assert not ExtractionRecord.objects.exists()


@pytest.mark.parametrize("name", ["=1+1", "+SUM(A1)", "@cmd", "-2+3"])
def test_a_name_that_would_be_a_formula_is_text(people: list[Party], name: str) -> None:
    Party.objects.filter(pk=people[0].pk).update(name=name)
    question = ask(columns=["person_no", "name"], conditions=[["salary_receipts_yen", "eq", "6543200"]])
    with on(DAY):
        text, _ = extract_file(question, form="csv", actor=clerk())
        book, _ = extract_file(question, form="xlsx", actor=clerk())
    assert list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))[1][1] == f"'{name}"
    cell = openpyxl.load_workbook(io.BytesIO(book)).active["B2"]
    assert (cell.data_type, cell.value) == ("s", f"'{name}")


def test_a_name_with_a_full_width_sign_is_a_text_cell_as_registered(people: list[Party]) -> None:
    Party.objects.filter(pk=people[0].pk).update(name="＝HYPERLINK(0)")
    question = ask(columns=["person_no", "name"], conditions=[["salary_receipts_yen", "eq", "6543200"]])
    with on(DAY):
        book, _ = extract_file(question, form="xlsx", actor=clerk())
    cell = openpyxl.load_workbook(io.BytesIO(book)).active["B2"]
    assert (cell.data_type, cell.value) == ("s", "＝HYPERLINK(0)")


def test_definitions_are_the_owners_and_shared_ones_the_divisions(people: list[Party]) -> None:
    owner, colleague = clerk(), officer("1002", permissions=["assessment.extract"])
    stranger = officer("2001", permissions=["assessment.extract"], unit_name="納税管理課")
    with on(DAY):
        shared = definition_save(ask(), name="高額", is_shared=True, actor=owner)
        own = definition_save(ask(), name="自分用", is_shared=False, actor=owner)
        assert definition_save(ask(limit=5), name="高額", is_shared=True, actor=owner).pk == shared.pk
        assert list(definitions_of(colleague)) == [shared]
        assert list(definitions_of(stranger)) == []
        with pytest.raises(ExtractionRefused, match="自分の定義だけ"):
            definition_remove(shared.pk, actor=colleague)
        definition_remove(own.pk, actor=owner)
    assert list(ExtractionDefinition.objects.values_list("name", flat=True)) == ["高額"]


def body(act: str, **changes: str) -> dict[str, Any]:
    return {"act": act, "year": "2026", "columns": ["person_no", "name", "address", "annual_yen"], "limit": "100",
            "o0-direction": "asc", "o1-direction": "asc", **changes}  # fmt: skip


def test_the_page_asks_saves_and_takes_out(people: list[Party], client: Client) -> None:
    sign_in(client, clerk())
    page = client.get("/assessment/extraction/").content.decode()
    assert "個人番号はありません" in page
    chosen = {"c0-column": "salary_receipts_yen", "c0-operator": "le", "c0-value": "1000000"}
    answer = client.post("/assessment/extraction/", body("show", **chosen)).content.decode()
    assert "結果　1件" in answer
    assert people[2].person_no in answer
    assert people[0].person_no not in answer
    saved = client.post("/assessment/extraction/", body("save", name="少額", **chosen))
    assert saved.status_code == 302
    one = ExtractionDefinition.objects.get()
    assert "1000000" in client.get(f"/assessment/extraction/?definition={one.pk}").content.decode()
    file = client.post("/assessment/extraction/", body("xlsx", **chosen))
    assert file["Content-Disposition"] == 'attachment; filename="extraction-2026.xlsx"'
    assert client.post("/assessment/extraction/", {"act": "remove", "definition": str(one.pk)}).status_code == 302
    assert not ExtractionDefinition.objects.exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"columns": ["person_no", "password"]}, "その列は抽出できません"),
        ({"c0-column": "annual_yen", "c0-operator": "ge", "c0-value": "x); DROP TABLE y; --"}, "を読めません"),
        ({"c0-column": "person_no", "c0-operator": "eq", "c0-value": "123456789018"}, "個人番号による検索"),
        ({"limit": "999999"}, "出力の上限は1から20,000件まで"),
    ],
)
def test_a_hostile_body_is_answered_with_a_word(people: list[Party], client: Client, changes, words: str) -> None:
    sign_in(client, clerk())
    answer = client.post("/assessment/extraction/", {**body("show"), **changes})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not ExtractionRecord.objects.exists()


def test_without_the_right_there_is_no_extraction(people: list[Party], client: Client) -> None:
    sign_in(client, officer("1001", permissions=["assessment.view_runs"]))
    assert client.post("/assessment/extraction/", body("csv")).status_code == 403
    assert not ExtractionRecord.objects.exists()

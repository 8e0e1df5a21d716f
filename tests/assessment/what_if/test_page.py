"""The planner's page: values to edit, the answer with its tables and drawings, a file; nobody else gets in."""

import csv
import io
import re

import pytest
from django.test import Client

from assessment.permissions import VIEW_PARAMETERS, VIEW_RUNS, WHAT_IF
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.staff.permissions import HOME
from taxsys.platform.staff.services import DEMO_ACCOUNTS, permissions_for_role
from tests.platform.actors import officer, sign_in

RAISE = {"v-resident.per_capita.city": "3,500"}


@pytest.mark.usefixtures("decided_people")
def test_from_the_values_to_the_tables(planner: Client) -> None:
    page = planner.get("/what-if/").content.decode()
    assert "市民税均等割額" in page
    (row,) = re.findall(r"<tr>(?:(?!</tr>).)*v-resident\.per_capita\.city(?:(?!</tr>).)*</tr>", page, re.DOTALL)
    assert '<td class="tx-num">3,000円</td>' in row
    answer = planner.post("/what-if/", RAISE)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<svg" in text
    assert "3,500円" in text
    assert "市民税均等割額" in text
    for title in ("合計所得金額", "年齢（1月1日現在）", "世帯の人数（1月1日現在）", "地区"):
        assert title in text
    assert "旭川　太郎" not in text
    again = planner.post("/what-if/", {**RAISE, "act": "edit"}).content.decode()
    assert 'value="3,500"' in again


@pytest.mark.usefixtures("decided_people")
def test_a_bad_value_is_told_at_its_box_and_nothing_is_computed(planner: Client) -> None:
    answer = planner.post("/what-if/", {"v-resident.rate.city": "6", "v-resident.per_capita.city": "3500"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_v-resident.rate.city-error"' in text
    assert "率は「6%」「0.06」「1/6」のように" in text
    assert "<svg" not in text


@pytest.mark.usefixtures("decided_people")
def test_a_value_at_which_a_guard_stops_people_is_told_at_its_box(planner: Client) -> None:
    text = planner.post("/what-if/", {"v-resident.rate.city": "99%"}).content.decode()
    assert 'id="id_v-resident.rate.city-error"' in text
    assert "所得割額が課税標準額の合計を超えました" in text


@pytest.mark.usefixtures("decided_people")
def test_the_file_says_what_the_page_says_and_runs_no_formula(planner: Client) -> None:
    answer = planner.post("/what-if/csv", RAISE)
    assert answer["Content-Disposition"] == 'attachment; filename="what-if-2026.csv"'
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert ["変えた値", "市民税均等割額", "resident.per_capita.city", "3,000円", "3,500円"] in rows
    (total,) = [row for row in rows if row[:2] == ["合計", "市全体"]]
    assert int(total[5]) == int(total[4]) - int(total[3]) > 0
    assert not any(cell.startswith(("=", "+", "@")) or re.match(r"-\D", cell) for row in rows for cell in row)
    assert AccessEvent.objects.filter(record_type="what_if", action="export").count() == 1


@pytest.mark.usefixtures("decided_people")
def test_edits_of_a_file_are_computed_like_typed_ones(planner: Client) -> None:
    file = io.BytesIO(b"[values]\nresident.per_capita.city = 3500\n")
    file.name = "edits.toml"
    assert "3,500円" in planner.post("/what-if/", {"edits_file": file}).content.decode()
    file = io.BytesIO(b"[values]\nresident.no_such = 3500\n")
    file.name = "edits.toml"
    text = planner.post("/what-if/", {"edits_file": file}).content.decode()
    assert "resident.no_such: この法定値はありません" in text


@pytest.mark.usefixtures("decided_people")
def test_nobody_but_a_planner_gets_in(client: Client) -> None:
    assert client.get("/what-if/").status_code in {302, 401}
    sign_in(client, officer("5009", permissions=[HOME, VIEW_RUNS, VIEW_PARAMETERS]))
    assert client.get("/what-if/").status_code == 403
    assert client.post("/what-if/", RAISE).status_code == 403
    assert client.post("/what-if/csv", RAISE).status_code == 403
    assert not AccessEvent.objects.filter(record_type="what_if", result="ok").exists()


def test_no_other_role_carries_the_right(db: None) -> None:
    holders = {
        demo.role for demo in DEMO_ACCOUNTS if WHAT_IF in permissions_for_role(demo.role, demo.account.unit_name)
    }
    assert holders == {"planner"}


def test_before_anything_is_decided_the_page_says_so(planner: Client) -> None:
    answer = planner.get("/what-if/")
    assert answer.status_code == 409
    assert "決定がまだない" in answer.content.decode()

"""Statistics lack every number and key of a person, and each copy that leaves has an owner and a last day."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.test import Client

from taxsys.kernel.checkdigits import my_number_valid
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.datasets.declaration import Column, Dataset, dataset_check, datasets
from taxsys.platform.datasets.permissions import EXPORT, VIEW
from taxsys.platform.datasets.services import ExportRefused, dataset_csv, dataset_export
from taxsys.platform.dictionary import PurposeRefused, entries, entry
from taxsys.platform.registers.models import RegisterRow, RowTask
from taxsys.platform.registers.permissions import COPY
from taxsys.platform.registers.services import Draft, row_open, row_step
from tests.intermediary.people import acting, person, recall, run_of
from tests.platform.actors import officer, sign_in
from tests.registers.scene import approved, attached, stepped

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
COPY_RIGHTS = [str(one) for one in (COPY.view, COPY.enter, COPY.close, COPY.approve)]
# Groups of which no statistics may know anything: numbers, keys, names, addresses, accounts, protection.
PERSONS = {"my_number", "link_code", "internal_no", "four_items", "contact", "account", "protection"}


@pytest.fixture(autouse=True)
def business_day(settings: Any) -> None:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()


def made_of(*fields: str, rows: Any = lambda _params: [], use: str = "statistics") -> Dataset:
    columns = tuple(Column(name=name, title_ja=name, fields=(name,)) for name in fields)
    return Dataset(id="test", title_ja="試験", use=use, note_ja="", columns=columns, rows=rows)


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.req("R-172")
@pytest.mark.req("N-107")
def test_every_dataset_of_the_house_is_made_of_fields_held_for_its_use() -> None:
    assert datasets()
    for dataset in datasets():
        dataset_check(dataset)
        fields = [name for column in dataset.columns for name in column.fields]
        if dataset.use == "statistics":
            assert not {entry(name).group.code for name in fields} & PERSONS


@pytest.mark.req("R-172")
def test_no_field_of_numbers_keys_names_or_addresses_can_be_declared_for_statistics() -> None:
    refused = [one for one in entries() if one.group.code in PERSONS]
    assert len(refused) > 150
    for one in refused:
        with pytest.raises(PurposeRefused):
            dataset_check(made_of(f"{one.record}.{one.field}"))


@pytest.mark.req("R-172")
def test_an_export_of_each_dataset_holds_no_valid_number_and_nobodys_key() -> None:
    people = [person(number) for number in range(1, 5)]
    run_of({one: {"salary_receipts_yen": 3_000_000 * number} for number, one in enumerate(people, start=1)})
    for dataset in datasets():
        content, count = dataset_csv(dataset, dict.fromkeys((name for name, _label in dataset.params), 2026))
        assert count > 0
        text = content.decode("utf-8-sig")
        assert not [cell for row in table(content) for cell in row if len(cell) == 12 and my_number_valid(cell)]
        assert not [one for one in people if one.person_no in text or str(one.pk) in text or one.name in text]


@pytest.mark.req("R-172")
@pytest.mark.parametrize("cell", ["123456789018", "1234-5678-9018", "１２３４５６７８９０１８", 123456789018])
def test_a_number_that_slips_into_a_cell_stops_the_export(cell: Any) -> None:
    field = "assessment.ResidentResult.total_income_yen"
    with pytest.raises(ExportRefused, match="個人番号の形の数字"):
        dataset_csv(made_of(field, rows=lambda _params: [(cell,)]), {})
    with pytest.raises(TypeError, match="whole numbers and codes"):
        dataset_csv(made_of(field, rows=lambda _params: [(person(1),)]), {})
    with pytest.raises(ExportRefused, match="列の数"):
        dataset_csv(made_of(field, rows=lambda _params: [(1, 2)]), {})


def test_the_income_bands_count_who_stands_and_what_they_owe() -> None:
    low, high, gone = person(1), person(2), person(3)
    run_of({low: {"salary_receipts_yen": 500_000}, high: {"salary_receipts_yen": 5_000_000}})
    recall(run_of({gone: {"salary_receipts_yen": 9_000_000}}), on=TODAY)
    content, count = dataset_csv(datasets()[0], {"tax_year": 2026})
    assert count == 2
    assert table(content)[1:] == [
        ["0円", "1", "0", "0", "430", "0", "0", "0"],
        # city: 3,130,000 × 6 % − 1,500 + 3,000 = 189,300; prefecture: × 4 % − 1,000 + 1,000 = 125,200
        ["400万円以下", "1", "1", "3560", "430", "3130", "189", "125"],
    ]


# -- copies ----------------------------------------------------------------------------------------------------------


@pytest.mark.req("R-233")
def test_each_export_is_registered_with_its_owner_and_its_last_day(client: Client) -> None:
    run_of({person(1): {"salary_receipts_yen": 5_000_000}})
    sign_in(client, officer("5001", permissions=[VIEW, EXPORT]))
    assert "所得段階別の課税状況" in client.get("/datasets/").content.decode()
    given = {"tax_year": "2026", "reason_ja": "議会資料", "expires_on": "R9.3.31"}
    answer = client.post("/datasets/resident-income-bands", given)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    copy = RegisterRow.objects.get(kind="data_copy")
    assert {name: copy.values[name] for name in ("sort", "owner_no", "expires_on", "record_count", "reason")} == {
        "sort": "dataset", "owner_no": "5001", "expires_on": "2027-03-31", "record_count": 1, "reason": "議会資料",
    }  # fmt: skip
    assert RowTask.objects.get(row=copy).due_on == date(2027, 3, 31)
    event = AccessEvent.objects.get(action="export")
    assert (event.record_id, event.reason, event.actor_id) == ("resident-income-bands", copy.row_no, "5001")
    for wrong in ({"reason_ja": " "}, {"expires_on": "R8.11.20"}, {"expires_on": "R10.1.1"}, {"tax_year": "x"}):
        assert client.post("/datasets/resident-income-bands", {**given, **wrong}).status_code == 422
    assert client.get("/datasets/no-such").status_code == 404
    assert RegisterRow.objects.filter(kind="data_copy").count() == 1
    system = officer("4501", permissions=COPY_RIGHTS, unit_name="市民税課")
    closed = stepped(copy, "erase", system, erased_on="2026-11-20", erasure="端末から削除")
    assert (closed.state, RowTask.objects.get(row=copy).done_on) == ("closed", TODAY)


@pytest.mark.req("R-233")
@pytest.mark.req("R-246")
def test_looking_and_exporting_are_two_rights(client: Client) -> None:
    sign_in(client, officer("5001", permissions=[VIEW]))
    assert client.get("/datasets/").status_code == 200
    assert client.post("/datasets/resident-income-bands", {}).status_code == 403
    other = sign_in(Client(), officer("5002", permissions=[EXPORT]))
    assert other.get("/datasets/").status_code == 403
    assert VIEW.code != EXPORT.code
    assert "clerk" not in EXPORT.default_roles


@pytest.mark.req("R-233")
def test_a_dump_is_approved_before_it_is_made_and_closed_by_its_erasure() -> None:
    owner = officer("4501", permissions=COPY_RIGHTS, unit_name="情報政策課")
    second = officer("4502", permissions=COPY_RIGHTS, unit_name="情報政策課")
    values = {
        "title": "月次の復元訓練", "sort": "dump", "owner_no": "4501", "reason": "復元の訓練", "place": "検証機",
        "is_encrypted": True, "has_numbers": True, "expires_on": "2026-12-10",
    }  # fmt: skip
    with pytest.raises(Exception, match="暗号化が必要です"):
        row_open(Draft(kind="data_copy", unit=owner.unit_on(), values={**values, "is_encrypted": False}), actor=owner)
    row = row_open(Draft(kind="data_copy", unit=owner.unit_on(), values=values), actor=owner)
    with pytest.raises(Exception, match="作成の記録"):
        row_step(row.pk, "make", {"made_on": "2026-11-20"}, actor=owner)
    row = approved(row, "allow", owner, second)
    row = stepped(row, "make", owner, made_on="2026-11-20")
    task = RowTask.objects.get(row=row)
    assert (task.due_on, task.remind_on, task.done_on) == (date(2026, 12, 10), date(2026, 12, 3), None)
    erased = {"erased_on": "2026-12-01", "erasure": "暗号鍵の消去と上書き"}
    with pytest.raises(Exception, match="消去の記録"):
        row_step(row.pk, "erase", erased, actor=owner)
    attached(row, owner, "erasure")
    row.refresh_from_db()
    row = stepped(row, "erase", owner, date(2026, 12, 1), **erased)
    assert row.state == "closed"


@pytest.mark.req("R-233")
def test_copies_are_the_system_divisions_and_the_maintenances_alone() -> None:
    assert set(COPY.enter.default_roles) == {"operator", "administrator"}
    with acting():
        dataset_check(datasets()[0])
    with pytest.raises(Exception, match="権限がありません"):
        row_open(Draft(kind="data_copy", unit=officer().unit_on(), values={}), actor=officer("5009"))


def test_an_export_is_refused_for_a_use_that_its_fields_do_not_allow() -> None:
    with acting(), pytest.raises(PurposeRefused):
        dataset_export(
            made_of("addressbook.Party.name"), {}, reason_ja="試験", expires_on=date(2026, 12, 1), actor=officer()
        )
    assert not RegisterRow.objects.exists()

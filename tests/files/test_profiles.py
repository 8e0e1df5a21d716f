"""Tables of other divisions: only the items of the division's profile, everything more refused (R-126)."""

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from taxsys.platform.audit.context import using
from taxsys.platform.dictionary import groups
from taxsys.platform.files.errors import DuplicateFile, FileRefused
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.profiles import department_receive, profiles
from taxsys.platform.files.tables import table_read
from tests.platform.actors import officer, sign_in, staff_context

pytestmark = pytest.mark.django_db
DIVISIONS = [
    "国民健康保険課", "長寿社会課", "介護保険課", "障害福祉課", "保護第1課", "保護第2課", "保護第3課", "市民課",
]  # fmt: skip
KAIGO = ("宛名番号", "納付年", "納付済額", "うち年金特別徴収額")


def table(*lines: tuple[str, ...], header: tuple[str, ...] = KAIGO) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([header, *lines])
    return out.getvalue().encode("cp932")


def receive(content: bytes, profile: str = "kaigo") -> ReceivedFile:
    with using(staff_context(officer())):
        return department_receive(profile, name="表.csv", content=content, channel="internal")


@pytest.mark.req("R-126")
def test_the_divisions_of_the_assessment_have_their_profiles() -> None:
    assert [one.unit_name for one in profiles().values()] == DIVISIONS
    assert all(one.group in groups() and one.mark == "K" and one.items for one in profiles().values())
    assert not [item for one in profiles().values() for item in one.items if "個人番号" in item.title_ja]


@pytest.mark.req("R-126")
@pytest.mark.parametrize("profile", list(profiles()))
def test_a_column_that_a_division_may_not_hand_over_refuses_the_whole_file(profile: str) -> None:
    one = profiles()[profile]
    received = receive(table(("R1",) + ("",) * len(one.items), header=(*one.headings, "病名")), profile)
    assert (received.state, received.refusal_code, received.record_count) == ("quarantined", "L0106", 0)
    assert received.refusal_message.startswith(
        f"{one.unit_name}から受け取ってよい項目にない列があります: 病名。ファイルは取り込んでいません。"
    )


def test_what_one_division_may_hand_over_another_may_not() -> None:
    received = receive(table(("R1", "2026", "50000", "")), "hogo2")
    assert received.state == "quarantined"
    assert "納付年・納付済額・うち年金特別徴収額" in received.refusal_message


def test_a_heading_that_is_a_number_of_a_person_is_not_repeated() -> None:
    received = receive(table(("R1", "2026", "1", "", "x"), header=(*KAIGO, "１２３４５６７８９０１８")))
    assert "123456789018" not in received.refusal_message
    assert "＊" * 12 in received.refusal_message


@pytest.mark.req("R-126")
def test_good_lines_are_counted_and_faulty_ones_reported_by_line_item_and_code() -> None:
    received = receive(
        table(
            ("R00000000000001", "2026", "50,000", ""),
            ("", "2026", "50000", ""),
            ("R00000000000002", "令和8年度", "五万", ""),
            ("123456789018", "2026", "1", ""),
        )
    )
    assert (received.state, received.record_count, received.error_count) == ("partly_applied", 1, 3)
    found = received.line_errors.order_by("line_no", "id").values_list("line_no", "field_ja", "code", "message_ja")
    assert list(found) == [
        (3, "宛名番号", "E0001", "宛名番号がありません。"),
        (4, "納付年", "E0003", "納付年が4字を超えています。"),
        (4, "納付済額", "E0002", "納付済額が円単位の整数ではありません。"),
        (5, "宛名番号", "E0002",
         "宛名番号に個人番号の形の数字があります。個人番号を除いて出し直すよう依頼してください。"),
    ]  # fmt: skip


def test_dates_and_codes_are_those_of_the_profile() -> None:
    header = profiles()["hogo1"].headings
    good, bad = ("R1", "生活扶助", "R8.4.1", ""), ("R2", "医療扶助", "四月", "")
    received = receive(table(good, bad, header=header), "hogo1")
    assert list(received.line_errors.values_list("line_no", "field", "code")) == [
        (3, "aid", "L0106"), (3, "starts_on", "E0002"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空です"),
        (b"PK\x03\x04 not a book", "XLSXとして読めません"),
        (table(header=KAIGO), "行がありません"),
        (table(("1", "2"), header=("宛名番号", "宛名番号")), "同じ見出しが二つあります"),
        (table(("R1",), header=("宛名番号",)), "必要な列がありません: 納付年・納付済額"),
        (b'"a\r\n', "CSVとして読めません"),
        (b"\xff\xfe\x00", "文字コード"),
    ],
)
def test_a_file_that_is_no_such_table_is_kept_apart_with_its_reason(content: bytes, words: str) -> None:
    received = receive(content)
    assert received.state == "quarantined"
    assert words in received.refusal_message


def test_the_same_table_is_not_taken_twice() -> None:
    content = table(("R1", "2026", "1", ""))
    assert receive(content).state == "staged"
    with pytest.raises(DuplicateFile):
        receive(content)


def test_formulas_of_a_sheet_are_refused_and_dates_read() -> None:
    book = Workbook()
    for line in (("日", "額"), (None, None), ("2026-04-01", 5)):
        book.active.append(line)
    out = io.BytesIO()
    book.save(out)
    read = table_read(out.getvalue())
    assert (read.header, read.rows, read.lines) == (("日", "額"), ({"日": "2026-04-01", "額": "5"},), (3,))
    book.active.append(("=1+1", 2))
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(FileRefused, match="計算式"):
        table_read(out.getvalue())


@given(st.binary(max_size=200))
def test_whatever_bytes_come_a_table_or_a_refusal_comes_out(content: bytes) -> None:
    try:
        read = table_read(content)
    except FileRefused:
        return
    assert all(set(row) == set(read.header) for row in read.rows)


@pytest.mark.req("R-126")
def test_the_desk_takes_a_table_and_shows_the_report(client: Client) -> None:
    sign_in(client, officer(permissions=["files.receive", "files.view"]))
    assert "うち年金特別徴収額" in client.get("/files/department").content.decode()

    def post(content: bytes, **changes: Any) -> Any:
        given = {"profile": "kaigo", "channel": "internal", "file": SimpleUploadedFile("表.csv", content), **changes}
        return client.post("/files/department", given, follow=True)

    assert "誤りのある行 1" in post(table(("R1", "2026", "1", ""), ("", "2026", "1", ""))).content.decode()
    refused = post(table(("R1", "2026", "1", "", "x"), header=(*KAIGO, "病名"))).content.decode()
    assert "受け取ってよい項目にない列があります: 病名" in refused
    assert client.get("/files/").content.decode().count("介護保険課 介護保険料 納付額") >= 2
    assert post(table(("R1", "2026", "2", "")), channel="fax").status_code == 422
    assert "受領済です" in post(table(("R1", "2026", "1", ""), ("", "2026", "1", ""))).content.decode()

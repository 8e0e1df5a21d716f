"""The register of provisions and transfers: dated versions, tables taken in by two people, the assessment's counts."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from intermediary.errors import RegisterRefused
from intermediary.models import PiaTask, RegisterRow
from intermediary.register_checks import row_faults
from intermediary.selectors.register import rows_on
from intermediary.services import pia
from intermediary.services.register import TABLE_KIND, candidates_load, row_propose
from intermediary.services.register_table import CHANGED, CONFIRMED, NEW, SAME, table_check, table_propose
from taxsys.platform.approvals.errors import OwnProposal, ProposalVoid
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.selectors import difference
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.audit.context import using
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.services import file_receive
from tests.intermediary.register_rows import DECIDE, HEADER, ROW, csv_table, line, opened, xlsx_table
from tests.platform.actors import officer, sign_in, staff_context

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def business_day(settings: Any) -> None:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()


@pytest.fixture
def desk(client: Client) -> Client:
    return sign_in(client, officer("5001", permissions=DECIDE))


@pytest.mark.req("R-159")
def test_a_change_is_the_next_version_and_ends_the_one_before_on_its_first_day() -> None:
    first = opened()
    second = opened(items=["status"], valid_from="2026-12-01")
    first.refresh_from_db()
    assert (first.version, first.items, first.valid_to) == (1, ["status", "total_income"], date(2026, 12, 1))
    assert (second.version, second.items, second.valid_from, second.valid_to) == (
        2, ["status"], date(2026, 12, 1), None,
    )  # fmt: skip
    assert [row.version for row in rows_on(date(2026, 11, 30)).filter(row_no="T-041")] == [1]
    assert [row.version for row in rows_on(date(2026, 12, 1)).filter(row_no="T-041")] == [2]
    assert not rows_on(date(2026, 3, 31)).filter(row_no="T-041").exists()


@pytest.mark.req("R-159")
def test_two_versions_of_one_row_are_never_in_force_on_one_day() -> None:
    row = opened()
    row.pk, row.version = None, 2
    with pytest.raises(IntegrityError, match="register_row_no_overlap"), transaction.atomic():
        row.save(force_insert=True)


def test_a_change_may_not_reach_back_before_the_row_it_changes() -> None:
    opened()
    with pytest.raises(RegisterRefused, match="その開始日より後の日からです"):
        row_propose({**ROW, "items": ["status"]}, actor=officer("5001"))


@pytest.mark.req("R-162")
@pytest.mark.req("N-015")
@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"legal_base": "本人の同意"}, "庁内の移転の根拠は番号法9条2項です"),
        ({"ordinance": ""}, "庁内の移転には条例の根拠が必要です(番号法9条2項)"),
        ({"recipient": "教育委員会学務課"}, "教育委員会は別の機関のため、移転ではなく提供(番号法19条11号)です"),
        ({"kind": "provision"}, "提供の根拠は番号法19条の号で示します(本人の同意だけでは提供できません)"),
        ({"kind": "provision", "legal_base": "番号法19条2号"},
         "提供の根拠は番号法19条の号で示します(本人の同意だけでは提供できません)"),
        ({"kind": "provision", "legal_base": "番号法19条11号", "ordinance": ""},
         "教育委員会など市の他の機関への提供には条例の根拠が必要です(番号法19条11号)"),
        ({"kind": "gift"}, "区分は提供か移転です"),
        ({"method": "pigeon"}, "方法が分かりません: pigeon"),
        ({"other_methods": ["api"]}, "APIによる提供には連携先システムの指定が必要です"),
        ({"valid_to": "2026-04-01"}, "終了日が開始日より前か同じ日です"),
        ({"items": ["status", "status"]}, "同じ項目が二度あります"),
        ({"affair": " "}, "事務がありません"),
    ],
)  # fmt: skip
def test_a_row_stands_only_on_its_statutory_base(changes: dict[str, Any], fault: str) -> None:
    assert row_faults(ROW) == []
    assert fault in row_faults({**ROW, **changes})


@pytest.mark.req("R-162")
def test_the_candidates_name_the_twelve_divisions_and_carry_their_source() -> None:
    candidates_load()
    transfers = RegisterRow.objects.filter(kind="transfer")
    assert set(transfers.values_list("recipient", flat=True)) == {
        "障害福祉課", "市営住宅課", "生活支援課", "長寿社会課", "介護保険課", "子育て助成課", "子育て支援課",
        "健康推進課", "国民健康保険課", "職員厚生課", "福祉保険課", "こども保育課",
    }  # fmt: skip
    bases = set(transfers.values_list("legal_base", "ordinance"))
    assert bases == {("番号法9条2項", "個人番号利用条例3条1項・3項")}
    every = RegisterRow.objects.all()
    assert {row.state for row in every} == {"candidate"}
    assert all(row.source_ja and row.confidence in {"H", "M", "V"} for row in every)
    assert not rows_on(TODAY).exists()


# -- the table -------------------------------------------------------------------------------------------------------


@pytest.mark.req("R-159")
@pytest.mark.parametrize("make", [csv_table, xlsx_table], ids=["csv", "xlsx"])
def test_a_table_opens_its_rows_by_one_decision_of_a_second_person(make: Any, tmp_path: Any) -> None:
    candidates_load()
    opened(row_no="T-050")
    clerk, chief = officer("5001", permissions=DECIDE), officer("5002", permissions=DECIDE)
    day: Any = "2026-12-01" if make is csv_table else date(2026, 12, 1)
    content = make(
        line(),
        line({"登録番号": "T-013", "事務": "介護保険料"}),
        line({"登録番号": "T-050", "項目": "status", "開始日": day}),
        line({"登録番号": "T-050X", "区分": "提供", "法令上の根拠": "番号法19条8号・別表100の項"}),
    )
    checked = table_check(content)
    assert [(one.line_no, one.change, one.faults) for one in checked.lines] == [
        (2, NEW, ()), (3, CONFIRMED, ()), (4, CHANGED, ()), (5, NEW, ()),
    ]  # fmt: skip
    received = _received(content, make.__name__)
    approval = table_propose(received, actor=clerk)
    assert approval.kind == TABLE_KIND
    assert [(row.label, row.before) for row in difference(approval)][1] == ("T-013 介護保険課 介護保険料", "候補")
    assert RegisterRow.objects.get(row_no="T-013").state == "candidate"
    with pytest.raises(OwnProposal):
        approval_decide(approval.pk, decision="approve", actor=clerk, seen_hash=approval.content_hash)
    approval_decide(approval.pk, decision="approve", actor=chief, seen_hash=approval.content_hash)
    confirmed = RegisterRow.objects.get(row_no="T-013")
    assert (confirmed.state, confirmed.valid_from, confirmed.items, confirmed.approved_by) == (
        "approved", date(2026, 4, 1), ["status", "total_income_etc"], "5002",
    )  # fmt: skip
    versions = RegisterRow.objects.filter(row_no="T-050").values_list("version", "valid_from", "valid_to")
    assert list(versions) == [(1, date(2026, 4, 1), date(2026, 12, 1)), (2, date(2026, 12, 1), None)]


def _received(content: bytes, name: str) -> ReceivedFile:
    with using(staff_context(officer("5001"))):
        return file_receive(name=name, content=content, format="register_table", sender="市民税課", channel="internal")


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"項目": "個人番号"}, "項目辞書にない項目です: 個人番号"),
        ({"区分": "贈与"}, "区分「贈与」は使えません"),
        ({"方法": "口頭"}, "方法「口頭」は使えません"),
        ({"開始日": "四月"}, "開始日が日付として読めません"),
        ({"条例の根拠": ""}, "庁内の移転には条例の根拠が必要です(番号法9条2項)"),
        ({"登録番号": ""}, "登録番号がありません"),
        ({"提供先・移転先": "課" * 101}, "提供先・移転先が100字を超えています"),
    ],
)
def test_a_line_with_a_fault_is_named_and_nothing_can_be_proposed(changes: dict[str, str], fault: str) -> None:
    checked = table_check(csv_table(line({"登録番号": "T-060"}), line(changes)))
    assert checked.lines[0].faults == ()
    assert fault in checked.lines[1].faults
    assert not checked.is_clean
    received = _received(csv_table(line({"登録番号": "T-060"}), line(changes)), "bad.csv")
    with pytest.raises(RegisterRefused, match="3行目"):
        table_propose(received, actor=officer("5001"))
    assert not Approval.objects.exists()


def test_a_row_named_twice_and_a_column_of_its_own_are_faults() -> None:
    twice = table_check(csv_table(line(), line({"事務": "ほか"})))
    assert "同じ登録番号が2行目にもあります" in twice.lines[1].faults
    extra = table_check(csv_table((*line(), "x"), header=(*HEADER, "電話番号")))
    assert extra.faults == ("登録簿にない見出しです: 電話番号",)
    missing = table_check(csv_table(line()[1:], header=HEADER[1:]))
    assert missing.faults == ("見出しが足りません: 登録番号",)


def test_a_table_like_the_register_changes_nothing_and_rows_it_leaves_out_stay() -> None:
    opened()
    opened(row_no="T-050")
    same = table_check(csv_table(line({"項目": "status、total_income"})))
    assert [one.change for one in same.lines] == [SAME]
    assert (same.is_clean, same.absent) == (False, ("T-050",))


def test_what_the_second_person_decides_is_checked_against_the_register_of_that_moment() -> None:
    received = _received(csv_table(line()), "late.csv")
    approval = table_propose(received, actor=officer("5001", permissions=DECIDE))
    opened(valid_from="2026-05-01")
    with pytest.raises(ProposalVoid, match="登録簿の行（T-041）が変わりました"):
        approval_decide(
            approval.pk, decision="approve", actor=officer("5002", permissions=DECIDE), seen_hash=approval.content_hash
        )
    approval.refresh_from_db()
    assert approval.state == Approval.State.VOID


# -- the published assessment ----------------------------------------------------------------------------------------


@pytest.mark.req("R-160")
def test_a_count_unlike_the_assessment_raises_one_task_that_closes_when_they_agree(monkeypatch: Any) -> None:
    assert pia.pia_counts(on=TODAY)[0] == {"provision": 72, "transfer": 40}
    opened()
    tasks = {task.kind: task for task in PiaTask.objects.all()}
    assert {kind: (task.register_count, task.pia_count) for kind, task in tasks.items()} == {
        "provision": (0, 72), "transfer": (1, 40),
    }  # fmt: skip
    pia.pia_compare(on=TODAY)
    assert PiaTask.objects.count() == 2
    monkeypatch.setattr(pia, "_published", lambda: ((date(2025, 4, 1), {"provision": 72, "transfer": 2}, "試験"),))
    opened(row_no="T-042")
    closed = PiaTask.objects.get(kind="transfer")
    assert (closed.register_count, closed.closed_on) == (2, TODAY)
    assert PiaTask.objects.get(kind="provision").closed_on is None


# -- screens ---------------------------------------------------------------------------------------------------------


@pytest.mark.req("R-160")
def test_the_list_counts_beside_the_assessment_and_shows_the_register_of_a_day(desk: Client) -> None:
    candidates_load()
    opened()
    page = desk.get("/provision/register").content.decode()
    assert "移転の有効な行は1件で、評価書の40件と一致しません" in page
    assert "候補（未確認）" in page
    in_force = desk.get("/provision/register", {"state": "in_force"}).content.decode()
    assert "介護保険料の賦課" in in_force
    assert "T-013" not in in_force
    before = desk.get("/provision/register", {"state": "in_force", "on": "R8.3.31"}).content.decode()
    assert "T-041" not in before
    assert AccessEvent.objects.filter(record_type="register_row", action="view").count() == 3


def test_a_row_shows_its_items_base_versions_and_proposals(desk: Client) -> None:
    opened()
    opened(items=["status"], valid_from="2026-12-01")
    page = desk.get("/provision/register/row/T-041").content.decode()
    for text in ("番号法9条2項", "個人番号利用条例3条1項", "課税状況", "版の履歴", "職員5001", "職員5002"):
        assert text in page
    assert desk.get("/provision/register/row/T-999").status_code == 404


def test_a_candidate_is_confirmed_at_the_desk_and_a_row_ended(desk: Client) -> None:
    candidates_load()
    assert "起案する" in desk.get("/provision/register/row/T-013/propose").content.decode()
    given = {**{name: value for name, value in ROW.items() if name not in {"row_no", "kind"}}, "timing_ja": "都度"}
    assert desk.post("/provision/register/row/T-013/propose", {**given, "items": []}).status_code == 422
    assert desk.post("/provision/register/row/T-013/propose", given).status_code == 302
    waiting = Approval.objects.get()
    second = officer("5002", permissions=DECIDE)
    approval_decide(waiting.pk, decision="approve", actor=second, seen_hash=waiting.content_hash)
    assert RegisterRow.objects.get(row_no="T-013").state == "approved"
    assert desk.post("/provision/register/row/T-013/end", {"valid_to": "R8.3.1"}).status_code == 422
    assert desk.post("/provision/register/row/T-013/end", {"valid_to": "R8.12.1"}).status_code == 302
    again = desk.post("/provision/register/row/T-013/end", {"valid_to": "R8.12.2"})
    assert (again.status_code, "すでに決裁待ちです" in again.content.decode()) == (409, True)


def test_a_new_row_is_proposed_at_the_desk(desk: Client) -> None:
    assert desk.get("/provision/register/new").status_code == 200
    given = {**ROW, "timing_ja": "都度"}
    assert desk.post("/provision/register/new", {**given, "row_no": "X 1"}).status_code == 422
    assert desk.post("/provision/register/new", given).status_code == 302
    assert Approval.objects.get().content["after"]["row_no"] == "T-041"


def test_a_table_is_taken_in_checked_and_proposed_at_the_desk(desk: Client) -> None:
    bad = SimpleUploadedFile("表.csv", b"\x81\x81\xff\xff\x00")
    assert "文字コード" in desk.post("/provision/register/table", {"file": bad}).content.decode()
    content = csv_table(line())
    answer = desk.post("/provision/register/table", {"file": SimpleUploadedFile("表.csv", content)})
    again = desk.post("/provision/register/table", {"file": SimpleUploadedFile("表.csv", content)})
    assert answer.status_code == again.status_code == 302
    assert answer["Location"] == again["Location"]
    assert "この内容で起案する" in desk.get(answer["Location"]).content.decode()
    assert desk.post(answer["Location"]).status_code == 302
    assert "この表は起案済です" in desk.get(answer["Location"]).content.decode()
    assert desk.post(answer["Location"]).status_code == 409
    wrong = desk.post(
        "/provision/register/table", {"file": SimpleUploadedFile("2.csv", csv_table(line({"項目": "x"})))}
    )
    assert desk.post(wrong["Location"]).status_code == 422


@pytest.mark.parametrize(
    "address", ["register", "register/new", "register/table", "register/row/T-013", "register/row/T-013/propose"]
)
@pytest.mark.req("R-246")
def test_the_register_opens_to_nobody_without_its_right(client: Client, address: str) -> None:
    candidates_load()
    sign_in(client, officer("5009", permissions=["addressbook.view_party"]))
    assert client.get(f"/provision/{address}").status_code == 403
    assert AccessEvent.objects.filter(actor_id="5009", result="denied").count() == 1

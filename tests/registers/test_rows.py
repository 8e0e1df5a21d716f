"""The register as such: numbers, versions, who may, second person, time limits, papers, lists, exports."""

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from taxsys.platform import clock
from taxsys.platform.approvals.errors import OwnProposal
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.jobs.models import WorkItem
from taxsys.platform.jobs.services import job_request, job_run_inline
from taxsys.platform.registers.attachments import attachment_add, attachment_bytes
from taxsys.platform.registers.contents import content_check
from taxsys.platform.registers.declaration import Field, Kind, Retention
from taxsys.platform.registers.errors import ContentRefused, NotYours, Stale, StepRefused, ValueRefused
from taxsys.platform.registers.exports import cell_safe, written
from taxsys.platform.registers.models import RegisterRow, RowVersion
from taxsys.platform.registers.params import integer_at, parameter
from taxsys.platform.registers.permissions import CONTRACT
from taxsys.platform.registers.registry import all_kinds, kind_get
from taxsys.platform.registers.selectors import rows_found, rows_ordered, tasks_waiting
from taxsys.platform.registers.services import row_edit, row_step
from tests.platform.actors import officer, sign_in
from tests.registers.scene import DAY, PDF, attached, clerk, opened, stepped, unit

pytestmark = pytest.mark.django_db
VENDOR = {"name": "北海印刷株式会社", "certificate": "pmark", "certified_until_on": "2027-01-31"}


def test_a_row_gets_the_next_number_of_its_year_and_its_first_version() -> None:
    actor = clerk()
    first, second = opened("vendor", actor, **VENDOR), opened("vendor", actor, **VENDOR)
    next_year = opened("vendor", actor, day=date(2027, 4, 1), **VENDOR)
    assert [first.row_no, second.row_no, next_year.row_no] == ["委R8-0001", "委R8-0002", "委R9-0001"]
    version = first.versions.get()
    assert (version.version, version.act, version.changed_by, version.business_on) == (1, "create", actor, DAY)
    assert version.values == VENDOR


def test_every_change_is_a_version_and_no_version_is_ever_changed() -> None:
    actor = clerk()
    row = opened("vendor", actor, **VENDOR)
    row = row_edit(row.pk, {**VENDOR, "name": "北海プリント株式会社"}, actor=actor, version=1, reason="社名の変更")
    assert [(one.version, one.act, one.values["name"]) for one in row.versions.all()] == [
        (2, "edit", "北海プリント株式会社"),
        (1, "create", "北海印刷株式会社"),
    ]
    for change in (lambda: RowVersion.objects.update(reason="x"), lambda: RowVersion.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_two_windows_on_one_row_do_not_overwrite_each_other() -> None:
    actor = clerk()
    row = opened("vendor", actor, **VENDOR)
    row_edit(row.pk, {**VENDOR, "note": "甲"}, actor=actor, version=1)
    with pytest.raises(Stale):
        row_edit(row.pk, {**VENDOR, "note": "乙"}, actor=actor, version=1)
    row.refresh_from_db()
    assert row.values["note"] == "甲"


def test_only_the_unit_that_owns_a_row_changes_it_until_it_is_handed_over() -> None:
    here, there = clerk("5001"), clerk("6001", "資産税課")
    row = opened("vendor", here, **VENDOR)
    with pytest.raises(NotYours):
        row_edit(row.pk, VENDOR, actor=there)
    row_edit(row.pk, VENDOR, actor=here, unit=unit("資産税課"), reason="引継ぎ")
    assert row_edit(row.pk, {**VENDOR, "note": "確認済"}, actor=there).values["note"] == "確認済"
    with pytest.raises(NotYours):
        row_edit(row.pk, VENDOR, actor=here)


def test_without_the_right_of_the_family_nothing_is_opened() -> None:
    stranger = officer("7001", permissions=["registers.view", "registers.enter", "registers.contract_view"])
    with pytest.raises(NotYours):
        opened("vendor", stranger, **VENDOR)
    assert not RegisterRow.objects.exists()


def test_a_my_number_in_a_text_is_refused_and_not_kept() -> None:
    actor = clerk()
    with pytest.raises(ValueRefused) as refused:
        opened("vendor", actor, **{**VENDOR, "note": "番号は 1234-5678-9018 です"})
    assert refused.value.field == "note"
    assert not RegisterRow.objects.exists()


def test_a_closed_row_is_kept_until_its_time_and_changes_only_after_it_is_opened_again() -> None:
    actor = clerk()
    row = stepped(opened("vendor", actor, **{**VENDOR, "note": "取引終了"}), "close", actor)
    assert (row.state, row.closed_on, row.keep_until_on) == ("closed", DAY, date(2032, 3, 31))
    with pytest.raises(StepRefused):
        row_edit(row.pk, VENDOR, actor=actor)
    with pytest.raises(StepRefused):
        row_step(row.pk, "reopen", {}, actor=actor)
    with clock.at(DAY):
        row_step(row.pk, "reopen", {}, actor=actor, reason="取引の再開")
    row.refresh_from_db()
    assert (row.state, row.closed_on, row.keep_until_on) == ("open", None, None)
    assert row.versions.first().reason == "取引の再開"  # type: ignore[union-attr]


def test_a_proposed_step_holds_the_row_and_takes_effect_only_by_another_person() -> None:
    actor, second = clerk("5001"), clerk("5002")
    vendor = opened("vendor", actor, **VENDOR)
    contract = {"title": "納税通知書の印刷", "vendor": str(vendor.pk), "duties": "印刷", "from_on": "2026-04-01",
                "to_on": "2027-03-31", "is_personal": True, "has_numbers": False}  # fmt: skip
    from taxsys.platform.registers.kinds.vendors import clauses
    from tests.registers.scene import all_yes

    row = opened("contract", actor, clauses=all_yes(clauses), **contract)
    attached(row, actor, "contract")
    with clock.at(DAY):
        proposal = row_step(row.pk, "activate", {}, actor=actor)
        with pytest.raises(StepRefused, match="決裁を待っている"):
            row_edit(row.pk, contract, actor=actor)
        with pytest.raises(OwnProposal):
            approval_decide(proposal.pk, decision="approve", actor=actor, seen_hash=proposal.content_hash)
        approval_decide(proposal.pk, decision="approve", actor=second, seen_hash=proposal.content_hash)
    row.refresh_from_db()
    newest = row.versions.first()
    assert newest is not None
    assert (row.state, newest.act, newest.changed_by, newest.approved_by) == ("active", "activate", actor, second)


def test_time_limits_follow_the_values_and_wait_for_the_unit_that_owns_the_row() -> None:
    here, there = clerk("5001"), clerk("6001", "資産税課")
    row = opened("vendor", here, **VENDOR)
    task = row.tasks.get()
    assert (task.code, task.due_on, task.remind_on) == ("certificate", date(2027, 1, 31), date(2026, 12, 2))
    assert list(tasks_waiting(here, date(2026, 12, 1))) == []
    assert list(tasks_waiting(here, date(2026, 12, 2))) == [task]
    assert list(tasks_waiting(there, date(2026, 12, 2))) == []
    row_edit(row.pk, {**VENDOR, "certified_until_on": "2029-01-31"}, actor=here)
    assert list(tasks_waiting(here, date(2026, 12, 2))) == []
    row_edit(row.pk, {**VENDOR, "certificate": "none"}, actor=here)
    assert not row.tasks.exists()


def test_the_morning_job_puts_each_limit_on_the_work_list_once_and_takes_it_off_when_it_is_kept() -> None:
    actor, operator = clerk(), officer("9901", permissions=["registers.run"])
    row = opened("vendor", actor, **VENDOR)

    def run(day: date) -> Any:
        made = job_request("B-RG-01", {}, actor=operator, business_on=day)
        return job_run_inline(made.pk, actor=operator, raise_errors=True)

    for day in (date(2026, 12, 1), date(2026, 12, 2)):
        run(day)
    item = WorkItem.objects.get(kind="register.deadline")
    assert (item.code, item.message_ja) == ("due", "市民税課：委託先 委R8-0001 認証の更新の確認")
    row_edit(row.pk, {**VENDOR, "certified_until_on": "2029-01-31"}, actor=actor)
    assert not WorkItem.objects.filter(kind="register.deadline", state="open").exists()


# ---- papers


def test_a_paper_is_kept_encrypted_and_comes_back_unchanged() -> None:
    actor = clerk()
    row = opened("vendor", actor, **VENDOR)
    made = attachment_add(row.pk, role="certificate", name="../../登録証\u202e.pdf", content=PDF, actor=actor)
    again = attachment_add(row.pk, role="certificate", name="登録証.pdf", content=PDF, actor=actor)
    assert (made.pk, made.name, made.media_type) == (again.pk, "登録証.pdf", "application/pdf")
    assert attachment_bytes(made) == PDF
    from taxsys.platform.files.storage import data_dir

    assert PDF not in (data_dir() / made.path).read_bytes()


def _office(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.exe", b"MZ", "この形式"),
        ("a", b"x", "この形式"),
        ("a.pdf", b"", "空です"),
        ("a.pdf", b"MZ\x90", "中身が拡張子と違います"),
        ("a.png", PDF, "中身が拡張子と違います"),
        ("a.pdf", b"%PDF-1.7 << /OpenAction << /S /JavaScript >> >>", "動作する部品"),
        ("a.xlsx", _office("xl/workbook.xml", "xl/vbaProject.bin"), "マクロ"),
        ("a.xlsx", _office("word/document.xml"), "中身が拡張子と違います"),
        ("a.csv", "氏名,番号\r\n甲,123456789018\r\n".encode("cp932"), "個人番号"),
        ("a.txt", b"a\x00b", "中身が拡張子と違います"),
        ("a.pdf", PDF + b"x" * (20 << 20), "20MBを超える"),
    ],
)
def test_what_is_no_honest_paper_is_refused_with_its_reason(name: str, content: bytes, words: str) -> None:
    with pytest.raises(ContentRefused, match=words):
        content_check(name, content, kinds=("pdf", "png", "xlsx", "csv", "txt"))


def test_honest_office_files_are_taken() -> None:
    assert content_check("表.XLSX", _office("xl/workbook.xml"), kinds=("xlsx",)).kind == "xlsx"
    assert content_check("a.csv", "件数,1\r\n".encode("cp932"), kinds=("csv",)).media_type == "text/csv"


# ---- lists and exports


def test_the_list_is_searched_filtered_and_ordered() -> None:
    actor = clerk()
    for name, certificate, until in (
        ("甲印刷", "pmark", "2027-05-01"),
        ("乙システム", "isms", "2026-12-01"),
        ("丙電算", "none", ""),
    ):
        opened("vendor", actor, name=name, certificate=certificate, certified_until_on=until)
    kind = kind_get("vendor")

    def names(order: str = "", **asked: str) -> list[str]:
        return [row.title for row in rows_ordered(rows_found(kind, **asked), kind, order)]

    assert names(text="印刷") == ["甲印刷"]
    assert names(text="ＩＳＭＳ 乙") == ["乙システム"]
    assert names(certificate="none") == ["丙電算"]
    assert names("certified_until_on")[:2] == ["乙システム", "甲印刷"]
    assert names("-row_no") == ["丙電算", "乙システム", "甲印刷"]
    assert names("password") == ["丙電算", "乙システム", "甲印刷"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_an_export_starts_a_formula(start: str) -> None:
    assert cell_safe(f"{start}cmd|'/c calc'!A1") == f"'{start}cmd|'/c calc'!A1"
    assert cell_safe(-5) == -5
    text = written(["名称"], [[f"{start}1+1"]], "csv").decode("utf-8-sig")
    assert f"'{start}1+1" in text
    book = zipfile.ZipFile(io.BytesIO(written(["名称"], [[f"{start}1+1", 12]], "xlsx")))
    assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_a_full_width_sign_stays_as_it_was_registered() -> None:
    """Published case FMT-090: a spreadsheet opens it as text, so nothing is put in front of it."""
    assert cell_safe("＝A1") == "＝A1"
    book = zipfile.ZipFile(io.BytesIO(written(["名称"], [["＝1+1", 12]], "xlsx")))
    assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_an_export_is_recorded_and_leaves_contacts_out_unless_asked_for(client: Client) -> None:
    actor = clerk()
    opened("vendor", actor, **VENDOR, contact="営業部 佐藤 0166-00-0000")
    sign_in(client, actor)
    plain = client.post("/registers/kind/vendor/export", {"form": "csv"})
    assert "北海印刷" in plain.content.decode("utf-8-sig")
    assert "佐藤" not in plain.content.decode("utf-8-sig")
    assert "attachment" in plain["Content-Disposition"]
    full = client.post("/registers/kind/vendor/export", {"form": "csv", "personal": "yes"})
    assert "佐藤" in full.content.decode("utf-8-sig")
    told = AccessEvent.objects.filter(action="export", record_type="register.vendor").order_by("pk")
    assert [(one.count, one.reason) for one in told] == [(1, "without_personal"), (1, "with_personal")]


# ---- declaration


def test_a_declaration_that_names_what_it_has_not_is_refused() -> None:
    fields = (Field(name="a", title_ja="甲"),)
    shared: Any = {"title_ja": "試", "prefix": "試", "family": CONTRACT, "purpose_ja": "", "fields": fields,
                   "retention": Retention(code="x", years="keep_lookup_years")}  # fmt: skip
    with pytest.raises(ValueError, match="unknown field b"):
        Kind(code="trial", title_field="a", columns=("b",), **shared)
    with pytest.raises(ValueError, match="states open and closed"):
        Kind(code="trial", title_field="a", states=(("open", "開"),), **shared)


@pytest.mark.req("R-189")
def test_every_reminder_and_every_period_of_keeping_is_a_parameter_with_its_ground() -> None:
    for kind in all_kinds():
        for name in (kind.retention.years, *(one.remind_days for one in kind.deadlines)):
            value = parameter(name).values[0]
            assert value.source, name
            assert integer_at(name, DAY) > 0, name
    assert integer_at("roll_months", date(1900, 1, 1)) == 12  # a day typed wrong takes the first value


# ---- screens


def test_a_row_lives_its_whole_life_on_the_screens(client: Client) -> None:
    actor = clerk()
    sign_in(client, actor)
    form = {"name": "北海印刷", "certificate": "none", "measures": "実地調査", "unit": "102", "reason": ""}
    assert client.post("/registers/kind/vendor/new", {**form, "certificate": ""}).status_code == 422
    made = client.post("/registers/kind/vendor/new", form)
    row = RegisterRow.objects.get()
    assert made["Location"] == f"/registers/row/{row.pk}"
    page = client.get(made["Location"]).content.decode()
    assert "北海印刷" in page
    assert "委R8-0001" in page
    assert "変更・引継ぎ" in page
    token = client.get(f"/registers/row/{row.pk}/edit").context["token"]
    stale = client.post(f"/registers/row/{row.pk}/edit", {**form, "subject_token": "x"})
    assert stale.status_code == 409
    client.post(f"/registers/row/{row.pk}/edit", {**form, "note": "終了", "subject_token": token})
    upload = io.BytesIO(PDF)
    upload.name = "登録証.pdf"
    attached_page = client.post(f"/registers/row/{row.pk}/attach", {"role": "certificate", "file": upload})
    assert attached_page.status_code == 302
    paper = row.attachments.get()
    download = client.get(f"/registers/row/{row.pk}/attachment/{paper.pk}")
    assert download.content == PDF
    assert download["Content-Disposition"].startswith("attachment")
    closing = client.get(f"/registers/row/{row.pk}/step/close")
    client.post(f"/registers/row/{row.pk}/step/close", {"subject_token": closing.context["token"]})
    row.refresh_from_db()
    assert row.state == "closed"
    for address in (
        "/registers/",
        "/registers/tasks",
        "/registers/kind/vendor?q=北海&order=-title",
        f"/registers/row/{row.pk}/version/1",
    ):
        assert client.get(address).status_code == 200
    assert client.get("/registers/kind/nothing").status_code == 404
    events = AccessEvent.objects.filter(record_id=row.row_no).values_list("action", flat=True)
    assert {"create", "update", "view", "export"} <= set(events)


def test_without_the_familys_right_the_pages_of_a_register_are_closed(client: Client) -> None:
    row = opened("vendor", clerk(), **VENDOR)
    sign_in(client, officer("7001", permissions=["registers.view", "registers.enter", "registers.operation_view"]))
    for address in ("/registers/kind/vendor", f"/registers/row/{row.pk}", "/registers/kind/vendor/new",
                    f"/registers/row/{row.pk}/edit"):  # fmt: skip
        assert client.get(address).status_code == 403
    assert "委託先" not in client.get("/registers/").content.decode()

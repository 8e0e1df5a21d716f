"""運用の台帳: no direct work without its ticket, media under signature, changes held, migrations that agree."""

from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from taxsys.platform import clock
from taxsys.platform.approvals.errors import ApprovalError
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.audit.context import using
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.registers.errors import AnswerMissing, SamePerson, StepRefused, TicketMissing, ValueRefused
from taxsys.platform.registers.management.commands import migrate
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.registers.services import row_step
from taxsys.platform.registers.tickets import release_require, ticket_require, tickets_open
from taxsys.platform.staff.models import Staff
from tests.platform.actors import staff_context
from tests.registers.scene import DAY, approved, attached, clerk, opened, stepped
from tests.registers.test_vendors import refused

pytestmark = pytest.mark.django_db


def ticket(actor: Staff, **values: Any) -> RegisterRow:
    given = {"title": "重複した宛名の修正", "operation": "data_fix", "reason": "統合もれ", "procedure": "別紙",
             "worker_no": "5003", "from_on": "2026-11-20", "to_on": "2026-11-21", "rows_planned": 2,
             **values}  # fmt: skip
    return opened("work_ticket", actor, **given)


def asked(row_no: str, actor: Staff, operation: str = "data_fix", day: date = DAY) -> RegisterRow:
    with clock.at(day), using(staff_context(actor)):
        return ticket_require(row_no, actor=actor, operation=operation)


@pytest.mark.req("R-186")
def test_a_ticket_goes_from_order_to_approval_to_checks_before_and_after_by_different_people() -> None:
    author, second, worker = clerk("5001"), clerk("5002"), clerk("5003")
    row = ticket(author)
    assert refused(row, "work", worker, worked_on="2026-11-20", result="済")[0].startswith("「起案」の行では")
    row = approved(row, "approve", author, second)
    row = stepped(row, "check_before", author, checked_before="対象2件、控え取得")
    with clock.at(DAY), pytest.raises(SamePerson):
        row_step(row.pk, "work", {"worked_on": "2026-11-20", "result": "済"}, actor=author)
    late = refused(row, "work", worker, worked_on="2026-11-22", result="済")
    assert late == ("作業日が、承認された期間の外です。",)
    row = stepped(row, "work", worker, worked_on="2026-11-20", rows_done=3, result="3件を修正")
    with clock.at(DAY), pytest.raises(SamePerson):
        row_step(row.pk, "check_after", {"checked_after": "確認"}, actor=worker)
    assert refused(row, "check_after", second, checked_after="確認") == ("「件数が違う理由」を入力してください。",)
    row = stepped(row, "check_after", second, checked_after="操作記録と一致", difference_reason="関連の1件を追加")
    assert [one.act for one in row.versions.order_by("version")] == [
        "create", "approve", "check_before", "work", "check_after",
    ]  # fmt: skip
    assert row.is_closed


@pytest.mark.req("R-186")
def test_the_worker_neither_approves_nor_checks_the_own_ticket() -> None:
    author, second, worker = clerk("5001"), clerk("5002"), clerk("5003")
    row = ticket(author)
    with clock.at(DAY):
        proposal = row_step(row.pk, "approve", {}, actor=author)
        assert isinstance(proposal, Approval)
        with pytest.raises(ApprovalError, match="H0001"):
            approval_decide(proposal.pk, decision="approve", actor=worker, seen_hash=proposal.content_hash)
        approval_decide(proposal.pk, decision="approve", actor=second, seen_hash=proposal.content_hash)
    row.refresh_from_db()
    assert row.state == "approved"
    with clock.at(DAY), pytest.raises(SamePerson):
        row_step(row.pk, "check_before", {"checked_before": "可"}, actor=worker)
    row = stepped(row, "check_before", author, checked_before="可")
    row = stepped(row, "work", second, worked_on="2026-11-20", rows_done=2, result="代わって記録")
    with clock.at(DAY), pytest.raises(SamePerson):
        row_step(row.pk, "check_after", {"checked_after": "可"}, actor=worker)


@pytest.mark.req("R-186")
def test_a_direct_operation_asks_for_a_ticket_that_is_ready_names_its_worker_and_covers_the_day() -> None:
    author, second, worker = clerk("5001"), clerk("5002"), clerk("5003")
    row = ticket(author)
    with pytest.raises(TicketMissing, match="承認された作業指示書がない"):
        asked("作R8-9999", worker)
    with pytest.raises(TicketMissing, match="事前確認が済んでいない"):
        asked(row.row_no, worker)
    row = approved(row, "approve", author, second)
    row = stepped(row, "check_before", author, checked_before="可")
    for actor, operation, day, words in (
        (author, "data_fix", DAY, "作業者として指定されていません"),
        (worker, "maintenance", DAY, "作業の種類が違います"),
        (worker, "data_fix", date(2026, 11, 22), "期間の外"),
    ):
        with pytest.raises(TicketMissing, match=words):
            asked(row.row_no, actor, operation, day)
    assert asked(f" {row.row_no} ", worker).pk == row.pk
    event = AccessEvent.objects.get(record_type="register.work_ticket", reason="used:data_fix")
    assert (event.record_id, event.actor_id) == (row.row_no, "5003")
    with clock.at(DAY):
        assert tickets_open(worker, operation="data_fix") == [row]
        assert tickets_open(author, operation="data_fix") == []
    row = stepped(row, "work", worker, worked_on="2026-11-20", rows_done=2, result="済")
    with pytest.raises(TicketMissing, match="すでに実施済み"):
        asked(row.row_no, worker)


def medium(actor: Staff, **values: Any) -> RegisterRow:
    given = {"medium_no": "DVD-0012", "media": "dvd", "direction": "received", "route": "media", "content": "給報",
             "record_count": 120, "has_numbers": True, "is_encrypted": True, "received_on": "2026-11-16",
             "counterpart": "甲社", "return_due_on": "2026-11-30", **values}  # fmt: skip
    return opened("medium", actor, **given)


@pytest.mark.req("R-212")
@pytest.mark.req("R-164")
def test_a_medium_is_received_stored_and_returned_against_a_signature() -> None:
    actor = clerk()
    row = medium(actor)
    assert row.tasks.get().due_on == date(2026, 11, 30)
    row = stepped(row, "store", actor, place="施錠保管庫A-3", stored_on="2026-11-16")
    assert refused(row, "hand_over", actor, handed_on="2026-11-20", outcome="returned") == (
        "「受け取った人（署名）」を入力してください。",
        "「受領書（署名のあるもの）」を添付してください。",
    )
    attached(row, actor, "receipt")
    row = stepped(row, "hand_over", actor, handed_on="2026-11-20", outcome="returned", receiver="甲社 総務 佐藤")
    assert (row.is_closed, row.tasks.get().done_on) == (True, DAY)


@pytest.mark.req("R-164")
def test_a_medium_with_numbers_is_not_transferred_unencrypted() -> None:
    actor = clerk()
    with pytest.raises(ValueRefused, match="暗号化していない理由"):
        medium(actor, is_encrypted=False)
    row = medium(actor, is_encrypted=False, no_encryption_reason="相手の機器が対応しない")
    attached(row, actor, "receipt")
    row = stepped(row, "store", actor, place="保管庫", stored_on="2026-11-16")
    words = refused(row, "hand_over", actor, handed_on="2026-11-20", outcome="handed", receiver="甲")
    assert words == ("特定個人情報を含む暗号化していない電子媒体は引き渡せません。暗号化したものに替えてください。",)


@pytest.mark.req("R-274")
def test_copying_to_a_medium_needs_a_reason_and_a_second_person() -> None:
    actor, second = clerk("5001"), clerk("5002")
    with pytest.raises(ValueRefused, match="書き出す理由"):
        medium(actor, direction="copied")
    row = medium(actor, direction="copied", copy_reason="税務署への提供")
    assert refused(row, "store", actor, place="保管庫", stored_on="2026-11-20") == (
        "先に「書出しの承認」を受けてください。",
    )
    row = approved(row, "allow", actor, second)
    assert stepped(row, "store", actor, place="保管庫", stored_on="2026-11-20").state == "stored"
    assert refused(medium(actor), "allow", actor) == ("書出しの承認は、市で書き出すものだけに要ります。",)


@pytest.mark.req("R-285")
def test_a_change_is_held_until_the_question_is_answered_and_a_major_one_until_it_is_published() -> None:
    actor, second = clerk("5001"), clerk("5002")
    given = {"title": "連携先の追加", "content": "照会先を増やす", "reason": "法改正", "planned_on": "2026-12-01"}
    release = {"released_on": "2026-11-20", "release_note": "正常"}
    row = opened("change_request", actor, **given)
    with pytest.raises(StepRefused):
        row_step(row.pk, "release", release, actor=actor)
    with pytest.raises(AnswerMissing, match="判定が済んでいない"):
        release_require(row.row_no)
    with pytest.raises(AnswerMissing, match="変更要求がありません"):
        release_require("変R8-9999")
    row = approved(row, "answer", actor, second, is_major=True, answer_reason="連携の範囲が変わる")
    assert refused(row, "release", actor, **release) == (
        "重要な変更のため、特定個人情報保護評価書を公表するまで適用できません（番号法28条1項）。",
    )
    with pytest.raises(AnswerMissing, match="公表するまで"):
        release_require(row.row_no)
    attached(row, actor, "assessment")
    row = stepped(row, "assess", actor, published_on="2026-11-19")
    assert release_require(row.row_no).pk == row.pk
    assert stepped(row, "release", actor, **release).is_closed
    minor = approved(opened("change_request", actor, **given), "answer", actor, second, is_major=False,
                     answer_reason="画面の文言だけ")  # fmt: skip
    assert stepped(minor, "release", actor, **release).is_closed


@pytest.mark.req("R-193")
def test_a_migration_ends_only_when_rows_and_yen_agree_and_the_old_place_is_destroyed() -> None:
    actor, second = clerk("5001"), clerk("5002")
    row = opened("migration", actor, title="収納（令和7年度まで）", planned_on="2026-10-01")
    row = stepped(row, "extract", actor, extracted_on="2026-10-01", extracted_count=1000, extracted_yen=5_000_000)
    loaded = {"loaded_on": "2026-10-02", "loaded_count": 997, "loaded_yen": 4_990_000, "set_aside_count": 2,
              "set_aside_yen": 10_001}  # fmt: skip
    assert refused(row, "load", actor, **loaded) == (
        "抽出と、投入・除いたものの合計が合いません（差 1件、-1円）。",
        "「除いたものの一覧と理由」を添付してください。",
    )
    attached(row, actor, "set_aside")
    row = approved(row, "load", actor, second, **{**loaded, "set_aside_count": 3, "set_aside_yen": 10_000})
    assert row.tasks.get().due_on == date(2027, 1, 2)
    gone = {"destroyed_on": "2026-11-19", "destroyed_how": "物理破壊"}
    assert refused(row, "close", actor, **gone) == (
        "「突合表」を添付してください。",
        "「破棄の証明書」を添付してください。",
    )
    attached(row, actor, "reconciliation", "destruction")
    assert stepped(row, "close", actor, **gone).is_closed


# ---- 直接操作のコマンド

DIRECT = ("shell", "dbshell", "dumpdata", "loaddata")


@pytest.mark.req("R-186")
@pytest.mark.parametrize("command", DIRECT)
@pytest.mark.parametrize("given", [{}, {"worker": "5003"}, {"worker": "5003", "ticket": "作R8-9999"}, {"worker": "9"}])
def test_no_command_reaches_the_data_in_production_without_a_ticket(
    settings: Any, command: str, given: dict[str, str]
) -> None:
    settings.TAXSYS_PROFILE = "production"
    clerk("5003")
    arguments = ["x.json"] if command == "loaddata" else []
    with clock.at(DAY), pytest.raises(CommandError, match="作業指示書"):
        call_command(command, *arguments, **given)


@pytest.mark.req("R-186")
def test_a_command_runs_under_the_ticket_of_its_worker_and_kind_and_its_use_is_recorded(settings: Any) -> None:
    settings.TAXSYS_PROFILE = "production"
    author, second, worker = clerk("5001"), clerk("5002"), clerk("5003")
    row = ticket(author, operation="data_read")
    row = stepped(approved(row, "approve", author, second), "check_before", second, checked_before="対象2件")
    out = StringIO()
    with clock.at(DAY):
        call_command("dumpdata", "staff.unit", ticket=row.row_no, worker=worker.staff_no, stdout=out)
        with pytest.raises(CommandError, match="作業の種類が違います"):
            call_command("loaddata", "x.json", ticket=row.row_no, worker=worker.staff_no)
        with pytest.raises(CommandError, match="作業者として指定されていません"):
            call_command("dumpdata", "staff.unit", ticket=row.row_no, worker=author.staff_no)
    assert '"staff.unit"' in out.getvalue()
    event = AccessEvent.objects.get(record_type="register.work_ticket", reason="used:data_read")
    assert (event.actor_id, event.record_id, event.function_id) == ("5003", row.row_no, "manage.dumpdata")


def test_the_tables_of_production_are_never_emptied(settings: Any) -> None:
    settings.TAXSYS_PROFILE = "production"
    with pytest.raises(CommandError, match="消去できません"):
        call_command("flush", interactive=False)


@pytest.mark.req("R-285")
def test_an_upgrade_of_production_needs_its_answered_change_request(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TAXSYS_PROFILE = "production"
    ran: list[bool] = []
    monkeypatch.setattr(migrate.Plain, "handle", lambda *_args, **_options: ran.append(True))
    call_command("migrate")  # nothing is pending: nothing to answer for
    assert ran == [True]
    monkeypatch.setattr(migrate, "_is_upgrade", lambda _database: True)
    with pytest.raises(CommandError, match="変更要求がありません"):
        call_command("migrate")
    actor, second = clerk("5001"), clerk("5002")
    given = {"title": "更新", "content": "版を上げる", "reason": "法改正", "planned_on": "2026-12-01"}
    row = opened("change_request", actor, **given)
    with clock.at(DAY), pytest.raises(CommandError, match="判定が済んでいない"):
        call_command("migrate", change=row.row_no)
    row = approved(row, "answer", actor, second, is_major=False, answer_reason="画面の文言だけ")
    with clock.at(DAY):
        call_command("migrate", change=row.row_no)
    assert ran == [True, True]
    event = AccessEvent.objects.get(record_type="register.change_request", reason="migrated")
    assert (event.record_id, event.actor_id) == (row.row_no, "migrate")

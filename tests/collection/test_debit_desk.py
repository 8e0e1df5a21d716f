"""口座振替の受付: accounts as every bank takes them, mandates over their life, the branch master, the screens."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from addressbook.models import Party
from addressbook.permissions import VIEW_PARTY
from collection import permissions
from collection.errors import DebitError
from collection.models import BankBranch, Charge, DebitMandate
from collection.rules.bank_accounts import (
    AccountFault,
    DebitAccount,
    account_checked,
    is_same_holder,
    post_bank_account,
)
from collection.services.banks import banks_replace
from collection.services.debit import debit_batch_build, debit_batch_release
from collection.services.debit_desk import Application, first_day, mandate_end, mandates_register
from collection.services.imports import PlainRecord
from collection.services.levy import levy_post
from collection.services.slips import SlipRequest, slip_issue_many
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.files import layouts
from taxsys.platform.files.models import ReceivedFile
from tests.addressbook.people import person
from tests.collection.books import ordinary
from tests.collection.files_of import at_desk, take
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 1)
ACCOUNT = DebitAccount("0999", "001", "1", "1234567", "アサヒカワ　タロウ")
FORM = {
    "tax_kinds": ["10"], "channel": "paper", "accepted_on": "20260601", "valid_from": "", "bank_code": "0999",
    "branch_code": "001", "account_type": "1", "account_number": "1234567", "account_again": "1234567",
    "holder_kana": "アサヒカワ　タロウ",
}  # fmt: skip


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with at_desk(TODAY):
        yield


@pytest.fixture
def payer() -> Party:
    """A taxpayer with two instalments, due on 30 June and 31 August."""
    party = person(1, name="旭川　太郎", kana="アサヒカワ　タロウ")
    rows = ordinary(party.id, "0012345678", [(7_000, 0, 0), (5_000, 0, 0)])
    levy_post(rows, dedupe_key="run-1", occurred_on=TODAY, actor="job:test")
    return party


def apply(party_id: UUID, *, actor: str = "staff:2001", **changes: Any) -> list[DebitMandate]:
    given = {
        "form_key": uuid4(), "tax_kinds": ("10",), "account": ACCOUNT, "channel": "paper", "accepted_on": TODAY,
        "valid_from": date(2026, 7, 1),
    }  # fmt: skip
    return mandates_register(party_id, Application(**{**given, **changes}), actor=actor)


# ---- accounts


def test_an_account_is_brought_into_the_form_of_the_request_file() -> None:
    made = account_checked(DebitAccount("0999", "001", "1", "123", "ｱｻﾋｶﾜ　タロウ"))
    assert (made.account_number, made.holder_kana) == ("0000123", "ｱｻﾋｶﾜ ﾀﾛｳ")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"bank_code": "999"}, "bank_code"),
        ({"bank_code": "０９９９"}, "bank_code"),
        ({"branch_code": "0001"}, "branch_code"),
        ({"account_number": ""}, "account_number"),
        ({"account_number": "12345678"}, "account_number"),
        ({"account_number": "0000000"}, "account_number"),
        ({"account_number": "-123456"}, "account_number"),
        ({"holder_kana": "旭川太郎"}, "holder_kana"),
        ({"holder_kana": ""}, "holder_kana"),
        ({"holder_kana": "ア" * 31}, "holder_kana"),
    ],
)
def test_an_account_no_bank_would_take_is_told_at_its_field(changes: dict[str, str], field: str) -> None:
    given = {
        "bank_code": "0999", "branch_code": "001", "account_type": "1", "account_number": "1234567",
        "holder_kana": "アサヒカワ",
    }  # fmt: skip
    with pytest.raises(AccountFault) as fault:
        account_checked(DebitAccount(**{**given, **changes}))
    assert fault.value.field == field
    assert fault.value.message_ja.endswith("。")


@given(number=st.from_regex(r"\A[0-9]{1,7}\Z"))
def test_checking_twice_changes_nothing(number: str) -> None:
    if not number.strip("0"):
        return
    once = account_checked(DebitAccount("0999", "001", "1", number, "アサヒカワ"))
    assert account_checked(once) == once
    assert len(once.account_number) == 7


def test_a_savings_book_of_the_post_bank_becomes_branch_and_number() -> None:
    assert post_bank_account("19050", "12345671") == ("905", "1234567")
    assert post_bank_account("19050", "231") == ("905", "0000023")


@pytest.mark.parametrize(
    ("symbol", "number", "field"),
    [("09050", "12345671", "symbol"), ("1905", "11", "symbol"), ("19051", "11", "symbol"), ("19050", "12", "number"),
     ("19050", "1", "number"), ("19050", "123456781", "number")],
)  # fmt: skip
def test_a_book_that_cannot_be_right_is_told(symbol: str, number: str, field: str) -> None:
    with pytest.raises(AccountFault) as fault:
        post_bank_account(symbol, number)
    assert fault.value.field == field


def test_holders_are_compared_without_spaces_and_small_kana() -> None:
    assert is_same_holder("ｱｻﾋｶﾜ ｼﾞﾕﾝ", "アサヒカワ　ジュン")
    assert not is_same_holder("ｱｻﾋｶﾜ ﾊﾅｺ", "アサヒカワ　タロウ")
    assert not is_same_holder("ｱｻﾋｶﾜ", "旭川")


# ---- the life of a mandate


def test_an_application_is_registered_once_however_often_the_form_is_sent(payer: Party) -> None:
    key = uuid4()
    first = apply(payer.id, form_key=key, tax_kinds=("10", "20"))
    again = apply(payer.id, form_key=key, tax_kinds=("10", "20"))
    assert [one.pk for one in first] == [one.pk for one in again]
    assert [(one.mandate_no, one.tax_kind_id) for one in first] == [
        ("20260601-00001", "10"), ("20260601-00002", "20")
    ]  # fmt: skip
    assert (first[0].registered_on, first[0].registered_by) == (TODAY, "staff:2001")
    assert AccessEvent.objects.filter(record_type="collection.debitmandate", action="create").count() == 2


def test_another_account_ends_the_one_before_it_where_it_begins(payer: Party) -> None:
    (old,) = apply(payer.id)
    other = DebitAccount("0999", "002", "1", "7654321", "アサヒカワ")
    (new,) = apply(payer.id, account=other, valid_from=date(2026, 9, 1))
    old.refresh_from_db()
    assert (old.valid_to, old.end_reason, old.ended_by) == (date(2026, 9, 1), "changed", "staff:2001")
    assert new.valid_to is None
    asked = debit_batch_build(originator_code="0000120410", debit_on=date(2026, 8, 31), due_on=date(2026, 8, 31))
    assert [one.mandate_id for one in asked.requests.all()] == [old.pk]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tax_kinds": ()}, "税目を選んで"),
        ({"tax_kinds": ("99",)}, "口座振替にできません"),
        ({"tax_kinds": ("10", "40")}, "税目コード40は口座振替にできません"),
        ({"accepted_on": date(2026, 6, 2)}, "未来"),
        ({"valid_from": date(2026, 6, 30)}, "令和8年7月1日以後"),
    ],
)
def test_what_cannot_be_registered_is_refused_with_its_reason(payer: Party, changes: dict, message: str) -> None:
    with pytest.raises(DebitError, match=message):
        apply(payer.id, **changes)
    assert not DebitMandate.objects.exists()


def test_an_application_for_two_taxes_registers_both_or_none(payer: Party) -> None:
    apply(payer.id, tax_kinds=("20",), valid_from=date(2026, 8, 1))
    with pytest.raises(DebitError, match="先にそれを終了"):
        apply(payer.id, tax_kinds=("10", "20"), valid_from=date(2026, 8, 1))
    assert DebitMandate.objects.count() == 1


def test_the_first_day_is_the_citys_days_after_acceptance() -> None:
    assert first_day(TODAY) == date(2026, 7, 1)


def test_an_ended_mandate_draws_nothing_and_ends_once(payer: Party) -> None:
    (one,) = apply(payer.id)
    mandate_end(one.pk, on=date(2026, 8, 1), reason="party", actor="staff:2001")
    with pytest.raises(DebitError, match="8月1日で終了しています"):
        mandate_end(one.pk, on=date(2026, 8, 2), reason="party", actor="staff:2001")
    assert not DebitMandate.objects.in_force(date(2026, 8, 31)).exists()


@pytest.mark.parametrize(("on", "reason"), [(date(2026, 7, 1), "party"), (date(2026, 8, 1), "changed")])
def test_an_end_before_the_start_or_without_a_reason_is_refused(payer: Party, on: date, reason: str) -> None:
    (one,) = apply(payer.id)
    with pytest.raises(DebitError):
        mandate_end(one.pk, on=on, reason=reason, actor="staff:2001")
    one.refresh_from_db()
    assert one.valid_to is None


# ---- the branch master


def branch(bank: str, code: str, name: str = "本店") -> dict[str, str]:
    return {
        "bank_code": bank, "branch_code": code, "bank_kana": "ｺﾞｳｾｲ", "bank_name": "合成銀行", "branch_kana": "ﾎﾝﾃﾝ",
        "branch_name": name,
    }  # fmt: skip


def listed(*rows: dict[str, str]) -> list[PlainRecord]:
    return [PlainRecord(number, row) for number, row in enumerate(rows, start=2)]


def test_the_list_of_a_day_opens_renames_and_closes_branches() -> None:
    many = [branch("0999", f"{n:03d}") for n in range(100, 140)]
    banks_replace(listed(branch("0999", "001"), branch("0999", "002"), *many), as_of=date(2026, 4, 1))
    done = banks_replace(listed(branch("0999", "001", "中央"), branch("0999", "003"), *many), as_of=TODAY)
    assert (done.opened, done.renamed, done.closed, done.unchanged) == (1, 1, 1, 40)
    few = BankBranch.objects.filter(branch_code__lt="100").order_by("branch_code")
    before = few.on(date(2026, 5, 31)).values_list("branch_code", "branch_name")
    after = few.on(TODAY).values_list("branch_code", "branch_name")
    assert list(before) == [("001", "本店"), ("002", "本店")]
    assert list(after) == [("001", "中央"), ("003", "本店")]
    assert banks_replace(listed(branch("0999", "001", "中央"), branch("0999", "003"), *many), as_of=TODAY).opened == 0


@pytest.mark.parametrize(
    ("rows", "as_of", "message"),
    [
        ([], TODAY, "金融機関の行がありません"),
        ([branch("0999", "001"), branch("0999", "001")], TODAY, "2行あります"),
        ([branch("0999", "001")], TODAY, "一部だけの一覧"),
        ([branch("0999", "001")], date(2026, 3, 31), "それより前の一覧"),
    ],
)
def test_a_list_that_cannot_be_whole_is_refused_and_changes_nothing(rows: list, as_of: date, message: str) -> None:
    banks_replace(listed(branch("0999", "001"), branch("0999", "002")), as_of=date(2026, 4, 1))
    with pytest.raises(DebitError, match=message):
        banks_replace(listed(*rows), as_of=as_of)
    assert BankBranch.objects.filter(valid_to__isnull=True).count() == 2


def test_the_job_takes_a_list_and_refuses_a_part_of_one() -> None:
    layout = layouts.get("local_ginko")
    whole = layout.write([branch("0999", "001"), branch("0999", "002")])
    assert take("B-CL-25-B", "local_ginko", whole, TODAY, name="a.csv").state == ReceivedFile.State.APPLIED
    part = take("B-CL-25-B", "local_ginko", layout.write([branch("0999", "001")]), TODAY, name="b.csv")
    assert part.state == ReceivedFile.State.QUARANTINED
    assert BankBranch.objects.on(TODAY).count() == 2


def test_unknown_and_closed_branches_are_told_apart(payer: Party) -> None:
    many = [branch("0998", f"{n:03d}") for n in range(100, 140)]
    banks_replace(listed(branch("0999", "001"), branch("0999", "002"), *many), as_of=date(2026, 4, 1))
    banks_replace(listed(branch("0999", "002"), *many), as_of=date(2026, 5, 1))
    with pytest.raises(AccountFault, match="令和8年5月1日に廃止"):
        apply(payer.id)
    with pytest.raises(AccountFault, match="この支店番号の支店は"):
        apply(payer.id, account=DebitAccount("0999", "003", "1", "1234567", "ア"))
    with pytest.raises(AccountFault, match="この銀行番号の金融機関は"):
        apply(payer.id, account=DebitAccount("0001", "001", "1", "1234567", "ア"))
    apply(payer.id, account=DebitAccount("9900", "905", "1", "1234567", "ア"))  # the post bank has no branches there


# ---- the screens


@pytest.fixture
def desk(client: Client) -> Client:
    clerk = officer("2001", permissions=[*permissions.PERMISSIONS, VIEW_PARTY], unit_name="納税管理課")
    return sign_in(client, clerk)


def entry(desk: Client, party: Party, **changes: Any) -> Any:
    return desk.post(f"/party/{party.pk}/collection/debit/entry", {"form_key": uuid4(), **FORM, **changes})


def test_a_clerk_registers_an_application_and_sees_what_it_will_draw(desk: Client, payer: Party) -> None:
    second = Charge.objects.get(instalment_no=2)
    slip_issue_many([SlipRequest((second.pk,), date(2026, 8, 31))], issued_on=TODAY)
    assert entry(desk, payer).status_code == 302
    page = desk.get(f"/party/{payer.pk}/collection/debit/").content.decode()
    assert "令和8年7月1日以後の納期限から" in page
    assert "＊＊＊＊567" in page
    assert "1234567" not in page
    assert "第2期" in page
    assert "第1期" not in page  # due before the bank is ready
    assert "納付書が出ています" in page


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"account_again": "1234568"}, "口座番号が一致しません"),
        ({"holder_kana": "旭川太郎"}, "銀行で使えない文字"),
        ({"holder_kana": "サッポロ　ハナコ"}, "納税者（アサヒカワ　タロウ）と異なります"),
        ({"tax_kinds": []}, "この項目は必須です"),
        ({"valid_from": "20260610"}, "令和8年7月1日以後"),
        ({"bank_code": "9900", "symbol": "12345", "number": "11"}, "5桁目は0"),
        ({"accepted_on": "20260631"}, "受付日"),
    ],
)
def test_a_slip_of_the_pen_is_told_and_what_was_typed_stays(
    desk: Client, payer: Party, changes: dict[str, Any], message: str
) -> None:
    answer = entry(desk, payer, **changes)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert message in page
    assert f'value="{changes.get("holder_kana", "アサヒカワ　タロウ")}"' in page
    assert not DebitMandate.objects.exists()


def test_another_holder_is_taken_once_it_was_looked_at(desk: Client, payer: Party) -> None:
    assert entry(desk, payer, holder_kana="サッポロ　ハナコ", other_holder="on").status_code == 302
    assert DebitMandate.objects.get().holder_kana == "ｻﾂﾎﾟﾛ ﾊﾅｺ"


def test_the_post_bank_is_entered_as_the_book_shows_it(desk: Client, payer: Party) -> None:
    blank = {"branch_code": "", "account_number": "", "account_again": ""}
    assert entry(desk, payer, bank_code="9900", symbol="19050", number="12345671", **blank).status_code == 302
    one = DebitMandate.objects.get()
    assert (one.bank_code, one.branch_code, one.account_number) == ("9900", "905", "1234567")


def test_ending_tells_what_a_sent_file_still_asks_for(desk: Client, payer: Party) -> None:
    (one,) = apply(payer.id)
    batch = debit_batch_build(originator_code="0000120410", debit_on=date(2026, 8, 31), due_on=date(2026, 8, 31))
    debit_batch_release(batch.pk)
    url = f"/party/{payer.pk}/collection/debit/{one.pk}/end"
    page = desk.get(url).content.decode()
    assert "送付済みの依頼があります" in page
    assert desk.post(url, {"on": "20260701", "reason": "party"}).status_code == 422
    assert desk.post(url, {"on": "20260801", "reason": "death"}).status_code == 302
    one.refresh_from_db()
    assert (one.valid_to, one.end_reason, one.ended_on) == (date(2026, 8, 1), "death", TODAY)
    assert desk.get(f"/party/{person(2).pk}/collection/debit/{one.pk}/end").status_code == 404


def test_the_desk_shows_files_failures_and_accounts_that_cannot_be_drawn(desk: Client, payer: Party) -> None:
    (one,) = apply(payer.id)
    batch = debit_batch_build(originator_code="0000120410", debit_on=date(2026, 8, 31), due_on=date(2026, 8, 31))
    debit_batch_release(batch.pk)
    batch.requests.update(state="failed", result_code="1")
    banks_replace(listed(branch("0999", "002")), as_of=TODAY)
    page = desk.get(f"/collection/debit/?batch={batch.pk}").content.decode()
    assert "資金不足" in page
    assert "に再振替" in page
    assert "引き落とせない口座振替" in page
    assert one.mandate_no in page
    assert desk.get("/collection/debit/?batch=x").status_code == 200

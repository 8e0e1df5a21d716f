"""公金受取口座の照会 (writes): asked once for a payment that its payee wished so, answered once, kept nowhere here.

R-113, N-052, N-057. The number stays in the vault: the inquiry goes by 宛名番号, and the vault says only whether the
person has a number, without which the network knows nobody.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction

from addressbook.services.numbers import parties_with_number
from collection.payouts.designations import (
    TOPIC_WANTED,
    PublicAccount,
    Wanted,
    public_account_answer,
    public_accounts_wanted,
)
from intermediary.inquiries.models import AccountInquiry, InquiryState
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.files import layouts
from taxsys.platform.files.codec.parsed import Record
from taxsys.platform.files.errors import LineProblem
from taxsys.platform.files.models import OutgoingFile
from taxsys.platform.files.services import file_issue, outgoing_state_change
from taxsys.platform.outbox.services import outbox_settle, outbox_waiting

CONSUMER = "intermediary.account_inquiry"
REQUEST, ANSWER = "local_koukin_shokai", "local_koukin_koza"
FOUND, NONE = "1", "2"
LINE_CODE = "M0501"
RECORD_TYPE = "account_inquiry"


@cache
def account_settings() -> Mapping[str, Any]:
    """照会の定め (city) from `settings.toml`."""
    text = Path(__file__).with_name("settings.toml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = tomllib.loads(text)["account"]
    return found


def inquiries_prepare(subjects: Iterable[str], *, until_message: int, run_id: int, asked_by: str) -> int:
    """照会を作る: one inquiry for each payment of these people that waits for it. How many.

    What may not be asked is refused here, with its reason, and told to the refund desk (N-052).
    """
    today = clock.today()
    with transaction.atomic():
        messages = outbox_waiting(TOPIC_WANTED, CONSUMER, subjects, until_id=until_message)
        numbers = sorted({str(one.payload["instruction_no"]) for one in messages})
        found = public_accounts_wanted(numbers)
        numbered = parties_with_number(sorted({one.party.pk for one in found.values()}, key=str))
        made = 0
        for number in numbers:
            if number not in found or AccountInquiry.objects.filter(instruction_no=number).exists():
                continue  # taken back meanwhile, or asked already: never twice
            one = found[number]
            refusal = "" if one.party.pk in numbered else "個人番号の登録がないため照会できません"
            _inquiry_write(one, run_id=run_id, asked_by=asked_by, refusal_ja=refusal)
            if refusal:
                public_account_answer(number, None, answered_on=today, message_ja=refusal)
            made += not refusal
        outbox_settle(messages, CONSUMER)
        return made


def _inquiry_write(wanted: Wanted, *, run_id: int, asked_by: str, refusal_ja: str) -> None:
    codes = account_settings()
    inquiry = AccountInquiry.objects.create(
        inquiry_no=f"KK{wanted.instruction_no}",
        party=wanted.party,
        instruction_no=wanted.instruction_no,
        refund_no=wanted.refund_no,
        designated_on=wanted.designated_on,
        purpose=codes["purpose"],
        affair_code=codes["affair_code"],
        procedure_code=codes["procedure_code"],
        item_code=codes["item_code"],
        state=InquiryState.REFUSED if refusal_ja else InquiryState.PREPARED,
        asked_on=clock.today(),
        asked_by=asked_by,
        job_run_id=run_id,
        message_ja=refusal_ja,
        recorded_at=clock.now(),
    )
    access_record(
        action="denied" if refusal_ja else "create",
        subjects=[str(inquiry.party_id)],
        record_type=RECORD_TYPE,
        record_id=inquiry.inquiry_no,
        result="denied" if refusal_ja else "ok",
        reason="no_number" if refusal_ja else "",
    )


def inquiries_take_over(run_id: int) -> int:
    """Prepared inquiries of earlier runs are taken over; one whose payment was taken back goes. How many stay."""
    with transaction.atomic():
        prepared = list(AccountInquiry.objects.select_for_update().filter(state=InquiryState.PREPARED).order_by("pk"))
        standing = public_accounts_wanted([one.instruction_no for one in prepared])
        for one in prepared:
            one.job_run_id = run_id
            if one.instruction_no not in standing:
                one.state, one.message_ja = InquiryState.WITHDRAWN, "支払の準備が取り消されたため照会しません"
            one.save(update_fields=["job_run_id", "state", "message_ja"])
        return len(standing)


def inquiry_file_issue(run_id: int) -> OutgoingFile | None:
    """照会依頼ファイル of a run: its prepared inquiries in the order of their numbers; None where there are none."""
    rows = list(_of_run(run_id).select_related("party").order_by("inquiry_no"))
    if not rows:
        return None
    records = [
        {
            "inquiry_no": one.inquiry_no,
            "person_no": one.party.person_no,
            "asked_on": one.asked_on,
            "affair_code": one.affair_code,
            "procedure_code": one.procedure_code,
            "item_code": one.item_code,
            "purpose": one.purpose,
            "designated_on": one.designated_on,
        }
        for one in rows
    ]
    key = hashlib.sha256("|".join(one.inquiry_no for one in rows).encode()).hexdigest()[:16]
    layout = layouts.get(REQUEST)
    issued = file_issue(
        kind=REQUEST,
        business_key=key,
        name=f"koukin_shokai_{rows[0].inquiry_no}_{len(rows)}.csv",
        content=layout.write(records),
        record_count=len(rows),
        layout=f"{REQUEST}/{layout.edition}",
    )
    for other in OutgoingFile.objects.filter(kind=REQUEST, state=OutgoingFile.State.PREPARED).exclude(pk=issued.pk):
        outgoing_state_change(other.pk, OutgoingFile.State.WITHDRAWN, reason="作り直し")
    return issued


def _of_run(run_id: int) -> Any:
    return AccountInquiry.objects.filter(job_run_id=run_id, state=InquiryState.PREPARED)


def inquiries_undesignated(run_id: int) -> list[str]:
    """照会番号 of a run's inquiries whose payment carries no standing designation any more: none may go (R-113)."""
    rows = list(_of_run(run_id).order_by("inquiry_no"))
    standing = public_accounts_wanted([one.instruction_no for one in rows])
    return [
        one.inquiry_no
        for one in rows
        if one.instruction_no not in standing or standing[one.instruction_no].designated_on != one.designated_on
    ]


def inquiries_send(run_id: int, *, released_by: str) -> int:
    """照会する: the released file goes to the intermediary server, its inquiries count as asked. How many."""
    with transaction.atomic():
        issued = inquiry_file_issue(run_id)
        if issued is None:
            return 0
        outgoing_state_change(issued.pk, OutgoingFile.State.RELEASED, reason=f"第{run_id}号")
        rows = list(_of_run(run_id).select_for_update().order_by("inquiry_no"))
        for one in rows:
            one.state, one.released_by = InquiryState.SENT, released_by
            one.save(update_fields=["state", "released_by"])
            access_record(
                action="provide", subjects=[str(one.party_id)], record_type=RECORD_TYPE, record_id=one.inquiry_no
            )
        return len(rows)


def answers_take(records: Iterable[Record]) -> tuple[dict[str, int], list[LineProblem]]:
    """照会結果を取り込む: each answer goes to the payment it was asked for, once. Counts, and the lines set aside."""
    counts = {"口座あり": 0, "登録なし": 0, "照会不可": 0, "支払の取消済": 0}
    problems = []
    for record in records:
        with transaction.atomic():
            fault = _answer_take(record.values, counts)
        if fault:
            problems.append(LineProblem(record.line_no, LINE_CODE, fault))
    return counts, problems


def _answer_take(values: Mapping[str, Any], counts: dict[str, int]) -> str:
    """Take one answer; "" or why it is set aside."""
    inquiry = (
        AccountInquiry.objects.select_for_update(of=("self",))
        .select_related("party")
        .filter(inquiry_no=values["inquiry_no"])
        .first()
    )
    if inquiry is None or inquiry.party.person_no != values["person_no"]:
        return "照会していない番号、または別の人の回答です。中間サーバーの照会一覧と照らしてください。"
    if values["purpose"] != inquiry.purpose:
        return "利用事務が還付ではありません。この回答は使えません。"
    if inquiry.state != InquiryState.SENT:
        return f"この照会は{inquiry.get_state_display()}です。回答は一度だけ使えます。"
    answer = values["answer"]
    account = _account(values) if answer == FOUND else None
    message = "" if answer in (FOUND, NONE) else "中間サーバーが照会不可と回答"
    used = public_account_answer(inquiry.instruction_no, account, answered_on=clock.today(), message_ja=message)
    states = {FOUND: InquiryState.FOUND, NONE: InquiryState.NONE}
    inquiry.state = states.get(answer, InquiryState.ERROR)
    inquiry.answered_on = clock.today()
    inquiry.message_ja = message if used else "支払の準備が取り消されていたため、回答を使わずに消去"
    inquiry.save(update_fields=["state", "answered_on", "message_ja"])
    counts[inquiry.get_state_display() if used else "支払の取消済"] += 1
    access_record(
        action="update", subjects=[str(inquiry.party_id)], record_type=RECORD_TYPE, record_id=inquiry.inquiry_no
    )
    return ""


def _account(values: Mapping[str, Any]) -> PublicAccount:
    return PublicAccount(
        bank_code=str(values["bank_code"] or ""),
        branch_code=str(values["branch_code"] or ""),
        account_type=str(values["account_type"] or ""),
        account_number=str(values["account_number"] or ""),
        holder_kana=str(values["account_kana"] or ""),
    )

"""依頼の受付・法的確認・承認 (requests): asked by a division, judged by the tax office, approved by another.

R-165 to R-167, R-216. Nobody checks or approves the own request, under whichever account.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.urls import reverse

from addressbook.models import Party
from intermediary.errors import TransferRefused
from intermediary.items import ITEM_NAMES, unknown_items
from intermediary.models import RegisterRow, TransferRequest
from intermediary.permissions import APPROVE_TRANSFER, CHECK_TRANSFER
from intermediary.selectors.register import rows_for_unit
from intermediary.services.transfer_checks import LegalCheck, legal_checks
from taxsys.kernel.checkdigits import my_number_valid
from taxsys.platform import clock
from taxsys.platform.approvals import registry
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.refusals import FieldProblem, Refused
from taxsys.platform.staff.models import Staff

APPROVAL_KIND = "intermediary.transfer_request"
MAX_PERSONS = 5000
DESK_METHODS = (
    RegisterRow.Method.FILE,
    RegisterRow.Method.MEDIA,
    RegisterRow.Method.FLASH,
    RegisterRow.Method.PAPER,
)
State = TransferRequest.State
_PERSON_NO = re.compile(r"[0-9A-Za-z]{1,15}")
_LABELS = {
    "row_no": "登録番号",
    "unit_name": "依頼元",
    "affair": "事務",
    "purpose_ja": "利用目的",
    "base_ja": "根拠",
    "tax_year": "課税年度",
    "person_count": "対象人数",
    "items": "項目（求められた項目 → 承認する項目）",
    "method": "方法",
    "valid_until": "提供できる期限（この日から不可）",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """依頼の内容: what a division asks for."""

    row_no: str
    form: str
    purpose_ja: str
    tax_year: int
    items: tuple[str, ...]
    method: str
    person_nos: tuple[str, ...]
    known_on: date | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """法的確認の判断: the base as the tax office reads it, the items it would let go, and until when."""

    base_ja: str
    items: tuple[str, ...]
    valid_until: date
    is_purpose_inside: bool


def person_nos_read(text: str) -> tuple[str, ...]:
    """The person numbers of a typed or pasted list, each once, in order.

    Raises Refused R422-NUMBER where one can be a My Number (N-018, N-025), TransferRefused for what is no number.
    """
    found = tuple(dict.fromkeys(text.replace(",", " ").replace("、", " ").split()))
    for one in found:
        if len(one) == 12 and my_number_valid(one):
            message = "個人番号では依頼できません。宛名番号を指定してください。"
            raise Refused("R422-NUMBER", fields=[FieldProblem("person_nos", message)], reason="number_in_request")
    if bad := sum(1 for one in found if not _PERSON_NO.fullmatch(one)):
        raise TransferRefused(
            f"宛名番号でない値が{bad}件あります。宛名番号（英数字15桁まで）を1行に一つ入れてください。"
        )
    if len(found) > MAX_PERSONS:
        raise TransferRefused(f"一度の依頼は{MAX_PERSONS:,}人までです。依頼を分けてください。")
    return found


@transaction.atomic
def transfer_submit(wanted: Wanted, *, actor: Staff) -> TransferRequest:
    """依頼する: under a row in force of the officer's own division. Raises TransferRefused."""
    today = clock.today()
    unit = actor.unit_on(today)
    row = rows_for_unit(unit.name, on=today).filter(row_no=wanted.row_no).first()
    if row is None:
        raise TransferRefused(
            "あなたの所属に、この登録番号の有効な行がありません。提供・移転の登録を税務部門に相談してください。"
        )
    if not wanted.items or unknown_items(wanted.items):
        raise TransferRefused("求める項目を項目辞書から選んでください。")
    if not wanted.purpose_ja.strip():
        raise TransferRefused("利用目的を入力してください。")
    if wanted.method not in DESK_METHODS:
        raise TransferRefused("求める方法は、庁内連携（ファイル）・媒体・紙のいずれかです。")
    found = Party.objects.filter(person_no__in=wanted.person_nos).values_list("pk", "merged_into_id")
    parties = {merged or pk for pk, merged in found}
    request = TransferRequest.objects.create(
        request_no=uuid4().hex[:20],
        form=wanted.form,
        row=row,
        unit_code=unit.code,
        unit_name=unit.name,
        requested_by=actor.staff_no,
        requested_person=actor.person_key,
        purpose_ja=wanted.purpose_ja.strip(),
        tax_year=wanted.tax_year,
        known_on=wanted.known_on,
        items=list(dict.fromkeys(wanted.items)),
        method=wanted.method,
        person_count=len(parties),
        unknown_count=len(wanted.person_nos) - len(found),
        requested_at=clock.now(),
    )
    _number(request, today)
    request.parties.set(Party.objects.filter(pk__in=parties))
    return request


def _number(request: TransferRequest, on: date) -> None:
    """依頼番号: the fiscal year and the row's own number, so that two at once never meet."""
    fiscal = on.year if on.month > 3 else on.year - 1
    request.request_no = f"R{fiscal}-{request.pk:05d}"
    request.save(update_fields=["request_no"])


def _locked(request_id: int, *states: str) -> TransferRequest:
    request = TransferRequest.objects.select_for_update(of=("self",)).select_related("row").get(pk=request_id)
    if request.state not in states:
        raise TransferRefused(f"この依頼は「{request.get_state_display()}」のため、この操作はできません。")
    return request


def _refuse_own(request: TransferRequest, actor: Staff) -> None:
    if actor.person_key == request.requested_person:
        raise Refused("R403-OWN", "依頼した本人は、その依頼の確認・承認・実行ができません。", reason="own_request")


@transaction.atomic
def transfer_check(request_id: int, judged: Judgement, *, actor: Staff) -> Approval:
    """法的確認: the register's own checks and the officer's judgement, proposed to a second person.

    Raises TransferRefused where a check fails or an item is not in both the request and the row, Refused R403-OWN.
    """
    request = _locked(request_id, State.SUBMITTED)
    _refuse_own(request, actor)
    checks = legal_checks(request, on=clock.today())
    if failed := [one.title_ja for one in checks if not one.is_ok]:
        raise TransferRefused(f"法的確認に合わない点があります（{'、'.join(failed)}）。承認には進めません。")
    if not judged.is_purpose_inside:
        raise TransferRefused(
            "利用目的が登録簿の事務の範囲内であることを確かめてください。範囲外なら不承認にしてください。"
        )
    _refuse_items(request, judged.items)
    if judged.valid_until <= clock.today():
        raise TransferRefused("提供できる期限は、明日以降の日にしてください。")
    request.state, request.base_ja = State.CHECKED, judged.base_ja
    request.checked_by, request.checked_at = actor.staff_no, clock.now()
    request.check_results = [one.kept() for one in [*checks, _purpose_check(request.row)]]
    request.save()
    return approval_propose(
        kind=APPROVAL_KIND,
        subject_key=request.request_no,
        title_ja=f"提供・移転の依頼 {request.request_no} {request.unit_name} {request.row.affair}"[:200],
        content={
            "request": request.pk,
            "before": {"items": request.items},
            "after": {
                "row_no": request.row.row_no,
                "unit_name": request.unit_name,
                "affair": request.row.affair,
                "purpose_ja": request.purpose_ja,
                "base_ja": judged.base_ja,
                "tax_year": str(request.tax_year),
                "person_count": request.person_count,
                "items": list(judged.items),
                "method": request.get_method_display(),
                "valid_until": judged.valid_until.isoformat(),
            },
        },
        actor=actor,
    )


def _purpose_check(row: RegisterRow) -> LegalCheck:
    return LegalCheck("purpose", "利用目的が行の事務の範囲内", is_ok=True, found_ja=row.affair)


def _refuse_items(request: TransferRequest, items: Sequence[str]) -> None:
    """Approved items are asked for, stand in the row and in the dictionary; none is approved twice."""
    allowed = set(request.items) & set(request.row.items) & ITEM_NAMES
    if not items or not set(items) <= allowed or len(set(items)) != len(items):
        raise TransferRefused("承認する項目は、依頼された項目で、登録簿の行にあるものから選んでください。")


@transaction.atomic
def transfer_refuse(request_id: int, *, reason_ja: str, actor: Staff) -> TransferRequest:
    """不承認にする, with the reason that the division reads."""
    request = _locked(request_id, State.SUBMITTED)
    _refuse_own(request, actor)
    if not reason_ja.strip():
        raise TransferRefused("不承認の理由を入力してください。")
    checks = legal_checks(request, on=clock.today())
    request.state, request.reason_ja, request.closed_at = State.REFUSED, reason_ja.strip(), clock.now()
    request.checked_by, request.checked_at = actor.staff_no, clock.now()
    request.check_results = [one.kept() for one in checks]
    request.save()
    return request


@transaction.atomic
def transfer_withdraw(request_id: int, *, actor: Staff) -> TransferRequest:
    """取り下げる: by the division that asked, while nobody has judged it."""
    request = _locked(request_id, State.SUBMITTED)
    if request.unit_code != actor.unit_on().code:
        raise TransferRefused("依頼した所属の職員だけが取り下げられます。")
    request.state, request.closed_at = State.WITHDRAWN, clock.now()
    request.save(update_fields=["state", "closed_at"])
    return request


@transaction.atomic
def transfer_close(request_id: int) -> TransferRequest:
    """完了にする: nothing more goes out; every medium has been handed over against a signature."""
    request = _locked(request_id, State.APPROVED)
    waiting = request.executions.filter(
        result="done", method__in=("media", "flash", "paper"), handed_over_at__isnull=True
    )
    if waiting.exists():
        raise TransferRefused("受領の署名がない媒体・紙があります。受け取った所属に受領の確認を求めてください。")
    request.state, request.closed_at = State.CLOSED, clock.now()
    request.save(update_fields=["state", "closed_at"])
    return request


def _request_of(approval: Approval) -> TransferRequest:
    return TransferRequest.objects.select_related("row").get(pk=approval.content["request"])


def request_stale(approval: Approval) -> str:
    """Why the proposal no longer stands: the request was ended, or its row does not carry it any more."""
    request = _request_of(approval)
    if request.state != State.CHECKED:
        return f"依頼が「{request.get_state_display()}」になりました。"
    failed = [one.title_ja for one in legal_checks(request, on=clock.today()) if not one.is_ok]
    return f"法的確認の後に合わなくなった点があります（{'、'.join(failed)}）。" if failed else ""


def _approved(approval: Approval) -> None:
    """承認: the request as it stands now must still pass; runs in the transaction of the decision."""
    content = approval.content
    request = _locked(content["request"], State.CHECKED)
    decider = approval.decided_by
    if decider is None or decider.person_key == request.requested_person:
        raise Refused("R403-OWN", "依頼した本人は承認できません。", reason="own_request")
    items = content["after"]["items"]
    _refuse_items(request, items)
    if failed := [one.title_ja for one in legal_checks(request, on=clock.today()) if not one.is_ok]:
        raise Refused(
            "R409", f"法的確認の後に合わなくなった点があります（{'、'.join(failed)}）。", reason="stale_check"
        )
    request.state, request.approved_items = State.APPROVED, items
    request.valid_until = date.fromisoformat(content["after"]["valid_until"])
    request.approved_by, request.approved_at = decider.staff_no, clock.now()
    request.reason_ja = ""
    request.save()


def _sent_back(approval: Approval) -> None:
    """差戻し・否認・取下げ・失効: the request waits for its check again, with the reason beside it."""
    request = TransferRequest.objects.select_for_update().get(pk=approval.content["request"])
    if request.state == State.CHECKED:
        request.state, request.reason_ja = State.SUBMITTED, approval.reason
        request.save(update_fields=["state", "reason_ja"])


def transfer_kind_register() -> None:
    """Tell the approvals desk of this kind of proposal (from AppConfig.ready)."""
    labels: dict[str, Any] = _LABELS
    registry.register(
        APPROVAL_KIND,
        on_approved=_approved,
        on_sent_back=_sent_back,
        on_withdrawn=_sent_back,
        title_ja="提供・移転の依頼の承認",
        permission=APPROVE_TRANSFER.code,
        proposes=CHECK_TRANSFER.code,
        labels=labels,
        stale=request_stale,
        concerned=lambda approval: frozenset({_request_of(approval).requested_person}),
        rework=lambda approval: reverse("transfer-check", args=[approval.content["request"]]),
        voided_by_ja="登録簿の行が終了・変更されて、依頼が法的確認に合わなくなったとき",
    )

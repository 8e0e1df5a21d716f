"""提供・移転の実行 (executions): exactly approved items, on record (R-164, R-166, R-236).

More than was approved is refused whole, and the attempt stays on record. Media leave encrypted, with their number,
against the receiver's own signature.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from addressbook.models import Party
from intermediary.errors import TransferRefused
from intermediary.items import titles_ja
from intermediary.models import ProvisionRequest, RegisterRow, TransferExecution, TransferRequest
from intermediary.selectors.register import rows_on
from intermediary.services.provision import Answer, Outcome, answer_of, answers_record, people_asked
from taxsys.platform import clock
from taxsys.platform.audit import context
from taxsys.platform.audit.services import access_record
from taxsys.platform.files import layouts
from taxsys.platform.files.models import OutgoingFile
from taxsys.platform.files.services import file_issue
from taxsys.platform.staff.models import Staff

LAYOUT = "local_transfer_income"
FILE_KIND = "transfer"
DESK = "desk"
Method = RegisterRow.Method
MEDIA = (Method.MEDIA, Method.FLASH)
SIGNED = (*MEDIA, Method.PAPER)
_FRAME = ("person_no", "tax_year", "outcome", "nondisclosed", "decision_version", "decided_on")


@dataclass(frozen=True, slots=True)
class Order:
    """実行の指示: the items to give and, for media, what carries them."""

    items: tuple[str, ...]
    method: str
    media_no: str = ""
    is_encrypted: bool = False


def transfer_execute(request_id: int, order: Order, *, actor: Staff) -> TransferExecution:
    """Give out what the order names of an approved request, in one transaction with its records.

    Raises TransferRefused where anything is not as approved: nothing is given, and the refused attempt is on record.
    """
    with transaction.atomic():
        request = TransferRequest.objects.select_for_update(of=("self",)).select_related("row").get(pk=request_id)
        if not (fault := _fault(request, order, actor)):
            return _execute(request, order, actor)
        _refused(request, order, actor, fault)
    raise TransferRefused(fault)


def _fault(request: TransferRequest, order: Order, actor: Staff) -> str:
    """Why this order may not be carried out, or ""."""
    today, titles = clock.today(), titles_ja()
    if request.state != TransferRequest.State.APPROVED or request.valid_until is None:
        return f"依頼が「{request.get_state_display()}」のため、提供できません。"
    if today >= request.valid_until:
        return "提供できる期限を過ぎています。新しい依頼が必要です。"
    if actor.person_key == request.requested_person:
        return "依頼した本人は実行できません。"
    if not rows_on(today).filter(pk=request.row_id).exists():
        return "登録簿の行が有効でなくなったため、提供できません。"
    allowed = set(request.approved_items) & set(request.row.items)
    if extra := [name for name in order.items if name not in allowed]:
        return (
            f"承認されていない項目が含まれています（{'、'.join(titles.get(name, name[:20]) for name in extra[:5])}）。"
        )
    if not order.items or len(set(order.items)) != len(order.items):
        return "提供する項目がないか、同じ項目が二度あります。"
    if order.method != request.method:
        return "承認された方法と違う方法では提供できません。"
    if order.method in MEDIA and not (order.media_no.strip() and order.is_encrypted):
        return "媒体による提供には、媒体番号と暗号化が必要です。"
    return ""


def _base_ja(request: TransferRequest) -> str:
    row = request.row
    return f"{row.row_no} {row.legal_base} {row.ordinance} {request.base_ja}".strip()[:300]


def _seq(request: TransferRequest) -> int:
    return request.executions.count() + 1


def _refused(request: TransferRequest, order: Order, actor: Staff, fault: str) -> None:
    TransferExecution.objects.create(
        request=request,
        seq=_seq(request),
        result=TransferExecution.Result.REFUSED,
        refusal_ja=fault,
        items=[name[:60] for name in order.items],
        base_ja=_base_ja(request),
        method=order.method if order.method in Method.values else request.method,
        executed_by=actor.staff_no,
        executed_at=clock.now(),
    )
    access_record(
        action="denied",
        record_type="transfer_execution",
        record_id=request.request_no,
        result="denied",
        reason="not_as_approved",
        tax_year=request.tax_year,
    )


def _execute(request: TransferRequest, order: Order, actor: Staff) -> TransferExecution:
    seq, known_on = _seq(request), request.known_on or clock.today()
    parties = dict(request.parties.order_by("person_no").values_list("person_no", "pk"))
    provision = ProvisionRequest.objects.create(
        row=request.row,
        client_system=DESK,
        reference=f"{request.request_no}-{seq}",
        fingerprint=_fingerprint(order, parties.values()),
        tax_year=request.tax_year,
        known_on=known_on,
        items=list(order.items),
        person_count=len(parties),
        request_id=context.current().request_id,
        received_at=clock.now(),
    )
    people = people_asked(sorted(parties.values()), request.tax_year, known_on=known_on)
    answers = [answer_of(no, pk, people, row=request.row, items=order.items) for no, pk in parties.items()]
    answers_record(provision, answers, ids=parties, people=people)
    file = None if order.method == Method.PAPER else _file(request, order, answers, seq)
    return TransferExecution.objects.create(
        request=request,
        seq=seq,
        result=TransferExecution.Result.DONE,
        items=list(order.items),
        base_ja=_base_ja(request),
        method=order.method,
        provision=provision,
        file=file,
        answered_count=sum(1 for one in answers if one.outcome == Outcome.ANSWERED),
        executed_by=actor.staff_no,
        executed_at=clock.now(),
        media_no=order.media_no.strip() if order.method in MEDIA else "",
        is_encrypted=order.is_encrypted and order.method in MEDIA,
    )


def _fingerprint(order: Order, party_ids: Iterable[UUID]) -> str:
    content = {"items": list(order.items), "people": sorted(str(pk) for pk in party_ids)}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _file(request: TransferRequest, order: Order, answers: Sequence[Answer], seq: int) -> OutgoingFile:
    """The answers by layout, narrowed to the items given: other columns are not in the file at all."""
    layout = layouts.get(LAYOUT).narrowed((*_FRAME, *order.items))
    records = [
        {
            "person_no": one.person_no,
            "tax_year": request.tax_year,
            "outcome": str(one.outcome),
            "nondisclosed": "1" if one.is_nondisclosed else "0",
            "decision_version": one.version,
            "decided_on": one.decided_on.isoformat() if one.decided_on else None,
            **one.items,
        }
        for one in answers
    ]
    return file_issue(
        kind=FILE_KIND,
        business_key=f"{request.request_no}-{seq}",
        name=f"transfer-{request.request_no}-{seq}.csv",
        content=layout.write(records),
        record_count=len(records),
        layout=layout.key,
    )


def execution_answers(execution: TransferExecution) -> list[Answer]:
    """What the execution gave, read again from the decisions it recorded: the same people, items and decisions.

    Writes the access event of the look; the people are its subjects.
    """
    provision = execution.provision
    if provision is None:
        return []
    records = list(provision.records.select_related("party", "decision").order_by("party__person_no"))
    ids = [record.party_id for record in records if record.party_id]
    people = people_asked(ids, provision.tax_year, known_on=provision.known_on)
    access_record(
        action="view",
        subjects=[str(pk) for pk in ids],
        record_type="transfer_execution",
        record_id=provision.reference,
        tax_year=provision.tax_year,
    )
    answers = []
    for record in records:
        stands = people.standing.get(record.party_id) if record.party_id else None
        party: Party | None = record.party
        told = record.decision if record.outcome == Outcome.ANSWERED else None
        same = stands is not None and told is not None and stands.decision.pk == told.pk
        answers.append(
            Answer(
                party.person_no if party else "",
                record.outcome,
                is_nondisclosed=record.is_nondisclosed,
                version=told.version if told else None,
                decided_on=told.decided_on if told else None,
                items={name: stands.items[name] for name in execution.items} if stands and same else {},
            )
        )
    return answers


@transaction.atomic
def execution_receive(execution_id: int, *, media_no: str, actor: Staff) -> TransferExecution:
    """受領の署名: an officer of the asking division confirms the very medium, signed in as oneself (R-164).

    Raises TransferRefused for another division, another medium number, one signed before, or a file not let go.
    """
    execution = (
        TransferExecution.objects.select_for_update(of=("self",)).select_related("request", "file").get(pk=execution_id)
    )
    if execution.result != TransferExecution.Result.DONE or execution.method not in SIGNED:
        raise TransferRefused("受領の署名がいる実行ではありません。")
    if execution.request.unit_code != actor.unit_on().code:
        raise TransferRefused("受け取れるのは、依頼した所属の職員だけです。")
    if execution.handed_over_at is not None:
        raise TransferRefused("すでに受領の署名があります。")
    if execution.file is not None and execution.file.state in {
        OutgoingFile.State.PREPARED,
        OutgoingFile.State.WITHDRAWN,
    }:
        raise TransferRefused("ファイルの引渡しが承認されていません。税務部門に確かめてください。")
    if execution.method in MEDIA and media_no.strip() != execution.media_no:
        raise TransferRefused("媒体番号が違います。受け取った媒体の番号を確かめてください。")
    execution.handed_over_to, execution.handed_over_by = actor.staff_no, execution.executed_by
    execution.handed_over_at = clock.now()
    execution.save(update_fields=["handed_over_to", "handed_over_by", "handed_over_at"])
    return execution

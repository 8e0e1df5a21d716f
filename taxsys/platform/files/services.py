"""受領・取込結果・提供 (receiving, the fate of what was received, issuing). The only place that saves file rows."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from taxsys.platform import clock
from taxsys.platform.audit import context
from taxsys.platform.files import layouts, storage
from taxsys.platform.files.archive import safe_name
from taxsys.platform.files.channels import ReceiptChannel
from taxsys.platform.files.codec.parsed import Parsed
from taxsys.platform.files.content_key import content_key
from taxsys.platform.files.errors import (
    L_CODE,
    L_DUPLICATE,
    DuplicateFile,
    FileRefused,
    LineProblem,
    OutgoingConflict,
    StateNotAllowed,
)
from taxsys.platform.files.manifest import manifest_bytes, manifest_check, manifest_of, manifest_read
from taxsys.platform.files.models import LineError, OutgoingFile, ReceivedFile, RefusedAttempt
from taxsys.platform.files.parsing import file_parsed

_FINAL = frozenset({ReceivedFile.State.APPLIED, ReceivedFile.State.QUARANTINED, ReceivedFile.State.REFUSED})
_NEXT: dict[str, frozenset[str]] = {
    "prepared": frozenset({"released", "withdrawn"}),
    "released": frozenset({"sending", "withdrawn"}),
    "sending": frozenset({"acknowledged", "rejected", "unknown"}),
    "unknown": frozenset({"acknowledged", "rejected", "sending", "withdrawn"}),
    "acknowledged": frozenset({"withdrawn"}),
    "rejected": frozenset({"withdrawn"}),
    "withdrawn": frozenset(),
}


def _actor() -> str:
    found = context.current_or_none()
    return f"{found.actor_kind}:{found.actor_id}"[:60] if found else "system:files"


def file_receive(
    *,
    name: str,
    content: bytes,
    format: str,
    sender: str,
    channel: str,
    number_bearing: bool = False,
    manifest: bytes = b"",
) -> ReceivedFile:
    """Take a file in: bytes stored unchanged, hashed, dated. `format` is `name` or `name/edition` of a layout;
    `manifest` the 送付票 that came beside it, which is compared when the file is parsed.

    Raises DuplicateFile (L0105, the attempt stays on record) for the same bytes, or the same content in other line ends
    or encoding, and FileRefused for a name that is a path. Files of number-bearing layouts are always encrypted.
    """
    safe_name(name)
    if channel not in ReceiptChannel.values:
        raise FileRefused(
            L_CODE, f"入手方法「{channel[:20]}」は登録がありません。入手方法を選び直してください。", field="channel"
        )
    layout_name, _, edition = format.partition("/")
    is_secret = number_bearing or _is_number_bearing(layout_name, edition)
    digest, same = storage.sha256_of(content), content_key(layout_name, content)
    _refuse_repeat(name=name, sender=sender, channel=channel, digest=digest, same=(layout_name, same))
    received = ReceivedFile(
        name=name,
        format=layout_name,
        edition=edition,
        sender=sender,
        channel=channel,
        sha256=digest,
        content_key=same,
        size=len(content),
        received_on=clock.today(),
        received_at=clock.now(),
        received_by=_actor(),
        is_number_bearing=is_secret,
        manifest=manifest_read(manifest) if manifest else None,
    )
    received.stored_path = f"received/{received.received_at:%Y/%m}/{received.id}.bin"
    storage.store(received.stored_path, content, encrypted=is_secret)
    try:
        with transaction.atomic():
            received.save(force_insert=True)
    except IntegrityError:
        # Another process took the same content in between the look-up and here.
        storage.remove(received.stored_path)
        _refuse_repeat(name=name, sender=sender, channel=channel, digest=digest, same=(layout_name, same))
        raise
    except BaseException:
        storage.remove(received.stored_path)
        raise
    return received


def _is_number_bearing(name: str, edition: str) -> bool:
    if name not in layouts.names():
        return False
    return any(one.is_number_bearing for one in layouts.editions(name) if edition in {"", one.edition})


def _refuse_repeat(*, name: str, sender: str, channel: str, digest: str, same: tuple[str, str]) -> None:
    held = ReceivedFile.objects.filter(sha256=digest).first() or (
        ReceivedFile.objects.filter(format=same[0], content_key=same[1])
        .exclude(state__in=[ReceivedFile.State.REFUSED, ReceivedFile.State.QUARANTINED])
        .first()
    )
    if held is None:
        return
    RefusedAttempt.objects.create(
        file=held,
        name=name,
        sender=sender,
        channel=channel,
        sha256=digest,
        code=L_DUPLICATE,
        attempted_at=clock.now(),
        attempted_by=_actor(),
    )
    when = held.received_at.astimezone(clock.now().tzinfo)
    kind = "同じファイル" if held.sha256 == digest else "文字コードや改行だけが違う同じ内容のファイル"
    raise DuplicateFile(
        f"{kind}を{when:%Y-%m-%d %H:%M}に「{held.name}」として受領済です。二重に取り込まないよう受け付けませんでした。"
        "内容が違うはずなら送付元に確認してください。",
        received_id=str(held.id),
    )


@transaction.atomic
def file_parse(received: ReceivedFile, *, edition: str | None = None) -> Parsed:
    """Compare a received file with its 送付票, parse it by its layout, record counts and line problems.

    The refusal is recorded, the file goes to quarantine and the FileRefused is handed on by `file_stage`; here it is
    raised before anything is written. Idempotent: earlier line problems of the file are replaced.
    """
    layout = layouts.get(received.format, edition or received.edition or None)
    if received.manifest is not None:
        manifest_check(received.open_bytes(), received.manifest)
    received.edition = layout.edition
    parsed = file_parsed(received)
    received.record_count = len(parsed.records)
    received.error_count = len(parsed.errors)
    received.amount_sums = _amount_sums(layout, parsed)
    received.state = ReceivedFile.State.STAGED
    received.save(update_fields=["edition", "record_count", "error_count", "amount_sums", "state"])
    received.line_errors.all().delete()
    line_errors_record(received, [*parsed.errors, *parsed.warnings])
    return parsed


def file_stage(received: ReceivedFile, *, edition: str | None = None) -> Parsed | None:
    """Like `file_parse`, but a refused file is put into quarantine with its reason, and None comes back."""
    try:
        return file_parse(received, edition=edition)
    except FileRefused as refusal:
        file_refuse(received, refusal)
        return None


def _amount_sums(layout: layouts.Layout, parsed: Parsed) -> dict[str, int]:
    yen = [one.name for one in layout.data_fields if one.converter == "yen"]
    return {name: parsed.total(name) for name in yen if parsed.columns.get(name) is not None}


def line_errors_record(received: ReceivedFile, problems: Sequence[LineProblem]) -> None:
    """Store line problems of a file, in bulk."""
    LineError.objects.bulk_create(
        [
            LineError(
                file=received,
                line_no=one.line_no,
                field=one.field[:60],
                field_ja=one.field_ja[:120],
                code=one.code,
                severity=one.severity,
                message_ja=one.message_ja[:400],
                raw_hash=one.raw_hash,
            )
            for one in problems
        ],
        batch_size=2_000,
    )


def file_refuse(received: ReceivedFile, refusal: FileRefused) -> None:
    """Refuse a whole file: code and reason on its receipt, its bytes moved to quarantine."""
    if received.state == ReceivedFile.State.QUARANTINED:
        return
    target = received.stored_path.replace("received/", "quarantine/", 1)
    with transaction.atomic():
        before, received.stored_path = received.stored_path, target
        received.state = ReceivedFile.State.QUARANTINED
        received.refusal_code, received.refusal_message = refusal.code, refusal.message_ja[:400]
        received.save(update_fields=["stored_path", "state", "refusal_code", "refusal_message"])
        storage.stand_also(before, target)
        transaction.on_commit(lambda: storage.remove(before))


def file_applied(received: ReceivedFile, *, complete: bool) -> None:
    """Mark what became of a staged file. StateNotAllowed for one refused or finished before."""
    if received.state in _FINAL:
        raise StateNotAllowed(L_DUPLICATE, f"{received.get_state_display()}のファイルは取込済にできません。")
    received.state = ReceivedFile.State.APPLIED if complete else ReceivedFile.State.PARTLY_APPLIED
    received.save(update_fields=["state"])


def file_issue(
    *,
    kind: str,
    business_key: str,
    name: str,
    content: bytes,
    record_count: int,
    amount_sums: Mapping[str, int] | None = None,
    layout: str = "",
    number_bearing: bool = False,
) -> OutgoingFile:
    """Issue a file once for (kind, business key), with its manifest beside it.

    Issuing the same bytes again gives the row of the first time; other bytes raise OutgoingConflict (use a new key).
    """
    safe_name(name)
    digest = storage.sha256_of(content)
    held = OutgoingFile.objects.filter(kind=kind, business_key=business_key).first()
    if held is not None:
        if held.sha256 != digest:
            raise OutgoingConflict(
                L_DUPLICATE,
                f"業務キー「{business_key}」のファイルは別の内容で作成済です。取り下げて新しいキーで作り直してください。",
            )
        return held
    layout_name, _, edition = layout.partition("/")
    now = clock.now()
    issued = OutgoingFile(
        kind=kind,
        business_key=business_key,
        name=name,
        layout=layout,
        sha256=digest,
        size=len(content),
        record_count=record_count,
        amount_sums=dict(amount_sums or {}),
        is_number_bearing=number_bearing or _is_number_bearing(layout_name, edition),
        created_at=now,
        created_by=_actor(),
        state_changed_at=now,
    )
    folder = uuid.uuid5(uuid.NAMESPACE_OID, kind).hex[:8]
    issued.stored_path = f"issued/{folder}/{issued.id}.bin"
    storage.store(issued.stored_path, content, encrypted=issued.is_number_bearing)
    storage.store(f"{issued.stored_path}.manifest.json", manifest_bytes(outgoing_manifest(issued, content)))
    try:
        with transaction.atomic():
            issued.save(force_insert=True)
    except BaseException:
        storage.remove(issued.stored_path)
        storage.remove(f"{issued.stored_path}.manifest.json")
        raise
    return issued


def outgoing_manifest(issued: OutgoingFile, content: bytes) -> dict[str, Any]:
    """Manifest that travels with an outgoing file; it carries counts, sums and the hash, no personal item."""
    return manifest_of(
        content,
        format=issued.layout or issued.kind,
        layout_version=issued.layout.partition("/")[2],
        name=issued.name,
        business_key=issued.business_key,
        created_at=issued.created_at.isoformat(),
        record_count=issued.record_count,
        amount_sums=issued.amount_sums,
    )


@transaction.atomic
def outgoing_state_change(issued_id: uuid.UUID, state: str, *, reason: str = "") -> OutgoingFile:
    """Move an outgoing file on. StateNotAllowed for a step its state does not permit; the same state is no step."""
    issued = OutgoingFile.objects.select_for_update().get(pk=issued_id)
    if issued.state == state:
        return issued
    if state not in _NEXT[issued.state]:
        raise StateNotAllowed(
            L_DUPLICATE, f"「{issued.get_state_display()}」から「{OutgoingFile.State(state).label}」には進めません。"
        )
    issued.state, issued.state_reason, issued.state_changed_at = state, reason[:200], clock.now()
    issued.save(update_fields=["state", "state_reason", "state_changed_at"])
    return issued


def states_next(issued: OutgoingFile) -> frozenset[str]:
    """The states an outgoing file may go to from where it is."""
    return _NEXT[issued.state]


def outgoing_release(issued_id: uuid.UUID, *, approved_by: str, made_for: str) -> OutgoingFile:
    """提供の承認 by a second person. StateNotAllowed F-SAME for the one who had it made, or in any state but 作成済."""
    if approved_by == made_for:
        raise StateNotAllowed("F-SAME", "ファイルを作らせた本人は提供を承認できません。別の職員が承認してください。")
    return outgoing_state_change(issued_id, OutgoingFile.State.RELEASED, reason=f"承認 {approved_by}")

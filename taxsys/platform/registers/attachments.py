"""添付: checked, kept encrypted with its hash, and given out only as a download."""

import uuid
from typing import Any

from django.db import transaction

from taxsys.platform.files import storage
from taxsys.platform.registers.access import entitled_check
from taxsys.platform.registers.contents import content_check
from taxsys.platform.registers.errors import StepRefused, ValueRefused
from taxsys.platform.registers.models import RegisterRow, RowAttachment
from taxsys.platform.registers.registry import kind_get
from taxsys.platform.staff.models import Staff

DEFAULT_KINDS = ("pdf", "png", "jpeg", "xlsx", "docx", "csv", "txt")


def attachment_add(row_id: Any, *, role: str, name: str, content: bytes, actor: Staff) -> RowAttachment:
    """添付する; the same bytes in the same role stand once.

    Raises NotYours, StepRefused, ValueRefused, ContentRefused.
    """
    row = RegisterRow.objects.get(pk=row_id)
    kind = kind_get(row.kind)
    entitled_check(actor, row)
    if row.is_closed:
        raise StepRefused(("完了した行には添付できません。完了を取り消してから添付してください。",))
    paper = next((one for one in kind.papers if one.code == role), None)
    if paper is None and role != "other":
        raise ValueRefused("添付の種類を選んでください。", field="role")
    checked = content_check(name, content, kinds=paper.kinds if paper else DEFAULT_KINDS)
    digest = storage.sha256_of(content)
    standing = row.attachments.filter(role=role, sha256=digest).first()
    if standing is not None:
        return standing
    key = uuid.uuid4()
    path = f"registers/{key}.bin"
    storage.store(path, content, encrypted=True)
    try:
        with transaction.atomic():
            return RowAttachment.objects.create(
                id=key,
                row=row,
                role=role,
                name=checked.name,
                media_type=checked.media_type,
                extension=checked.kind,
                size=len(content),
                sha256=digest,
                path=path,
                added_by=actor,
            )
    except BaseException:
        storage.remove(path)
        raise


def attachment_bytes(attachment: RowAttachment) -> bytes:
    """The bytes; StoredFileDamaged where they are not what was kept."""
    return storage.read_stored(attachment.path, sha256=attachment.sha256, encrypted=True)

"""紙の画像の登録・遮蔽・取消. The only place that saves scanned papers and their files.

The original as it came is kept encrypted under a name of our own and never leaves but through `original_pages`. What
is shown are the masked pages, made once from the original: the pixels under a mask are not in them.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction

from addressbook.access import number_use
from addressbook.codes import NumberPurpose
from addressbook.permissions import REVEAL_NUMBER
from addressbook.services.number_use import counted
from assessment.models import SourceDocument
from assessment.scans.errors import ScanRefused
from assessment.scans.models import ScannedPage, ScannedPaper, ScanState
from assessment.scans.selectors import owner_of
from taxsys.platform import clock
from taxsys.platform.audit.sealing import seals_require_current
from taxsys.platform.audit.services import access_record
from taxsys.platform.files import pictures, storage
from taxsys.platform.files.pictures import Mask, PictureRefused
from taxsys.platform.search.services import holds_my_number
from taxsys.platform.staff.models import Staff


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFacts:
    """What is told of a paper: its owner (a party or a source document), kind, day and 受付番号."""

    kind: str
    arrived_on: date
    reception_no: str = ""
    party_id: uuid.UUID | None = None
    document_id: int | None = None


def scan_register(content: bytes, facts: PaperFacts, *, actor: Staff) -> ScannedPaper:
    """画像を登録する: checked, sealed, waiting for its masks; the same bytes with the same owner stand once.

    Raises ScanRefused for what is no picture within the limits, or a 受付番号 that is a My Number.
    """
    if holds_my_number(facts.reception_no):
        raise ScanRefused("受付番号に個人番号と思われる数字は入力できません。", field="reception_no")
    if facts.arrived_on > clock.today():
        raise ScanRefused("受付日が業務日より後です。", field="arrived_on")
    try:
        kind = pictures.picture_kind(content)
        # Decoded once to the end: what cannot be shown later is not taken.
        pages = sum(1 for _ in pictures.picture_pages(content))
    except PictureRefused as error:
        raise ScanRefused(error.message_ja, field="file") from error
    digest = storage.sha256_of(content)
    owner = {"party_id": facts.party_id, "document_id": facts.document_id}
    standing = ScannedPaper.objects.filter(**owner, sha256=digest).exclude(state=ScanState.WITHDRAWN).first()
    if standing is not None:
        return standing
    scan = ScannedPaper(
        **owner,
        kind=facts.kind,
        arrived_on=facts.arrived_on,
        reception_no=facts.reception_no,
        page_count=pages,
        media_kind=kind,
        size=len(content),
        sha256=digest,
        registered_by=actor.staff_no,
        registered_at=clock.now(),
    )
    scan.path = f"scans/{scan.pk}/original.bin"
    storage.store(scan.path, content, encrypted=True)
    try:
        with transaction.atomic():
            scan.save(force_insert=True)
            _recorded(scan, "create")
    except IntegrityError:
        # Another window took the same paper in between the look-up and here.
        storage.remove(scan.path)
        standing = ScannedPaper.objects.filter(**owner, sha256=digest).exclude(state=ScanState.WITHDRAWN).first()
        if standing is None:
            raise
        return standing
    except BaseException:
        storage.remove(scan.path)
        raise
    return scan


def scan_mask(scan_id: uuid.UUID, masks: Sequence[Sequence[Mask]], *, actor: Staff) -> ScannedPaper:
    """遮蔽する: one list of masks a page; an empty list says that no number stands on it. The paper can be seen then.

    Raises ScanRefused unless the paper waits, for a page without an answer, and for a page whose own text layer holds
    a My Number but which has no mask.
    """
    scan = ScannedPaper.objects.get(pk=scan_id)
    _state_check(scan, ScanState.WAITING, "遮蔽待ちの画像ではありません。一覧を開き直してください。")
    if len(masks) != scan.page_count:
        raise ScanRefused("すべての頁について、番号の有無を答えてください。")
    content = _original(scan)
    for number, text in enumerate(pictures.page_texts(content), start=1):
        if not masks[number - 1] and any(holds_my_number(line) for line in text.splitlines()):
            raise ScanRefused(f"{number}頁に個人番号と思われる数字があります。その範囲を指定してください。")
    stored = _pages_store(scan, _pages_made(scan, masks))
    try:
        with transaction.atomic():
            scan = ScannedPaper.objects.select_for_update().get(pk=scan_id)
            _state_check(scan, ScanState.WAITING, "他の職員が先に遮蔽しました。一覧を開き直してください。")
            ScannedPage.objects.bulk_create(stored)
            scan.state, scan.bears_number = ScanState.READY, any(masks)
            scan.masked_by, scan.masked_at = actor.staff_no, clock.now()
            scan.save(update_fields=("state", "bears_number", "masked_by", "masked_at"))
            _recorded(scan, "update", reason="masked")
    except BaseException:
        _pages_drop(stored)
        raise
    return scan


def scan_mask_more(scan_id: uuid.UUID, masks: Sequence[Sequence[Mask]], *, actor: Staff) -> ScannedPaper:
    """遮蔽を足す: what was overlooked is blacked out too; a mask is never taken away. Raises ScanRefused."""
    if not any(masks):
        raise ScanRefused("足す範囲を指定してください。")
    stored: list[ScannedPage] = []
    try:
        with transaction.atomic():
            scan = ScannedPaper.objects.select_for_update().get(pk=scan_id)
            _state_check(scan, ScanState.READY, "閲覧できる画像ではありません。一覧を開き直してください。")
            standing = list(scan.pages.all())
            if len(masks) != len(standing):
                raise ScanRefused("頁の数が合いません。画面を開き直してください。")
            whole = [[*(Mask(*one) for one in page.masks), *more] for page, more in zip(standing, masks, strict=True)]
            stored = _pages_store(scan, _pages_made(scan, whole))
            _pages_exchange(standing, stored)
            scan.bears_number, scan.masked_by, scan.masked_at = True, actor.staff_no, clock.now()
            scan.save(update_fields=("bears_number", "masked_by", "masked_at"))
            _recorded(scan, "update", reason="masked_more")
    except BaseException:
        _pages_drop(stored)
        raise
    return scan


@transaction.atomic
def scan_withdraw(scan_id: uuid.UUID, *, reason: str, actor: Staff) -> ScannedPaper:
    """取り消す: a paper registered with the wrong owner or twice; nobody sees it any more until its erasure.

    Raises ScanRefused without a reason, or where it is withdrawn already.
    """
    scan = ScannedPaper.objects.select_for_update().get(pk=scan_id)
    if scan.state == ScanState.WITHDRAWN:
        raise ScanRefused("すでに取り消されています。")
    text = reason.strip()
    if not text or holds_my_number(text):
        raise ScanRefused("取消の理由を入力してください（番号は書けません）。", field="reason")
    scan.state, scan.withdrawn_by, scan.withdrawn_reason = ScanState.WITHDRAWN, actor.staff_no, text[:200]
    scan.save(update_fields=("state", "withdrawn_by", "withdrawn_reason"))
    _recorded(scan, "delete")
    return scan


def page_bytes(page: ScannedPage) -> bytes:
    """A masked page as JPEG; StoredFileDamaged where it is not what was kept."""
    return storage.read_stored(page.path, sha256=page.sha256, encrypted=True)


def original_page(scan: ScannedPaper, page_no: int) -> bytes | None:
    """One page of the sealed original as JPEG, None beyond the last; for those who mask and those who reveal."""
    for number, image in enumerate(pictures.picture_pages(_original(scan)), start=1):
        if number == page_no:
            return pictures.jpeg_of(image)
    return None


def original_reveal(scan: ScannedPaper, *, staff: Staff, purpose: NumberPurpose) -> None:
    """原本を開く: counted, limited and recorded as a number shown on the screen (N-024).

    Raises Refused R429-NUMBER at the limit, PartyAccessDenied without the right, SealsLate while the log is not sealed.
    """
    with counted(staff), number_use(REVEAL_NUMBER, purpose=purpose.label, staff=staff):
        seals_require_current()
        owner = owner_of(scan)
        access_record(
            action="reveal_number", subjects=[str(owner)] if owner else [], record_type="vault.number",
            record_id=f"scan:{scan.pk}", reason="scan_original",
        )  # fmt: skip


def document_owner(document_id: int) -> SourceDocument | None:
    """The source document a paper is registered with."""
    return SourceDocument.objects.filter(pk=document_id).first()


def _original(scan: ScannedPaper) -> bytes:
    return storage.read_stored(scan.path, sha256=scan.sha256, encrypted=True)


def _pages_made(scan: ScannedPaper, masks: Sequence[Sequence[Mask]]) -> list[tuple[list[Mask], bytes]]:
    """Masks and bytes of every page, made anew from the original."""
    images = pictures.picture_pages(_original(scan))
    return [
        (list(rectangles), pictures.jpeg_of(pictures.masked(image, list(rectangles))))
        for image, rectangles in zip(images, masks, strict=True)
    ]


def _pages_exchange(standing: Sequence[ScannedPage], fresh: Sequence[ScannedPage]) -> None:
    """Let the pages stand for their new bytes; the old ones go once the database has kept that."""
    for page, one in zip(standing, fresh, strict=True):
        transaction.on_commit(lambda gone=page.path: storage.remove(gone))  # type: ignore[misc]
        page.masks, page.path, page.sha256 = one.masks, one.path, one.sha256
    ScannedPage.objects.bulk_update(standing, ("masks", "path", "sha256"))


def _pages_drop(pages: Sequence[ScannedPage]) -> None:
    for page in pages:
        storage.remove(page.path)


def _pages_store(scan: ScannedPaper, pages: Sequence[tuple[list[Mask], bytes]]) -> list[ScannedPage]:
    """Keep the pages' bytes, each under a name of its own; the rows are for the caller to save."""
    made: list[ScannedPage] = []
    for number, (rectangles, content) in enumerate(pages, start=1):
        path = f"scans/{scan.pk}/{uuid.uuid4()}.bin"
        storage.store(path, content, encrypted=True)
        masks = [[one.left, one.top, one.right, one.bottom] for one in rectangles]
        made.append(ScannedPage(scan=scan, page_no=number, masks=masks, path=path, sha256=storage.sha256_of(content)))
    return made


def _state_check(scan: ScannedPaper, wanted: ScanState, message_ja: str) -> None:
    if scan.state != wanted:
        raise ScanRefused(message_ja)


def _recorded(scan: ScannedPaper, action: str, *, reason: str = "") -> None:
    owner = owner_of(scan)
    access_record(
        action=action, subjects=[str(owner)] if owner else [], record_type="scan", record_id=str(scan.pk), reason=reason
    )

"""紙の画像の門: who may open which paper, before anything of it is shown (N-086, R-066)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from addressbook.card import card_context
from addressbook.permissions import REVEAL_PROTECTED
from assessment.permissions import VIEW_SOURCES
from assessment.scans.models import ScannedPaper, ScanState
from assessment.scans.selectors import hidden_scans, owner_of, scan_get
from taxsys.platform.audit.services import access_record
from taxsys.platform.files.errors import StoredFileDamaged
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import has_permission, step_up_is_fresh

_HIDDEN_JA = (
    "支援措置対象者の住所が写っている画像です（または、対象者の資料かもしれない画像です）。"
    "表示できるのは「支援措置対象者の住所の表示」の権限のある職員だけです。"
)
LEVELS = {ScanState.WAITING: "caution", ScanState.READY: "done", ScanState.WITHDRAWN: "neutral"}


def scan_found(scan_id: UUID, *, states: tuple[ScanState, ...] = tuple(ScanState)) -> ScannedPaper:
    """The paper, in one of these states. Raises Refused R404."""
    scan = scan_get(scan_id)
    if scan is None or scan.state not in states:
        raise Refused("R404", reason="not_found")
    return scan


def subjects_of(scan: ScannedPaper) -> list[str]:
    """Whose record an event about the paper is."""
    owner = owner_of(scan)
    return [str(owner)] if owner else []


def protected_check(request: HttpRequest, scan: ScannedPaper) -> str:
    """The door of a picture that may show a protected address: the reason for the event ("protected_address" or "").

    Raises Refused R403 without the right, R401-STEPUP without a fresh second factor.
    """
    if scan.pk not in hidden_scans([scan]):
        return ""
    if not has_permission(request.user, REVEAL_PROTECTED):
        access_record(
            action="denied", result="denied", subjects=subjects_of(scan), record_type="scan", record_id=str(scan.pk),
            reason="protected",
        )  # fmt: skip
        raise Refused("R403", _HIDDEN_JA, reason="protected")
    if not step_up_is_fresh(request):
        raise Refused("R401-STEPUP", reason="step_up")
    return "protected_address"


def page_values(request: HttpRequest, scan: ScannedPaper) -> dict[str, Any]:
    """The card around the paper where its party is known, and what every page about it shows."""
    owner = owner_of(scan)
    values = card_context(request, owner, "scans") if owner else {}
    return values | {"scan": scan, "level": LEVELS[ScanState(scan.state)]}


def rows_of(scans: Sequence[ScannedPaper], staff: Any) -> list[dict[str, Any]]:
    """Rows of a list of papers: state, owner by 宛名番号, whether a protected address may be on it."""
    hidden = hidden_scans(scans)
    may_open = has_permission(staff, REVEAL_PROTECTED)
    return [
        {
            "scan": one,
            "level": LEVELS[ScanState(one.state)],
            "party": one.party or (one.document.party if one.document else None),
            "is_hidden": one.pk in hidden,
            "may_open": one.state == ScanState.READY and (one.pk not in hidden or may_open),
        }
        for one in scans
    ]


def may_see_sources(staff: Any) -> bool:
    """Whether a link to the source document leads anywhere for this officer."""
    return has_permission(staff, VIEW_SOURCES)


@contextmanager
def stored_faults(scan: ScannedPaper) -> Iterator[None]:
    """A kept file that is missing, changed or sealed by another key: recorded, told in plain words, nothing shown."""
    try:
        yield
    except StoredFileDamaged as error:
        access_record(
            action="denied", result="failed", subjects=subjects_of(scan), record_type="scan", record_id=str(scan.pk),
            reason=error.code,
        )  # fmt: skip
        raise Refused("R503", error.message_ja, reason=error.code) from None


def picture(content: bytes) -> HttpResponse:
    """A page as the browser draws it; the views say that it is never kept."""
    response = HttpResponse(content, content_type="image/jpeg")
    response["Content-Disposition"] = "inline"
    return response

"""受領・提供ファイルの照会 (reads of the files desk)."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from taxsys.platform.files import layouts
from taxsys.platform.files.models import LineError, OutgoingFile, ReceivedFile
from taxsys.platform.files.payloads.spreadsheet import table_csv
from taxsys.platform.files.profiles import profiles

_STANDING = (ReceivedFile.State.QUARANTINED, ReceivedFile.State.PARTLY_APPLIED)
RESULT_HEADER = ("line_no", "key", "status", "code", "field", "message")
_STATUS = {LineError.Severity.ERROR: "error", LineError.Severity.WARNING: "warn"}


def received_files(*, state: str = "", format_name: str = "") -> QuerySet[ReceivedFile]:
    """Received files, newest first, optionally of one state and one layout."""
    found = ReceivedFile.objects.order_by("-received_at", "name")
    if state:
        found = found.filter(state=state)
    return found.filter(format=format_name) if format_name else found


def issued_files(*, state: str = "") -> QuerySet[OutgoingFile]:
    """Outgoing files, newest first."""
    found = OutgoingFile.objects.order_by("-created_at", "name")
    return found.filter(state=state) if state else found


def standing_count(_staff: Any) -> int:
    """Files that somebody has to look at: refused whole, or with lines set aside that are not settled."""
    refused = ReceivedFile.objects.filter(state=ReceivedFile.State.QUARANTINED)
    partly = ReceivedFile.objects.filter(
        state=ReceivedFile.State.PARTLY_APPLIED, line_errors__is_resolved=False, line_errors__severity="error"
    ).distinct()
    return refused.count() + partly.count()


def layout_title(format_name: str) -> str:
    """Japanese title of a layout's newest edition or of a division's profile, or the name itself."""
    if format_name in layouts.names():
        return layouts.get(format_name).title
    return next(
        (f"{one.unit_name} {one.title_ja}" for one in profiles().values() if one.format == format_name), format_name
    )


def result_file(received: ReceivedFile) -> bytes:
    """結果ファイル NAME.result.csv (formats §0.1): one line per finding, or one that refuses the whole file."""
    return table_csv(RESULT_HEADER, _result_rows(received), is_marked=False)


def _result_rows(received: ReceivedFile) -> Iterator[tuple[Any, ...]]:
    if received.refusal_code:
        yield (0, "", "error", received.refusal_code, "", received.refusal_message)
    for row in received.line_errors.order_by("line_no", "id").iterator():
        yield (row.line_no, "", _STATUS[LineError.Severity(row.severity)], row.code, row.field, row.message_ja)

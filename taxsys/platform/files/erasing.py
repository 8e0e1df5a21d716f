"""内容の消去 (erasing the content of a received file once it has served): the receipt stays, the bytes go.

For files whose content may not outlive its use (N-055, N-057). The row is marked first, in the transaction of the work;
the bytes go when that has committed, and `contents_sweep` takes away what a crash in between has left.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction

from taxsys.platform import clock
from taxsys.platform.files import storage
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.parsing import parsed_forget

_DONE = (ReceivedFile.State.APPLIED, ReceivedFile.State.PARTLY_APPLIED)


def content_erase(received: ReceivedFile) -> None:
    """Erase the content of a file; erased already is erased."""
    with transaction.atomic():
        ReceivedFile.objects.filter(pk=received.pk, content_erased_at__isnull=True).update(
            content_erased_at=clock.now()
        )
        path = received.stored_path
        transaction.on_commit(lambda: storage.remove(path))
    parsed_forget()


def contents_sweep(format_name: str, *, received_before: date) -> int:
    """消し残しの消去: files of a layout that were used, or came before the day; how many were erased now."""
    erased = 0
    for received in ReceivedFile.objects.filter(format=format_name).order_by("received_at", "name"):
        if received.content_erased_at is not None:
            storage.remove(received.stored_path)
        elif received.state in _DONE or received.received_on < received_before:
            content_erase(received)
            erased += 1
    return erased

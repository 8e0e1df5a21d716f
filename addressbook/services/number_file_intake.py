"""番号を含むファイルの取込み: a received file whose numbers come into use is entered for approval (R-207)."""

from django.conf import settings
from django.db import transaction

from addressbook.errors import NumberFileClosed
from addressbook.models import NumberFile
from addressbook.number_codes import NumberFileState
from addressbook.number_sources import FEED
from taxsys.platform import clock
from taxsys.platform.files.models import ReceivedFile


@transaction.atomic
def number_file_take(received: ReceivedFile, count: int) -> None:
    """Enter the file for approval before `count` of its numbers are stored; entered already is entered.

    Numbers that come after the sample was drawn put the file back to 未承認: a verdict covers what was seen. Changes of
    the resident register as they happen (small files of the feed) need none. Raises NumberFileClosed for a refused one.
    """
    if not count:
        return
    standing = NumberFile.objects.filter(pk=received.pk).first()
    if standing is None:
        is_automatic = received.format == FEED and received.record_count < settings.TAXSYS_NUMBER_FILE_FEED_FROM
        state = NumberFileState.AUTOMATIC if is_automatic else NumberFileState.UNAPPROVED
        now = clock.now()
        NumberFile.objects.bulk_create(
            [
                NumberFile(
                    file=received,
                    sha256=received.sha256,
                    state=state,
                    opened_at=now,
                    settled_at=now if is_automatic else None,
                )
            ],
            ignore_conflicts=True,
        )
    elif standing.state == NumberFileState.REFUSED:
        raise NumberFileClosed("このファイルの番号は否認されています。送付元に正しいファイルの再送を依頼してください。")
    elif standing.drawn_by and standing.state != NumberFileState.AUTOMATIC:
        NumberFile.objects.filter(pk=received.pk).update(
            state=NumberFileState.UNAPPROVED, seed="", sample=[], drawn_by="", drawn_at=None, checked_by="",
            settled_at=None,
        )  # fmt: skip

"""A received file as its records, parsed once per worker process although the chunks of a run ask for it again and
again: the newest parse is kept, and only that one.
"""

from functools import lru_cache

from taxsys.platform.files import layouts
from taxsys.platform.files.addressee import own_records
from taxsys.platform.files.codec.parsed import Parsed
from taxsys.platform.files.models import ReceivedFile


def file_parsed(received: ReceivedFile) -> Parsed:
    """The file by its layout and edition; not to be changed by the caller. Raises FileRefused."""
    return _parsed(str(received.pk), received.sha256, received.format, received.edition or "")


@lru_cache(maxsize=1)
def _parsed(file_id: str, _sha256: str, layout: str, edition: str) -> Parsed:
    table = layouts.get(layout, edition or None)
    return own_records(table, table.parse(ReceivedFile.objects.get(pk=file_id).open_bytes()))


def parsed_forget() -> None:
    """Let go of the newest parse: its file's content has been erased."""
    _parsed.cache_clear()

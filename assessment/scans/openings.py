"""開いた画像: a purpose stated for one paper opens its pages in this sitting for a while, and no other paper.

Kept in the session: which paper (its random id), until when, with the original or without. Nobody else's session, and
nobody who copies the address of a page, gets anything.
"""

from typing import Literal
from uuid import UUID

from django.http import HttpRequest

from taxsys.platform import clock

KEY = "scan_openings"
Way = Literal["masked", "original"]
MASKED_SECONDS = 10 * 60
_KEPT = 20


def open_pages(request: HttpRequest, scan_id: UUID, way: Way, *, seconds: int) -> None:
    """The pages of this paper may be fetched in this sitting for so long."""
    now = clock.now().timestamp()
    standing = {key: until for key, until in request.session.get(KEY, {}).items() if until > now}
    standing[_key(scan_id, way)] = int(now) + seconds
    request.session[KEY] = dict(list(standing.items())[-_KEPT:])


def is_open(request: HttpRequest, scan_id: UUID, way: Way) -> bool:
    """Whether a purpose was stated for this paper a short while ago."""
    until = request.session.get(KEY, {}).get(_key(scan_id, way), 0)
    return bool(clock.now().timestamp() <= until)


def _key(scan_id: UUID, way: Way) -> str:
    return f"{way}:{scan_id}"

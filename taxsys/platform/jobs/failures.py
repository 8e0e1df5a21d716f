"""Which failures pass by themselves, which pause the run, which belong to the data; and how they are told."""

from __future__ import annotations

import errno
import traceback
from pathlib import Path
from typing import Literal

import psycopg
from django.conf import settings
from django.db import InterfaceError, OperationalError

from taxsys.platform.jobs.errors import RunPaused

Verdict = Literal["transient", "pause", "data"]

# serialization failure, deadlock, lock not available, statement cancelled, server shutting down or starting
TRANSIENT_STATES = frozenset({"40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "25P03", "25P04"})
PAUSE_STATES = frozenset({"53000", "53100", "53200", "53300", "53400", "58030"})  # no disk, memory, connections; I/O
PAUSE_ERRNO = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.EIO})


def sqlstate_of(error: BaseException) -> str:
    """SQLSTATE of a database error, through Django's wrapper; "" where there is none (a lost connection)."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, psycopg.Error) and cause.sqlstate:
            return cause.sqlstate
        cause = cause.__cause__
    return ""


def verdict(error: BaseException) -> Verdict:
    """What to do about a failed chunk: try again at once, pause the run, or isolate the data."""
    if isinstance(error, RunPaused):
        return "pause"
    if isinstance(error, OSError) and error.errno in PAUSE_ERRNO:
        return "pause"
    if getattr(error, "is_retryable", False) is True:  # said by the duty itself: a key store that does not answer
        return "transient"
    state = sqlstate_of(error)
    if state in PAUSE_STATES:
        return "pause"
    if state in TRANSIENT_STATES or state.startswith("08"):
        return "transient"
    if isinstance(error, OperationalError | InterfaceError) and not state:
        return "transient"
    return "data"


def code_of(error: BaseException) -> str:
    """Short code for the work list: the error's own `code`, its SQLSTATE, or its class."""
    code = getattr(error, "code", None)
    if isinstance(code, str) and code:
        return code[:60]
    return (sqlstate_of(error) or type(error).__name__)[:60]


def describe(error: BaseException) -> str:
    """What the operator may read of an error: a house text as it is; of anything else only class and place, since
    the message of a database or library error may carry a person's data.
    """
    message = getattr(error, "message_ja", None)
    if isinstance(message, str):
        return f"{code_of(error)} {message}"[:500]
    return f"{code_of(error)} {type(error).__name__} ({_place(error)})"[:500]


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    base = Path(settings.BASE_DIR)
    house = [f for f in frames if Path(f.filename).is_relative_to(base) and ".venv" not in f.filename]
    own = Path(__file__).parent
    last = next((f for f in reversed(house) if not Path(f.filename).is_relative_to(own)), None)
    frame = last or next(iter([*frames, *house][-1:]), None)
    if frame is None:
        return "?"
    path = Path(frame.filename)
    shown = path.relative_to(base) if path.is_relative_to(base) else path.name
    return f"{shown}:{frame.lineno}"

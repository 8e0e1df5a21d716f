"""Dying in the middle: the n-th statement of an act is its last, all after it fail too, as in a dead process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

_UNDO = ("ROLLBACK TO SAVEPOINT", "RELEASE SAVEPOINT", "SAVEPOINT")


class Crash(BaseException):
    """The process has died. No handler of errors may catch it."""


@contextmanager
def dying_at(statement: int) -> Iterator[list[int]]:
    """Die at the given statement of this connection; the list counts what was executed."""
    count = [0]
    dead = [False]

    def execute(run: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if dead[0] and str(sql).startswith(_UNDO):
            return run(sql, params, many, context)
        count[0] += 1
        if dead[0] or count[0] == statement:
            dead[0] = True
            raise Crash
        return run(sql, params, many, context)

    with connection.execute_wrapper(execute):
        yield count

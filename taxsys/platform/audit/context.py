"""アクセス文脈: who acts, from where, for which function; carried by a context variable, never by arguments."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["staff", "job", "client", "system"]


class AuditContextMissing(RuntimeError):
    """Something wanted to read or write under record, but nobody said who acts."""


@dataclass(frozen=True, kw_only=True)
class AccessContext:
    """誰が・どこで・どの機能で・何の根拠で.

    `actor_id` is the staff number, the job run id, the client's system code or a command name; never a person's name.
    """

    actor_kind: ActorKind
    actor_id: str
    unit_code: str = ""
    terminal: str = ""
    function_id: str = ""
    legal_base: str = ""
    purpose: str = ""
    request_id: str = ""
    address: str = ""


_current: ContextVar[AccessContext | None] = ContextVar("taxsys_access_context", default=None)


def current() -> AccessContext:
    """The access context in force; raises AuditContextMissing."""
    context = _current.get()
    if context is None:
        raise AuditContextMissing("アクセス文脈がありません（誰の操作か特定できないため処理を止めました）")
    return context


def current_or_none() -> AccessContext | None:
    """The access context in force, or None."""
    return _current.get()


def become(context: AccessContext) -> None:
    """Act as this context until the enclosing `scope()` ends; for the request machinery only."""
    _current.set(context)


@contextmanager
def scope() -> Iterator[None]:
    """A block without an access context of its own; whatever is set inside is forgotten at its end."""
    token = _current.set(None)
    try:
        yield
    finally:
        _current.reset(token)


def request_id() -> str | None:
    """The request id in force, for the change log (django-auditlog's correlation id)."""
    context = _current.get()
    return (context.request_id or None) if context else None


@contextmanager
def using(context: AccessContext) -> Iterator[AccessContext]:
    """Act as this context inside the block."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)

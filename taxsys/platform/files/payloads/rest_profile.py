"""標準仕様の REST: scopes and how an answer is taken."""

import re
from dataclasses import dataclass

_ERRORS = {"E0001": "missing", "E0002": "character", "E0003": "length", "E0004": "relation"}


class ScopeProblem(ValueError):
    """A text that is no scope."""


@dataclass(frozen=True)
class Scope:
    """業務ID・資源・操作."""

    business_id: str
    resource: str
    operation: str


def parse_scope(text: str) -> Scope:
    """Parts of `business:resource:Operation`. ScopeProblem on anything else."""
    found = re.fullmatch(r"([0-9]{3}):([A-Za-z0-9_./-]+):([A-Za-z]+)", text)
    if not found:
        raise ScopeProblem("スコープは「業務ID3桁:資源:操作」の形です。")
    return Scope(*found.groups())


def classify(status: int, code: str = "") -> str:
    """ok, caller_error[:reason], auth, or retry; the body of a 5xx may be anything and is not read."""
    if 200 <= status < 300:
        return "ok"
    if status in {401, 403}:
        return "auth"
    if status >= 500 or status in {408, 429}:
        return "retry"
    return f"caller_error:{_ERRORS[code]}" if code in _ERRORS else "caller_error"

"""How a job is declared: once, beside the duty it belongs to, as a `Job` in that app's `jobs.py`."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from taxsys.platform.jobs.errors import JobRefused

if TYPE_CHECKING:
    from taxsys.platform.jobs.context import JobContext
    from taxsys.platform.jobs.models import JobRun
    from taxsys.platform.staff.catalogue import Permission

Payload = dict[str, Any]
Counts = Mapping[str, int]
ParamValue = int | str | date | None
ParamKind = Literal["int", "date", "str", "choice"]

JOB_ID = re.compile(r"B-[A-Z0-9]+(-[A-Z0-9]+)*")
DEADLINE = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of a job. `choices` are (value, Japanese label) pairs or plain values."""

    name: str
    kind: ParamKind
    choices: tuple[str | tuple[str, str], ...] = ()
    name_ja: str = ""
    required: bool = True
    default: ParamValue = None

    @property
    def title_ja(self) -> str:
        """The Japanese name, or the key where none is given."""
        return self.name_ja or self.name

    def options(self) -> tuple[tuple[str, str], ...]:
        """The choices as (value, label)."""
        return tuple((c, c) if isinstance(c, str) else c for c in self.choices)

    def parse(self, raw: object) -> ParamValue:
        """The typed value of what was entered. Raises JobRefused J-PARAM on anything else."""
        if raw is None or raw == "":
            if self.default is not None:
                return self.parse(self.default)
            if self.required:
                raise JobRefused("J-PARAM", f"「{self.title_ja}」({self.name})を指定してください。")
            return None
        if self.kind == "int":
            return self._int(raw)
        if self.kind == "date":
            return self._date(raw)
        text = str(raw)
        if self.kind == "choice" and text not in {value for value, _ in self.options()}:
            allowed = "・".join(value for value, _ in self.options())
            raise JobRefused("J-PARAM", f"「{self.title_ja}」({self.name})は {allowed} から選んでください: {text}")
        return text

    def _int(self, raw: object) -> int:
        if isinstance(raw, int) and not isinstance(raw, bool):
            return raw
        text = str(raw)
        if not re.fullmatch(r"-?[0-9]{1,18}", text):
            raise JobRefused("J-PARAM", f"「{self.title_ja}」({self.name})は半角の整数で指定してください: {text}")
        return int(text)

    def _date(self, raw: object) -> date:
        if isinstance(raw, date):
            return raw
        try:
            return date.fromisoformat(str(raw))
        except ValueError:
            message = f"「{self.title_ja}」({self.name})は 2026-05-31 の形で指定してください: {raw}"
            raise JobRefused("J-PARAM", message) from None


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a run. `plan` cuts the work into JSON payloads (called once, when the stage before is all done);
    `step` does one of them. Step, its counts and the "chunk done" mark commit in one transaction, so a step never
    commits by itself and must not touch anything outside the database except through `ctx.output`.
    `split` names the smaller payloads of a failing one (empty or one element: it cannot be cut further).
    """

    name_ja: str
    plan: Callable[[JobContext], Iterable[Payload]]
    step: Callable[[JobContext, Payload], Counts | None]
    split: Callable[[Payload], Sequence[Payload]] | None = None
    must_succeed: bool = False  # one failing chunk fails the run instead of going to the work list


@dataclass(frozen=True, slots=True)
class Release:
    """What happens when a second person lets the outputs go: chunked `stages` first, `on_release` last.

    `refuse(run)` answers in Japanese why the duty does not let this run go yet (open work, say), "" when it may.
    """

    permission: Permission | str
    on_release: Callable[[JobContext], None] | None = None
    stages: tuple[Stage, ...] = ()
    refuse: Callable[[JobRun], str] | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """Requirement: a run of `job_id` is finished (or `released=True`: let go) with the same values of `same`."""

    job_id: str
    same: str | tuple[str, ...] = ()
    released: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters that must agree."""
        return (self.same,) if isinstance(self.same, str) else self.same


@dataclass(frozen=True, slots=True)
class GateResult:
    """Answer of one population check; `guards` names the invariant, incident or article it stands for."""

    id: str
    title_ja: str
    ok: bool
    count: int = 0
    detail_ja: str = ""
    guards: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A batch job (バッチ). Console, CLI, timetable and operations manual are generated from this."""

    id: str
    name_ja: str
    app: str
    scope: str  # format string over the parameters: one live run per scope
    stages: tuple[Stage, ...]
    permission: Permission | str
    params: tuple[Param, ...] = ()
    finish: Callable[[JobContext], None] | None = None
    gates: tuple[Callable[[JobContext], Iterable[GateResult]], ...] = ()
    release: Release | None = None
    requires: tuple[Done, ...] = ()
    approval: Permission | str | None = None  # a second person's right to let the run start; None: no such step
    trial: Callable[[Mapping[str, ParamValue]], bool] | None = None  # a trial's outputs are never released
    calendar: str = ""  # see taxsys.platform.jobs.schedule; "" = only on request
    scheduled_params: Callable[[date], Mapping[str, ParamValue]] | None = None
    deadline: str = ""  # "06:00"
    retry: tuple[float, ...] = (1.0, 5.0, 20.0)  # seconds between the attempts at a chunk after a transient error
    workers: int = 8  # most workers that share one run
    isolated_limit: int = 0  # isolated chunks up to which the run may still be released
    legal_base: str = ""
    description_ja: str = ""
    recovery_ja: str = ""  # what the operator does when it stops
    keys: frozenset[str] = field(init=False, default=frozenset())

    def __post_init__(self) -> None:
        names = [p.name for p in self.params]
        problems = []
        if not JOB_ID.fullmatch(self.id):
            problems.append("id must look like B-PI-13")
        if len(set(names)) != len(names):
            problems.append("parameter named twice")
        if unknown := scope_fields(self.scope) - set(names):
            problems.append(f"scope uses unknown parameters {sorted(unknown)}")
        if not self.stages:
            problems.append("no stage")
        if self.deadline and not DEADLINE.fullmatch(self.deadline):
            problems.append("deadline must be HH:MM")
        for done in self.requires:
            if missing := set(done.names) - set(names):
                problems.append(f"requires {done.job_id} by unknown parameters {sorted(missing)}")
        if problems:
            raise ValueError(f"{self.id}: {'; '.join(problems)}")
        object.__setattr__(self, "keys", frozenset(names))

    def parse(self, raw: Mapping[str, object]) -> dict[str, ParamValue]:
        """Typed parameters of a run. Raises JobRefused J-PARAM on an unknown, missing or ill-formed one."""
        if unknown := sorted(set(raw) - self.keys):
            known = "・".join(p.name for p in self.params) or "なし"
            raise JobRefused("J-PARAM", f"知らない引数です: {'・'.join(unknown)}(使えるもの: {known})")
        return {p.name: p.parse(raw.get(p.name)) for p in self.params}

    def scope_of(self, params: Mapping[str, ParamValue]) -> str:
        """The scope in which only one run may live."""
        return self.scope.format(**params)

    def is_trial(self, params: Mapping[str, ParamValue]) -> bool:
        """Whether a run with these parameters is a trial (試算), whose outputs are never released."""
        return bool(self.trial and self.trial(params))


def scope_fields(scope: str) -> set[str]:
    """Names of the parameters a scope format string uses."""
    return {name for _, name, _, _ in string.Formatter().parse(scope) if name}

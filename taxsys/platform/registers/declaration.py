"""台帳の宣言: what a kind of register is — fields, steps, deadlines, papers, closing rules, rights, retention.

List, entry, detail, search, export, statistics, reminders and the second person all follow from this declaration.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from taxsys.platform.registers.permissions import Family

FieldType = Literal["text", "long", "date", "yen", "count", "choice", "flag", "checklist", "link", "row", "staff"]
Values = Mapping[str, Any]
ANSWERS = (("yes", "適"), ("no", "否"), ("na", "該当なし"))
OPEN, CLOSED = "open", "closed"
_CODE = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class Item:
    """チェック項目: its code, words and ground."""

    code: str
    title_ja: str
    ground_ja: str = ""


@dataclass(frozen=True, kw_only=True)
class Field:
    """項目. `links_to`: the kind of a `row` field, or the name of a registered link (`party`) of a `link` field.

    `step`: asked for by that step alone, never on the entry form. `computed` values are the services' own.
    """

    name: str
    title_ja: str
    type: FieldType = "text"
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    items: Callable[[], Sequence[Item]] | None = None
    links_to: str = ""
    help_ja: str = ""
    unit_ja: str = ""
    max_length: int = 200
    step: str = ""
    initial: Any = None
    computed: bool = False
    is_personal: bool = False  # a name, a contact: left out of exports without the reason for them


@dataclass(frozen=True, kw_only=True)
class Paper:
    """添付の役割: what is attached as what."""

    code: str
    title_ja: str
    kinds: tuple[str, ...] = ("pdf", "png", "jpeg", "xlsx", "docx", "csv", "txt")


@dataclass(frozen=True, kw_only=True)
class Act:
    """What somebody did to a row: the step, the person behind the account, the day."""

    step: str
    person_key: str
    on: date


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The row as the closing rules see it."""

    values: Values
    papers: frozenset[str]
    acts: tuple[Act, ...]
    opened_on: date
    today: date
    linked: Mapping[str, Values] = field(default_factory=dict)  # `row` field → values and `_state` of that row

    def did(self, step: str) -> bool:
        """Whether the step has been done."""
        return any(act.step == step for act in self.acts)


Check = Callable[[Facts], str]  # "" or, in Japanese, what is missing


@dataclass(frozen=True, kw_only=True)
class Step:
    """手続. `second_person`: takes effect only by approval. `apart_from`: steps whose person may
    neither do nor approve this one; `not_by`: `staff` fields whose person may not."""

    code: str
    title_ja: str
    from_states: tuple[str, ...] = (OPEN,)
    to_state: str = ""
    fields: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    by: Literal["enter", "close"] = "enter"
    second_person: bool = False
    apart_from: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    help_ja: str = ""
    # What the services add to the values when it is done: (values, on) → changed values.
    computes: Callable[[Values, date], Values] | None = None
    # What else happens with it, in the same transaction: (values, on).
    effect: Callable[[Values, date], None] | None = None


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """期限: `due(values, opened_on)` is a day or None; `done(values)` the day on which it was kept, None while open.

    `remind_days`: the name of the parameter that says how many days before it the unit is told.
    """

    code: str
    title_ja: str
    due: Callable[[Values, date], date | None]
    done: Callable[[Values], date | None]
    remind_days: str
    law: str = ""


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """定期の行: rows of kind `creates` that the yearly job opens for each row of this kind, once per fiscal year.

    `wanted(values, year)` says whether this year; `values(row_id, values, year)` what stands in them.
    """

    code: str
    creates: str
    wanted: Callable[[Values, int], bool]
    values: Callable[[str, Values, int], Values]


@dataclass(frozen=True, kw_only=True)
class Retention:
    """保存: class, and the parameter with the years after the end of the fiscal year of closing."""

    code: str
    years: str


@dataclass(frozen=True, kw_only=True)
class Kind:
    """台帳の種類."""

    code: str
    title_ja: str
    prefix: str  # before the number of a row
    family: Family
    purpose_ja: str
    title_field: str
    fields: tuple[Field, ...]
    retention: Retention
    states: tuple[tuple[str, str], ...] = ((OPEN, "処理中"), (CLOSED, "完了"))
    steps: tuple[Step, ...] = ()
    close_checks: tuple[Check, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    papers: tuple[Paper, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    yearly: bool = False  # one row per fiscal year, opened by the yearly job
    columns: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    law: str = ""
    checks: tuple[Callable[[Values], tuple[str, str] | None], ...] = ()  # over the whole form: (field, words) or None
    computes: Callable[[Values], Values] | None = None  # values that follow from others, at every entry
    statistics: tuple[str, ...] = ()  # choice fields counted by year on the page of figures

    def __post_init__(self) -> None:
        """Raise ValueError where the declaration names what it does not have."""
        names = [one.name for one in self.fields]
        states = {state for state, _ in self.states}
        steps = {step.code for step in self.steps}
        problems = [f"code {self.code}"] if not _CODE.fullmatch(self.code) else []
        problems += [f"field {name} twice" for name in names if names.count(name) > 1]
        asked = [name for step in self.steps for name in (*step.fields, *step.required, *step.not_by)]
        asked += [*self.columns, *self.filters, *self.statistics, self.title_field]
        problems += [f"unknown field {name}" for name in asked if name not in names]
        problems += [
            f"field {one.name} of unknown step {one.step}" for one in self.fields if one.step and one.step not in steps
        ]
        for step in self.steps:
            wanted = {*step.from_states, *([step.to_state] if step.to_state else [])}
            problems += [f"unknown state {state}" for state in sorted(wanted - states)]
        if not {OPEN, CLOSED} <= states:
            problems.append("states open and closed")
        if problems:
            raise ValueError(f"{self.code}: {'; '.join(problems)}")

    def field(self, name: str) -> Field:
        """The field of this name; raises KeyError."""
        return next(one for one in self.fields if one.name == name) if name in self.names else _missing(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all fields."""
        return tuple(one.name for one in self.fields)

    @property
    def entry_fields(self) -> tuple[Field, ...]:
        """Fields of the entry form."""
        return tuple(one for one in self.fields if not one.step and not one.computed)

    @property
    def close_step(self) -> Step:
        """The step that closes a row: the declared one, else 完了."""
        declared = next((step for step in self.steps if step.to_state == CLOSED), None)
        states = tuple(state for state, _ in self.states if state != CLOSED)
        return declared or Step(code="close", title_ja="完了", from_states=states, to_state=CLOSED, by="close")

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """The declared steps and closing."""
        close = self.close_step
        return self.steps if close in self.steps else (*self.steps, close)

    def step(self, code: str) -> Step | None:
        """The step of this code."""
        return next((step for step in self.all_steps if step.code == code), None)

    def state_ja(self, state: str) -> str:
        """The words of a state."""
        return dict(self.states).get(state, state)

    def paper_ja(self, code: str) -> str:
        """The words of a role of attachments."""
        return next((one.title_ja for one in self.papers if one.code == code), "その他の資料")


def _missing(name: str) -> Field:
    raise KeyError(name)

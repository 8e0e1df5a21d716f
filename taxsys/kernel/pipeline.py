"""Pipelines: rules in order, checked once at import, run in blocks over columns of any length."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol

import numpy as np

from taxsys.kernel.columns import Array, Batch, ColumnSet, block_of, rows_of
from taxsys.kernel.rules import Rule
from taxsys.kernel.sparse import any_of, zeros
from taxsys.kernel.trace import NamedValue, ParameterUse, Step
from taxsys.kernel.yen import LEVY_SCALE, FlagColumn, format_yen

BLOCK_ROWS = 8192
"""Rows per block: the columns of one block stay in the processor's cache."""


RARE_ONE_IN = 4
"""Where more than one row in so many has a rare amount, all rows are calculated together."""


class PipelineError(TypeError):
    """The rules do not form a whole: a missing input, an unused or doubled column. Raised at import."""


class Law(Protocol):
    """What a pipeline asks of a parameter set: the resolved parameter of an id."""

    def __getitem__(self, parameter_id: str) -> Any:
        """Return an object with `value`, `text`, `parameter` and `dated`."""


@dataclass(frozen=True, slots=True)
class Guard:
    """An assertion that stays on: `check` takes the named columns and is true for every sound row."""

    code: str
    message_ja: str
    inputs: tuple[str, ...]
    check: Callable[..., FlagColumn]


@dataclass(frozen=True, slots=True)
class GuardFailure:
    """A row that must not be used; it becomes a work item, the other rows stand."""

    row: int
    code: str
    message_ja: str


@dataclass(frozen=True)
class Computed:
    """Result columns of a run and the rows that a guard refused."""

    columns: Batch
    failures: tuple[GuardFailure, ...] = ()

    @property
    def failed_rows(self) -> frozenset[int]:
        """Row numbers with at least one failure."""
        return frozenset(failure.row for failure in self.failures)


@dataclass(frozen=True)
class Pipeline:
    """The rules of one tax and year. Build with `build`; the order given is the order of calculation."""

    name: str
    version: str
    rules: tuple[Rule, ...]
    source: ColumnSet
    result: ColumnSet
    guards: tuple[Guard, ...] = ()
    rare: tuple[str, ...] = ()
    _titles: Mapping[str, str] = field(default_factory=dict, repr=False)
    _upcast: frozenset[str] = frozenset()

    @classmethod
    def build(
        cls,
        name: str,
        *,
        rules: Iterable[Rule],
        source: ColumnSet,
        result: ColumnSet,
        guards: tuple[Guard, ...] = (),
        version: str = "1",
        rare: Iterable[str] = (),
    ) -> Pipeline:
        """Check the rules and freeze them. Raises PipelineError.

        `rare`: source columns of amounts that few rows have. Rows with any are calculated in blocks of their own, so
        that for the others these columns are known to be zero (`sparse.zeros`). The results are the same.

        Every input is a source column or produced by an earlier rule (so no cycle can exist); no column is produced
        twice; every produced column is read later or is a result; every result column is produced.
        """
        ordered = tuple(rules)
        titles = {column.name: column.title_ja for column in source}
        read: set[str] = set()
        for rule in ordered:
            absent = [column for column in rule.inputs if column not in titles]
            if absent:
                raise PipelineError(f"{name}: {rule.id} reads {absent} before any rule produces it")
            read.update(rule.inputs)
            for column, title in rule.outputs:
                if column in titles:
                    raise PipelineError(f"{name}: {column} is produced twice")
                titles[column] = title
        for guard in guards:
            absent = [column for column in guard.inputs if column not in titles]
            if absent:
                raise PipelineError(f"{name}: guard {guard.code} reads unknown {absent}")
        produced = {column for rule in ordered for column, _ in rule.outputs}
        idle = produced - read - set(result.names)
        if idle:
            raise PipelineError(f"{name}: {sorted(idle)} is produced and never used")
        lacking = set(result.names) - produced
        if lacking:
            raise PipelineError(f"{name}: result {sorted(lacking)} is never produced")
        idle_source = set(source.names) - read - {column for guard in guards for column in guard.inputs}
        if idle_source:
            raise PipelineError(f"{name}: source {sorted(idle_source)} is never read")
        upcast = frozenset(column.name for column in source if column.dtype == np.int32)
        return cls(name, version, ordered, source, result, guards, tuple(rare), titles, upcast)

    def compute(self, facts: Mapping[str, Array], law: Law, *, block_rows: int = BLOCK_ROWS) -> Computed:
        """Run all rules over the facts, block by block; one code path for one row and for a whole city.

        `facts` is a complete batch of the source set. Raises MissingParameterError when a legal value is not known.
        """
        bound = self._bind(law)
        rows = rows_of(facts)
        # Every row is written by its block; filling the columns before would only touch the memory twice.
        columns = {column.name: np.empty(rows, dtype=column.dtype) for column in self.result}
        failures = [GuardFailure(p.row, "FACT_RANGE", p.message_ja) for p in self.source.problems(facts)]
        apart = self._apart(facts, rows)
        run = partial(self._blocks, bound=bound, block_rows=block_rows)
        if apart.size * RARE_ONE_IN >= rows:
            failures.extend(run(facts, columns))
        else:
            nothing = dict.fromkeys(self.rare, zeros(rows)) if self.rare else {}
            is_apart = np.zeros(rows, dtype=np.bool_)
            is_apart[apart] = True
            failures.extend(failure for failure in run({**facts, **nothing}, columns) if not is_apart[failure.row])
            few = {column.name: np.empty(apart.size, dtype=column.dtype) for column in self.result}
            found = run({name: array[apart] for name, array in facts.items()}, few)
            failures.extend(replace(failure, row=int(apart[failure.row])) for failure in found)
            for name, column in columns.items():
                column[apart] = few[name]
        return Computed(columns, tuple(sorted(failures, key=lambda failure: failure.row)))

    def _apart(self, facts: Mapping[str, Array], rows: int) -> Array:
        """Rows that have any of the rare amounts."""
        if not self.rare or not rows:
            return np.zeros(0, dtype=np.intp)
        return np.flatnonzero(any_of(*(facts[name] for name in self.rare)))

    def _blocks(
        self, facts: Mapping[str, Array], columns: Batch, *, bound: tuple[dict[str, Any], ...], block_rows: int
    ) -> list[GuardFailure]:
        """All rules over the facts, block by block, into the columns; the rows that a guard refuses."""
        failures: list[GuardFailure] = []
        rows = rows_of(facts)
        for start in range(0, rows, block_rows):
            stop = min(start + block_rows, rows)
            env = self._run(block_of(facts, start, stop), bound)
            for name, column in columns.items():
                column[start:stop] = env[name]
            failures.extend(self._check(env, start))
        return failures

    def explain(self, facts: Mapping[str, Array], law: Law, row: int) -> tuple[Step, ...]:
        """The ordered steps of one row, recorded from the same run that makes its result."""
        if not 0 <= row < rows_of(facts):
            raise IndexError(row)
        steps: list[Step] = []
        self._run(block_of(facts, row, row + 1), self._bind(law), lambda *step: steps.append(self._step(law, *step)))
        return tuple(steps)

    def _bind(self, law: Law) -> tuple[dict[str, Any], ...]:
        return tuple({argument: law[key].value for argument, key in rule.uses} for rule in self.rules)

    def _run(
        self,
        block: Batch,
        bound: tuple[dict[str, Any], ...],
        record: Callable[[Rule, dict[str, Any]], None] | None = None,
    ) -> dict[str, Any]:
        env: dict[str, Any] = {
            name: array.astype(np.int64) if name in self._upcast else array for name, array in block.items()
        }
        for rule, parameters in zip(self.rules, bound, strict=True):
            values = rule(**{name: env[name] for name in rule.inputs}, **parameters)
            for (name, _), value in zip(rule.outputs, values, strict=True):
                env[name] = value
            if record is not None:
                record(rule, env)
        return env

    def _check(self, env: Mapping[str, Any], start: int) -> list[GuardFailure]:
        found = []
        for guard in self.guards:
            sound = guard.check(*(env[name] for name in guard.inputs))
            if not np.all(sound):
                for row in np.flatnonzero(~sound):
                    found.append(GuardFailure(start + int(row), guard.code, guard.message_ja))
        return found

    def _step(self, law: Law, rule: Rule, env: dict[str, Any]) -> Step:
        inputs = tuple(self._named(name, env) for name in rule.inputs)
        uses = {argument: law[key] for argument, key in rule.uses}
        titles = {item.name: item.title_ja for item in inputs}
        titles |= {argument: item.parameter.title for argument, item in uses.items()}
        worked = {item.name: f"{item.title_ja} {item.text}" for item in inputs}
        worked |= {argument: f"{item.parameter.title} {item.text}" for argument, item in uses.items()}
        results = tuple(self._named(name, env) for name, _ in rule.outputs)
        answer = "、".join(item.text for item in results)
        return Step(
            rule.id,
            rule.title_ja,
            rule.law,
            inputs,
            tuple(_use(item) for item in uses.values()),
            rule.render(titles),
            f"{rule.render(worked)} = {answer}",
            rule.rounding,
            results,
        )

    def _named(self, name: str, env: Mapping[str, Any]) -> NamedValue:
        value = env[name]
        scalar = int(np.asarray(value).reshape(-1)[0])
        return NamedValue(name, self._titles[name], scalar, display_value(name, np.asarray(value).dtype.kind, scalar))


def display_value(name: str, dtype_kind: str, value: int) -> str:
    """A column value for people, by the unit in its name: yen, 1/10,000 yen, flag, plain number."""
    if dtype_kind == "b":
        return "該当" if value else "非該当"
    if name.endswith("_yen_e4"):
        whole, part = divmod(abs(value), LEVY_SCALE)
        sign = "△" if value < 0 else ""
        return f"{sign}{whole:,}{f'.{part:04d}'.rstrip('0') if part else ''}円"
    return format_yen(value) if name.endswith("_yen") else f"{value:,}"


def _use(item: Any) -> ParameterUse:
    parameter, dated = item.parameter, item.dated
    return ParameterUse(
        parameter.id,
        parameter.title,
        item.text,
        str(dated.valid_from),
        parameter.law,
        dated.source,
        dated.mark,
        dated.status,
    )


def evaluate(rule: Rule, law: Law, **inputs: Any) -> tuple[int, ...]:
    """Apply one rule to one person: ints and bools in, ints out. For unit cases and counter helpers."""
    columns = {
        name: np.array([value], dtype=np.bool_ if isinstance(value, bool) else np.int64)
        for name, value in inputs.items()
    }
    values = rule(**columns, **{argument: law[key].value for argument, key in rule.uses})
    return tuple(int(np.asarray(value).reshape(-1)[0]) for value in values)

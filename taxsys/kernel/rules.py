"""`@rule`: a small pure function of columns and legal parameters, with its article, title, years and rounding."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from taxsys.kernel.periods import Years

_PLACE = re.compile(r"\{([a-z0-9_]+)\}")


class RuleError(TypeError):
    """A rule is declared wrongly; raised at import."""


@dataclass(frozen=True)
class Rule:
    """A declared rule. `inputs` are column names, `uses` pairs (argument, parameter id), `outputs` (column, title)."""

    id: str
    function: Callable[..., Any]
    title_ja: str
    law: str
    years: Years
    rounding: str
    formula: str
    inputs: tuple[str, ...]
    uses: tuple[tuple[str, str], ...]
    outputs: tuple[tuple[str, str], ...]

    @property
    def articles(self) -> tuple[str, ...]:
        """The articles, one by one."""
        return tuple(part.strip() for part in self.law.split("・") if part.strip())

    def __call__(self, **values: Any) -> tuple[Any, ...]:
        """Apply the function to columns and parameter values; always a tuple, one entry per output."""
        result = self.function(**values)
        return result if len(self.outputs) > 1 else (result,)

    def render(self, texts: Mapping[str, str]) -> str:
        """The formula with `{name}` replaced by the given texts."""
        return _PLACE.sub(lambda match: texts.get(match[1], match[1]), self.formula)


def rule(
    *,
    law: str,
    title: str,
    years: Years,
    formula: str,
    rounding: str = "なし",
    uses: Mapping[str, str] | None = None,
    outputs: Mapping[str, str] | None = None,
) -> Callable[[Callable[..., Any]], Rule]:
    """Declare a rule. Arguments of the function not named in `uses` are input columns.

    Without `outputs` the rule yields one column named like the function and titled `title`. `formula` names inputs and
    parameters in braces; a name that is neither is refused. Raises RuleError at import.
    """

    def declare(function: Callable[..., Any]) -> Rule:
        signature = inspect.signature(function)
        bound = dict(uses or {})
        names = []
        for parameter in signature.parameters.values():
            if parameter.kind is not inspect.Parameter.KEYWORD_ONLY or parameter.default is not inspect.Parameter.empty:
                raise RuleError(f"{function.__name__}: arguments are keyword-only and without defaults")
            names.append(parameter.name)
        if not set(bound) <= set(names):
            raise RuleError(f"{function.__name__}: parameters {sorted(set(bound) - set(names))} are not arguments")
        strangers = set(_PLACE.findall(formula)) - set(names)
        if strangers:
            raise RuleError(f"{function.__name__}: the formula names {sorted(strangers)}, which are not arguments")
        if not law or not title:
            raise RuleError(f"{function.__name__}: law and title are required")
        produced = tuple((outputs or {function.__name__: title}).items())
        module = function.__module__.rsplit(".", 1)[-1]
        inputs = tuple(name for name in names if name not in bound)
        rule_id = f"{module}.{function.__name__}"
        return Rule(rule_id, function, title, law, years, rounding, formula, inputs, tuple(bound.items()), produced)

    return declare

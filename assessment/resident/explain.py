"""計算過程の説明 (explanation of a calculation): the steps of one taxpayer as plain data for screens and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assessment.resident.rules.pipeline import explain
from taxsys.kernel.columns import Array
from taxsys.kernel.trace import Step
from taxsys.params.model import ParameterSet


@dataclass(frozen=True, slots=True)
class Explanation:
    """All steps of one person with the parameter hash they rest on."""

    steps: tuple[Step, ...]
    parameter_set_hash: str

    def step_of(self, column: str) -> Step | None:
        """The step that produced `column`, or None for a fact: the start of unfolding a figure."""
        for step in self.steps:
            if any(result.name == column for result in step.results):
                return step
        return None

    def value_of(self, column: str) -> int:
        """The value a column had. Raises KeyError for a column that no step produced."""
        step = self.step_of(column)
        if step is None:
            raise KeyError(column)
        return next(result.value for result in step.results if result.name == column)

    def text(self) -> str:
        """The calculation in Japanese, one line per step that yields or uses something other than zero."""
        lines = []
        for step in self.steps:
            if any(result.value for result in step.results):
                lines.append(f"{step.title_ja}: {step.worked_ja} 〔{step.law}〕")
        return "\n".join(lines)

    def as_dicts(self) -> list[dict[str, Any]]:
        """Steps as plain data for JSON."""
        return [step.as_dict() for step in self.steps]


def explanation(facts: Mapping[str, Array], law: ParameterSet, row: int = 0) -> Explanation:
    """Explain row `row` of a RESIDENT_FACTS batch under `law`."""
    return Explanation(explain(facts, law, row), law.hash)

"""The suites (検証事例の種類): how a case is recognised and which modules answer it.

A module answers through `run_case(case, file_meta) -> CaseOutcome`. Where several modules serve one suite, the first
that knows the case answers; what none knows is not supported.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from taxsys.kernel.conformance import CaseOutcome


class CaseRunner(Protocol):
    """What a suite's module exposes."""

    def __call__(self, case: Mapping[str, Any], file_meta: Mapping[str, Any]) -> CaseOutcome:
        """Run one case."""


@dataclass(frozen=True, slots=True)
class Suite:
    """A form of case file: `recognises` tells its cases by their keys, `modules` answer them in this order."""

    name: str
    title_ja: str
    recognises: Callable[[Mapping[str, Any]], bool]
    modules: tuple[str, ...]


SUITES: tuple[Suite, ...] = (
    Suite(
        "resident_tax",
        "個人住民税",
        lambda case: "nendo" in case and "kind" in case,
        ("assessment.resident.conformance",),
    ),
    Suite(
        "other_taxes",
        "他税目・収納",
        lambda case: "category" in case and "inputs" in case,
        ("collection.conformance", "assessment.conformance"),
    ),
    Suite(
        "formats",
        "様式・ファイル",
        lambda case: "op" in case,
        ("taxsys.platform.files.conformance",),
    ),
)


def suite_of(case: Mapping[str, Any]) -> Suite | None:
    """The suite of a case, or None when its keys fit no form."""
    return next((suite for suite in SUITES if suite.recognises(case)), None)


def runners_of(suite: Suite) -> tuple[CaseRunner, ...]:
    """The answering functions of a suite; a module that does not exist yet is left out."""
    found: list[CaseRunner] = []
    for name in suite.modules:
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not (name == error.name or name.startswith(f"{error.name}.")):
                raise
            continue
        found.append(module.run_case)
    return tuple(found)


def run_case(case: Mapping[str, Any], file_meta: Mapping[str, Any]) -> CaseOutcome:
    """Run one case of any suite."""
    name = str(case.get("id", "?"))
    suite = suite_of(case)
    if suite is None:
        return CaseOutcome.not_supported(name, "form of case")
    outcome = CaseOutcome.not_supported(name, f"suite {suite.name}")
    for runner in runners_of(suite):
        outcome = runner(case, file_meta)
        if outcome.status != "not_supported":
            return outcome
    return outcome

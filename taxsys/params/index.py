"""The law index (条文索引): article → parameters → rules → years, as data for docs/law/ and the staff screen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from taxsys.kernel.rules import Rule
from taxsys.params.loader import ParameterBook


@dataclass(frozen=True, slots=True)
class LawEntry:
    """One article with the ids of the parameters and rules that rest on it."""

    law: str
    parameters: tuple[str, ...]
    rules: tuple[str, ...]


def law_index(book: ParameterBook, rules: Iterable[Rule]) -> tuple[LawEntry, ...]:
    """Articles in text order, each with its parameters and rules."""
    parameters: dict[str, set[str]] = {}
    for parameter in book.parameters.values():
        for law in parameter.law:
            parameters.setdefault(law, set()).add(parameter.id)
    used: dict[str, set[str]] = {}
    for rule in rules:
        for law in rule.articles:
            used.setdefault(law, set()).add(rule.id)
    return tuple(
        LawEntry(law, tuple(sorted(parameters.get(law, ()))), tuple(sorted(used.get(law, ()))))
        for law in sorted(set(parameters) | set(used))
    )


def unused_parameters(book: ParameterBook, rules: Iterable[Rule]) -> tuple[str, ...]:
    """Parameter ids that no rule asks for."""
    asked = {parameter_id for rule in rules for _, parameter_id in rule.uses}
    return tuple(sorted(set(book.parameters) - asked))


def undefined_parameters(book: ParameterBook, rules: Iterable[Rule]) -> tuple[str, ...]:
    """Parameter ids that rules ask for and no file defines."""
    asked = {parameter_id for rule in rules for _, parameter_id in rule.uses}
    return tuple(sorted(asked - set(book.parameters)))

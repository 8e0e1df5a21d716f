"""検証事例の入力の語 (words of the case files): reading inputs strictly, and one person's figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import compute
from taxsys.kernel.conformance import NotSupportedError
from taxsys.params.model import ParameterSet

Inputs = Mapping[str, Any]
Figures = dict[str, Any]
SEARCH_TOP = 100_000_000
DEPENDANT_WORDS = {
    "ippan": "dependants_general",
    "tokutei": "dependants_specific",
    "rojin": "dependants_elderly",
    "dokyo_roshin": "dependants_elderly_coresident",
}
DISABILITY_WORDS = {
    "ippan": "disabled_relatives",
    "tokubetsu": "special_disabled_relatives",
    "dokyo_tokubetsu": "special_disabled_coresident_relatives",
}
SELF_WORDS: dict[str, tuple[str, int]] = {
    "hitorioya_mother": ("single_parent_code", 1),
    "hitorioya_father": ("single_parent_code", 2),
    "kafu": ("is_widow", 1),
    "kinro": ("is_working_student", 1),
    "minor": ("is_minor", 1),
    "shogai_ippan": ("disability_code", 1),
    "shogai_tokubetsu": ("disability_code", 2),
}


def mapping(value: Any) -> Mapping[str, Any]:
    """The value as an object of named parts. Raises NotSupportedError."""
    if not isinstance(value, Mapping):
        raise NotSupportedError(f"{type(value).__name__} where an object is expected")
    return value


def whole(value: Any, key: str) -> int:
    """An integer or boolean input as int; anything else is not supported."""
    if not isinstance(value, int):
        raise NotSupportedError(f"input.{key} {value!r}")
    return int(value)


def only(given: Inputs, *known: str) -> None:
    """Refuse inputs this unit does not know: a forgotten input would give a wrong figure silently."""
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise NotSupportedError(f"input.{unknown[0]}")
    for key, value in given.items():
        if isinstance(value, float):
            raise NotSupportedError(f"input.{key} {value!r}")


def word(table: Mapping[str, Any], key: str, value: Any) -> Any:
    """The meaning of a code word; an unknown one is not supported, by name."""
    if value not in table:
        raise NotSupportedError(f"input.{key} {value}")
    return table[value]


def person(law: ParameterSet, **facts: int) -> dict[str, int]:
    """All result figures of one person with the given facts."""
    columns = compute(RESIDENT_FACTS.batch(facts), law).columns
    return {name: int(column[0]) for name, column in columns.items()}


def self_facts(words: Any) -> dict[str, int]:
    """Fact columns of the words that describe the payer."""
    return dict(word(SELF_WORDS, "self", item) for item in words)

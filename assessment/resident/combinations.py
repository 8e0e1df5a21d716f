"""成り立たない組合せ (impossible combinations of facts of one person): refused before anything is calculated (pure).

Each names the item to look at. What the law itself decides (income limits, which of two deductions) is no combination.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Given = Mapping[str, Any]
_DEPENDANTS = (
    "dependants_under_16", "dependants_general", "dependants_specific", "dependants_elderly",
    "dependants_elderly_coresident",
)  # fmt: skip
_DISABLED = ("disabled_relatives", "special_disabled_relatives", "special_disabled_coresident_relatives")


@dataclass(frozen=True, slots=True)
class Combination:
    """What cannot be true of one person: `is_met` over the given values (absent = default)."""

    code: str
    field: str
    message_ja: str
    is_met: Callable[[Given], bool]


def _sum(given: Given, names: tuple[str, ...]) -> int:
    return sum(int(given.get(name, 0)) for name in names)


COMBINATIONS: tuple[Combination, ...] = (
    Combination(
        "SPOUSE_MISSING", "has_spouse",
        "配偶者の所得・年齢・国外居住があるのに、配偶者がありません(has_spouse を true にしてください)。",
        lambda given: not given.get("has_spouse", False) and bool(
            given.get("spouse_income_yen", 0) or given.get("is_spouse_elderly") or given.get("is_spouse_abroad")
        ),
    ),
    Combination(
        "SPOUSE_AND_SINGLE_PARENT", "single_parent_code",
        "配偶者のある者がひとり親になっています。どちらかを直してください(地方税法292条1項12号)。",
        lambda given: bool(given.get("has_spouse")) and int(given.get("single_parent_code", 0)) > 0,
    ),
    Combination(
        "SPOUSE_AND_WIDOW", "is_widow",
        "配偶者のある者が寡婦になっています。どちらかを直してください(地方税法292条1項11号)。",
        lambda given: bool(given.get("has_spouse")) and bool(given.get("is_widow")),
    ),
    Combination(
        "MINOR_AND_65", "is_minor",
        "未成年者が65歳以上になっています。どちらかを直してください。",
        lambda given: bool(given.get("is_minor")) and bool(given.get("is_age_65")),
    ),
    Combination(
        "DOMICILE_AND_PREMISES", "has_local_premises",
        "市内に住所がある者に、住所がない者だけの項目(家屋敷・住所地での非課税)があります。",
        lambda given: given.get("is_domiciled", True) and bool(
            given.get("has_local_premises") or given.get("is_exempt_at_domicile")
        ),
    ),
    Combination(
        "DISABLED_ABOVE_FAMILY", "disabled_relatives",
        "障害者である親族の人数が、配偶者と扶養親族の人数を超えています。",
        lambda given: _sum(given, _DISABLED) > _sum(given, _DEPENDANTS) + int(bool(given.get("has_spouse"))),
    ),
)  # fmt: skip


def impossible(given: Given) -> Iterator[Combination]:
    """Every combination of the list that the values meet, in order."""
    return (one for one in COMBINATIONS if one.is_met(given))

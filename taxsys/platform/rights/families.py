"""使用の別 (the four uses of the assessment): to which a permission belongs, by the duty that declares it (R-168)."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

# 使用1 賦課徴収, 2 収納, 3 滞納, 4 宛名特定・突合. Everything else serves the house, not a use of tax data.
FAMILIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "賦課": ("assessment",),
        "収納": ("collection",),
        "滞納": ("delinquency",),
        "宛名特定・突合": ("addressbook", "search"),
    }
)


def family_of(code: str) -> str:
    """The use of a permission code (`app.name`), or "" where it serves none of the four."""
    app = code.partition(".")[0]
    return next((name for name, duties in FAMILIES.items() if app in duties), "")


def families_of(codes: Iterable[str]) -> set[str]:
    """The uses that these permission codes open."""
    return {family for code in codes if (family := family_of(code))}

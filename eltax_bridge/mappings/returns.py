"""所得税確定申告書 (KOA020): tags of the form → content of a tax return in our words.

The leaf 特親 (ABY00253) is read as the relative's total income in yen; the official meaning of its code is not public
[P], so a city that learns it changes this one table.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from eltax_bridge.mappings import return_boxes as boxes
from eltax_bridge.mappings.reports import MappedReport
from taxsys.kernel.yen import MAX_YEN
from taxsys.platform.files.errors import E_RELATION, L_AMOUNT, FilesError

_WRITTEN = re.compile(r"[-−△▲]?[0-9]{1,15}")
_MINUS = str.maketrans("−△▲", "---")
_DIVIDEND_TAXES = ("ABI00104", "ABI00106")
_SPOUSE = {"name": "ABY00020", "number": "ABY00030", "birth": "ABY00040"}
_RELATIVE = {"name": "ABY00160", "number": "ABY00170", "relation": "ABY00180", "birth": "ABY00190"}


def national_return(values: Mapping[str, Any], index: Mapping[str, Any]) -> MappedReport:
    """One parsed form with the index line that came with it (layout `local_kokuzei_index`).

    Raises FilesError (L0104, E0004) for a box of yen that holds no amount, a negative one where the form has none, or
    one beyond what one person can have: the return is set aside with its line.
    """
    content = _amounts(values)
    content |= {ours: 1 for ours, tags in boxes.TICKS.items() if any(values.get(tag) is not None for tag in tags)}
    for code, tag in ((1, boxes.DISABLED), (2, boxes.DISABLED_SPECIAL)):
        if values.get(tag) is not None:
            content["disability_code"] = code
    if values.get(boxes.MEDICAL_KIND) == boxes.SELF_MEDICATION:
        content["chooses_self_medication"] = 1
    if values.get("ABI00010") == "2":
        content["is_ordinary_collection"] = 1
    relatives, numbers = _relatives(values)
    birth = values.get("ABA00200") or index.get("birth")
    return MappedReport(
        content=content,
        name=str(values.get("ABA00140") or index.get("name") or ""),
        name_kana=str(values.get("ABA00130") or index.get("kana") or ""),
        birth_on=birth if isinstance(birth, date) else None,
        address=str(values.get("ABA00120") or index.get("address_jan1") or ""),
        business_key=f"KOA020:{index.get('income_year')}:{index.get('payload')}"[:120],
        filing_kind="0",
        number=values.get("ABA00125") or index.get("my_number") or None,
        tax_year=int(index["income_year"]) + 1,
        relatives=relatives,
        relative_numbers=numbers,
    )


def _amounts(values: Mapping[str, Any]) -> dict[str, Any]:
    """Every filled box of yen in our words; a special deduction goes to its kind of land where only one kind is."""
    content: dict[str, Any] = {}
    for names, is_signed in ((boxes.PLAIN_YEN, False), (boxes.SIGNED_YEN, True)):
        for tag, ours in names.items():
            if yen := _yen(values, tag, is_signed=is_signed):
                content[ours] = yen
    if dividend_tax := sum(_yen(values, tag) for tag in _DIVIDEND_TAXES):
        content["withheld_dividend_tax_yen"] = dividend_tax
    kinds = [kind for tag, kind in boxes.LAND_REVENUES.items() if _yen(values, tag)]
    if len(kinds) == 1 and "land_special_total_yen" in content:
        content[f"{kinds[0]}_special_yen"] = content["land_special_total_yen"]
    return content


def _yen(values: Mapping[str, Any], tag: str, *, is_signed: bool = False) -> int:
    """Sum of a box that may repeat; empty is 0. Raises FilesError."""
    total = sum(_written(one, tag) for one in _listed(values.get(tag)))
    if total < 0 and not is_signed:
        raise FilesError(E_RELATION, f"{tag}が負の額です。赤字を書けない欄です。送付元に確かめてください。")
    if abs(total) > MAX_YEN:
        raise FilesError(L_AMOUNT, f"{tag}の額が大きすぎます(12桁以上)。送付元に確かめてください。")
    return total


def _written(value: Any, tag: str) -> int:
    text = str(value or "").replace(",", "").strip()
    if not text:
        return 0
    if not _WRITTEN.fullmatch(text):
        raise FilesError(L_AMOUNT, f"{tag}が金額として読めません。数字だけの欄です。送付元に確かめてください。")
    return int(text.translate(_MINUS))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _iso(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else ""


def _relatives(values: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[str | None]]:
    """Spouse first, then the listed relatives in the order of the form; incomes of 特親 belong to the last of them."""
    found: list[dict[str, Any]] = []
    numbers: list[str | None] = []
    for name in _listed(values.get(_SPOUSE["name"]))[:1]:
        found.append({"role": "spouse", "name": str(name), "birth_on": _iso(values.get(_SPOUSE["birth"]))})
        numbers.append(values.get(_SPOUSE["number"]) or None)
    names = _listed(values.get(_RELATIVE["name"]))
    births = _listed(values.get(_RELATIVE["birth"]))
    listed_numbers = _listed(values.get(_RELATIVE["number"]))
    relations = _listed(values.get(_RELATIVE["relation"]))
    incomes = [_written(one, "ABY00253") for one in _listed(values.get("ABY00253"))]
    for position, name in enumerate(names):
        relative = {
            "role": "dependant",
            "name": str(name),
            "birth_on": _iso(births[position]) if position < len(births) else "",
            "relation": str(relations[position]) if position < len(relations) else "",
        }
        if position >= len(names) - len(incomes):
            relative["role"] = "specific_relative"
            relative["income_yen"] = incomes[position - (len(names) - len(incomes))]  # type: ignore[assignment]
        found.append(relative)
        numbers.append(listed_numbers[position] if position < len(listed_numbers) else None)
    return found, numbers

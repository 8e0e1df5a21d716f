"""入力した欄から課税資料へ: the values of a paper become the same row that a file of this form gives (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from assessment.entry.declaration import DISABILITIES, HEAD_NAMES, PaperForm, Values
from assessment.sources.contents import CONTENTS
from taxsys.kernel import kana, wareki


@dataclass(frozen=True, slots=True)
class MappedPaper:
    """What of a paper becomes content, relatives and business key."""

    content: Mapping[str, Any]
    relatives: tuple[Mapping[str, Any], ...]
    business_key: str


def mapped(form: PaperForm, values: Values, *, tax_year: int, entry_no: int) -> MappedPaper:
    """Content in the names of `assessment.sources.contents`, relatives in the order of the paper, business key.

    The key of a report is payer, person and year as in its file, so that a paper and a file of one payer meet; a
    return's key is its own entry.
    """
    names = {box.name for box in CONTENTS[form.kind]}
    codes = {box.name for box in form.boxes() if box.kind in {"flag", "code"} and box.name != "spouse_code"}
    content = {
        name: int(value) if name in codes else value
        for name, value in values.items()
        if name in names and name not in HEAD_NAMES and value != 0
    }
    for name, parts in form.totals:
        if total := sum(int(values.get(part) or 0) for part in parts):
            content[name] = total
    relatives = tuple(_relatives(form, values))
    if form.document_code:
        incomes = [one["income_yen"] for one in relatives if one["role"] == "specific_relative"]
        if incomes:
            content["specific_relative_incomes_yen"] = incomes
        if form.kind == "wage" and any(one["role"] == "spouse" for one in relatives):
            content["has_named_spouse"] = 1
    return MappedPaper(content, relatives, _key(form, values, tax_year=tax_year, entry_no=entry_no))


def _key(form: PaperForm, values: Values, *, tax_year: int, entry_no: int) -> str:
    payer = str(values.get("designation_no") or values.get("payer_number") or "")
    if not form.document_code or not payer:
        return f"paper:{form.code}:{tax_year}:{entry_no}"
    birth = values.get("birth_on")
    person = str(values.get("employee_no") or "") or f"{kana.strict_key(str(values.get('name_kana') or ''))}:{birth}"
    _era, year = wareki.era_year(date(tax_year - 1, 12, 31))
    return f"{form.document_code}:{year}:{payer}:{person}"[:120]


def _relatives(form: PaperForm, values: Values) -> list[dict[str, Any]]:
    found = []
    for listed in form.relatives:
        for row in range(1, listed.rows + 1):
            written = {one.name: values.get(f"{listed.role}_{row}_{one.name}") for one in listed.columns}
            if not written.get("name"):
                continue
            relative = {"role": listed.role, **{name: value for name, value in written.items() if value is not None}}
            if listed.role == "specific_relative":
                relative["income_yen"] = int(written.get("income_yen") or 0)
            if "disability" in relative:
                relative["disability"] = DISABILITIES[str(relative["disability"])]
            found.append(relative)
    return found


def birth_of(values: Values) -> date | None:
    """Birth date on the paper."""
    return date.fromisoformat(values["birth_on"]) if values.get("birth_on") else None

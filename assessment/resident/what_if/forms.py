"""試算の入力: one box for each legal value that the calculation uses; an empty or unchanged box changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from assessment.resident.legal_values import column_title
from assessment.resident.what_if.edits import EditsRefused, editable, file_read, table_text
from taxsys.params.model import ParameterSet, Resolved, display

# The sections of the page, by the second word of an id, in the order of how often a reform is about them.
SECTIONS = (
    ("均等割・森林環境税", ("per_capita",)),
    ("所得割の税率", ("rate",)),
    ("非課税", ("exemption", "city")),
    ("所得控除", ("deduction",)),
    ("所得の計算", ("income",)),
    ("調整控除・人的控除差", ("gap",)),
    ("税額控除", ("credit", "donation", "fixed_reduction")),
)
_PREFIX = "v-"
_UNITS = {"yen": "円", "rate": "%・分数", "count": "", "months": "月", "code": "区分"}


@dataclass(frozen=True, slots=True)
class Row:
    """One legal value of the page: what is in force, and its box."""

    item: Resolved
    field: forms.BoundField
    unit: str

    @property
    def in_force(self) -> str:
        """The value in force, as people write it."""
        return display(self.item.value, self.item.parameter.unit)

    @property
    def is_table(self) -> bool:
        """Whether the value is a table, typed as lines."""
        return self.item.parameter.unit == "table"


class WhatIfForm(forms.Form):
    """試算の値. Texts only: what they mean is read by `edits_read`, whose messages come back to the boxes."""

    use_required_attribute = False
    edits_file = forms.FileField(
        label="試算のファイル",
        required=False,
        help_text="TOML形式。画面で変えた値があるときは、画面の値を使います。",
    )

    def __init__(self, law: ParameterSet, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        self.law = law
        self.items = editable(law)
        for item in self.items:
            self.fields[_PREFIX + item.parameter.id] = _box(item)

    def texts(self) -> dict[str, str]:
        """Texts by parameter id: the file's, over them what was typed. Raises EditsRefused for a bad file."""
        given = self.cleaned_data.get("edits_file")
        told = file_read(given.read()) if given else {}
        for item in self.items:
            text = self.cleaned_data.get(_PREFIX + item.parameter.id, "")
            if text.strip() and not (item.parameter.unit == "table" and text.split() == table_text(item.table).split()):
                told[item.parameter.id] = text
        return told

    def refuse(self, problems: Mapping[str, str]) -> None:
        """Put each message to its box; what has no box speaks of the whole."""
        for key, text in problems.items():
            name = _PREFIX + key
            self.add_error(
                name if name in self.fields else None, text if name in self.fields or not key else f"{key}: {text}"
            )

    def sections(self) -> list[tuple[str, list[Row]]]:
        """The rows by section."""
        found = []
        for title, words in SECTIONS:
            rows = [self._row(item) for item in self.items if item.parameter.id.split(".")[1] in words]
            if rows:
                found.append((title, sorted(rows, key=lambda row: row.is_table)))
        return found

    def _row(self, item: Resolved) -> Row:
        return Row(item, self[_PREFIX + item.parameter.id], _UNITS.get(item.parameter.unit, ""))


def _box(item: Resolved) -> forms.CharField:
    parameter = item.parameter
    if parameter.unit != "table":
        widget = forms.TextInput(attrs={"class": "tx-input--number", "autocomplete": "off"})
        return forms.CharField(label=parameter.title, required=False, max_length=40, widget=widget)
    text = table_text(item.table)
    rows = min(text.count("\n") + 1, 14)
    columns = "、".join(f"{name}（{column_title(name)}）" for name, _ in item.table.kinds)
    return forms.CharField(
        label=parameter.title,
        required=False,
        max_length=5_000,
        strip=False,
        initial=text,
        help_text=f"1行に1段階、欄はカンマで区切ります。欄：{columns}。最後の段階の上限は空欄です。",
        widget=forms.Textarea(attrs={"rows": rows, "spellcheck": "false"}),
    )


def texts_typed(texts: Mapping[str, str]) -> dict[str, str]:
    """The texts as the form's own fields, for the buttons of the result page."""
    return {_PREFIX + key: text for key, text in texts.items()}


__all__ = ["EditsRefused", "Row", "WhatIfForm", "texts_typed"]

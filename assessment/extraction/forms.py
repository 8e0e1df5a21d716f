"""抽出の入力: a year, columns, rows of conditions, order, limit; what may be chosen comes from the declared view."""

from collections.abc import Mapping
from typing import Any

from django import forms

from assessment.errors import ExtractionRefused
from assessment.extraction.columns import COLUMNS, GROUPS
from assessment.extraction.question import OPERATORS, ROWS_DEFAULT, ROWS_MAX, Question, question_read
from taxsys.kernel import wareki

ROWS = 6
_EMPTY = [("", "選んでください")]
_CHOSEN = [
    (title, [(one.code, one.title_ja) for one in group if one.takes_condition]) for title, group in GROUPS
]  # fmt: skip


class ExtractionForm(forms.Form):
    """抽出の入力. `question()` answers the checked question, or puts the refusal beside the box it is about."""

    use_required_attribute = False
    year = forms.TypedChoiceField(label="課税年度", coerce=int)
    columns = forms.MultipleChoiceField(
        label="出力する列",
        choices=[(title, [(one.code, one.title_ja) for one in group]) for title, group in GROUPS],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "出力する列を一つ以上選んでください。",
                        "invalid_choice": "その列は抽出できません。一覧から選び直してください。"},
    )  # fmt: skip
    limit = forms.IntegerField(
        label="出力の上限(件)",
        min_value=1,
        max_value=ROWS_MAX,
        initial=ROWS_DEFAULT,
        help_text=f"{ROWS_MAX:,}件まで。該当がこれを超えるとファイルは作りません。",
        error_messages={
            "required": "出力の上限を入力してください。",
            "min_value": f"出力の上限は1から{ROWS_MAX:,}件までです。",
            "max_value": f"出力の上限は1から{ROWS_MAX:,}件までです。",
        },
    )
    name = forms.CharField(label="定義の名称", required=False, max_length=60, help_text="保存するときだけ入力します。")
    is_shared = forms.BooleanField(label="所属の人も使える", required=False)

    def __init__(self, years: list[int], data: Any = None, *, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.fields["year"].choices = [(year, f"{wareki.format_year(year)}年度") for year in years]  # type: ignore[attr-defined]
        for place in range(ROWS):
            words = f"条件{place + 1}"
            self.fields[f"c{place}-column"] = forms.ChoiceField(
                label=f"{words}の列", required=False, choices=[*_EMPTY, *_CHOSEN]
            )
            self.fields[f"c{place}-operator"] = forms.ChoiceField(
                label=f"{words}の比べ方", required=False, choices=[*_EMPTY, *OPERATORS.items()]
            )
            self.fields[f"c{place}-value"] = forms.CharField(label=f"{words}の値", required=False, max_length=40)
        for place in range(2):
            self.fields[f"o{place}-column"] = forms.ChoiceField(
                label=f"並べ替え{place + 1}の列", required=False, choices=[*_EMPTY, *_CHOSEN]
            )
            self.fields[f"o{place}-direction"] = forms.ChoiceField(
                label=f"並べ替え{place + 1}の順", required=False, choices=[("asc", "昇順"), ("desc", "降順")]
            )

    @property
    def condition_rows(self) -> list[tuple[Any, Any, Any]]:
        """The rows of conditions as bound fields."""
        return [(self[f"c{i}-column"], self[f"c{i}-operator"], self[f"c{i}-value"]) for i in range(ROWS)]

    @property
    def order_rows(self) -> list[tuple[Any, Any]]:
        """The rows of the order as bound fields."""
        return [(self[f"o{i}-column"], self[f"o{i}-direction"]) for i in range(2)]

    def question(self) -> Question | None:
        """The question, None where something must be mended (the messages stand in the form)."""
        if not self.is_valid():
            return None
        given = self.cleaned_data
        conditions = []
        for place in range(ROWS):
            one = [str(given[f"c{place}-{part}"]) for part in ("column", "operator", "value")]
            if one[0] or one[2]:
                conditions.append((place, one))
        try:
            return question_read(
                tax_year=given["year"],
                columns=[code for code in COLUMNS if code in given["columns"]],
                conditions=[one for _, one in conditions],
                order=[
                    [given[f"o{place}-column"], given[f"o{place}-direction"] or "asc"]
                    for place in range(2)
                    if given[f"o{place}-column"]
                ],
                limit=given["limit"],
            )
        except ExtractionRefused as refused:
            self.add_error(refused.field if refused.field in self.fields else None, refused.message_ja)
            return None


def initial_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """A saved question as the form's first values; columns that no longer exist fall away."""
    found: dict[str, Any] = {
        "columns": [code for code in content["columns"] if code in COLUMNS],
        "limit": content["limit"],
    }
    for place, (column, operator, value) in enumerate(content["conditions"][:ROWS]):
        found |= {f"c{place}-column": column, f"c{place}-operator": operator, f"c{place}-value": value}
    for place, (column, direction) in enumerate(content["order"][:2]):
        found |= {f"o{place}-column": column, f"o{place}-direction": direction}
    return found

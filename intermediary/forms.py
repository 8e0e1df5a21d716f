"""Forms of the register desk."""

from typing import Any

from django import forms

from intermediary.items import FILED_ITEM, ITEMS, STATUS_ITEM, titles_ja
from intermediary.models import RegisterRow
from taxsys.platform.ui.forms import WarekiDateField

MAX_UPLOAD = 5 << 20


def item_choices(names: Any = None) -> list[tuple[str, str]]:
    """(name, Japanese title) of the items of the dictionary, or of those named, in the dictionary's order."""
    titles = titles_ja()
    ordered = [STATUS_ITEM, FILED_ITEM, *(item.name for item in ITEMS)]
    return [(name, titles[name]) for name in ordered if names is None or name in set(names)]


class RegisterFilter(forms.Form):
    """登録簿の絞込み."""

    kind = forms.ChoiceField(label="区分", required=False, choices=[("", "すべて"), *RegisterRow.Kind.choices])
    state = forms.ChoiceField(
        label="状態", required=False, choices=[("", "すべて"), ("in_force", "基準日に有効"), ("candidate", "候補")]
    )
    text = forms.CharField(label="提供先・移転先・事務", required=False, max_length=50)
    on = WarekiDateField(label="基準日", required=False)


class RowForm(forms.Form):
    """登録簿の一行の起案: every item of the row, from its first day on."""

    recipient = forms.CharField(label="提供先・移転先", max_length=100)
    client_system = forms.RegexField(
        r"^[0-9a-z_-]{0,40}$", label="連携先システムコード", required=False, max_length=40, help_text="APIによるとき。"
    )
    legal_base = forms.CharField(
        label="法令上の根拠", max_length=200, help_text="提供は番号法19条の号、移転は番号法9条2項。"
    )
    ordinance = forms.CharField(label="条例の根拠", max_length=100, required=False)
    affair = forms.CharField(label="事務", max_length=200)
    items = forms.MultipleChoiceField(
        label="提供・移転する項目",
        choices=item_choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="法令で認められた項目だけを選びます。ここにない項目は渡せません。",
    )
    population_ja = forms.CharField(label="対象となる本人の数", max_length=60, required=False)
    method = forms.ChoiceField(label="方法", choices=RegisterRow.Method.choices)
    other_methods = forms.MultipleChoiceField(
        label="その他の方法", choices=RegisterRow.Method.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    timing_ja = forms.CharField(label="時期", max_length=100, initial="求められた都度")
    protected_rule = forms.ChoiceField(label="支援措置対象者", choices=RegisterRow.ProtectedRule.choices)
    valid_from = WarekiDateField(label="開始日")
    valid_to = WarekiDateField(label="終了日（この日から不可）", required=False)

    def content(self) -> dict[str, Any]:
        """The cleaned values as a proposal keeps them."""
        days = {name: self.cleaned_data[name] for name in ("valid_from", "valid_to")}
        return {**self.cleaned_data, **{name: day.isoformat() if day else "" for name, day in days.items()}}


class NewRowForm(RowForm):
    """新しい行の起案."""

    field_order = ("row_no", "kind")
    row_no = forms.RegexField(r"^[PT]-[0-9A-Z-]{1,18}$", label="登録番号", max_length=20, help_text="例：T-041")
    kind = forms.ChoiceField(label="区分", choices=RegisterRow.Kind.choices)


class RowEndForm(forms.Form):
    """行の終了の起案."""

    valid_to = WarekiDateField(label="終了日（この日から不可）")


class TableForm(forms.Form):
    """登録簿の表の取込."""

    file = forms.FileField(label="表（CSVまたはXLSX）", max_length=255)

    def clean_file(self) -> Any:
        """Nothing larger than a register can be."""
        file = self.cleaned_data["file"]
        if file.size > MAX_UPLOAD:
            raise forms.ValidationError("5MBを超えています。表だけのファイルにしてください。")
        return file

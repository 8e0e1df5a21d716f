"""年金特別徴収の中止の入力."""

from django import forms

from assessment.pensions.models import StopReason
from assessment.resident.pension_split import PENSION_KEYS
from taxsys.platform.ui.forms import WarekiDateField


class StopForm(forms.Form):
    """中止の記録."""

    reason = forms.ChoiceField(label="事由", choices=StopReason.choices)
    event_on = WarekiDateField(label="事由の生じた日")
    first_place = forms.TypedChoiceField(
        label="徴収しない最初の月", coerce=int,
        choices=[(place, f"{int(key)}月") for place, key in enumerate(PENSION_KEYS, start=1)],
    )  # fmt: skip
    note_ja = forms.CharField(label="備考", max_length=200, required=False)


class ReasonForm(forms.Form):
    """取下げの理由."""

    reason = forms.CharField(label="取下げの理由", max_length=200)


class SettleForm(forms.Form):
    """徴収結果の確認."""

    result = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    note = forms.CharField(label="処理の内容", max_length=200)

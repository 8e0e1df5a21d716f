"""締めの入力 (forms of closing and of the books)."""

from __future__ import annotations

from django import forms

from collection.closing.models import Span
from collection.closing.rules import SECTIONS_JA
from collection.models import TaxKind
from taxsys.platform.ui.forms import WarekiDateField


class PeriodForm(forms.Form):
    """締める期間: unit and last day."""

    span = forms.ChoiceField(label="単位", choices=[(Span.DAY, Span.DAY.label), (Span.MONTH, Span.MONTH.label)])
    last_on = WarekiDateField(label="終期", help_text="月締めは月の末日")


class CloseForm(forms.Form):
    """締める: the period that was looked at, and the reason where a check wants one."""

    span = forms.CharField(widget=forms.HiddenInput, max_length=5)
    last_on = WarekiDateField(label="終期", help_text="")
    note = forms.CharField(label="理由", max_length=200, required=False, help_text="説明の要る点検があるとき")


class ReopenForm(forms.Form):
    """締めの解除の理由."""

    reason = forms.CharField(label="解除の理由", max_length=200, help_text="例：指定金融機関の入金額の訂正")


class BookForm(forms.Form):
    """年度 and day of the books."""

    fiscal_year = forms.IntegerField(label="会計年度(西暦)", min_value=1990, max_value=2999, required=False)
    on = WarekiDateField(label="時点", required=False, help_text="")


def _tax_kinds() -> list[tuple[str, str]]:
    return [("", "全税目"), *TaxKind.objects.values_list("code", "title")]


class RateForm(BookForm):
    """収納率: the year and day, and which tax and section the chart draws."""

    tax_kind = forms.ChoiceField(label="図の税目", choices=_tax_kinds, required=False)
    section = forms.ChoiceField(label="図の区分", choices=list(SECTIONS_JA.items()), required=False)

"""払込と徴収取扱費の入力."""

from __future__ import annotations

from django import forms

from taxsys.platform.ui.forms import WarekiDateField


class CashForm(forms.Form):
    """払込済・受入済の記録: day and evidence."""

    on = WarekiDateField(label="日付", help_text="")
    reference = forms.CharField(label="証拠書類の番号", max_length=60, help_text="例：払込書 第6号")


class RecallForm(forms.Form):
    """払込の取消の理由."""

    reason = forms.CharField(label="取消の理由", max_length=200, help_text="例：組戻し、額の誤り")


class ReportForm(forms.Form):
    """年報の会計年度."""

    fiscal_year = forms.IntegerField(label="会計年度(西暦)", min_value=1990, max_value=2999, required=False)

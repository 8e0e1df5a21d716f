"""納入の処理の入力."""

from django import forms


class SettleForm(forms.Form):
    """確認済にする."""

    note = forms.CharField(label="処理の内容", max_length=200)

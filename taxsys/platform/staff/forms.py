"""サインインの入力."""

from django import forms


class PasswordForm(forms.Form):
    """第一段階: staff number and password."""

    staff_no = forms.CharField(
        label="職員番号",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label="パスワード",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class KeyForm(forms.Form):
    """第二段階（セキュリティキー）: the answer of the key, filled in by the page."""

    code = forms.CharField(max_length=20_000, widget=forms.HiddenInput)


class CodeForm(forms.Form):
    """第二段階: the one-time code."""

    code = forms.CharField(
        label="確認コード",
        max_length=12,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autofocus": True,
                "class": "tx-input--code",
            }
        ),
    )

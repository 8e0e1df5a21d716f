"""入力 of the functions that handle My Numbers: the only boxes that take one, and they never show it again."""

from typing import Any

from django import forms

from addressbook.codes import NumberPurpose
from addressbook.number_text import my_number_digits


class NumberInput(forms.TextInput):
    """A box whose typed number is never written into a page, not even beside its own error."""

    def __init__(self) -> None:
        super().__init__(attrs={"autocomplete": "off", "inputmode": "numeric", "spellcheck": "false"})

    def format_value(self, value: Any) -> str | None:
        """Always empty."""
        return None


class NumberField(forms.CharField):
    """個人番号: twelve digits as written on a form; a wrong check digit is an error, with no way round (N-009)."""

    widget = NumberInput

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40, help_text="12桁の数字。入力した番号は画面に残りません。", **options)
        self.error_messages["required"] = "個人番号を入力してください。"

    def to_python(self, value: Any) -> str:
        """The twelve digits; ValidationError, without the number in it."""
        text = super().to_python(value) or ""
        digits = my_number_digits(text)
        if text and not digits:
            raise forms.ValidationError("個人番号の検査用数字が合いません。番号を確認して、もう一度入力してください。")
        return digits


def _purpose() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="目的",
        choices=NumberPurpose.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "目的を選んでください。"},
    )


class ShowForm(forms.Form):
    """個人番号の表示: the purpose, from the list of the function."""

    purpose = _purpose()


class FindForm(forms.Form):
    """個人番号による検索."""

    purpose = _purpose()
    number = NumberField(label="個人番号")

"""入力部品: one template for every form field, and fields that read Japanese office habits."""

import re
import unicodedata
from datetime import date
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting

from taxsys.kernel import wareki
from taxsys.platform import clock


class HouseRenderer(TemplatesSetting):
    """Forms drawn with `{{ form }}` or `{{ field.as_field_group }}` use the house's components."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


class WarekiDateInput(forms.TextInput):
    """One text box for a date; the echo below it is drawn by the field template."""

    is_wareki = True

    def format_value(self, value: Any) -> str | None:
        """A date is shown as R8.11.20, typed text as it was typed."""
        if isinstance(value, date):
            return wareki.format_short(value)
        return super().format_value(value)


class WarekiDateField(forms.Field):
    """日付: wareki or western, as people type it (R8.11.23, 令和8年11月23日, 20261123, S64.1.7 …) to a plain date.

    Errors say what is wrong and offer what may have been meant. `+7` and `t` are read only with `is_due_date`.
    """

    widget = WarekiDateInput
    default_error_messages = {"required": "日付を入力してください。"}

    def __init__(self, *, is_due_date: bool = False, **options: Any) -> None:
        options.setdefault("help_text", "例：R8.11.23、令和8年11月23日、20261123")
        self.is_due_date = is_due_date
        super().__init__(**options)

    def to_python(self, value: Any) -> date | None:
        """The date, None when empty; ValidationError with the reader's message."""
        if value in self.empty_values:
            return None
        if isinstance(value, date):
            return value
        try:
            return date_typed(str(value), is_due_date=self.is_due_date)
        except wareki.WarekiError as error:
            offer = f"（{wareki.format_long(error.offer)} ではありませんか）" if error.offer else ""
            raise forms.ValidationError(f"{error.message_ja}{offer}", code="invalid_date") from error


def date_typed(text: str, *, is_due_date: bool = False) -> date:
    """The date of a typed text; in due-date fields `t` is today and `+7` seven days later. Raises WarekiError."""
    return wareki.parse(text, today=clock.today() if is_due_date else None)


class YenInput(forms.TextInput):
    """Right-aligned box for an amount; `円` stands beside it."""

    unit = "円"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "numeric", "class": "tx-input--number", **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        """Whole yen with commas; typed text as typed."""
        return f"{value:,}" if isinstance(value, int) else super().format_value(value)


class YenField(forms.Field):
    """金額: whole yen (int); full-width digits, commas and 円 are read, an empty box is None and never 0."""

    widget = YenInput
    default_error_messages = {
        "required": "金額を入力してください。",
        "invalid": "金額は円単位の整数で入力してください（例：12,300）。",
        "min": "%(limit)s円以上で入力してください。",
        "max": "%(limit)s円以下で入力してください。",
    }

    def __init__(self, *, min_yen: int | None = 0, max_yen: int | None = 999_999_999_999, **options: Any) -> None:
        self.min_yen = min_yen
        self.max_yen = max_yen
        super().__init__(**options)

    def to_python(self, value: Any) -> int | None:
        """Yen, None when empty; ValidationError for anything that is not a whole number in the limits."""
        if value in self.empty_values:
            return None
        if isinstance(value, int):
            amount = value
        else:
            text = unicodedata.normalize("NFKC", str(value)).strip().removesuffix("円").replace(",", "")
            text = re.sub(r"^[△▲−]", "-", text)
            if not re.fullmatch(r"-?\d{1,15}", text, re.ASCII):
                raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
            amount = int(text)
        if self.min_yen is not None and amount < self.min_yen:
            raise forms.ValidationError(self.error_messages["min"], code="min", params={"limit": f"{self.min_yen:,}"})
        if self.max_yen is not None and amount > self.max_yen:
            raise forms.ValidationError(self.error_messages["max"], code="max", params={"limit": f"{self.max_yen:,}"})
        return amount

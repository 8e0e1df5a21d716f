"""入力画面の様式: the Django form that a declared paper becomes, and the plain values that come out of it.

Every box is typed: flags and choices by their code, so that no mouse is needed; dates in any era; amounts in whole yen.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from assessment.entry.declaration import FILING_KINDS, EntryBox, PaperForm
from taxsys.kernel import kana
from taxsys.kernel.checkdigits import corporate_no_valid
from taxsys.platform.search.services import holds_my_number
from taxsys.platform.ui.forms import WarekiDateField, YenField

_REQUIRED = {"required": "入力してください。"}
_KANA = re.compile(r"[ァ-ヶー・\s]*")


class CodeField(forms.CharField):
    """符号: one of the codes of the box, typed in either width; an empty box is None."""

    def __init__(self, *, codes: tuple[tuple[str, str], ...], **options: Any) -> None:
        self.codes = codes
        super().__init__(**options)

    def to_python(self, value: Any) -> Any:
        """The code. Raises ValidationError, naming the codes that there are."""
        text = unicodedata.normalize("NFKC", super().to_python(value) or "").strip()
        if not text:
            return None
        if text not in dict(self.codes):
            words = "、".join(f"{code} {label}" for code, label in self.codes)
            raise ValidationError(f"符号は、{words} のどれかです。", code="invalid_code")
        return text


class CountField(forms.Field):
    """人数: a whole number of the box's digits; an empty box is None."""

    def __init__(self, *, digits: int, **options: Any) -> None:
        self.digits = digits
        super().__init__(**options)

    def to_python(self, value: Any) -> int | None:
        """The number of people. Raises ValidationError."""
        text = unicodedata.normalize("NFKC", str(value or "")).strip().removesuffix("人")
        if not text:
            return None
        if not re.fullmatch(rf"\d{{1,{self.digits}}}", text, re.ASCII):
            raise ValidationError(f"人数は{self.digits}桁までの数字です。", code="invalid")
        return int(text)


class PlainField(forms.CharField):
    """氏名・住所などの文字: no personal number in it, kana where the box wants kana, digits where it wants digits."""

    def __init__(self, *, box: EntryBox, **options: Any) -> None:
        self.box = box
        super().__init__(max_length=box.digits, strip=True, **options)

    def to_python(self, value: Any) -> Any:
        """The text as the register writes it. Raises ValidationError."""
        text = super().to_python(value) or ""
        if self.box.kind in {"digits", "corporate"}:
            text = unicodedata.normalize("NFKC", text).strip().upper()
            if text and not re.fullmatch(r"[0-9A-Z-]+", text):
                raise ValidationError("数字と英字で入力してください。", code="invalid")
        elif self.box.kind == "kana":
            text = re.sub(r"\s+", "　", kana.to_full(text).strip())
            if not _KANA.fullmatch(text):
                raise ValidationError("カタカナで入力してください。", code="kana")
        else:
            text = re.sub(r"\s+", "　", text)
        if holds_my_number(text):
            raise ValidationError("個人番号は書けません。番号は、登録の後に番号の画面で入力します。", code="number")
        if self.box.kind == "corporate" and text and not corporate_no_valid(text):
            raise ValidationError("法人番号（13桁）の検査数字が合いません。原票を確かめてください。", code="digit")
        return text or None


def _field(box: EntryBox) -> forms.Field:
    options: dict[str, Any] = {"label": box.label, "required": box.is_required, "error_messages": _REQUIRED}
    if box.kind in {"yen", "signed"}:
        limit = int("9" * box.digits)
        return YenField(min_yen=-limit if box.kind == "signed" else 0, max_yen=limit, **options)
    if box.kind == "count":
        return CountField(digits=box.digits, **options)
    if box.kind in {"flag", "code"}:
        return CodeField(codes=box.options, **options)
    if box.kind == "date":
        return WarekiDateField(help_text="", **options)
    return PlainField(box=box, **options)


class PaperEntryForm(forms.Form):
    """One paper as typed. `accepted` are the warnings that were read and kept as the paper says them."""

    accepted = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, paper: PaperForm, *args: Any, omit: tuple[str, ...] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.paper = paper
        for box in paper.boxes():
            if box.kind == "number" or box.name in omit:
                continue
            field = _field(box)
            attrs: dict[str, Any] = {"data-box": box.kind, "autocomplete": "off"}
            if box.kind in {"yen", "signed", "count"}:
                attrs |= {"inputmode": "numeric", "class": "tx-input--number"}
            if box.options:
                attrs |= {"data-codes": "|".join(f"{code}={words}" for code, words in box.options)}
            if box.kind not in {"date", "yen", "signed"}:
                attrs |= {"maxlength": str(box.digits + (2 if box.kind == "count" else 0))}
            field.widget.attrs.update(attrs)
            self.fields[box.name] = field
        if not self.is_bound and "filing_kind" in self.fields:
            self.initial.setdefault("filing_kind", FILING_KINDS[0][0])

    def values(self) -> dict[str, Any]:
        """Filled boxes as plain values (ISO days); call after is_valid."""
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in self.cleaned_data.items()
            if name in self.fields and name != "accepted" and value not in (None, "")
        }

    def accepted_marks(self) -> frozenset[str]:
        """Warnings of the last time that were read: box names."""
        return frozenset(str(self.data.get("accepted", "")).split(","))


def shown_values(paper: PaperForm, values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values as initial values of a form (days are dates again)."""
    days = {box.name for box in paper.boxes() if box.kind == "date"}
    return {name: date.fromisoformat(value) if name in days else value for name, value in values.items()}


def rows_drawn(form: PaperEntryForm, warnings: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Groups of the paper with the bound fields and what is to be looked at, for the template."""
    for group in form.paper.groups:
        rows = [
            [
                {
                    "box": box,
                    "field": form[box.name] if box.name in form.fields else None,
                    "warning": warnings.get(box.name, ""),
                    "codes": "　".join(f"{code} {words}" for code, words in box.options),
                }
                for box in row
                if box.kind == "number" or box.name in form.fields
            ]
            for row in group.all_rows
        ]
        rows = [row for row in rows if row]
        if rows:
            yield {"title": group.title, "rows": rows, "is_list": group.relatives is not None}

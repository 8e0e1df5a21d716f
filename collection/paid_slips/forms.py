"""済通の入力 (forms of batches of paid slips)."""

from __future__ import annotations

from typing import Any

from django import forms

from collection.models import Method, TaxKind
from collection.paid_slips.services import MOST_KEYED
from taxsys.platform.ui.forms import WarekiDateField, YenField

_DIGITS = {"invalid": "決まった桁数の数字で入力してください。"}


def _tax_kinds() -> list[tuple[str, str]]:
    return [("", ""), *TaxKind.objects.values_list("code", "title")]


class BatchForm(forms.Form):
    """画面入力の束: what its control slip says."""

    bank_code = forms.RegexField(
        r"^[0-9]{4}$", label="金融機関コード", max_length=4, help_text="4桁", error_messages=_DIGITS
    )
    batch_no = forms.RegexField(
        r"^[0-9]{1,8}$", label="束番号", max_length=8, help_text="会計日ごとに一意", error_messages=_DIGITS
    )
    account_on = WarekiDateField(label="会計日")
    control_count = forms.IntegerField(label="送付票の件数", min_value=1, max_value=MOST_KEYED)
    control_yen = YenField(label="送付票の金額", min_yen=1)


class SlipCorrectionForm(forms.Form):
    """済通の訂正: receipt date and amount, and either the number of the slip or the parts of a claim's key."""

    paid_on = WarekiDateField(label="領収日", help_text="領収印の日付")
    amount = YenField(label="金額", min_yen=1)
    case_no = forms.RegexField(
        r"^[0-9]{16}$",
        label="案件特定番号",
        max_length=16,
        required=False,
        help_text="OCR下段の3桁目から16桁",
        error_messages=_DIGITS,
    )
    notice_no = forms.CharField(label="通知書番号", max_length=20, required=False)
    tax_kind = forms.ChoiceField(label="税目", choices=_tax_kinds, required=False)
    levy_year = forms.IntegerField(label="賦課年度(西暦)", min_value=1950, max_value=2999, required=False)
    tax_year = forms.IntegerField(label="課税年度(西暦)", min_value=1950, max_value=2999, required=False)
    method = forms.ChoiceField(label="徴収方法", choices=[("", ""), *Method.choices], required=False)
    instalment_no = forms.IntegerField(label="期別", min_value=1, max_value=99, required=False)
    is_seen = forms.BooleanField(
        label="現物で確かめた", required=False, help_text="番号不明・金額相違・重複でも計上するとき"
    )

    def key(self) -> tuple[str, str]:
        """(kind, key) as it was typed; "" where nothing or only a part was."""
        given: dict[str, Any] = self.cleaned_data
        if given.get("case_no"):
            return "case", given["case_no"]
        parts = [given.get(name) for name in ("tax_kind", "levy_year", "tax_year", "method", "notice_no")]
        parts.append(given.get("instalment_no"))
        return "charge", "|".join(str(part) for part in parts) if all(parts) else ""

    def clean(self) -> dict[str, Any]:
        """A key is either whole or absent: a part of one would be lost."""
        given: dict[str, Any] = super().clean() or {}
        names = ("tax_kind", "levy_year", "tax_year", "method", "notice_no", "instalment_no")
        typed = [name for name in names if given.get(name)]
        if typed and len(typed) < len(names) and not given.get("case_no"):
            self.add_error("notice_no", "税目・年度・徴収方法・通知書番号・期別は全部入力してください。")
        if "|" in str(given.get("notice_no") or ""):
            self.add_error("notice_no", "通知書番号に使えない文字があります。")
        return given


class DiscardForm(forms.Form):
    """束の取下げの理由."""

    reason = forms.CharField(label="取下げの理由", max_length=200, help_text="例：送付票の誤り、送付元が作り直す")

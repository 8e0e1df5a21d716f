"""収納の入力 (forms of the collection desk)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms

from collection.models import Channel
from taxsys.platform import clock
from taxsys.platform.ui.forms import WarekiDateField, YenField


class AsOfForm(forms.Form):
    """時点・納付予定日 of the account: a day in the past shows the books of that day, a day ahead the interest then."""

    on = WarekiDateField(label="時点・納付予定日", required=False, help_text="")


class FindForm(forms.Form):
    """窓口の検索: bar code, eL number, notice number."""

    key = forms.CharField(
        label="納付書のバーコード・eL番号・通知書番号",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-barcode": "", "autofocus": True}),
    )


class PaymentForm(forms.Form):
    """窓口収納: amount and receipt date; `token` makes a second press of the button the same payment."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    amount = YenField(label="領収額", min_yen=1, max_yen=99_999_999)
    paid_on = WarekiDateField(label="領収日", is_due_date=True)
    takes_excess = forms.BooleanField(label="納付すべき額を超えて受け取ることを確認した", required=False)

    @classmethod
    def fresh(cls, *, amount_yen: int) -> PaymentForm:
        """A form that has not been sent yet, with the amount due and today's date."""
        return cls(initial={"token": uuid4(), "amount": amount_yen, "paid_on": clock.today()})


class ReasonForm(forms.Form):
    """取消の理由."""

    reason = forms.CharField(label="理由", max_length=100, help_text="例：入力誤り、組戻し")


class SlipForm(forms.Form):
    """納付書の再発行: pay-by date; interest is counted to that day."""

    valid_until = WarekiDateField(
        label="取扱期限(納付予定日)", is_due_date=True, help_text="延滞金はこの日までで計算します。"
    )
    with_interest = forms.BooleanField(label="延滞金を記載する", required=False, initial=True)


class SlipsForm(SlipForm):
    """納付書の発行: pay-by date, whether interest is printed, one slip for all or one each."""

    is_combined = forms.BooleanField(
        label="選んだ期別を1枚にまとめる", required=False, help_text="まとめられるのは同じ税目・徴収方法の期別です。"
    )

    def clean_valid_until(self) -> date:
        """Not before today."""
        until: date = self.cleaned_data["valid_until"]
        if until < clock.today():
            raise forms.ValidationError("取扱期限は今日以後の日を指定してください。")
        return until


class AllocateForm(forms.Form):
    """仮受の消込先 and amount."""

    notice_no = forms.CharField(label="通知書番号", max_length=20)
    instalment_no = forms.IntegerField(label="期別", min_value=1, max_value=99)
    tax_year = forms.IntegerField(label="課税年度(西暦)", min_value=1950, max_value=2999)
    amount = YenField(label="消込額", min_yen=1)


class DayForm(forms.Form):
    """会計日."""

    on = WarekiDateField(label="会計日", required=False, help_text="")


class BankTotalForm(forms.Form):
    """入金額 as the bank states it."""

    channel = forms.ChoiceField(label="チャネル", choices=Channel.choices)
    amount = YenField(label="入金額", min_yen=0)
    reference = forms.CharField(label="入金の証拠", max_length=60, help_text="例：収入日報 第12号")


class ClosingForm(forms.Form):
    """窓口の締め: cash counted, and the reason of a difference."""

    counted = YenField(
        label="現金残高",
        min_yen=-999_999_999,
        help_text="釣銭準備金を除きます。支払が収納を超えた日は△を付けます。",
    )
    note = forms.CharField(label="差異の理由", max_length=200, required=False)


def day_of(form: forms.Form, default: Any) -> Any:
    """The day of a form with one optional date, or the default."""
    return (form.cleaned_data.get("on") if form.is_valid() else None) or default

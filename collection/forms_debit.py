"""口座振替の入力 (forms of the debit desk)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms

from collection.models import MandateChannel, MandateEnd, TaxKind
from collection.params import debit_plan
from collection.rules.bank_accounts import (
    AccountFault,
    DebitAccount,
    account_checked,
    is_same_holder,
    post_bank_account,
)
from collection.services.debit_desk import Application, branch_require, first_day
from taxsys.platform import clock
from taxsys.platform.ui.forms import WarekiDateField

ACCOUNT_TYPES = [("1", "普通"), ("2", "当座"), ("3", "納税準備"), ("9", "その他")]
_ENDS = [(one.value, one.label) for one in (MandateEnd.PARTY, MandateEnd.BANK, MandateEnd.DEATH)]


def _digits(label: str, size: int, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=size, required=options.pop("required", True),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}), **options,
    )  # fmt: skip


class MandateForm(forms.Form):
    """口座振替依頼書: taxes and account; the account number is typed a second time without seeing the first."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    tax_kinds = forms.MultipleChoiceField(label="税目", widget=forms.CheckboxSelectMultiple)
    channel = forms.ChoiceField(
        label="受付の方法", choices=[(one.value, one.label) for one in (MandateChannel.PAPER, MandateChannel.WEB)]
    )
    accepted_on = WarekiDateField(label="受付日", help_text="依頼書の受付印の日")
    valid_from = WarekiDateField(
        label="開始日", required=False, help_text="空欄のときは、金融機関の確認が済む最も早い日から始めます。"
    )
    bank_code = _digits("銀行番号", 4, help_text="4桁。ゆうちょ銀行は9900")
    branch_code = _digits("支店番号", 3, required=False, help_text="3桁。ゆうちょ銀行は空欄")
    account_type = forms.ChoiceField(label="預金種目", choices=ACCOUNT_TYPES)
    account_number = _digits("口座番号", 7, required=False, help_text="ゆうちょ銀行は空欄")
    account_again = _digits("口座番号（もう一度）", 7, required=False, help_text="依頼書を見てもう一度入力します。")
    symbol = _digits("ゆうちょ通帳の記号", 5, required=False, help_text="ゆうちょ銀行のとき。1で始まる5桁")
    number = _digits("ゆうちょ通帳の番号", 8, required=False, help_text="ゆうちょ銀行のとき。末尾の1まで")
    holder_kana = forms.CharField(label="口座名義（カナ）", max_length=60)
    other_holder = forms.BooleanField(label="名義人が納税者と異なることと、名義人の届出印を確かめた", required=False)

    def __init__(self, *args: Any, party_kana: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.party_kana = party_kana
        kinds = TaxKind.objects.filter(code__in=debit_plan().tax_kinds, valid_to__isnull=True).order_by("code")
        field: Any = self.fields["tax_kinds"]
        field.choices = [(one.code, one.title) for one in kinds]

    @classmethod
    def fresh(cls, party_kana: str) -> MandateForm:
        """A form that has not been sent yet."""
        return cls(
            party_kana=party_kana,
            initial={"form_key": uuid4(), "accepted_on": clock.today(), "account_type": "1", "channel": "paper"},
        )

    def clean(self) -> dict[str, Any]:
        """The account can be right, its branch is in the master, the holder is the taxpayer or was looked at."""
        given = super().clean() or {}
        if self.errors:
            return given
        try:
            account = account_checked(self._account(given))
            branch_require(account.bank_code, account.branch_code, on=clock.today())
        except AccountFault as fault:
            self.add_error(fault.field, fault.message_ja)
            return given
        if not is_same_holder(account.holder_kana, self.party_kana) and not given["other_holder"]:
            self.add_error(
                "other_holder",
                f"名義（{account.holder_kana}）が納税者（{self.party_kana}）と異なります。依頼書を確かめ、"
                "正しければここに印を付けてください。",
            )
        given["account"] = account
        given["valid_from"] = given.get("valid_from") or first_day(given["accepted_on"])
        return given

    def _account(self, given: dict[str, Any]) -> DebitAccount:
        branch, number = given["branch_code"], given["account_number"]
        if given["bank_code"] == debit_plan().post_bank_code:
            branch, number = post_bank_account(given["symbol"], given["number"])
        elif number != given["account_again"]:
            raise AccountFault("account_again", "口座番号が一致しません。依頼書を見て入力し直してください。")
        return DebitAccount(given["bank_code"], branch, given["account_type"], number, given["holder_kana"])

    def application(self) -> Application:
        """What was entered."""
        given = self.cleaned_data
        return Application(
            form_key=given["form_key"],
            tax_kinds=tuple(given["tax_kinds"]),
            account=given["account"],
            channel=given["channel"],
            accepted_on=given["accepted_on"],
            valid_from=given["valid_from"],
        )


class MandateEndForm(forms.Form):
    """口座振替の終了: from which day, and why."""

    on = WarekiDateField(label="終了日（この日から引き落とさない）", is_due_date=True)
    reason = forms.ChoiceField(label="理由", choices=_ENDS)

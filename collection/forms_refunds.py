"""還付・充当の入力 (forms of the refund desk)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import RegexValidator

from addressbook.models import Party
from collection.models import AccountSource, PayeeKind, RefundGround
from collection.payouts.models import Identity, WishWay
from collection.selectors.refunds import Ground
from collection.services.refund_payments import BankAccount, Payee
from taxsys.platform.ui.forms import WarekiDateField, YenField

_ACCOUNT_TYPES = [("1", "普通"), ("2", "当座"), ("4", "貯蓄"), ("9", "その他")]


def _digits(count: int) -> RegexValidator:
    return RegexValidator(rf"\A[0-9]{{{count}}}\Z", f"半角数字{count}桁で入力してください。")


class PlanForm(forms.Form):
    """支出決定日."""

    decided_on = WarekiDateField(label="支出決定日")


class GroundForm(forms.Form):
    """過誤納金一件の扱い: taken or not, its number of 17条の4第1項 and the dates that number needs."""

    take = forms.BooleanField(label="対象にする", required=False)
    ground = forms.ChoiceField(label="起算の号", choices=RefundGround.choices)
    request_on = WarekiDateField(label="更正の請求の日（二号）", required=False, help_text="")
    correction_on = WarekiDateField(label="更正の日（二号）", required=False, help_text="")
    tax_office_notice_on = WarekiDateField(label="所得税の更正通知・申告の日（三号）", required=False, help_text="")

    @property
    def key(self) -> int:
        """The overpayment."""
        return int(str(self.prefix).removeprefix("o"))

    def ground_of(self) -> Ground:
        """What was entered."""
        given = self.cleaned_data
        return Ground(given["ground"], given["request_on"], given["correction_on"], given["tax_office_notice_on"])


_WAYS = [
    ("claim", "口座振込（還付請求書の口座）"),
    ("mandate", "口座振込（口座振替の口座）"),
    ("public", "口座振込（公金受取口座を照会する）"),
    ("remote", "隔地払（指定金融機関で受取り）"),
    ("counter", "窓口払（決裁の後に市の窓口で受取り）"),
]
_TYPED = ("bank_code", "branch_code", "account_type", "account_number", "account_again", "holder_kana")


class PaymentForm(forms.Form):
    """支払の準備: payee, amount and way; an account number is typed a second time without seeing the first."""

    payee_kind = forms.ChoiceField(label="受取人の別", choices=PayeeKind.choices)
    payee_no = forms.CharField(
        label="受取人の宛名番号", max_length=15, required=False, help_text="本人のときは入力しません。"
    )
    evidence = forms.CharField(
        label="確認書類", max_length=100, required=False, help_text="本人以外のとき。例：戸籍謄本・委任状"
    )
    amount = YenField(label="支払額", min_yen=1, max_yen=9_999_999_999)
    claimed_on = WarekiDateField(label="還付請求書の日付")
    way = forms.ChoiceField(label="支払の方法", choices=_WAYS)
    bank_code = forms.CharField(label="銀行番号", max_length=4, validators=[_digits(4)], required=False)
    branch_code = forms.CharField(label="支店番号", max_length=3, validators=[_digits(3)], required=False)
    account_type = forms.ChoiceField(label="預金種目", choices=_ACCOUNT_TYPES, required=False)
    account_number = forms.CharField(label="口座番号", max_length=7, validators=[_digits(7)], required=False)
    account_again = forms.CharField(
        label="口座番号（もう一度）", max_length=7, help_text="請求書を見てもう一度入力します。", required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    holder_kana = forms.CharField(label="口座名義（カナ）", max_length=30, required=False)
    wish_way = forms.ChoiceField(
        label="公金受取口座の指定を受けた方法", choices=[("", "―"), *WishWay.choices], required=False,
        help_text="公金受取口座を照会するとき。",
    )  # fmt: skip
    document = forms.CharField(
        label="請求書の受付番号など", max_length=40, required=False, help_text="公金受取口座を照会するとき。"
    )

    def clean(self) -> dict[str, Any]:
        """What the chosen way needs is there, the two numbers agree; another payee is a party of the register."""
        given = super().clean() or {}
        if given.get("way") == "claim":
            for name in _TYPED:
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, "還付請求書の口座へ振り込むときは入力してください。")
        if given.get("account_number") and given.get("account_number") != given.get("account_again"):
            self.add_error("account_again", "口座番号が一致しません。請求書を見て入力し直してください。")
        is_self = given.get("payee_kind") == PayeeKind.SELF
        if given.get("way") == "public":
            self._clean_wish(given, is_self=is_self)
        if not is_self and given.get("payee_kind"):
            payee = Party.objects.filter(person_no=given.get("payee_no") or "").first()
            if payee is None:
                self.add_error("payee_no", "この宛名番号の人がいません。宛名を登録してから入力してください。")
            given["payee"] = payee
        return given

    def _clean_wish(self, given: dict[str, Any], *, is_self: bool) -> None:
        if not is_self and given.get("payee_kind"):
            self.add_error("payee_kind", "公金受取口座は本人への還付だけに使えます。ほかの方法を選んでください。")
        for name in ("wish_way", "document"):
            if not given.get(name):
                self.add_error(name, "公金受取口座の指定を受けた請求書を見て入力してください。")

    def payee(self, party_id: UUID) -> Payee:
        """受取人."""
        given = self.cleaned_data
        other = given.get("payee")
        return Payee(other.pk if other else party_id, given["payee_kind"], given["evidence"], given["claimed_on"])

    def account(self) -> BankAccount:
        """振込先 as the claim form has it."""
        given = self.cleaned_data
        return BankAccount(
            AccountSource.CLAIM, given["bank_code"], given["branch_code"], given["account_type"],
            given["account_number"], given["holder_kana"],
        )  # fmt: skip


class AnswerForm(forms.Form):
    """支払一件の結果."""

    failed = forms.BooleanField(label="振込不能", required=False)
    reason = forms.CharField(label="不能の理由", max_length=60, required=False)

    @property
    def key(self) -> int:
        """The payment."""
        return int(str(self.prefix).removeprefix("p"))

    def clean(self) -> dict[str, Any]:
        """A failure has a reason."""
        given = super().clean() or {}
        if given.get("failed") and not (given.get("reason") or "").strip():
            self.add_error("reason", "振込不能の理由を入力してください。例：口座なし、名義相違")
        return given


class RemoteAnswerForm(forms.Form):
    """隔地払一件の結果: nothing yet, paid at the bank on a day, or come back with its reason."""

    result = forms.ChoiceField(
        label="結果", choices=[("", "未着"), ("paid", "支払済"), ("failed", "不能・期限経過")], required=False
    )
    paid_on = WarekiDateField(label="支払日", required=False, help_text="")
    reason = forms.CharField(label="不能の理由", max_length=60, required=False)

    @property
    def key(self) -> int:
        """The payment."""
        return int(str(self.prefix).removeprefix("p"))

    def clean(self) -> dict[str, Any]:
        """Paid has its day, a failure its reason."""
        given = super().clean() or {}
        if given.get("result") == "paid" and not given.get("paid_on"):
            self.add_error("paid_on", "銀行で支払われた日を入力してください。")
        if given.get("result") == "failed" and not (given.get("reason") or "").strip():
            self.add_error("reason", "支払われなかった理由を入力してください。例：期限経過、通知の返戻")
        return given


class HandOverForm(forms.Form):
    """窓口での交付."""

    identity = forms.ChoiceField(label="本人確認書類", choices=[("", "選択してください"), *Identity.choices])
    is_receipt_taken = forms.BooleanField(label="受領書に受取人の署名を受けた")

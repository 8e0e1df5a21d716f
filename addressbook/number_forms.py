"""入力 of the functions that handle My Numbers: the only boxes that take one, and they never show it again."""

from typing import Any

from django import forms

from addressbook.codes import NumberPurpose
from addressbook.errors import NumberTooEarly
from addressbook.forms import HouseForm, KanaField
from addressbook.number_codes import (
    AgentAuthority,
    IdentityEvidence,
    NumberEvidence,
    NumberForm,
    NumberTaskOutcome,
    ReleaseReason,
)
from addressbook.number_text import FIRST_ACQUISITION_ON, my_number_digits
from taxsys.platform import clock
from taxsys.platform.ui.forms import WarekiDateField


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


class EntryForm(HouseForm):
    """個人番号の登録・変更: the number, the four items as on the paper, how both were confirmed (R-197, R-198)."""

    number_fields = frozenset({"number"})

    form_code = forms.ChoiceField(label="受け付けた書類", choices=[("", "選んでください"), *NumberForm.choices])
    acquired_on = WarekiDateField(label="取得日（書類を受け付けた日）")
    number = NumberField(label="個人番号")
    name_kana = KanaField(label="氏名カナ（書類の記載）", max_length=300)
    birth_on = WarekiDateField(label="生年月日（書類の記載）")
    sex = forms.ChoiceField(
        label="性別（書類の記載）", choices=[("", "選んでください"), ("1", "男"), ("2", "女"), ("0", "記載なし")]
    )
    address_text = forms.CharField(label="住所（書類の記載）", max_length=300)
    number_evidence = forms.ChoiceField(
        label="番号確認書類（本人のもの）", choices=[("", "選んでください"), *NumberEvidence.choices]
    )
    identity_evidence = forms.ChoiceField(
        label="身元確認書類（代理のときは代理人のもの）", choices=[("", "選んでください"), *IdentityEvidence.choices]
    )
    is_agent = forms.BooleanField(label="代理人からの提出", required=False)
    agent_authority = forms.ChoiceField(
        label="代理権の確認書類", choices=[("", "代理ではない"), *AgentAuthority.choices], required=False
    )

    def clean_acquired_on(self) -> Any:
        """Between the beginning of the law (R-015) and the business date."""
        day = self.cleaned_data["acquired_on"]
        if day and day < FIRST_ACQUISITION_ON:
            raise forms.ValidationError(NumberTooEarly.message_ja)
        if day and day > clock.today():
            raise forms.ValidationError("取得日が業務日より後です。")
        return day

    def clean(self) -> dict[str, Any]:
        """An agent needs the proof of authority, and only an agent has one (R-198)."""
        values = super().clean()
        if values.get("is_agent") and not values.get("agent_authority"):
            self.add_error("agent_authority", "代理権の確認書類を選んでください。")
        if not values.get("is_agent") and values.get("agent_authority"):
            self.add_error("is_agent", "代理権の確認書類を選んだときは、代理人からの提出に印を付けてください。")
        return values


class ReleaseForm(forms.Form):
    """相違を確かめて起案: why the paper is this person's all the same."""

    reason = forms.ChoiceField(
        label="本人と認める理由",
        choices=ReleaseReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "理由を選んでください。"},
    )


class TaskForm(HouseForm):
    """確認待ちを処理済みにする: what came of it, and why."""

    outcome = forms.ChoiceField(label="処理結果", choices=[("", "選んでください"), *NumberTaskOutcome.choices])
    reason = forms.CharField(
        label="理由", max_length=200, help_text="確かめた相手・書類など。氏名と個人番号は書かないでください。"
    )


class ConfirmForm(forms.Form):
    """照合入力: the second person reads the paper and types the number again."""

    number = NumberField(label="書類の個人番号")


class ShowForm(forms.Form):
    """個人番号の表示: the purpose, from the list of the function."""

    purpose = _purpose()


class FindForm(forms.Form):
    """個人番号による検索."""

    purpose = _purpose()
    number = NumberField(label="個人番号")

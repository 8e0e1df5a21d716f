"""入力 of the 宛名 duty."""

import re
import unicodedata
from typing import Any, ClassVar

from django import forms

from addressbook.codes import ContactChannel, LinkKind, RevealReason, Sex
from addressbook.number_text import holds_number
from addressbook.search_terms import KANA_ONLY
from addressbook.tax_kinds import tax_kind_choices
from taxsys.kernel import kana
from taxsys.platform import clock
from taxsys.platform.ui.forms import WarekiDateField

_NO_NUMBER = "個人番号と思われる12桁の数字は入力できません。数字を除いて入力してください。"


class HouseForm(forms.Form):
    """A form whose texts may hold no My Number and no control characters."""

    token = forms.CharField(widget=forms.HiddenInput, required=False)
    # Where a number belongs (addressbook.number_forms); in any other box it is refused.
    number_fields: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            if not isinstance(field, WarekiDateField):
                verb = "選んで" if isinstance(field, forms.ChoiceField) else "入力して"
                field.error_messages["required"] = f"{field.label}を{verb}ください。"

    def clean(self) -> dict[str, Any]:
        """Refuse a My Number in any text box (N-025)."""
        values: dict[str, Any] = super().clean() or {}
        for name, value in list(values.items()):
            if name != "token" and name not in self.number_fields and isinstance(value, str) and holds_number(value):
                self.add_error(name, _NO_NUMBER)
        return values


class KanaField(forms.CharField):
    """カナ: hiragana and half width are taken and made full-width katakana."""

    def to_python(self, value: Any) -> str:
        """The katakana; ValidationError for anything else."""
        text = super().to_python(value)
        flat = unicodedata.normalize("NFKC", text or "").replace(" ", "　").strip()
        katakana = kana.to_full(kana.to_half(flat)).replace(" ", "　") if flat else ""
        if katakana and not KANA_ONLY.match(katakana):
            raise forms.ValidationError("カナで入力してください（例：アサヒカワ　タロウ）。")
        return katakana


class ZipField(forms.CharField):
    """郵便番号: seven digits, hyphen and width as typed."""

    def to_python(self, value: Any) -> str:
        """Seven digits or nothing."""
        digits = re.sub(r"[\s\-‐−ー〒]", "", unicodedata.normalize("NFKC", super().to_python(value) or ""))
        if digits and not re.fullmatch(r"\d{7}", digits, re.ASCII):
            raise forms.ValidationError("郵便番号は7桁の数字で入力してください（例：070-8525）。")
        return digits


class ContactForm(HouseForm):
    """対応記録."""

    contacted_on = WarekiDateField(label="対応日")
    channel = forms.ChoiceField(label="方法", choices=ContactChannel.choices)
    text = forms.CharField(label="内容", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))

    def clean_contacted_on(self) -> Any:
        """Not in the future."""
        day = self.cleaned_data["contacted_on"]
        if day and day > clock.today():
            raise forms.ValidationError("対応日が業務日より後です。")
        return day


class _PeriodForm(HouseForm):
    """A form with a period [valid_from, valid_to)."""

    def clean(self) -> dict[str, Any]:
        """The period must run forward."""
        values = super().clean()
        start, end = values.get("valid_from"), values.get("valid_to")
        if start and end and end <= start:
            self.add_error("valid_to", "終了日は開始日より後の日を入力してください。")
        return values


class DeliveryForm(_PeriodForm):
    """送付先."""

    tax_kind = forms.ChoiceField(label="税目", choices=tax_kind_choices, required=False)
    valid_from = WarekiDateField(label="開始日")
    valid_to = WarekiDateField(label="終了日（その前日まで）", required=False)
    addressee_name = forms.CharField(
        label="送付先氏名", required=False, max_length=300, help_text="空欄のときは本人あてです。"
    )
    zip = ZipField(label="郵便番号", required=False, max_length=10)
    address_text = forms.CharField(label="住所", max_length=300)
    building_text = forms.CharField(label="方書", required=False, max_length=300)
    reason = forms.CharField(label="理由", required=False, max_length=100)


class LinkForm(_PeriodForm):
    """納税管理人・相続人代表者等."""

    kind = forms.ChoiceField(label="関係", choices=LinkKind.choices)
    agent_no = forms.CharField(
        label="相手方の宛名番号", max_length=15, help_text="先に宛名検索で相手方を確かめ、宛名番号を入力してください。"
    )
    tax_kind = forms.ChoiceField(label="税目", choices=tax_kind_choices, required=False)
    valid_from = WarekiDateField(label="開始日")
    valid_to = WarekiDateField(label="終了日（その前日まで）", required=False)

    def clean_agent_no(self) -> str:
        """Width and case made one."""
        return unicodedata.normalize("NFKC", self.cleaned_data["agent_no"]).strip().upper()


class EndForm(HouseForm):
    """終了日."""

    ends_on = WarekiDateField(label="終了日（その前日まで有効）")


class NonresidentForm(HouseForm):
    """住登外者."""

    name = forms.CharField(label="氏名", max_length=300)
    name_kana = KanaField(label="カナ", max_length=300)
    birth_on = WarekiDateField(label="生年月日", required=False)
    sex = forms.ChoiceField(label="性別", choices=Sex.choices)
    zip = ZipField(label="郵便番号", required=False, max_length=10)
    address_text = forms.CharField(label="住所", max_length=300)
    building_text = forms.CharField(label="方書", required=False, max_length=300)
    changed_on = WarekiDateField(label="登録・異動の日")

    def clean_name(self) -> str:
        """One full-width space between the parts of a name."""
        return "　".join(str(self.cleaned_data["name"]).split())


class RevealForm(forms.Form):
    """支援措置対象者の住所の表示: the reason is chosen, and recorded as a code."""

    reason = forms.ChoiceField(label="表示する理由", choices=RevealReason.choices, widget=forms.RadioSelect)


class ProtectionTermForm(forms.Form):
    """支援措置の延長・終了の起案."""

    EXTEND, END, WITHDRAW = "extend", "end", "withdraw"
    decision = forms.ChoiceField(
        label="起案の内容",
        choices=((EXTEND, "延長する（本人の申出があった）"), (END, "終了する（満了し、延長の申出がない）"),
                 (WITHDRAW, "取下げ（本人の申出があった）")),
        widget=forms.RadioSelect,
    )  # fmt: skip
    until = WarekiDateField(label="延長後の終了日", required=False, help_text="延長するときに入力します。")

    def clean(self) -> dict[str, Any]:
        """An extension needs its day."""
        given = super().clean() or {}
        if given.get("decision") == self.EXTEND and not given.get("until") and "until" not in self.errors:
            self.add_error("until", "延長後の終了日を入力してください。")
        return given


class AsOfForm(forms.Form):
    """時点: the day that counts, and the last day whose records count."""

    on = WarekiDateField(label="時点", required=False)
    known = WarekiDateField(label="いつまでの登録で", required=False)

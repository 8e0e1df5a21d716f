"""証明の入力 (forms of the counter)."""

from typing import Any

from django import forms

from addressbook.models import Party
from certificates.codes import Authority, IdentityCheck, Relation, RequestedKind
from certificates.guidance import BY_RELATION, NEEDED, NOT_NEEDED_JA, WRONG_KIND_JA
from taxsys.kernel import wareki
from taxsys.platform.ui.forms import WarekiDateField

YEARS_BACK = 5
PURPOSES = ("扶養・被扶養者の認定", "融資・ローン", "公営住宅", "保育・就学", "年金・手当", "奨学金", "その他")


class RequestForm(forms.Form):
    """証明書の請求: who asks, about which year, with what papers."""

    relation = forms.ChoiceField(label="請求者", choices=Relation.choices, initial=Relation.SELF)
    identity_check = forms.ChoiceField(
        label="本人確認", choices=IdentityCheck.choices, initial=IdentityCheck.MY_NUMBER_CARD
    )
    applicant_no = forms.CharField(
        label="請求者の宛名番号",
        required=False,
        max_length=15,
        help_text="本人以外が請求するとき。わからないときは氏名",
    )
    applicant_name = forms.CharField(label="請求者の氏名", required=False, max_length=100)
    authority = forms.ChoiceField(label="権限の書類", choices=Authority.choices, required=False)
    has_consent = forms.BooleanField(label="同一世帯の親族の請求で、本人の同意を確認した", required=False)
    kind = forms.ChoiceField(
        label="証明の種類",
        choices=RequestedKind.choices,
        initial=RequestedKind.INCOME,
        error_messages={"invalid_choice": WRONG_KIND_JA},
    )
    tax_year = forms.TypedChoiceField(label="年度", coerce=int)
    purpose = forms.ChoiceField(label="使用目的", choices=[(text, text) for text in PURPOSES])
    copies = forms.IntegerField(label="通数", initial=1, min_value=1, max_value=10)
    hides_address = forms.BooleanField(label="住所を記載しない", required=False)

    def __init__(self, *args: Any, newest_year: int, **options: Any) -> None:
        super().__init__(*args, **options)
        years = range(newest_year, newest_year - YEARS_BACK, -1)
        self.fields["tax_year"].choices = [  # type: ignore[attr-defined]
            (year, f"{wareki.format_year(year)}年度（{wareki.format_year(year - 1)}年分の所得）") for year in years
        ]

    def clean(self) -> dict[str, Any]:
        """Somebody other than the subject is named, in the register or by name; what the relation has no use for is
        not taken (R-204)."""
        values: dict[str, Any] = super().clean() or {}
        values["applicant"] = None
        needed = NEEDED.get(values.get("relation", ""), frozenset(BY_RELATION))
        for name in BY_RELATION:
            if name not in needed and values.get(name):
                self.add_error(name, NOT_NEEDED_JA)
        if values.get("relation") == Relation.SELF:
            return values
        number = values.get("applicant_no", "").strip()
        if number:
            values["applicant"] = Party.objects.filter(person_no=number).first()
            if values["applicant"] is None:
                self.add_error(
                    "applicant_no", "この宛名番号の宛名がありません。番号を確かめるか、氏名を入力してください。"
                )
        elif not values.get("applicant_name", "").strip():
            self.add_error("applicant_name", "本人以外の請求です。請求者の宛名番号か氏名を入力してください。")
        return values


class VoidForm(forms.Form):
    """取消・再発行の理由."""

    reason = forms.CharField(label="理由", max_length=200)
    is_fee_returned = forms.BooleanField(label="手数料を返した（取消のとき）", required=False)


class HoldForm(forms.Form):
    """発行停止・解除の理由."""

    reason = forms.CharField(label="理由", max_length=200)


class DayForm(forms.Form):
    """交付簿の日."""

    on = WarekiDateField(label="交付日", required=False, help_text="")

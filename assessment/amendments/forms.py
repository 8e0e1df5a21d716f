"""更正事案と減免の入力."""

from typing import Any
from uuid import UUID

from django import forms

from addressbook.models import Party
from assessment.amendments.cases import CaseDraft
from assessment.amendments.limits import exception_choices
from assessment.amendments.models import CaseCause
from assessment.amendments.relief_law import relief_choices
from assessment.amendments.reliefs import ReliefDraft
from assessment.resident.rules.pipeline import TAX_YEARS, coverage
from taxsys.kernel import wareki
from taxsys.platform.ui.forms import WarekiDateField

_MOST_RELATIVES = 8


def decidable_years() -> list[tuple[str, str]]:
    """Tax years of which something may be decided, newest first."""
    years = [year for year in TAX_YEARS if coverage(year).state != "none"]
    return [(str(year), f"{wareki.format_year(year)}年度") for year in reversed(years)]


class CaseForm(forms.Form):
    """更正・決定の事案: years, cause with its day, the reason of the notice, an exception from the time limits."""

    first_year = forms.ChoiceField(label="最初の課税年度", choices=decidable_years)
    cause = forms.ChoiceField(label="きっかけ", choices=CaseCause.choices)
    request_on = WarekiDateField(label="更正の請求の日", required=False, help_text="更正の請求のとき")
    tax_office_notice_on = WarekiDateField(
        label="所得税の更正通知・申告の日", required=False, help_text="修正申告・期限後申告・所得税の更正のとき"
    )
    reason_ja = forms.CharField(
        label="更正・決定の理由",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="どの資料のどの事実により、何を改めるか。通知書に印字します(理由の提示)。",
    )
    limit_ground = forms.ChoiceField(label="期間制限の特例", choices=exception_choices, required=False)
    event_on = WarekiDateField(label="特例の日", required=False, help_text="裁決・判決・所得税の更正・請求の日")
    relatives = forms.CharField(
        label="一緒に計算する人の宛名番号",
        required=False,
        max_length=200,
        help_text="配偶者・扶養親族など。空白で区切って入力します。本人だけのときは空けておきます。",
    )

    def clean_relatives(self) -> tuple[UUID, ...]:
        """Parties of the numbers given."""
        numbers = self.cleaned_data["relatives"].split()
        found = dict(Party.objects.filter(person_no__in=numbers).values_list("person_no", "id"))
        if missing := [one for one in numbers if one not in found]:
            raise forms.ValidationError(f"宛名番号{missing[0]}の人がいません。番号を確かめてください。")
        if len(numbers) > _MOST_RELATIVES:
            raise forms.ValidationError(f"一緒に計算できるのは{_MOST_RELATIVES}人までです。")
        return tuple(found.values())

    def draft(self, party_id: UUID) -> CaseDraft:
        """What was entered, for the service."""
        given: dict[str, Any] = self.cleaned_data
        return CaseDraft(
            party_id, int(given["first_year"]), given["cause"], given["reason_ja"], given["limit_ground"],
            given["event_on"], given["request_on"], given["tax_office_notice_on"], given["relatives"],
        )  # fmt: skip


class ReliefForm(forms.Form):
    """減免申請の受付: year, ground and grade of the ordinance table, days, documents seen, the officer's opinion."""

    tax_year = forms.ChoiceField(label="課税年度", choices=decidable_years)
    more_years = forms.MultipleChoiceField(
        label="同じ申請で減免する他の年度", choices=decidable_years, required=False,
        widget=forms.CheckboxSelectMultiple, help_text="年度ごとに期別と額を計算し、年度ごとに決裁します。",
    )  # fmt: skip
    choice = forms.ChoiceField(label="減免の事由・区分", choices=relief_choices)
    applied_on = WarekiDateField(label="申請日")
    event_on = WarekiDateField(label="事由の生じた日", required=False, help_text="災害・死亡のとき")
    documents_ja = forms.CharField(label="確認した書類", max_length=200)
    opinion_ja = forms.CharField(
        label="審査の所見", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="決裁する人が見ます。通知書には載りません。",
    )  # fmt: skip
    is_ex_officio = forms.BooleanField(label="職権による(申請なし)", required=False)

    def draft(self, party_id: UUID) -> ReliefDraft:
        """What was entered, for the service."""
        given: dict[str, Any] = self.cleaned_data
        return ReliefDraft(
            party_id, int(given["tax_year"]), given["choice"], given["applied_on"], given["documents_ja"],
            given["event_on"], given["is_ex_officio"], given["opinion_ja"],
            tuple(int(year) for year in given["more_years"]),
        )  # fmt: skip


class ReliefActForm(forms.Form):
    """不承認・取消の理由 and the day of the revocation."""

    reason_ja = forms.CharField(
        label="不承認・取消の理由", max_length=200, required=False, help_text="通知書に印字します(理由の提示)。"
    )
    revoke_from = WarekiDateField(
        label="取消の日", required=False, help_text="この日以後に納期限の来る期別から、減免しません。"
    )

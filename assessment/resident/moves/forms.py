"""異動届の入力: the boxes of the paper in its order, and the same form for starting to withhold (切替届)."""

from typing import Any
from uuid import UUID

from django import forms

from assessment.models import AfterChange, ChangeReason, EmploymentChange, LumpReason, NoLumpReason
from assessment.resident.moves.services import ChangeDraft
from assessment.resident.moves.timeline import month_of, place_of_month
from assessment.withholders.selectors import withholder_by_number
from taxsys.platform.ui.forms import WarekiDateField, YenField

PLACES = tuple(range(1, 13))
_MONTHS = [(str(place), f"{month_of(place)}月") for place in PLACES]
_NONE = [("0", "なし(1月も徴収していない)")]


def _choices(kind: Any, empty_ja: str) -> list[tuple[str, str]]:
    return [("", empty_ja), *kind.choices]


class ChangeForm(forms.Form):
    """給与所得者異動届出書 (18号様式) and 特別徴収切替届出書, one box a line of the paper."""

    received_on = WarekiDateField(label="受付日", help_text="")
    withholder = forms.CharField(
        label="給与支払者の指定番号", max_length=12, required=False, help_text="切替届のときは空けておきます。"
    )
    annual_yen = YenField(label="(ア)特別徴収税額(年税額)", required=False)
    last_place = forms.ChoiceField(label="徴収済の最後の月", choices=[*_NONE, *_MONTHS])
    collected_yen = YenField(label="(イ)徴収済額", required=False)
    uncollected_yen = YenField(label="(ウ)未徴収税額 (ア)−(イ)", required=False)
    event_on = WarekiDateField(label="異動年月日(切替届では切替の申出日)")
    reason = forms.ChoiceField(label="異動の事由", choices=ChangeReason.choices)
    after = forms.ChoiceField(
        label="異動後の未徴収税額の徴収方法", choices=AfterChange.choices, widget=forms.RadioSelect,
        error_messages={"required": "異動後の徴収方法を選んでください。"},
    )  # fmt: skip
    new_withholder = forms.CharField(label="新しい給与支払者の指定番号", max_length=12, required=False)
    new_employee_no = forms.CharField(label="新しい受給者番号", max_length=25, required=False)
    first_place = forms.ChoiceField(
        label="月割額を徴収し始める月", choices=[("", "書かれていない"), *_MONTHS], required=False
    )
    lump_reason = forms.ChoiceField(
        label="一括徴収の理由", choices=_choices(LumpReason, "一括徴収ではない"), required=False
    )
    lump_place = forms.ChoiceField(
        label="一括徴収分を納入する月分", choices=[("", "一括徴収ではない"), *_MONTHS], required=False
    )
    no_lump_reason = forms.ChoiceField(
        label="一括徴収しない理由", choices=_choices(NoLumpReason, "書かれていない"), required=False
    )
    difference_reason = forms.CharField(
        label="届出の税額が台帳と違うときの理由", max_length=200, required=False,
        help_text="税額が台帳と違うと登録できません。支払者に確かめた内容を書くと登録できます。",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """The payers' ids; a change of before a number changed speaks of the agent of that time."""
        data = super().clean() or {}
        for name in ("withholder", "new_withholder"):
            number = str(data.get(name) or "").strip()
            found = withholder_by_number(number, on=data.get("event_on")) if number else None
            if number and found is None:
                self.add_error(name, f"指定番号{number}の特別徴収義務者がいません。番号を確かめてください。")
            data[name] = found.pk if found else None
        return data

    def draft(self, *, party_id: UUID, tax_year: int) -> ChangeDraft:
        """What was typed, as the service takes it."""
        data = self.cleaned_data

        def number(name: str) -> int | None:
            return int(data[name]) if data[name] else None

        return ChangeDraft(
            tax_year=tax_year, party_id=party_id, reason=data["reason"], event_on=data["event_on"],
            after=data["after"], received_on=data["received_on"], withholder_id=data["withholder"],
            last_place=int(data["last_place"]), new_withholder_id=data["new_withholder"],
            new_employee_no=data["new_employee_no"].strip(), first_place=number("first_place"),
            lump_reason=data["lump_reason"], lump_place=number("lump_place"), no_lump_reason=data["no_lump_reason"],
            annual_yen=data["annual_yen"], collected_yen=data["collected_yen"],
            uncollected_yen=data["uncollected_yen"], difference_reason=data["difference_reason"].strip(),
        )  # fmt: skip


class ActForm(forms.Form):
    """届出の取下げ・保留の解除の理由."""

    act = forms.ChoiceField(choices=[("withdraw", "取下げ"), ("accept", "有効にする")])
    reason = forms.CharField(label="理由", max_length=200, error_messages={"required": "理由を入力してください。"})


def initial_of(change: EmploymentChange) -> dict[str, Any]:
    """A recorded notification in the boxes of the form, for correcting it."""
    names = (
        "received_on", "annual_yen", "last_place", "collected_yen", "uncollected_yen", "event_on", "reason", "after",
        "new_employee_no", "lump_reason", "no_lump_reason", "difference_reason", "first_place", "lump_place",
    )  # fmt: skip
    payers = {
        "withholder": change.withholder.designation_no if change.withholder else "",
        "new_withholder": change.new_withholder.designation_no if change.new_withholder else "",
    }
    return {name: getattr(change, name) for name in names} | payers


def initial_new(designation_no: str, months: list[int], *, month: int, received_on: Any) -> dict[str, Any]:
    """What the books know already: the employer, its sums until the month that runs."""
    place = place_of_month(month)
    collected = sum(months[:place])
    return {
        "received_on": received_on, "withholder": designation_no, "annual_yen": sum(months), "last_place": str(place),
        "collected_yen": collected, "uncollected_yen": sum(months) - collected,
    }  # fmt: skip

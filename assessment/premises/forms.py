"""家屋敷等の入力."""

from typing import Any
from uuid import UUID

from django import forms

from assessment.amendments.forms import decidable_years
from assessment.premises.models import PremisesGround, PremisesKind
from assessment.premises.services import PremisesDraft
from taxsys.platform.files.channels import ReceiptChannel
from taxsys.platform.ui.forms import WarekiDateField


class PremisesForm(forms.Form):
    """登録: what, where, since which year, how it became known, where the person lives."""

    kind = forms.ChoiceField(label="種別", choices=PremisesKind.choices, widget=forms.RadioSelect)
    address_text = forms.CharField(label="家屋敷等の所在地（市内）", max_length=300)
    first_year = forms.ChoiceField(label="課税を始める年度", choices=decidable_years)
    ground = forms.ChoiceField(label="把握の経緯", choices=PremisesGround.choices)
    evidence_ja = forms.CharField(label="確認した資料", max_length=200, help_text="例：家屋敷等申告書（受付番号）")
    home_municipality = forms.CharField(
        label="住所地の市区町村コード", max_length=6, help_text="1月1日に住所のある市区町村の6桁のコード"
    )
    received_on = WarekiDateField(label="受付日")
    channel = forms.ChoiceField(label="入手方法", choices=ReceiptChannel.choices, required=False)

    def draft(self, party_id: UUID) -> PremisesDraft:
        """What was entered, for the service."""
        given: dict[str, Any] = self.cleaned_data
        return PremisesDraft(
            party_id, given["kind"], given["address_text"], given["ground"], given["evidence_ja"],
            int(given["first_year"]), given["home_municipality"], given["received_on"],
            given["channel"] or ReceiptChannel.PAPER,
        )  # fmt: skip


class EndForm(forms.Form):
    """終了: the last year and why."""

    last_year = forms.IntegerField(label="課税する最後の年度（西暦）", min_value=2000, max_value=2100)
    reason_ja = forms.CharField(label="終了の理由", max_length=200, help_text="例：令和8年12月に売却")


class AnswerForm(forms.Form):
    """住所地の回答."""

    tax_year = forms.ChoiceField(label="課税年度", choices=decidable_years)
    is_exempt = forms.ChoiceField(
        label="住所地での均等割", choices=[("0", "課税"), ("1", "非課税")], widget=forms.RadioSelect
    )
    answered_on = WarekiDateField(label="回答日")
    note_ja = forms.CharField(label="備考", max_length=200, required=False)


class DismissForm(forms.Form):
    """候補の除外."""

    party = forms.UUIDField(widget=forms.HiddenInput)
    tax_year = forms.IntegerField(widget=forms.HiddenInput)
    reason_ja = forms.CharField(label="除く理由", max_length=200)

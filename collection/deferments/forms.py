"""猶予・免除・期限の延長の入力."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from collection.deferments.grounds import grounds
from collection.deferments.services import DefermentDraft
from taxsys.platform.files.channels import ReceiptChannel
from taxsys.platform.ui.forms import WarekiDateField


class DefermentForm(forms.Form):
    """起案: ground, period, what was looked at; the claims are chosen in the table beside it."""

    ground = forms.ChoiceField(label="根拠")
    received_on = WarekiDateField(label="申請日", required=False, help_text="職権によるときは空けておきます。")
    channel = forms.ChoiceField(label="申請の入手方法", choices=ReceiptChannel.choices, required=False)
    from_on = WarekiDateField(label="始期", required=False, help_text="納期限の延長では空けておきます。")
    until_on = WarekiDateField(label="終期（延長では新しい納期限）", is_due_date=True)
    reason_ja = forms.CharField(label="理由", max_length=200)
    evidence_ja = forms.CharField(label="確認した資料", max_length=200, help_text="例：り災証明書、収支の明細書")
    security_ja = forms.CharField(label="担保（徴しないときはその理由）", max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["ground"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "選んでください"), *((one.code, one.title) for one in grounds().values())]

    def draft(self, party_id: UUID, charge_ids: tuple[int, ...]) -> DefermentDraft:
        """What was entered, for these claims."""
        data: dict[str, Any] = self.cleaned_data
        return DefermentDraft(party_id=party_id, charge_ids=charge_ids, **data)


class EndForm(forms.Form):
    """取消の起案."""

    ended_on = WarekiDateField(label="取消の日", help_text="この日から効力がなくなります。")
    reason = forms.CharField(label="取消の理由", max_length=200)

    def day(self) -> date:
        """The day that was entered."""
        found: date = self.cleaned_data["ended_on"]
        return found

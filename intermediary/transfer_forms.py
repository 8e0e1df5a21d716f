"""Forms of the requests."""

from typing import Any

from django import forms

from intermediary.forms import item_choices
from intermediary.models import RegisterRow, TransferRequest
from intermediary.services.transfers import DESK_METHODS
from taxsys.platform.ui.forms import WarekiDateField


class RequestForm(forms.Form):
    """依頼の入力 under one row: only the row's items and methods stand to choose."""

    form = forms.ChoiceField(label="様式", choices=TransferRequest.Form.choices)
    purpose_ja = forms.CharField(label="利用目的", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    tax_year = forms.IntegerField(label="課税年度（西暦）", min_value=2000, max_value=2100)
    known_on = WarekiDateField(
        label="基準日", required=False, help_text="この日の終わりに決定されていた内容。空なら提供する日。"
    )
    items = forms.MultipleChoiceField(label="求める項目", widget=forms.CheckboxSelectMultiple)
    method = forms.ChoiceField(label="求める方法")
    person_nos = forms.CharField(
        label="対象者の宛名番号",
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="1行に一つ。5,000人まで。個人番号は入力できません。",
    )

    def __init__(self, row: RegisterRow, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["items"].choices = item_choices(row.items)  # type: ignore[attr-defined]
        self.fields["method"].choices = [  # type: ignore[attr-defined]
            (one, RegisterRow.Method(one).label) for one in row.methods if one in DESK_METHODS
        ]


class CheckForm(forms.Form):
    """法的確認の判断."""

    is_purpose_inside = forms.BooleanField(label="利用目的が登録簿の事務の範囲内である", required=False)
    base_ja = forms.CharField(label="根拠", max_length=300)
    items = forms.MultipleChoiceField(
        label="承認する項目",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="必要な項目だけを残します。",
    )
    valid_until = WarekiDateField(label="提供できる期限（この日から不可）", required=False)
    decision = forms.ChoiceField(choices=(("propose", "承認を起案"), ("refuse", "不承認")))
    reason_ja = forms.CharField(
        label="不承認の理由", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, request: TransferRequest, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        allowed = [name for name in request.items if name in request.row.items]
        self.fields["items"].choices = item_choices(allowed)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Approval needs items and a last day; refusal its reason."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("decision") == "propose":
            if not values.get("items") and "items" not in self.errors:
                self.add_error("items", "承認する項目を選んでください。")
            if not values.get("valid_until") and "valid_until" not in self.errors:
                self.add_error("valid_until", "提供できる期限を入力してください。")
        elif not values.get("reason_ja", "").strip():
            self.add_error("reason_ja", "不承認の理由を入力してください。")
        return values


class ExecuteForm(forms.Form):
    """実行の入力: the items to give now, and the medium that carries them."""

    items = forms.MultipleChoiceField(label="提供する項目", widget=forms.CheckboxSelectMultiple)
    media_no = forms.CharField(label="媒体番号", max_length=40, required=False)
    is_encrypted = forms.BooleanField(label="媒体を暗号化した", required=False)

    def __init__(self, request: TransferRequest, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["items"].choices = item_choices(request.approved_items)  # type: ignore[attr-defined]
        if request.method not in ("media", "flash"):
            del self.fields["media_no"], self.fields["is_encrypted"]


class ReceiptForm(forms.Form):
    """受領の署名."""

    media_no = forms.CharField(label="受け取った媒体の番号", max_length=40, required=False)

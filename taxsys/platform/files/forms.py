"""Forms of the files desk."""

from typing import Any

from django import forms

from taxsys.platform.files import layouts
from taxsys.platform.files.channels import ReceiptChannel
from taxsys.platform.files.models import OutgoingFile, ReceivedFile
from taxsys.platform.files.selectors import layout_title
from taxsys.platform.jobs.intake import formats_taken

MAX_UPLOAD = 512 << 20


class ReceiveForm(forms.Form):
    """ファイルの受領: what came, of which kind, from whom, by which way."""

    format = forms.ChoiceField(label="形式")
    file = forms.FileField(label="ファイル", max_length=255, allow_empty_file=True)
    manifest = forms.FileField(
        label="送付票(manifest.json)",
        required=False,
        help_text="ファイルと一緒に届いたときに選びます。件数・合計・ハッシュ値を照合します。",
    )
    sender = forms.CharField(label="送付元", max_length=100)
    channel = forms.ChoiceField(label="入手方法", choices=ReceiptChannel.choices)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [
            (f"{name}/{one.edition}", f"{one.title}（{one.edition}）")
            for name in formats_taken()
            for one in layouts.editions(name)
        ]
        self.fields["format"].choices = [("", "選んでください"), *choices]  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """Nothing larger than a file of this house can be."""
        file = self.cleaned_data["file"]
        if file.size > MAX_UPLOAD:
            raise forms.ValidationError("512MBを超えています。分けて送ってもらうか、運用担当に依頼してください。")
        return file


class ReceivedFilter(forms.Form):
    """絞込み of the received files."""

    state = forms.ChoiceField(label="状態", required=False, choices=[("", "すべて"), *ReceivedFile.State.choices])
    format = forms.ChoiceField(label="形式", required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        names = ReceivedFile.objects.order_by("format").values_list("format", flat=True).distinct()
        self.fields["format"].choices = [  # type: ignore[attr-defined]
            ("", "すべて"),
            *((name, layout_title(name)) for name in names),
        ]


class StateForm(forms.Form):
    """提供ファイルの結果の記録."""

    state = forms.ChoiceField(label="結果")
    reason = forms.CharField(label="理由・受付番号など", max_length=200, required=False)

    def __init__(self, allowed: list[str], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["state"].choices = [  # type: ignore[attr-defined]
            (state, OutgoingFile.State(state).label) for state in allowed
        ]

    def clean(self) -> dict[str, Any]:
        """What did not go as it should needs its reason."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("state") in {"rejected", "withdrawn"} and not values.get("reason", "").strip():
            self.add_error("reason", "理由を入力してください。")
        return values

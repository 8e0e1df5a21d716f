"""入力 of the scanned papers: the file and what it is, the areas to black out, the purpose of looking."""

import re
from typing import Any

from django import forms

from addressbook.codes import NumberPurpose
from addressbook.forms import HouseForm
from assessment.scans.models import ScanKind, ScannedPaper, ScanPurpose, ScanState
from taxsys.platform.files.pictures import MAX_BYTES, Mask, PictureRefused
from taxsys.platform.ui.forms import WarekiDateField

_NUMBERS = re.compile(r"\s*(\d{1,4})\s*[,，、 ]\s*(\d{1,4})\s*[,，、 ]\s*(\d{1,4})\s*[,，、 ]\s*(\d{1,4})\s*", re.ASCII)
_MASKS_A_PAGE = 40


class RegisterForm(HouseForm):
    """画像の登録."""

    file = forms.FileField(label="画像（PDF・PNG・JPEG・TIFF）", max_length=255, help_text="20MB・30頁まで。")
    kind = forms.ChoiceField(label="種別", choices=[("", "選んでください"), *ScanKind.choices])
    arrived_on = WarekiDateField(label="受付日")
    reception_no = forms.CharField(label="受付番号", max_length=30, required=False)

    def clean_file(self) -> Any:
        """Not read into memory when it is too large."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(
                f"{MAX_BYTES >> 20}MBを超えています。解像度を下げるか、分けて読み取ってください。"
            )
        return file


class MasksField(forms.Field):
    """遮蔽する範囲 of one page: a line a rectangle, 左,上,右,下 in thousandths of the page."""

    widget = forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false", "inputmode": "numeric"})

    def to_python(self, value: Any) -> list[Mask]:
        """The rectangles; ValidationError says which line is wrong."""
        lines = [line for line in str(value or "").splitlines() if line.strip()]
        if len(lines) > _MASKS_A_PAGE:
            raise forms.ValidationError(f"1頁の範囲は{_MASKS_A_PAGE}個までです。まとめて囲んでください。")
        found = []
        for number, line in enumerate(lines, start=1):
            match = _NUMBERS.fullmatch(line)
            if match is None:
                raise forms.ValidationError(f"{number}行目は「左,上,右,下」の4つの数（0から1000）ではありません。")
            try:
                found.append(Mask(*(int(part) for part in match.groups())))
            except PictureRefused as error:
                raise forms.ValidationError(f"{number}行目：{error.message_ja}") from error
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        """A list is not compared with text."""
        return bool(data)


class MaskForm(HouseForm):
    """遮蔽: for each page its areas, or the statement that no number stands on it (not asked when areas are added)."""

    def __init__(self, *args: Any, pages: int, is_more: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.pages = pages
        for number in range(1, pages + 1):
            self.fields[f"masks_{number}"] = MasksField(label=f"{number}頁の遮蔽する範囲", required=False)
            if not is_more:
                self.fields[f"none_{number}"] = forms.BooleanField(
                    label=f"{number}頁に個人番号の記載はない", required=False
                )
        self.is_more = is_more

    def clean(self) -> dict[str, Any]:
        """Every page is answered, one way and not both."""
        values = super().clean()
        for number in range(1, self.pages + 1):
            if self.is_more or f"masks_{number}" in self.errors:
                continue
            areas, is_none = values.get(f"masks_{number}"), values.get(f"none_{number}")
            if bool(areas) == bool(is_none):
                self.add_error(
                    f"masks_{number}",
                    "範囲を指定したときは「記載はない」の印を外してください。"
                    if areas
                    else "番号の範囲を囲むか、「記載はない」に印を付けてください。",
                )
        return values

    def masks(self) -> list[list[Mask]]:
        """One list of rectangles a page."""
        return [self.cleaned_data.get(f"masks_{number}") or [] for number in range(1, self.pages + 1)]

    def page_fields(self) -> list[dict[str, Any]]:
        """For the template: the fields of each page."""
        return [
            {"no": number, "masks": self[f"masks_{number}"], "none": None if self.is_more else self[f"none_{number}"]}
            for number in range(1, self.pages + 1)
        ]


def _purpose(choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label="目的",
        choices=choices,
        widget=forms.RadioSelect,
        error_messages={"required": "目的を選んでください。"},
    )


class OpenForm(forms.Form):
    """画像を見る目的."""

    purpose = _purpose(ScanPurpose.choices)


class RevealForm(forms.Form):
    """個人番号の見える原本を開く目的."""

    purpose = _purpose(NumberPurpose.choices)


class WithdrawForm(HouseForm):
    """取消."""

    reason = forms.CharField(label="取消の理由", max_length=200)


class ListFilter(forms.Form):
    """絞込み of the list."""

    state = forms.ChoiceField(label="状態", required=False, choices=[("", "すべて"), *ScanState.choices])
    reception_no = forms.CharField(
        label="受付番号", required=False, max_length=ScannedPaper._meta.get_field("reception_no").max_length
    )

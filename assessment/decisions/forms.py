"""決定の撤回の入力: the reason, and new due dates of the bills where the old ones can no longer be met."""

from typing import Any

from django import forms

from assessment.resident.collection_split import ORDINARY, ORDINARY_KEYS
from taxsys.platform.ui.forms import WarekiDateField


class RecallForm(forms.Form):
    """Reason, and a new due date for each instalment of the bills (empty: as before)."""

    reason = forms.CharField(
        label="撤回の理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="何が誤っていたか、どのように分かったかを書いてください。記録に残ります。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place, _ in enumerate(ORDINARY_KEYS, start=1):
            self.fields[f"due_{place}"] = WarekiDateField(label=f"第{place}期の新しい納期限", required=False)

    def due_dates(self) -> dict[str, str]:
        """The new dates that were given, by the key of the instalment."""
        found = {}
        for place, _ in enumerate(ORDINARY_KEYS, start=1):
            if day := self.cleaned_data.get(f"due_{place}"):
                found[f"{ORDINARY}:{place}"] = day.isoformat()
        return found

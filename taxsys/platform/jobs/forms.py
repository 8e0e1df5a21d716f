"""The form of a run request, built from the job's declared parameters."""

from __future__ import annotations

from typing import Any

from django import forms

from taxsys.platform.jobs.declaration import Job, Param
from taxsys.platform.ui.forms import WarekiDateField

BUSINESS_ON = "run_business_on"


def _field(param: Param) -> forms.Field:
    common: dict[str, Any] = {
        "label": param.title_ja,
        "required": param.required and param.default is None,
        "initial": param.default,
    }
    if param.kind == "date":
        return WarekiDateField(**common)
    if param.kind == "int":
        return forms.IntegerField(**common, min_value=-(10**17), max_value=10**17)
    if param.kind == "choice":
        blank = [] if common["required"] else [("", "指定しない")]
        return forms.ChoiceField(**common, choices=[*blank, *param.options()])
    return forms.CharField(**common, max_length=200)


class RequestForm(forms.Form):
    """実行依頼: the job's parameters and the business date."""

    def __init__(self, job: Job, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.job = job
        for param in job.params:
            self.fields[param.name] = _field(param)
        self.fields[BUSINESS_ON] = WarekiDateField(label="業務日", required=False)

    def params(self) -> dict[str, object]:
        """The cleaned parameters, without the business date; empty boxes left out."""
        return {
            p.name: self.cleaned_data[p.name] for p in self.job.params if self.cleaned_data[p.name] not in ("", None)
        }


class ReasonForm(forms.Form):
    """破棄の理由."""

    reason = forms.CharField(label="理由", max_length=400)

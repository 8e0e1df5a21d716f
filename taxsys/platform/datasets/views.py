"""データセットの画面: what there is and of which items; exporting one, with reason and last day."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from taxsys.platform.audit.services import access_record
from taxsys.platform.datasets.declaration import Dataset, dataset_get, datasets
from taxsys.platform.datasets.permissions import EXPORT, VIEW
from taxsys.platform.datasets.services import ExportRefused, dataset_export
from taxsys.platform.dictionary import USES_JA, entry
from taxsys.platform.staff.access import requires
from taxsys.platform.ui.documents import file_given
from taxsys.platform.ui.forms import WarekiDateField


class ExportForm(forms.Form):
    """書出しの入力: the dataset's parameters, why, and until when the copy is kept."""

    reason_ja = forms.CharField(label="書き出す理由", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    expires_on = WarekiDateField(label="消去の期限", help_text="この日までに消去し、台帳「複製データ」に記録します。")

    def __init__(self, dataset: Dataset, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, label in dataset.params:
            self.fields[name] = forms.IntegerField(label=label, min_value=1900, max_value=2200)
        self.order_fields([name for name, _label in dataset.params])


def _shown(dataset: Dataset) -> dict[str, Any]:
    columns = [
        {
            "title_ja": column.title_ja,
            "groups_ja": "、".join(dict.fromkeys(entry(name).group.title_ja for name in column.fields)) or "（件数）",
        }
        for column in dataset.columns
    ]
    return {"dataset": dataset, "use_ja": USES_JA[dataset.use], "columns": columns}


@requires(VIEW)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """データセットの一覧."""
    access_record(action="view", record_type="dataset", count=len(datasets()))
    return render(request, "datasets/index.html", {"rows": [_shown(one) for one in datasets()]})


@requires(EXPORT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest, dataset_id: str) -> HttpResponse:
    """データセットを書き出す."""
    actor: Any = request.user
    try:
        dataset = dataset_get(dataset_id)
    except KeyError as error:
        raise Http404 from error
    form = ExportForm(dataset, request.POST) if request.method == "POST" else ExportForm(dataset)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        params = {name: given[name] for name, _label in dataset.params}
        try:
            made = dataset_export(
                dataset, params, reason_ja=given["reason_ja"], expires_on=given["expires_on"], actor=actor
            )
        except ExportRefused as error:
            form.add_error(None, error.message_ja)
        else:
            return file_given(made.content, f"{dataset.id}.csv", "text/csv; charset=utf-8")
    values = {**_shown(dataset), "form": form}
    return render(request, "datasets/export.html", values, status=422 if form.errors else 200)

"""庁内資料の受領: a division's table, under what that division may hand over (R-126)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from taxsys.platform.audit.services import access_record
from taxsys.platform.files.channels import ReceiptChannel
from taxsys.platform.files.errors import FilesError
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.permissions import RECEIVE
from taxsys.platform.files.profiles import department_receive, profiles
from taxsys.platform.files.tables import MAX_BYTES
from taxsys.platform.staff.access import requires

_CHANNELS = [
    (one.value, one.label)
    for one in (ReceiptChannel.INTERNAL, ReceiptChannel.MEDIA, ReceiptChannel.FLASH, ReceiptChannel.PAPER)
]


class DepartmentForm(forms.Form):
    """庁内資料の受領の入力."""

    profile = forms.ChoiceField(label="提出した課・資料")
    file = forms.FileField(label="表（CSVまたはXLSX）", max_length=255)
    channel = forms.ChoiceField(label="入手方法", choices=_CHANNELS)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(one.id, f"{one.unit_name}　{one.title_ja}") for one in profiles().values()]
        self.fields["profile"].choices = [("", "選んでください"), *choices]  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """Nothing larger than a table of people can be."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError("5MBを超えています。行を分けて出し直してもらってください。")
        return file


@requires(RECEIVE)
@require_http_methods(["GET", "HEAD", "POST"])
def receive(request: HttpRequest) -> HttpResponse:
    """庁内資料を受領する: refused whole with its reason, or taken in with a report of its lines."""
    form = DepartmentForm(request.POST, request.FILES) if request.method == "POST" else DepartmentForm()
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            received = department_receive(
                given["profile"], name=given["file"].name, content=given["file"].read(), channel=given["channel"]
            )
        except FilesError as error:
            form.add_error("file", error.message_ja)
        else:
            access_record(action="create", record_type="received_file", record_id=str(received.pk))
            if received.state == ReceivedFile.State.QUARANTINED:
                messages.error(request, f"受け付けませんでした。{received.refusal_message}")
            else:
                words = f"{received.record_count:,}行を受け取りました（誤りのある行 {received.error_count:,}）。"
                messages.success(request, words)
            return redirect("files-received", file_id=received.pk)
    values = {"form": form, "profiles": list(profiles().values()), "here": "department"}
    return render(request, "files/department.html", values, status=422 if form.errors else 200)

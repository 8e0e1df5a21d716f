"""控えの画面: copies elsewhere with their last day, registered and destroyed on record (R-188, R-191, R-193)."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from taxsys.platform import clock
from taxsys.platform.refusals import Refused
from taxsys.platform.retention.copies import RegionRefused, copy_destroy, copy_record
from taxsys.platform.retention.errors import CopyClosed
from taxsys.platform.retention.models import BackupCopy
from taxsys.platform.retention.permissions import KEEP_COPIES
from taxsys.platform.staff.access import requires


class CopyForm(forms.Form):
    """控えの登録."""

    label = forms.CharField(label="名称（媒体・世代）", max_length=120, help_text="例：日次バックアップ 第12世代")
    region = forms.ChoiceField(label="保管地域")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = self.fields["region"]
        choices.choices = [(region, region) for region in settings.TAXSYS_STORAGE_REGIONS]


class DestroyForm(forms.Form):
    """廃棄の記録."""

    method = forms.CharField(label="廃棄の方法", max_length=200, help_text="例：上書き消去、裁断、受託者の証明書第3号")


@requires(KEEP_COPIES)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def copies(request: HttpRequest) -> HttpResponse:
    """控えの一覧と登録."""
    form = CopyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            copy_record(taken_at=clock.now(), **form.cleaned_data)
        except RegionRefused as error:
            form.add_error("region", error.message_ja)
        else:
            messages.success(request, "控えを登録しました。")
            return redirect("retention-copies")
    today = timezone.localdate(clock.now())
    rows = [
        {"copy": copy, "is_late": copy.destroyed_on is None and copy.expires_on < today}
        for copy in BackupCopy.objects.all()[:200]
    ]
    values = {"form": form, "rows": rows, "destroy": DestroyForm()}
    return render(request, "retention/copies.html", values, status=422 if form.errors else 200)


@requires(KEEP_COPIES)
@never_cache
@require_POST
def destroy(request: HttpRequest, copy_id: int) -> HttpResponse:
    """控えを廃棄した記録."""
    actor: Any = request.user
    get_object_or_404(BackupCopy, pk=copy_id)
    form = DestroyForm(request.POST)
    if not form.is_valid():
        raise Refused("R400", "廃棄の方法を入力してください。", reason="method_missing")
    try:
        made = copy_destroy(copy_id, method=form.cleaned_data["method"], actor=actor)
    except CopyClosed as error:
        raise Refused("R409", error.message_ja, reason=error.code) from error
    messages.success(request, f"廃棄を記録しました。消去証明書 {made.certificate_no}")
    return redirect("retention-copies")

"""画面の小さな用: date echo, staying signed in, help, and the gallery of components."""

import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from taxsys.kernel import wareki
from taxsys.platform import clock
from taxsys.platform.refusals import Refused
from taxsys.platform.sittings.models import Sitting
from taxsys.platform.sittings.services import sitting_end, sitting_of
from taxsys.platform.staff.access import requires
from taxsys.platform.staff.permissions import SELF
from taxsys.platform.ui.forms import WarekiDateField, YenField, date_typed

# What a request may have taken on its way: the window's own clock began a little before the server's.
LOCK_MARGIN_SECONDS = 5


@requires(SELF)
@require_POST
def date_echo(request: HttpRequest) -> HttpResponse:
    """What a typed date is read as, or why it cannot be read; plain text for the live region below the box."""
    typed = str(request.POST.get("typed", ""))
    if not typed.strip():
        return HttpResponse("", content_type="text/plain; charset=utf-8")
    try:
        text = wareki.echo(date_typed(typed[:60], is_due_date=True))
    except wareki.WarekiError as error:
        text = f"読み取れません：{error.message_ja}"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@requires(SELF)
@require_POST
def keep_alive(request: HttpRequest) -> HttpResponse:
    """続ける: the officer answered the warning before the idle lock."""
    request.session["seen_at"] = int(clock.now().timestamp())
    return HttpResponse(status=204)


@requires(SELF)
@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """画面のロック: a window has been unused for the idle time. Another window of the sitting may have been used.

    Answers the seconds left, or ends the sitting and refuses.
    """
    idle = int(clock.now().timestamp()) - request.session["seen_at"]
    left = settings.TAXSYS_IDLE_LOCK_SECONDS - idle
    if left > LOCK_MARGIN_SECONDS:
        return JsonResponse({"seconds_left": left})
    sitting = sitting_of(request.session.get("sitting"))
    if sitting is not None:
        sitting_end(sitting, Sitting.Ended.IDLE)
    raise Refused("R401-IDLE", reason=Sitting.Ended.IDLE)


@requires(SELF)
@require_safe
def sitting(request: HttpRequest) -> HttpResponse:
    """Who sits here now, for a locked page that wants to go on: only the same officer gets the work back."""
    staff: Any = request.user
    return JsonResponse({"staff_no": staff.staff_no, "csrf": get_token(request)})


@requires(SELF)
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """操作の手引き: keys and input habits that are the same on all screens."""
    return render(request, "base/help.html")


class GalleryForm(forms.Form):
    """見本の入力欄."""

    name_kana = forms.CharField(label="氏名カナ", help_text="姓と名の間に空白を入れます。", max_length=60)
    due_on = WarekiDateField(label="納付予定日", is_due_date=True)
    amount = YenField(label="納付額", min_yen=1)
    method = forms.ChoiceField(
        label="徴収方法", choices=(("1", "普通徴収"), ("2", "給与特別徴収")), widget=forms.RadioSelect
    )
    memo = forms.CharField(label="備考", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    confirmed = forms.BooleanField(label="本人確認書類を確認した", required=False)


@requires(SELF)
@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """部品の見本: every component with its states; only in the embedded profile."""
    if getattr(settings, "TAXSYS_PROFILE", "") != "embedded":
        raise Http404
    wrong: dict[str, Any] = {"wrong-due_on": "R8.2.29", "wrong-amount": "12円50銭", "wrong-method": "1"}
    person = {
        "person_no": "P00000000012345",
        "name": "見本 太郎",
        "name_kana": "ミホン タロウ",
        "birth_text": "昭和60年4月1日",
        "age_text": "41歳",
        "sex_text": "男",
        "address_text": "旭川市見本条通1丁目",
        "badges": [("danger", "滞納 2期"), ("info", "口座振替"), ("neutral", "転出")],
    }
    protected = {**person, "is_protected": True, "address_text": "", "badges": [("stop", "支援措置")]}
    steps = (
        {
            "title_ja": "課税標準額",
            "formula_ja": "総所得金額等 － 所得控除の合計",
            "law": "地方税法314条の3",
            "value": 2_815_000,
            "rounding": "1,000円未満切捨て",
            "inputs": (("総所得金額等", 4_360_000), ("所得控除の合計", 1_544_120)),
        },
        {
            "title_ja": "所得割（市民税）",
            "formula_ja": "課税標準額 × 6%",
            "law": "地方税法314条の3",
            "value": 168_900,
            "inputs": (("課税標準額", 2_815_000),),
        },
    )
    values = {
        "form": GalleryForm(initial={"due_on": datetime.date(2026, 11, 23), "amount": 12300, "method": "1"}),
        "wrong_form": GalleryForm(wrong, prefix="wrong"),
        "steps": steps,
        "person": person,
        "protected": protected,
        "tabs": [
            {"title": title, "url": "#", "is_current": title == "総合"} for title in ("総合", "住民税", "収納", "履歴")
        ],
        "levels": ("stop", "danger", "caution", "info", "done", "neutral"),
    }
    return render(request, "base/gallery.html", values)

"""アクセス記録の検索: by subject, officer, function, action and time; amounts and names are not in it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from taxsys.platform.audit.models import AccessEvent

# What the reason codes of the platform are called; a code of an app's own is shown as it is.
REASONS_JA = {
    "anonymous": "未サインイン",
    "no_permission": "権限なし",
    "undeclared_view": "機能の宣言なし",
    "terminal": "未登録の端末",
    "room": "契約の場所の外の端末",
    "certificate_missing": "端末証明書なし",
    "certificate_unverified": "確かめられない端末証明書",
    "certificate_unreadable": "読み取れない端末証明書",
    "certificate_unknown": "未登録の端末証明書",
    "certificate_revoked": "停止した端末証明書",
    "certificate_expired": "期間外の端末証明書",
    "certificate_elsewhere": "別の端末の証明書",
    "certificate_forged": "中継装置以外からの証明書",
    "emergency": "緊急時の権限",
    "no_sitting": "利用の記録なし",
    "other_terminal": "別の端末でサインイン",
    "signed_in_again": "サインインし直し",
    "terminal_taken": "端末で別の職員がサインイン",
    "signed_out": "本人が終了",
    "idle": "無操作",
    "absolute": "利用時間超過",
    "csrf": "古い画面",
    "not_found": "該当なし",
    "permission_denied": "権限なし",
    "my_number_in_search": "個人番号での検索",
    "search_terms": "検索語なし",
    "own_proposal": "自分の起案",
    "not_entitled": "権限なし",
    "already_decided": "処理済",
    "content_changed": "内容の相違",
    "password": "パスワード相違",
    "second_factor": "確認コード相違",
    "step_up": "再確認",
    "locked_out": "回数超過",
    "client_key": "連携先の鍵",
    "bad_request": "形式誤り",
    "approved": "承認",
    "sent_back": "差戻し",
    "rejected": "否認",
    "withdrawn": "取下げ",
}


@dataclass(frozen=True, kw_only=True)
class EventFilter:
    """検索条件; empty members do not narrow. Days are whole days in Japanese time, both included."""

    subject: str = ""
    actor: str = ""
    action: str = ""
    result: str = ""
    from_on: date | None = None
    to_on: date | None = None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def events(narrow: EventFilter) -> QuerySet[AccessEvent]:
    """The events that meet the conditions, newest first."""
    found = AccessEvent.objects.order_by("-id")
    if narrow.subject:
        found = found.filter(subjects__contains=[narrow.subject])
    if narrow.actor:
        found = found.filter(actor_id=narrow.actor)
    if narrow.action:
        found = found.filter(action=narrow.action)
    if narrow.result:
        found = found.filter(result=narrow.result)
    if narrow.from_on:
        found = found.filter(occurred_at__gte=_midnight(narrow.from_on))
    if narrow.to_on:
        found = found.filter(occurred_at__lt=_midnight(narrow.to_on + timedelta(days=1)))
    return found

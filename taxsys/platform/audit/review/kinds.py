"""点検の観点: what a review looks for, each as one condition over the events of the period (R-231, N-071).

The conditions are SQL over the common tables of `gathering`: `e` is an event of the period with its local time; `near`
holds (staff_no, subject, kind, from_on, to_on) of people an officer has a private tie to.
"""

from dataclasses import dataclass

_STAFF = "e.actor_kind = 'staff'"
_TIED = "EXISTS (SELECT FROM near n WHERE n.subject = ANY(e.subjects) AND n.staff_no = e.actor_id AND n.kind = "
_THEN = "e.day >= n.from_on AND e.day < n.to_on"
# Keeping the lists names the people on them: that is no look at anybody's record.
_LISTED = (
    "e.record_type <> 'watched_party' AND EXISTS (SELECT FROM watched w WHERE w.party_key = ANY(e.subjects)"
    " AND e.day >= w.from_on AND e.day < w.to_on"
)


@dataclass(frozen=True, slots=True)
class ReviewKind:
    """一つの観点: `where` picks the events; `hint_ja` says why somebody should look."""

    code: str
    title_ja: str
    hint_ja: str
    where: str
    level: str = "caution"


KINDS: tuple[ReviewKind, ...] = (
    ReviewKind(
        "own", "本人の記録の閲覧", "職員が自分自身の記録を開いています。",
        f"{_STAFF} AND {_TIED}'own')", "danger",
    ),
    ReviewKind(
        "household", "同一世帯員の記録の閲覧", "職員が同じ世帯の人の記録を開いています。",
        f"{_STAFF} AND {_TIED}'household' AND {_THEN})", "danger",
    ),
    ReviewKind(
        "former", "以前同じ世帯だった人の記録の閲覧", "職員が過去に同じ世帯だった人の記録を開いています。",
        f"{_STAFF} AND {_TIED}'household' AND NOT ({_THEN}))", "danger",
    ),
    ReviewKind(
        "colleague", "他の職員の記録の閲覧", "職員が同僚の記録を開いています。",
        f"{_STAFF} AND {_LISTED} AND w.kind = 'staff' AND w.staff_no <> e.actor_id)",
    ),
    ReviewKind(
        "public", "注目される人の記録の閲覧", "社会的に注目される人の記録が開かれています。",
        f"{_STAFF} AND {_LISTED} AND w.kind = 'public')",
    ),
    ReviewKind(
        "protected", "支援措置対象者の記録の閲覧", "住所を守るべき人の記録が開かれています。",
        f"{_STAFF} AND (e.reason IN ('protected', 'protected_address') OR e.subjects && %(protected)s::varchar[])",
    ),
    ReviewKind(
        "number", "個人番号の表示・検索", "個人番号が表示され、又は番号で検索されています。",
        f"{_STAFF} AND e.action IN ('reveal_number', 'read_number')",
    ),
    ReviewKind(
        "emergency", "緊急時の権限の使用", "緊急時の権限で操作しています。使用ごとの点検と併せて確かめてください。",
        f"{_STAFF} AND e.purpose = '緊急時の権限'", "danger",
    ),
    ReviewKind(
        "off_hours", "時間外・閉庁日の利用", "開庁日の決められた時間の外に利用されています。",
        f"{_STAFF} AND (NOT (e.day = ANY(%(open_days)s)) OR e.hour < %(opens)s OR e.hour >= %(closes)s)",
    ),
    ReviewKind(
        "volume", "一日の閲覧人数の突出", "同じ所属の通常の日に比べて、開いた人数が突出しています。",
        f"{_STAFF} AND EXISTS (SELECT FROM outlier o WHERE o.actor_id = e.actor_id AND o.day = e.day)",
    ),
    ReviewKind(
        "refused", "拒否された操作", "権限のない操作、該当のない操作などが拒まれています。",
        "(e.result <> 'ok' OR e.action = 'denied')",
    ),
)  # fmt: skip
BY_CODE = {kind.code: kind for kind in KINDS}

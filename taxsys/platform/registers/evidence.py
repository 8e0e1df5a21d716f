"""監査の証拠資料 (R-280): counts and states of a period as tables with their hashes; nobody stands in it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count
from django.db.models.functions import TruncMonth

from taxsys.kernel import wareki
from taxsys.platform.approvals.models import Approval
from taxsys.platform.audit.models import AccessEvent, LogCheck, ReviewReport, SignedHead
from taxsys.platform.audit.review.gathering import local_span
from taxsys.platform.audit.wording import ACTION_JA
from taxsys.platform.registers.declaration import ANSWERS
from taxsys.platform.registers.dossier import Column, PersonTable, zip_of
from taxsys.platform.registers.kinds.oversight import self_check_items
from taxsys.platform.registers.models import RegisterRow, RowTask, RowVersion
from taxsys.platform.registers.registry import all_kinds
from taxsys.platform.rights.models import Campaign
from taxsys.platform.staff.models import Staff
from taxsys.platform.staff.pledges import is_trained
from taxsys.platform.ui.templatetags.house import moment, number


@dataclass(frozen=True, slots=True)
class Period:
    """対象期間, both days included."""

    first: date
    last: date


def _columns(*titles: str) -> tuple[Column, ...]:
    return tuple(Column(title, 30) for title in titles)


def _rows(period: Period) -> PersonTable:
    """台帳ごとの件数 in the period, and what is late on its last day."""
    table = []
    for kind in all_kinds():
        own = RegisterRow.objects.filter(kind=kind.code)
        late = RowTask.objects.filter(row__kind=kind.code, done_on__isnull=True, due_on__lt=period.last)
        table.append([
            kind.family.title_ja,
            kind.title_ja,
            number(own.filter(opened_on__range=(period.first, period.last)).count()),
            number(own.filter(closed_on__range=(period.first, period.last)).count()),
            number(own.exclude(state="closed").count()),
            number(late.exclude(row__state="closed").count()),
        ])  # fmt: skip
    return PersonTable("台帳の件数", _columns("系統", "台帳", "登録", "完了", "処理中", "期限経過"), table)


def _acts(period: Period) -> PersonTable:
    """手続の件数, and how many of them a second person approved."""
    found = RowVersion.objects.filter(business_on__range=(period.first, period.last))
    counted = found.values_list("row__kind", "act").annotate(n=Count("pk"), second=Count("approved_by"))
    titles = {kind.code: kind for kind in all_kinds()}
    table = []
    for code, act, count, second in counted.order_by("row__kind", "act"):
        kind = titles.get(code)
        step = kind.step(act) if kind else None
        words = {"create": "登録", "edit": "変更", "reopen": "完了の取消"}.get(act, step.title_ja if step else act)
        table.append([kind.title_ja if kind else code, words, number(count), number(second)])
    return PersonTable("手続の件数", _columns("台帳", "手続", "件数", "うち決裁"), table)


def _approvals(period: Period) -> PersonTable:
    since, until = local_span(period.first, period.last)
    found = Approval.objects.filter(proposed_at__gte=since, proposed_at__lt=until)
    counted = found.values_list("kind", "state").annotate(n=Count("pk")).order_by("kind", "state")
    states = dict(Approval.State.choices)
    table = [[kind, str(states.get(state, state)), number(count)] for kind, state, count in counted]
    return PersonTable("決裁の件数", _columns("種類", "結果", "件数"), table)


def _accesses(period: Period) -> PersonTable:
    since, until = local_span(period.first, period.last)
    found = AccessEvent.objects.filter(occurred_at__gte=since, occurred_at__lt=until)
    counted = found.annotate(month=TruncMonth("occurred_at")).values_list("month", "action", "result")
    rows = counted.annotate(n=Count("pk")).order_by("month", "action", "result")
    table = [
        [f"{wareki.format_year(month.year)}年{month.month}月", ACTION_JA.get(action, action), result, number(count)]
        for month, action, result, count in rows
    ]
    return PersonTable("アクセス記録の件数", _columns("月", "操作", "結果", "件数"), table)


def _checks(period: Period) -> PersonTable:
    since, until = local_span(period.first, period.last)
    found = LogCheck.objects.filter(checked_at__gte=since, checked_at__lt=until).order_by("checked_at")
    table = [
        [moment(one.checked_at), number(one.sealed), number(one.unsealed), number(len(one.faults))] for one in found
    ]
    return PersonTable("封印の検証", _columns("検証日時", "封印済", "未封印", "異常"), table)


def _heads(period: Period) -> PersonTable:
    found = SignedHead.objects.filter(day__range=(period.first, period.last)).order_by("day")
    table = [
        [wareki.format_long(one.day), str(one.seq), number(one.events_total), bytes(one.value).hex(), one.key_id]
        for one in found
    ]
    return PersonTable("封印の署名", _columns("日", "順", "累計件数", "封印値", "鍵"), table)


def _reviews(period: Period) -> PersonTable:
    found = ReviewReport.objects.filter(from_on__lte=period.last, to_on__gte=period.first).order_by("from_on", "pk")
    table = [
        [
            wareki.format_long(one.from_on),
            wareki.format_long(one.to_on),
            number(one.findings.count()),
            moment(one.signature.signed_at) if hasattr(one, "signature") else "未確認",
        ]
        for one in found
    ]
    return PersonTable("アクセス記録の点検", _columns("始め", "終り", "所見", "確認日時"), table)


def _campaigns(period: Period) -> PersonTable:
    table = []
    for campaign in Campaign.objects.filter(opened_on__range=(period.first, period.last)).order_by("opened_on"):
        states = Counter(campaign.items.values_list("state", flat=True))
        counts = [number(states[state]) for state in ("pending", "kept", "revoked", "lapsed", "ended")]
        table.append([campaign.title_ja, wareki.format_long(campaign.due_on), *counts])
    heads = _columns("棚卸", "締切日", "未確認", "継続", "取消", "失効", "期間内に終了")
    return PersonTable("権限の棚卸", heads, table)


def _trainings(period: Period) -> PersonTable:
    """所属ごとの受講 on the last day of the period."""
    people: Counter[str] = Counter()
    trained: Counter[str] = Counter()
    for staff in Staff.objects.filter(is_active=True).select_related("unit", "transfer_unit"):
        if staff.is_usable_on(period.last):
            people[staff.unit_on(period.last).name] += 1
            trained[staff.unit_on(period.last).name] += is_trained(staff, period.last)
    table = [[name, number(people[name]), number(trained[name])] for name in sorted(people)]
    return PersonTable("研修の受講", _columns("所属", "利用者", "1年以内に受講"), table)


def _self_checks(period: Period) -> PersonTable:
    found = RegisterRow.objects.filter(kind="self_check", opened_on__range=(period.first, period.last))
    words: dict[object, str] = dict(ANSWERS)
    table = []
    for row in found.order_by("row_no"):
        given = row.values.get("answers") or {}
        for item in self_check_items():
            answer = words.get(given.get(item.code), "未回答")
            table.append([row.row_no, item.ground_ja, item.title_ja, answer])
    return PersonTable("自己点検の回答", _columns("番号", "根拠", "項目", "回答"), table)


TABLES: tuple[Callable[[Period], PersonTable], ...] = (
    _rows,
    _acts,
    _approvals,
    _accesses,
    _checks,
    _heads,
    _reviews,
    _campaigns,
    _trainings,
    _self_checks,
)


def evidence_zip(period: Period, *, made_on: date, audit_no: str) -> tuple[bytes, int]:
    """The package and the number of its lines; the same period and data give the same bytes."""
    head = PersonTable(
        "この資料について",
        _columns("項目", "内容"),
        [
            ["監査", audit_no],
            ["対象期間", f"{wareki.format_long(period.first)}から{wareki.format_long(period.last)}まで"],
            ["作成日", wareki.format_long(made_on)],
        ],
    )
    tables = [head, *(table(period) for table in TABLES)]
    return zip_of(tables), sum(len(table.rows) for table in tables)

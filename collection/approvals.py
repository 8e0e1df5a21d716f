"""決裁の種類 of collection: what two people decide about money."""

from collection.payouts import counter
from collection.permissions import APPROVE_REFUND, WORK_REFUND
from collection.services.refunds import KIND, refund_approved, refund_discard, refund_stale, refund_subjects
from taxsys.platform.approvals import registry

_LABELS = {
    "surplus_yen": "過誤納の額",
    "offset_yen": "充当額",
    "refund_yen": "還付額",
    "interest_yen": "還付加算金",
    "decided_on": "支出決定日",
}

_COUNTER_LABELS = {
    "unpaid_yen": "未済の額",
    "amount_yen": "支払額",
    "payee_kind": "受取人の別",
    "evidence": "確認書類",
    "claimed_on": "還付請求書の日付",
}


def approval_kinds_register() -> None:
    """Register them (from AppConfig.ready)."""
    registry.register(
        KIND,
        title_ja="過誤納金の還付・充当",
        proposes=str(WORK_REFUND),
        permission=str(APPROVE_REFUND),
        on_approved=refund_approved,
        on_sent_back=refund_discard,
        on_withdrawn=refund_discard,
        stale=refund_stale,
        subjects=refund_subjects,
        labels=_LABELS,
        voided_by_ja="未納または過誤納の状況の変化、支出決定日の締め",
    )
    registry.register(
        counter.KIND,
        title_ja="還付金の窓口払",
        proposes=str(WORK_REFUND),
        permission=str(APPROVE_REFUND),
        on_approved=counter.counter_payout_approved,
        on_sent_back=counter.counter_payout_discard,
        on_withdrawn=counter.counter_payout_discard,
        stale=counter.counter_payout_stale,
        subjects=counter.counter_payout_subjects,
        labels=_COUNTER_LABELS,
        voided_by_ja="窓口払の案の取下げ",
    )

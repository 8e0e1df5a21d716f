"""口座振替の画面の照会 (what the debit desk shows): mandates of a party, request files and what the banks answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from collection.models import (
    BankBranch,
    Charge,
    ChargeState,
    DebitBatch,
    DebitMandate,
    DebitRequest,
    DebitRequestState,
    Method,
    Slip,
    SlipState,
)
from collection.params import debit_plan
from collection.rules.due_dates import debit_day

# 振替結果コード of the request file (全銀協): what the bank says of a request it did not draw.
RESULT_JA = {
    "1": "資金不足",
    "2": "預金取引なし",
    "3": "預金者の都合による停止",
    "4": "口座振替依頼書なし",
    "8": "委託者の都合による停止",
    "9": "その他",
}
SHOWN_BATCHES = 24


def party_mandates(party_id: UUID) -> list[DebitMandate]:
    """口座振替 of a party, those in force first, then the newest."""
    found = list(DebitMandate.objects.filter(party_id=party_id).select_related("tax_kind"))
    return sorted(found, key=lambda one: (one.valid_to is not None, one.tax_kind_id, -one.valid_from.toordinal()))


def branch_names(mandates: Sequence[DebitMandate], on: date) -> dict[tuple[str, str], str]:
    """金融機関名と支店名 by codes, as the master has them on the day; the post bank by its name alone."""
    codes = {(one.bank_code, one.branch_code) for one in mandates}
    rows = BankBranch.objects.on(on).filter(bank_code__in={bank for bank, _branch in codes})
    names = {(one.bank_code, one.branch_code): f"{one.bank_name} {one.branch_name}" for one in rows}
    post = debit_plan().post_bank_code
    return names | {key: "ゆうちょ銀行" for key in codes if key[0] == post}


@dataclass(frozen=True, slots=True)
class Reached:
    """口座振替になる期別: an instalment that a mandate will draw, the day, and how many slips for it are about."""

    charge: Charge
    debit_on: date
    slips: int


def instalments_reached(mandate: DebitMandate, *, on: date) -> list[Reached]:
    """これから引き落とす期別 of a mandate, in the order of their due dates."""
    charges = Charge.objects.filter(
        party_id=mandate.party_id, tax_kind_id=mandate.tax_kind_id, method=Method.ORDINARY, state=ChargeState.ACTIVE,
        due_on__gte=max(mandate.valid_from, on), amount_yen__gt=0,
    )  # fmt: skip
    if mandate.valid_to is not None:
        charges = charges.filter(due_on__lt=mandate.valid_to)
    rows = list(charges.select_related("tax_kind").order_by("due_on", "notice_no", "instalment_no"))
    slips = dict(
        Slip.objects.filter(state=SlipState.ACTIVE, lines__charge__in=rows)
        .values_list("lines__charge_id")
        .annotate(n=Count("pk", distinct=True))
        .order_by("lines__charge_id")
    )
    retry = debit_plan().retry_days_after
    return [Reached(one, debit_day(one.due_on, 1, retry_days_after=retry), slips.get(one.pk, 0)) for one in rows]


def party_requests(party_id: UUID, *, limit: int = 30) -> list[DebitRequest]:
    """振替の結果 of a party, the newest first."""
    found = DebitRequest.objects.filter(mandate__party_id=party_id).exclude(state=DebitRequestState.CANCELLED)
    return list(found.select_related("batch", "charge__tax_kind").order_by("-batch__debit_on", "-pk")[:limit])


def batches() -> QuerySet[DebitBatch]:
    """依頼データ with what became of their requests: counts and yen drawn and not drawn."""
    debited, failed = Q(requests__state=DebitRequestState.DEBITED), Q(requests__state=DebitRequestState.FAILED)
    return DebitBatch.objects.annotate(
        debited_count=Count("requests", filter=debited),
        debited_yen=Sum("requests__amount_yen", filter=debited, default=0),
        failed_count=Count("requests", filter=failed),
        failed_yen=Sum("requests__amount_yen", filter=failed, default=0),
    ).order_by("-debit_on", "-attempt_no")[:SHOWN_BATCHES]


def failures(batch: DebitBatch) -> list[DebitRequest]:
    """振替不能 of a request file, by reason and number."""
    found = batch.requests.filter(state=DebitRequestState.FAILED)
    rows = found.select_related("batch", "charge__tax_kind", "charge__party")
    return list(rows.order_by("result_code", "customer_number"))


def is_asked_again(request: DebitRequest) -> bool:
    """再振替になるか: the money was not there and the city has another attempt."""
    plan = debit_plan()
    return request.result_code in plan.retry_codes and request.batch.attempt_no < plan.max_attempts


def asked_again_on(request: DebitRequest) -> date | None:
    """再振替日; None where it is not drawn again."""
    if not is_asked_again(request):
        return None
    plan = debit_plan()
    return debit_day(request.charge.due_on, request.batch.attempt_no + 1, retry_days_after=plan.retry_days_after)

"""払込の指示と徴収取扱費 (orders to the prefecture, its fee): every act one ledger entry, taken back by its reversal.

地方税法42条, 47条; 森林環境税及び森林環境譲与税に関する法律8条. What was collected stays in the revenue accounts as
levied; what of it was paid over stands against it in `remitted` accounts, the debt to the prefecture in one account.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction

from collection.closing.apportioning import remittance_rules, standings
from collection.closing.models import Remittance, RemittanceState
from collection.closing.services import sealed_through
from collection.models import Account, AccountKind, EntryReason, JournalEntry
from collection.remitting.errors import RemittingError
from collection.remitting.law import fee_law
from collection.remitting.models import FeeClaim, FeeLine, FeeState, OrderState, RemittanceOrder
from collection.remitting.rules import InterestPaid, fee_parts
from collection.remitting.selectors import interest_paid, shortfall_yen, taxpayers_levied
from collection.services.entries import EntryDraft, account_for, entry_write
from taxsys.platform import clock


def order_make(remittance_id: int, *, actor: str, ordered_on: date) -> RemittanceOrder:
    """払込の指示 of a decided month: the debt to the prefecture posted once. The live order again where there is one.

    Raises RemittingError for a month that is not decided and for one whose earlier month has no order, and
    PeriodClosedError for a closed day.
    """
    with transaction.atomic():
        month = Remittance.objects.select_for_update().get(pk=remittance_id)
        if month.state != RemittanceState.DECIDED:
            raise RemittingError(f"{month}の払込は決定されていません。")
        orders = RemittanceOrder.objects.filter(remittance=month)
        live = orders.exclude(state=OrderState.RECALLED).first()
        if live is not None:
            return live
        carried = _carried_from(month)
        net = month.payable_yen + carried
        order = RemittanceOrder(
            remittance=month, attempt=orders.count() + 1, prefecture_yen=month.prefecture_yen,
            forest_yen=month.forest_yen, carried_yen=carried, net_yen=net,
            state=OrderState.CARRIED if net < 0 else OrderState.ORDERED, ordered_on=ordered_on, ordered_by=actor,
        )  # fmt: skip
        transfers = _shares(month)
        if transfers:
            order.entry = entry_write(
                _draft("remittance", order, on=ordered_on, actor=actor, reason=EntryReason.REMITTANCE), transfers
            )
        order.save()
        return order


def _carried_from(month: Remittance) -> int:
    """What the month before left below zero, 0 where it left nothing."""
    before = Remittance.objects.filter(month_on__lt=month.month_on).first()
    if before is None:
        return 0
    order = before.orders.exclude(state=OrderState.RECALLED).first()
    if order is None:
        raise RemittingError(f"前の月({before})の払込の指示がありません。先に前の月を指示してください。")
    return order.net_yen if order.state == OrderState.CARRIED else 0


def _shares(month: Remittance) -> list[tuple[int, int, int]]:
    """Transfers by tax year and share: from the share to the debt, back where the month takes off."""
    kind = remittance_rules().tax_kind
    debt = account_for(AccountKind.REMITTANCE_PAYABLE, kind).pk
    sums: dict[tuple[str, int], int] = {}
    for line in month.lines.order_by("tax_year", "component"):
        for share, yen in (("prefecture", line.prefecture_yen), ("forest", line.forest_yen)):
            sums[share, line.tax_year] = sums.get((share, line.tax_year), 0) + yen
    out = []
    for (share, tax_year), yen in sorted(sums.items()):
        if yen:
            account = account_for(AccountKind.REMITTED, kind, share, tax_year).pk
            out.append((account, debt, yen) if yen > 0 else (debt, account, -yen))
    return out


def _draft(what: str, order: RemittanceOrder, *, on: date, actor: str, reason: str, reverses: int = 0) -> EntryDraft:
    rules = remittance_rules()
    return EntryDraft(
        reason=reason,
        dedupe_key=f"{what}:{order.remittance.month_on:%Y-%m}:{order.attempt}",
        occurred_on=on,
        value_date=on,
        actor=actor,
        legal_ground=f"{rules.law_prefecture}・{rules.law_forest}",
        source_document=order.paid_ref,
        reverses_id=reverses or None,
    )


def order_pay(order_id: int, *, paid_on: date, reference: str, actor: str) -> RemittanceOrder:
    """払込済の記録: the debt is met by cash, once. Raises RemittingError, PeriodClosedError."""
    with transaction.atomic():
        order = RemittanceOrder.objects.select_for_update().select_related("remittance").get(pk=order_id)
        if order.state != OrderState.ORDERED:
            raise RemittingError(f"「{order.get_state_display()}」の払込は記録できません。")
        if not order.ordered_on <= paid_on <= clock.today():
            raise RemittingError("払込日は決定日から今日までの日付です。払込書の領収日を入力してください。")
        order.state, order.paid_on, order.paid_ref, order.paid_by = OrderState.PAID, paid_on, reference, actor
        if order.net_yen:
            debt = account_for(AccountKind.REMITTANCE_PAYABLE, remittance_rules().tax_kind)
            cash = account_for(AccountKind.PREFECTURE_CASH, paid_on)
            order.paid_entry = entry_write(
                _draft("remittance-paid", order, on=paid_on, actor=actor, reason=EntryReason.REMITTANCE_PAID),
                [(debt.pk, cash.pk, order.net_yen)],
            )
        order.save()
        return order


def order_recall(order_id: int, *, reason_ja: str, actor: str) -> RemittanceOrder:
    """払込の取消・組戻し by another person: its entries are reversed, the month can be ordered anew.

    Raises RemittingError for the one who decided or paid it, without a reason, for a recalled one, and for a month
    behind which another live order stands.
    """
    if not reason_ja.strip():
        raise RemittingError("取消の理由を入力してください。")
    today = clock.today()
    with transaction.atomic():
        order = RemittanceOrder.objects.select_for_update().select_related("remittance").get(pk=order_id)
        if order.state == OrderState.RECALLED:
            raise RemittingError("取消済みの払込です。")
        if actor in {order.ordered_by, order.paid_by}:
            raise RemittingError("決定した人・払込を記録した人は取り消せません。別の職員が取り消してください。")
        later = RemittanceOrder.objects.filter(remittance__month_on__gt=order.remittance.month_on)
        if later.exclude(state=OrderState.RECALLED).exists():
            raise RemittingError("後の月の払込の指示があります。新しい月から順に取り消してください。")
        for what, entry in (("recall-paid", order.paid_entry), ("recall", order.entry)):
            if entry is not None:
                _reverse(what, order, entry, on=today, actor=actor)
        order.state, order.recalled_on, order.recalled_by = OrderState.RECALLED, today, actor
        order.recall_reason = reason_ja.strip()
        order.save()
        return order


def _reverse(what: str, order: RemittanceOrder, entry: JournalEntry, *, on: date, actor: str) -> None:
    back = [(one.credit_id, one.debit_id, one.yen) for one in entry.transfers.order_by("pk")]
    draft = _draft(f"remittance-{what}", order, on=on, actor=actor, reason=EntryReason.REMITTANCE_RECALL,
                   reverses=entry.pk)  # fmt: skip
    entry_write(draft, back)


def fee_count(fiscal_year: int, term: int) -> FeeClaim:
    """徴収取扱費の集計 of a term: its draft written anew. Raises RemittingError.

    The term's last month must be closed; people who were counted in an earlier claim are taken off, so that nobody is
    claimed twice.
    """
    law = fee_law()
    try:
        first_on, behind = law.period(fiscal_year, term)
    except ValueError as error:
        raise RemittingError(f"{term}期はありません。1期から{len(law.terms)}期までです。") from error
    last_on = behind - timedelta(days=1)
    sealed = sealed_through()
    if sealed is None or sealed < last_on:
        raise RemittingError(f"{last_on:%Y-%m}はまだ月締めされていません。月締めの後に集計してください。")
    with transaction.atomic():
        known = FeeClaim.objects.select_for_update().filter(fiscal_year=fiscal_year, term=term).first()
        if known is not None and known.state != FeeState.DRAFT:
            raise RemittingError(f"{fiscal_year}年度{term}期は請求済みです。")
        if FeeClaim.objects.filter(first_on__gt=first_on).exists():
            raise RemittingError("後の期が集計済みです。")
        before = FeeClaim.objects.filter(last_on__lt=first_on).order_by("last_on").last()
        if before is not None and before.state == FeeState.DRAFT:
            raise RemittingError(f"前の期({before})が請求されていません。先に前の期を請求してください。")
        if known is not None:
            known.delete()
        return _fee_write(fiscal_year, term, (first_on, last_on), before)


def _fee_write(fiscal_year: int, term: int, period: tuple[date, date], before: FeeClaim | None) -> FeeClaim:
    first = FeeClaim.objects.order_by("fiscal_year").first()
    base_year = first.fiscal_year if first else fiscal_year
    taxpayers = taxpayers_levied(from_tax_year=base_year, until=period[1])
    counted = before.taxpayers if before else 0
    parts = fee_parts(
        taxpayers=taxpayers, counted_before=counted, interest=_interest(period), shortfall_yen=shortfall_yen(*period),
        law=fee_law(),
    )  # fmt: skip
    claim = FeeClaim.objects.create(
        fiscal_year=fiscal_year, term=term, first_on=period[0], last_on=period[1], taxpayers=taxpayers,
        counted_before=counted, total_yen=sum(part.yen for part in parts), counted_at=clock.now(),
    )  # fmt: skip
    FeeLine.objects.bulk_create(FeeLine(claim=claim, part=one.part, formula_ja=one.formula_ja, yen=one.yen)
                                for one in parts)  # fmt: skip
    return claim


def _interest(period: tuple[date, date]) -> Sequence[InterestPaid]:
    """還付加算金 of the term by tax year, beside what is levied of that year at the end of the term."""
    levied = {tax_year: one.levied for (tax_year, component), one in standings(period[1]).items()
              if component == "principal"}  # fmt: skip
    return [
        InterestPaid(year, yen, levied[year].prefecture_yen if year in levied else 0,
                     levied[year].total_yen if year in levied else 0)
        for year, yen in sorted(interest_paid(*period).items())
    ]  # fmt: skip


def fee_claim(fiscal_year: int, term: int, *, actor: str, claimed_on: date) -> FeeClaim:
    """徴収取扱費の請求 by a second person: the draft stays, the claim on the prefecture is posted. RemittingError."""
    with transaction.atomic():
        claim = FeeClaim.objects.select_for_update().filter(fiscal_year=fiscal_year, term=term).first()
        if claim is None or claim.state != FeeState.DRAFT:
            raise RemittingError(f"{fiscal_year}年度{term}期の集計がないか、請求済みです。")
        if claim.total_yen < 0:
            raise RemittingError("請求額が0円を下回ります。次の期と合わせて集計してください。")
        claim.state, claim.claimed_on, claim.claimed_by = FeeState.CLAIMED, claimed_on, actor
        if claim.total_yen:
            debt, income = _fee_accounts(claim)
            claim.entry = entry_write(
                _fee_draft("fee", claim, on=claimed_on, actor=actor), [(debt.pk, income.pk, claim.total_yen)]
            )
        claim.save()
        return claim


def fee_receive(claim_id: int, *, received_on: date, reference: str, actor: str) -> FeeClaim:
    """徴収取扱費の受入: the claim is met by cash of the prefecture, once. Raises RemittingError, PeriodClosedError."""
    with transaction.atomic():
        claim = FeeClaim.objects.select_for_update().get(pk=claim_id)
        if claim.state != FeeState.CLAIMED or claim.claimed_on is None:
            raise RemittingError(f"「{claim.get_state_display()}」の徴収取扱費は受け入れられません。")
        if not claim.claimed_on <= received_on <= clock.today():
            raise RemittingError("受入日は請求日から今日までの日付です。")
        claim.state, claim.received_on = FeeState.RECEIVED, received_on
        claim.received_ref, claim.received_by = reference, actor
        if claim.total_yen:
            debt, _income = _fee_accounts(claim)
            cash = account_for(AccountKind.PREFECTURE_CASH, received_on)
            claim.received_entry = entry_write(
                _fee_draft("fee-received", claim, on=received_on, actor=actor), [(cash.pk, debt.pk, claim.total_yen)]
            )
        claim.save()
        return claim


def _fee_accounts(claim: FeeClaim) -> tuple[Account, Account]:
    return (
        account_for(AccountKind.FEE_RECEIVABLE, claim.fiscal_year),
        account_for(AccountKind.FEE_INCOME, claim.fiscal_year),
    )


def _fee_draft(what: str, claim: FeeClaim, *, on: date, actor: str) -> EntryDraft:
    return EntryDraft(
        reason=EntryReason.COLLECTION_FEE, dedupe_key=f"{what}:{claim}", occurred_on=on, value_date=on, actor=actor,
        legal_ground="地方税法47条1項", source_document=claim.received_ref,
    )  # fmt: skip

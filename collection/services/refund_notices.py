"""還付充当通知書の一通 (pieces of the refund notice): decision, lines and addressee, loaded set-based. L-CL-05."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from addressbook.mailing import Mailing, mailings_for
from collection.models import Charge, OverpaymentCause, RefundDecision, RefundState
from collection.papers.refund_notice_data import OffsetLine, RefundNotice, SurplusLine
from collection.search import instalment_text
from collection.selectors.refunds import claim_ends_on
from taxsys.kernel import wareki
from taxsys.platform.printing import issuers
from taxsys.platform.printing.pieces import PrintPiece, Subject

DESK = "collection"


def notice_keys(decided_on: date) -> list[str]:
    """The decisions of a day that stand, as keys of their notices, in order."""
    found = RefundDecision.objects.filter(decided_on=decided_on, state=RefundState.DECIDED)
    return list(found.order_by("refund_no").values_list("refund_no", flat=True))


def notice_pieces(keys: Sequence[str]) -> list[PrintPiece]:
    """還付充当通知書 of these decisions, in order."""
    found = RefundDecision.objects.prefetch_related(
        "lines__overpayment__charge__tax_kind", "lines__offsets__charge__tax_kind"
    )
    decisions = {one.refund_no: one for one in found.filter(refund_no__in=keys)}
    wanted = [decisions[key] for key in keys]
    mailings = _mailings(wanted)
    return [_piece(one, mailings[one.pk]) for one in wanted]


def _mailings(decisions: Sequence[RefundDecision]) -> dict[int, Mailing]:
    """宛名 by the tax of the first line: a delivery address may hold for one tax only."""
    groups: dict[tuple[str, date], list[RefundDecision]] = {}
    for one in decisions:
        tax_kind = min(line.overpayment.charge.tax_kind_id for line in one.lines.all())
        groups.setdefault((tax_kind, one.decided_on), []).append(one)
    out: dict[int, Mailing] = {}
    for (tax_kind, on), group in groups.items():
        mailings = mailings_for(sorted({one.party_id for one in group}), tax_kind=tax_kind, on=on)
        out |= {one.pk: mailings[one.party_id] for one in group}
    return out


def _piece(decision: RefundDecision, mailing: Mailing) -> PrintPiece:
    paper = refund_notice(decision, mailing)
    first = min((line.overpayment.charge for line in decision.lines.all()), key=lambda charge: charge.pk)
    return PrintPiece(
        item_key=decision.refund_no,
        addressee=mailing.addressee,
        notice_no=decision.refund_no,
        tax_year=first.tax_year,
        paper=paper,
        amount_yen=decision.offset_yen + decision.to_pay_yen,
        subjects=(Subject(str(decision.party_id), decision.refund_no),),
    )


def refund_notice(decision: RefundDecision, mailing: Mailing) -> RefundNotice:
    """還付充当通知書のデータ of one decision."""
    lines = sorted(decision.lines.all(), key=lambda line: line.pk)
    return RefundNotice(
        addressee=mailing.addressee,
        office=issuers.office(DESK),
        appeal=issuers.appeal(),
        refund_no=decision.refund_no,
        payer_name=mailing.taxpayer_name,
        decided_on=decision.decided_on,
        surpluses=tuple(
            SurplusLine(
                _claim_ja(line.overpayment.charge), line.overpayment.get_cause_display(), line.overpayment.paid_on,
                line.yen,
            )
            for line in lines
        ),
        offsets=tuple(
            OffsetLine(f"{_claim_ja(offset.charge)} {offset.get_component_display()}", offset.settled_on, offset.yen)
            for line in lines
            for offset in sorted(line.offsets.all(), key=lambda one: one.pk)
        ),
        refund_yen=decision.refund_yen,
        interest_yen=decision.interest_yen,
        claim_until=min(claim_ends_on(line.overpayment) for line in lines),
        is_withheld_credit=all(line.overpayment.cause == OverpaymentCause.WITHHELD for line in lines),
    )  # fmt: skip


def _claim_ja(charge: Charge) -> str:
    return f"{wareki.format_year(charge.tax_year)}年度 {charge.tax_kind.title} {instalment_text(charge)}"

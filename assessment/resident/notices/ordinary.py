"""納税通知書の一通 (pieces of the tax notice for ordinary collection and pensions): decision, ledger and slips in one.

Loaded set-based: the same number of queries for one person and for five hundred. 地方税法319条の2, 43条; L-PI-05.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F

from addressbook.mailing import Mailing, mailings_for
from assessment.models import CollectionMethod, ResidentFacts, ResidentResult
from assessment.pensions.provisional import provisional_to_come
from assessment.resident.notices.calculation_sheet import calculation_sheet
from assessment.resident.notices.reasons import reason_line
from assessment.resident.notices.targets import TAX_KIND, Standing, standings
from assessment.resident.papers.tax_notice_data import NoticeMismatch, TaxNotice
from assessment.resident.pension_split import PENSION_KEYS
from collection.models import AccountKind, Balance, Charge, ChargeState, Component, Method
from collection.papers.payment_slip_data import PaymentSlip
from collection.papers.slip_rows import Payer, instalment_label, slips_of_charges
from collection.selectors.debit import debit_instalments
from collection.selectors.levied import levied_instalments
from taxsys.platform.printing import issuers
from taxsys.platform.printing.parts import Instalment
from taxsys.platform.printing.pieces import PrintPiece, Subject

KIND = "tax_notice"
DESK = "assessment"
METHODS = (CollectionMethod.ORDINARY, CollectionMethod.PENSION)
_ALL_METHODS = tuple(CollectionMethod.values)


@dataclass(frozen=True, slots=True)
class NoticeRows:
    """Everything the pieces of some people rest on."""

    facts: Mapping[UUID, Any]
    results: Mapping[tuple[int, UUID], Any]
    charges: Mapping[str, list[Charge]]
    withheld: Mapping[tuple[UUID, str], Mapping[int, int]]
    next_provisional: Mapping[tuple[int, UUID], tuple[int, ...]]
    paid_yen: Mapping[int, int]
    slips: Mapping[int, tuple[PaymentSlip, ...]]
    mailings: Mapping[UUID, Mailing]
    debits: frozenset[int]


def must_be_told(standing: Standing) -> bool:
    """Whether a tax notice is due: tax by bill or from a pension, new or other than what was told last."""
    now, told = _billed(standing.shares), _billed(standing.told_shares)
    has_moved = any(method in METHODS for method, _ in standing.moved_yen)
    return (now != told if standing.told is not None else bool(now)) or has_moved


def _billed(shares: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(share for share in shares if share.method in METHODS and share.total_yen)


def notice_keys(tax_year: int, *, business_key: str) -> list[str]:
    """業務キー of every notice that is due for the year, in order of notice numbers."""
    found = standings(tax_year, kind=KIND, methods=METHODS, own_key=business_key)
    return sorted(one.reference for one in found if must_be_told(one))


def notice_pieces(keys: Sequence[str], *, tax_year: int, business_key: str, notice_on: date) -> list[PrintPiece]:
    """納税通知書の通 for these keys, in order. Raises NoticeMismatch where decision, ledger and slips disagree."""
    numbers = {key.rpartition(":")[0] for key in keys}
    found = standings(tax_year, kind=KIND, methods=_ALL_METHODS, own_key=business_key, notice_nos=numbers)
    by_key = {one.reference: one for one in found}
    missing = [key for key in keys if key not in by_key]
    if missing:
        raise NoticeMismatch(f"{missing[0]} の決定は、その後変更又は取消しされています。対象を抽出し直してください。")
    wanted = [by_key[key] for key in keys]
    rows = notice_rows(wanted, tax_year=tax_year, notice_on=notice_on)
    return [_piece(one, rows, notice_on=notice_on) for one in wanted]


def notice_rows(wanted: Sequence[Standing], *, tax_year: int, notice_on: date) -> NoticeRows:
    """Read what the pieces rest on, in a fixed number of queries."""
    parties = [one.now.party_id for one in wanted]
    runs = {one.now.run_id for one in wanted}
    told_runs = {one.told.run_id for one in wanted if one.told}
    mailings = mailings_for(parties, tax_kind=TAX_KIND, on=notice_on)
    charges = list(
        Charge.objects.filter(
            tax_kind_id=TAX_KIND,
            levy_year=tax_year,
            tax_year=tax_year,
            method=Method.ORDINARY,
            state=ChargeState.ACTIVE,
            amount_yen__gt=0,
            notice_no__in=[one.now.notice_no for one in wanted],
        ).order_by("notice_no", "instalment_no")
    )
    by_notice: dict[str, list[Charge]] = {}
    for charge in charges:
        by_notice.setdefault(charge.notice_no, []).append(charge)
    in_force = {(one.now.run_id, one.now.party_id) for one in wanted}
    return NoticeRows(
        facts={
            row.party_id: row
            for row in ResidentFacts.objects.filter(run_id__in=runs, party_id__in=parties)
            if (row.run_id, row.party_id) in in_force
        },
        results={
            (row.run_id, row.party_id): row
            for row in ResidentResult.objects.filter(run_id__in=runs | told_runs, party_id__in=parties)
        },
        charges=by_notice,
        withheld=_withheld(parties, tax_year),
        next_provisional=provisional_to_come(runs, parties, tax_year=tax_year),
        paid_yen=_paid(charges),
        slips=slips_of_charges(
            [charge.pk for charge in charges],
            {charge.pk: _payer(mailings[charge.party_id]) for charge in charges if charge.party_id in mailings},
        ),
        mailings=mailings,
        debits=frozenset(debit_instalments(charge.pk for charge in charges)),
    )


def _withheld(parties: Sequence[UUID], tax_year: int) -> dict[tuple[UUID, str], dict[int, int]]:
    """What stands levied of each person by way of withholding, by month (yen): corrections may leave past months."""
    found: dict[tuple[UUID, str], dict[int, int]] = {}
    for one in levied_instalments(tax_kind=TAX_KIND, tax_year=tax_year, taxpayer_ids=parties):
        months = found.setdefault((one.taxpayer_id, one.method), {})
        yen = one.city_yen + one.prefecture_yen + one.forest_yen
        months[one.instalment_no] = months.get(one.instalment_no, 0) + yen
    return found


def _payer(mailing: Mailing) -> Payer:
    """The slip names the taxpayer; an address only where the paper goes to the taxpayer's own and nothing is hidden."""
    to = mailing.addressee
    own = to.name == mailing.taxpayer_name and not mailing.pull_reason
    return Payer(mailing.taxpayer_name, "　".join(to.address_lines) if own else "")


def _paid(charges: Sequence[Charge]) -> dict[int, int]:
    """What was paid of each instalment's tax (yen): its amount less what the ledger holds open."""
    open_yen = dict(
        Balance.objects.filter(
            account__charge_id__in=[charge.pk for charge in charges],
            account__kind=AccountKind.RECEIVABLE,
            account__component=Component.PRINCIPAL,
        ).values_list("account__charge_id", F("debit_yen") - F("credit_yen"))
    )
    return {charge.pk: charge.amount_yen - open_yen.get(charge.pk, charge.amount_yen) for charge in charges}


def _piece(standing: Standing, rows: NoticeRows, *, notice_on: date) -> PrintPiece:
    decision = standing.now
    mailing = rows.mailings[decision.party_id]
    paper = tax_notice(standing, rows, notice_on=notice_on)
    first = paper.slips[0] if paper.slips else None
    return PrintPiece(
        item_key=standing.reference,
        addressee=mailing.addressee,
        notice_no=decision.notice_no,
        tax_year=decision.tax_year,
        paper=paper,
        instalments=paper.instalments,
        ocr_lines=first.ocr_lines if first else (),
        cvs44=first.cvs44 if first else "",
        el_number="-".join(first.el_number) if first else "",
        qr_payload=first.qr_payload if first else "",
        is_debit=any(charge.pk in rows.debits for charge in rows.charges.get(decision.notice_no, ())),
        amount_yen=paper.ordinary_yen,
        subjects=(Subject(str(decision.party_id), standing.reference),),
    )


def tax_notice(standing: Standing, rows: NoticeRows, *, notice_on: date, needs_slips: bool = True) -> TaxNotice:
    """納税通知書のデータ of one person. Raises NoticeMismatch where the ledger's instalments are not the decision's, or
    where an open instalment has no slip (a preview may lack them)."""
    decision = standing.now
    result = rows.results[(decision.run_id, decision.party_id)]
    told = standing.told
    charges = rows.charges.get(decision.notice_no, [])
    wage_yen = sum(rows.withheld.get((decision.party_id, CollectionMethod.WAGE), {}).values())
    pension_months = rows.withheld.get((decision.party_id, CollectionMethod.PENSION), {})
    pension_yen = sum(pension_months.values())
    if sum(charge.amount_yen for charge in charges) + wage_yen + pension_yen != result.annual_tax_yen:
        raise NoticeMismatch("元帳の期別・月割額の合計と、決定した年税額が一致しません。")
    by_debit = [charge.pk in rows.debits for charge in charges]
    paid = tuple(rows.paid_yen.get(charge.pk, 0) for charge in charges)
    billed_charges = [charge for charge, is_debit in zip(charges, by_debit, strict=True) if not is_debit]
    slips = tuple(slip for charge in billed_charges for slip in rows.slips.get(charge.pk, ()))
    open_yen = sum(charge.amount_yen - rows.paid_yen.get(charge.pk, 0) for charge in billed_charges)
    if sum(slip.tax_yen for slip in slips) != open_yen and (slips or needs_slips):
        raise NoticeMismatch("未納の期別の納付書が発行されていません。納付書の発行（B-CL-14）を先に実行してください。")
    debit = "debit_yes" if by_debit and all(by_debit) else "debit_part" if any(by_debit) else "debit_no"
    office = issuers.office(DESK)
    number = decision.notice_no if decision.version == 1 else f"{decision.notice_no}-{decision.version}"
    mailing = rows.mailings[decision.party_id]
    return TaxNotice(
        addressee=mailing.addressee,
        office=office,
        appeal=issuers.appeal(),
        notice_no=decision.notice_no,
        document_no=office.document_no(number),
        tax_year=decision.tax_year,
        issued_on=notice_on,
        taxpayer_name=mailing.taxpayer_name,
        city_yen=result.city_tax_yen,
        prefecture_yen=result.prefectural_tax_yen,
        forest_yen=result.forest_tax_yen,
        wage_withheld_yen=wage_yen,
        pension_withheld_yen=pension_yen,
        pension_months=tuple((int(PENSION_KEYS[no - 1]), yen) for no, yen in sorted(pension_months.items())),
        next_provisional=rows.next_provisional.get((decision.run_id, decision.party_id), ()),
        old_annual_yen=told.annual_yen if told else None,
        paid_yen=paid if any(paid) else (),
        instalments=tuple(
            Instalment(c.instalment_no, instalment_label(c.method, c.instalment_no), c.amount_yen, c.due_on)
            for c in charges
        ),
        calculation=calculation_sheet(rows.facts[decision.party_id], result),
        reason=reason_line(
            cause=decision.cause,
            reason_ja=decision.reason_ja,
            tax_year=decision.tax_year,
            told=rows.results.get((told.run_id, told.party_id)) if told else None,
            now=result,
        ),
        debit_text=issuers.text(debit),
        late_interest_text=issuers.text("late_interest"),
        slips=slips,
    )

"""特別徴収税額通知の一通 (pieces for employers): the withholder's list and the employees' sheets. 地方税法321条の4.

An employee is told when the tax withheld by this employer is new or other than told last; who has left the list is told
with zero, beside what was told before. Set-based: the same number of queries for one employer and for five hundred.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from addressbook.disclosure import HIDDEN_TEXT, addresses_for, is_opponent, opponents_by_party
from addressbook.mailing import Mailing, mailings_for
from addressbook.models import Party
from addressbook.selectors.protections import hidden_parties
from assessment.models import (
    CollectionMethod,
    CollectionShare,
    Decision,
    DecisionCause,
    ResidentFacts,
    ResidentResult,
    Withholder,
)
from assessment.resident.notices.calculation_sheet import calculation_sheet
from assessment.resident.notices.reasons import reason_line
from assessment.resident.notices.targets import TAX_KIND, Share, Standing, standings
from assessment.resident.papers.tax_notice_data import NoticeMismatch
from assessment.resident.papers.withholding_data import (
    EmployeeRow,
    WithheldTaxpayerNotice,
    WithholderNotice,
    WithholdingEnvelope,
)
from collection.models import Method
from collection.selectors.levied import levied_instalments
from taxsys.platform.outbox.services import OutboxRow
from taxsys.platform.printing import issuers
from taxsys.platform.printing.models import PackageState, PrintItem
from taxsys.platform.printing.parts import MailKind
from taxsys.platform.printing.pieces import PrintPiece, Subject

KIND = "withholding_notice"
OUTPUT = "assessment.withholding_notice"
DESK = "assessment"
METHODS = (CollectionMethod.WAGE,)
ELECTRONIC = "1"


@dataclass(frozen=True, slots=True)
class Told:
    """一人の通知 (what one employer is told of one person): the share now (None: left), and the yen told before."""

    standing: Standing
    share: Share | None
    old_yen: int | None


@dataclass(frozen=True, slots=True)
class Levied:
    """元帳の月割額 of one employee at one employer: twelve months from June, and their parts, yen."""

    months: tuple[int, ...] = (0,) * 12
    city_yen: int = 0
    prefecture_yen: int = 0
    forest_yen: int = 0


@dataclass(frozen=True, slots=True)
class EmployeeRows:
    """Everything the sheets and lists of some employers rest on."""

    parties: Mapping[UUID, Party]
    addresses: Mapping[UUID, str]
    hidden: Collection[UUID]
    opponents: Mapping[UUID, Any]
    facts: Mapping[tuple[int, UUID], Any]
    results: Mapping[tuple[int, UUID], Any]
    levied: Mapping[tuple[str, UUID], Levied]
    levied_yen: Mapping[UUID, int]
    told_before: frozenset[str]


def is_paper(withholder: Withholder) -> bool:
    """Whether the employer gets paper: for itself or for its employees (総括表 items 26, 27)."""
    return withholder.notice_to_payer != ELECTRONIC or withholder.notice_to_taxpayer != ELECTRONIC


def told_by_withholder(found: Iterable[Standing], employers: Mapping[str, int]) -> dict[int, list[Told]]:
    """通知すべき人 by employer: new, changed, those who have left, and those who came and left between two notices.

    `employers`: ids by designation number.
    """
    rows: dict[int, list[Told]] = {}
    for one in found:
        now = one.shares[0] if one.shares else None
        told = one.told_shares[0] if one.told_shares else None
        if now == told and not one.moved_yen:
            continue
        if (
            told is not None
            and told.withholder_id is not None
            and (now is None or now.withholder_id != told.withholder_id)
        ):
            rows.setdefault(told.withholder_id, []).append(Told(one, None, told.total_yen))
        if now is not None and now.withholder_id is not None:
            stayed = told is not None and told.withholder_id == now.withholder_id
            old = told.total_yen if told is not None and stayed else None
            rows.setdefault(now.withholder_id, []).append(Told(one, now, old))
        known = {share.withholder_id for share in (now, told) if share is not None}
        for (method, number), yen in sorted(one.moved_yen.items()):
            employer = employers.get(number) if method == Method.WAGE and yen else None
            if employer is not None and employer not in known:
                rows.setdefault(employer, []).append(Told(one, None, None))
    return rows


def _due(tax_year: int, business_key: str, party_ids: Collection[UUID] | None = None) -> dict[int, list[Told]]:
    found = standings(tax_year, kind=KIND, methods=METHODS, own_key=business_key, party_ids=party_ids)
    return told_by_withholder(found, _employers(found))


def _employers(found: Sequence[Standing]) -> dict[str, int]:
    """Ids of the employers whose months have moved, by designation number; nothing is asked where none has."""
    numbers = {number for one in found for method, number in one.moved_yen if method == Method.WAGE}
    if not numbers:
        return {}
    return dict(Withholder.objects.filter(designation_no__in=numbers).values_list("designation_no", "pk"))


def notice_keys(tax_year: int, *, business_key: str, electronic: bool = False) -> list[str]:
    """指定番号 of every employer to be told on paper (or electronically), in order."""
    due = Withholder.objects.filter(pk__in=_due(tax_year, business_key))
    return sorted(one.designation_no for one in due if is_paper(one) is not electronic)


def electronic_messages(tax_year: int, *, business_key: str, notice_on: date) -> list[OutboxRow]:
    """電子で通知する人: one message for each employee of an employer that has chosen the electronic original.

    The bridge to eLTAX takes them up (topic `notice.electronic`); it alone may add the number (番号法, R-109).
    """
    due = _due(tax_year, business_key)
    withholders = [one for one in Withholder.objects.filter(pk__in=due) if not is_paper(one)]
    return [
        OutboxRow(
            subject_key=str(told.standing.now.party_id),
            payload={
                "tax_year": tax_year,
                "designation_no": withholder.designation_no,
                "reference": told.standing.reference,
                "notice_on": notice_on.isoformat(),
            },
            dedupe_key=f"{withholder.designation_no}:{told.standing.reference}",
        )
        for withholder in sorted(withholders, key=lambda one: one.designation_no)
        for told in sorted(due[withholder.pk], key=lambda one: one.standing.reference)
    ]


def notice_pieces(keys: Sequence[str], *, tax_year: int, business_key: str, notice_on: date) -> list[PrintPiece]:
    """特別徴収税額通知の通 of these employers, in their order. Raises NoticeMismatch where the ledger differs."""
    withholders = {
        one.designation_no: one for one in Withholder.objects.filter(designation_no__in=keys).select_related("party")
    }
    employees = CollectionShare.objects.filter(
        withholder__in=withholders.values(), run__tax_year=tax_year, method=CollectionMethod.WAGE
    )
    due = _due(tax_year, business_key, party_ids=set(employees.values_list("party_id", flat=True)))
    missing = [key for key in keys if key not in withholders or withholders[key].pk not in due]
    if missing:
        raise NoticeMismatch(f"指定番号{missing[0]}の決定は、その後変更されています。対象を抽出し直してください。")
    told = [one for key in keys for one in due[withholders[key].pk]]
    rows = _rows(told, keys=keys, tax_year=tax_year, business_key=business_key, notice_on=notice_on)
    mailings = mailings_for([one.party_id for one in withholders.values()], tax_kind=TAX_KIND, on=notice_on)
    return [
        _piece(
            withholders[key],
            due[withholders[key].pk],
            rows,
            mailing=mailings[withholders[key].party_id],
            notice_on=notice_on,
            on_paper=withholders[key].notice_to_taxpayer != ELECTRONIC,
        )
        for key in keys
    ]


def employee_sheet(decision: Decision, *, notice_on: date) -> WithheldTaxpayerNotice | None:
    """納税義務者用の通知 of one person by the decision in force, as for a preview; None where nothing is withheld."""
    (standing,) = standings(
        decision.tax_year, kind=KIND, methods=METHODS, party_ids=[decision.party_id], only_before=True
    )
    now = standing.shares[0] if standing.shares else None
    due = told_by_withholder([standing], _employers([standing]))
    if now is not None and now.withholder_id is not None:
        withholder_id = now.withholder_id
    elif due:
        withholder_id = next(iter(due))
    else:
        return None
    told = due.get(withholder_id) or [Told(standing, now, None)]
    withholder = Withholder.objects.select_related("party").get(pk=withholder_id)
    rows = _rows(
        told, keys=[withholder.designation_no], tax_year=decision.tax_year, business_key="", notice_on=notice_on
    )
    mailing = mailings_for([withholder.party_id], tax_kind=TAX_KIND, on=notice_on)[withholder.party_id]
    piece = _piece(withholder, told, rows, mailing=mailing, notice_on=notice_on, on_paper=True)
    sheet: WithheldTaxpayerNotice = piece.paper.sheets[0]
    return sheet


def _rows(
    told: Sequence[Told], *, keys: Sequence[str], tax_year: int, business_key: str, notice_on: date
) -> EmployeeRows:
    people = sorted({one.standing.now.party_id for one in told})
    runs = {one.standing.now.run_id for one in told}
    told_runs = {one.standing.told.run_id for one in told if one.standing.told}
    hidden = hidden_parties(on=notice_on) & set(people)
    shown = addresses_for(people, output=OUTPUT, on=notice_on)
    levied, levied_yen = _levied(people, tax_year)
    live = PrintItem.objects.filter(
        package__kind=KIND, package__business_key__startswith=f"{TAX_KIND}:{tax_year}:", item_key__in=keys
    ).exclude(package__state=PackageState.RECALLED)
    return EmployeeRows(
        parties=Party.objects.in_bulk(people),
        addresses={party: "" if one.is_masked else one.text for party, one in shown.items()},
        hidden=hidden,
        opponents=opponents_by_party(sorted(hidden), on=notice_on) if hidden else {},
        facts={(f.run_id, f.party_id): f for f in ResidentFacts.objects.filter(run_id__in=runs, party_id__in=people)},
        results={
            (r.run_id, r.party_id): r
            for r in ResidentResult.objects.filter(run_id__in=runs | told_runs, party_id__in=people)
        },
        levied=levied,
        levied_yen=levied_yen,
        told_before=frozenset(live.exclude(package__business_key=business_key).values_list("item_key", flat=True)),
    )


def _levied(people: Sequence[UUID], tax_year: int) -> tuple[dict[tuple[str, UUID], Levied], dict[UUID, int]]:
    """What stands levied by withholding from wages, and in all, of these people."""
    found: dict[tuple[str, UUID], Levied] = {}
    totals: dict[UUID, int] = {}
    for one in levied_instalments(tax_kind=TAX_KIND, tax_year=tax_year, taxpayer_ids=people):
        yen = one.city_yen + one.prefecture_yen + one.forest_yen
        totals[one.taxpayer_id] = totals.get(one.taxpayer_id, 0) + yen
        if one.method == Method.WAGE:
            before = found.get((one.notice_no, one.taxpayer_id), Levied())
            months = list(before.months)
            months[one.instalment_no - 1] = yen
            found[(one.notice_no, one.taxpayer_id)] = Levied(
                tuple(months),
                before.city_yen + one.city_yen,
                before.prefecture_yen + one.prefecture_yen,
                before.forest_yen + one.forest_yen,
            )
    return found, totals


def _piece(
    withholder: Withholder,
    told: Sequence[Told],
    rows: EmployeeRows,
    *,
    mailing: Mailing,
    notice_on: date,
    on_paper: bool,
) -> PrintPiece:
    hidden = [one for one in told if one.standing.now.party_id in rows.hidden]
    to = mailing.addressee
    if hidden:
        to = replace(to, is_protected=True)
    by_row = {_row(withholder, one, rows): one for one in told}
    employees = tuple(sorted(by_row, key=lambda row: (row.employee_no, row.person_no)))
    if any(row.name == HIDDEN_TEXT for row in employees):
        to = replace(to, mail_kind=MailKind.HOLD_BACK.value)
    notice = WithholderNotice(
        addressee=to,
        office=issuers.office(DESK),
        appeal=issuers.appeal(),
        tax_year=told[0].standing.now.tax_year,
        issued_on=notice_on,
        designation_no=withholder.designation_no,
        notice_no=withholder.designation_no,
        employees=employees,
        is_change=withholder.designation_no in rows.told_before,
        change_reason=_change_reason(told) if withholder.designation_no in rows.told_before else "",
    )
    sheets = tuple(_sheet(notice, row, by_row[row], rows) for row in employees) if on_paper else ()
    return PrintPiece(
        item_key=withholder.designation_no,
        addressee=to,
        notice_no=withholder.designation_no,
        tax_year=notice.tax_year,
        paper=WithholdingEnvelope(notice, sheets),
        amount_yen=sum(row.annual_yen - (row.old_annual_yen or 0) for row in employees),
        subjects=tuple(
            Subject(str(one.standing.now.party_id), one.standing.reference)
            for one in sorted(told, key=lambda one: one.standing.reference)
        ),
    )


def _change_reason(told: Sequence[Told]) -> str:
    """Why an employer's list has changed: notified changes of employer, papers, or both."""
    moved = [one.standing.now.cause == DecisionCause.MOVED for one in told]
    words = (["給与所得者異動届出書等の提出"] if any(moved) else []) + (
        [] if all(moved) else ["課税資料の追加又は訂正"]
    )
    return "、".join(words)


def _row(withholder: Withholder, told: Told, rows: EmployeeRows) -> EmployeeRow:
    decision = told.standing.now
    party = rows.parties[decision.party_id]
    months = rows.levied.get((withholder.designation_no, decision.party_id), Levied()).months
    if rows.levied_yen.get(decision.party_id, 0) != decision.annual_yen:
        raise NoticeMismatch(f"通知番号{decision.notice_no}の年税額が、元帳の調定額と一致しません。")
    moved = told.standing.moved_yen.get((Method.WAGE, withholder.designation_no))
    old_yen = sum(months) - moved if moved is not None and told.old_yen is not None else told.old_yen
    foes = rows.opponents.get(decision.party_id, ())
    name = HIDDEN_TEXT if foes and is_opponent(withholder.party, foes) else party.name
    last = told.share or next(iter(told.standing.told_shares), None)
    return EmployeeRow(
        notice_no=decision.notice_no,
        person_no=party.person_no,
        employee_no=last.employee_no if last is not None else "",
        name=name,
        kana=party.name_kana if name != HIDDEN_TEXT else "",
        address=rows.addresses.get(decision.party_id, ""),
        annual_yen=sum(months),
        months=months,
        old_annual_yen=old_yen,
    )


def _sheet(notice: WithholderNotice, row: EmployeeRow, told: Told, rows: EmployeeRows) -> WithheldTaxpayerNotice:
    decision = told.standing.now
    key = (decision.run_id, decision.party_id)
    result, before = rows.results[key], told.standing.told
    levied = rows.levied.get((notice.designation_no, decision.party_id), Levied())
    city, prefecture = levied.city_yen, levied.prefecture_yen
    city_heads = min(result.per_capita_city_yen, city)
    prefecture_heads = min(result.per_capita_prefecture_yen, prefecture)
    is_change = row.old_annual_yen is not None
    return WithheldTaxpayerNotice(
        office=notice.office,
        appeal=notice.appeal,
        tax_year=notice.tax_year,
        issued_on=notice.issued_on,
        designation_no=notice.designation_no,
        withholder_name=notice.addressee.name,
        employee=row,
        calculation=calculation_sheet(rows.facts[key], result),
        city_income_yen=city - city_heads,
        city_per_capita_yen=city_heads,
        prefecture_income_yen=prefecture - prefecture_heads,
        prefecture_per_capita_yen=prefecture_heads,
        forest_yen=levied.forest_yen,
        shortfall_yen=result.withheld_shortfall_yen,
        applied_yen=result.withheld_offset_yen + result.withheld_refund_yen,
        is_change=is_change,
        change_reason=reason_line(
            cause=decision.cause,
            reason_ja=decision.reason_ja,
            tax_year=decision.tax_year,
            told=rows.results.get((before.run_id, before.party_id)) if before else None,
            now=result,
        )
        if is_change
        else "",
    )

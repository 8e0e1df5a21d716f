"""通知の検査 (checks of a closed package against decisions, ledger and protections). I1, I3, I6, I16; N-090, N-095."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Sum

from addressbook.models import Party
from addressbook.selectors.protections import hidden_parties
from assessment.resident.notices import ordinary, withholding
from assessment.resident.notices.targets import TAX_KIND, standings
from collection.models import Charge, ChargeState, Method
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult
from taxsys.platform.printing.checks import amount_by_notice, vendor_records
from taxsys.platform.printing.models import PackageState, PrintItem, PrintPackage


def everybody_told(ctx: JobContext, package: PrintPackage) -> Iterable[GateResult]:
    """Every decided person with tax by bill or from a pension stands in a live package, with what holds now."""
    tax_year = int(ctx.params["tax_year"])
    found = standings(tax_year, kind=ordinary.KIND, methods=ordinary.METHODS)
    left_out = sum(ordinary.must_be_told(one) for one in found)
    taxed = sum(bool(one.shares) for one in found)
    yield GateResult(
        "everybody_told",
        "税額のある決定者の全員に納税通知書がある",
        left_out == 0,
        left_out,
        f"普通徴収・年金特別徴収の決定者{taxed:,}人",
        "I6・地方税法319条の2",
    )


def sums_are_the_ledger(ctx: JobContext, package: PrintPackage) -> Iterable[GateResult]:
    """Yen told = yen levied, notice by notice; and no instalment of the year is levied without a notice."""
    tax_year = int(ctx.params["tax_year"])
    levied = {
        notice_no: int(yen)
        for notice_no, yen in Charge.objects.filter(
            tax_kind_id=TAX_KIND, tax_year=tax_year, method=Method.ORDINARY, state=ChargeState.ACTIVE
        )
        .values_list("notice_no")
        .annotate(yen=Sum("amount_yen"))
        .order_by("notice_no")
    }
    told = amount_by_notice(package)
    wrong = sum(levied.get(notice_no, 0) != yen for notice_no, yen in told.items())
    live = PrintItem.objects.filter(package__kind=ordinary.KIND).exclude(package__state=PackageState.RECALLED)
    untold = len({n for n, yen in levied.items() if yen} - set(live.values_list("notice_no", flat=True)))
    total = sum(told.values())
    ledger = sum(levied.get(notice_no, 0) for notice_no in told)
    detail = f"通知書 {total:,}円、元帳 {ledger:,}円、通知のない調定 {untold:,}件"
    yield GateResult(
        "sums_are_the_ledger", "通知書の税額の合計=元帳の調定額", wrong + untold == 0, wrong + untold, detail, "I1・I3"
    )


def every_employer_told(ctx: JobContext, package: PrintPackage) -> Iterable[GateResult]:
    """Every employer on paper with something new to be told stands in a live package; electronic ones are counted."""
    tax_year = int(ctx.params["tax_year"])
    left_out = withholding.notice_keys(tax_year, business_key="")
    electronic = withholding.notice_keys(tax_year, business_key="", electronic=True)
    yield GateResult(
        "every_employer_told",
        "書面の特別徴収義務者の全員に税額通知がある",
        not left_out,
        len(left_out),
        f"電子で通知する特別徴収義務者 {len(electronic):,}者",
        "I6・地方税法321条の4",
    )


def employers_sum_to_the_ledger(ctx: JobContext, package: PrintPackage) -> Iterable[GateResult]:
    """Per employer: the yen told in all live notices = the yen levied on its months."""
    tax_year = int(ctx.params["tax_year"])
    live = PrintItem.objects.filter(
        package__kind=withholding.KIND, package__business_key__startswith=f"{TAX_KIND}:{tax_year}:"
    ).exclude(package__state=PackageState.RECALLED)
    told = {no: int(yen) for no, yen in live.values_list("notice_no").annotate(yen=Sum("amount_yen")).order_by()}
    levied = {
        no: int(yen)
        for no, yen in Charge.objects.filter(
            tax_kind_id=TAX_KIND, tax_year=tax_year, method=Method.WAGE, notice_no__in=told
        )
        .values_list("notice_no")
        .annotate(yen=Sum("amount_yen"))
        .order_by()
    }
    wrong = sum(levied.get(no, 0) != yen for no, yen in told.items())
    detail = f"税額通知 {sum(told.values()):,}円、元帳 {sum(levied.values()):,}円"
    yield GateResult(
        "employers_sum_to_the_ledger", "特別徴収税額の合計=元帳の調定額", wrong == 0, wrong, detail, "I1・I3"
    )


def protected_stay_inside(ctx: JobContext, package: PrintPackage) -> Iterable[GateResult]:
    """No hidden person is an addressee, a payer or a listed employee in the contractor's files."""
    hidden = hidden_parties(on=ctx.business_on)
    numbers = set(Party.objects.filter(pk__in=hidden).values_list("person_no", flat=True))
    keys = {str(party) for party in hidden}
    leaked = package.subjects.filter(item__batch="bulk", subject_key__in=keys).count()
    leaked += sum(bool(numbers & set(_person_nos(record))) for record in vendor_records(package))
    inside = package.items.filter(subjects__subject_key__in=keys).distinct().count()
    yield GateResult(
        "protected_stay_inside",
        "支援措置対象者が委託先の印刷データにない",
        leaked == 0,
        leaked,
        f"庁内印刷に引き抜いた対象者の通 {inside:,}通",
        "N-095・I16",
    )


def _person_nos(record: dict[str, Any]) -> Iterator[str]:
    yield str(record["person_no"])
    yield from _in_lines(json.loads(str(record.get("lines_json") or "{}")))


def _in_lines(lines: Any) -> Iterator[str]:
    if isinstance(lines, dict):
        if isinstance(lines.get("person_no"), str):
            yield lines["person_no"]
        for one in lines.values():
            yield from _in_lines(one)
    elif isinstance(lines, list):
        for one in lines:
            yield from _in_lines(one)

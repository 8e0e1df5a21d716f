"""払込と徴収取扱費を見る (reads): counts and sums of the fee, the proof of the orders, a fiscal year's report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Sum

from collection.closing.apportioning import remittance_rules, standings
from collection.closing.models import Remittance
from collection.closing.rules import Parts
from collection.models import Channel, Receipt, RefundLine, RefundState
from collection.remitting.models import FeeClaim, OrderState, RemittanceOrder
from collection.selectors.proofs import Check


def taxpayers_levied(*, from_tax_year: int, until: date) -> int:
    """道府県民税の納税義務者数: people with prefectural tax levied, each counted once a tax year, from a tax year on.

    An employee counts by the share of the employer's months; a levy of a later day than `until` does not count.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH levied AS (
                    SELECT c.id, c.tax_year, c.method, c.party_id, c.prefecture_yen FROM collection_charge AS c
                     WHERE c.tax_kind_id = %(kind)s AND c.tax_year >= %(year)s AND EXISTS (
                           SELECT FROM collection_account AS a JOIN collection_transfer AS t ON t.debit_id = a.id
                             JOIN collection_journalentry AS e ON e.id = t.entry_id AND e.occurred_on <= %(until)s
                            WHERE a.charge_id = c.id AND a.component = 'principal'))
               SELECT count(*) FROM (
                    SELECT tax_year, party_id FROM levied WHERE method <> 'wage' AND prefecture_yen > 0
                    UNION
                    SELECT l.tax_year, w.employee_id FROM levied AS l
                      JOIN collection_withheldshare AS w ON w.charge_id = l.id WHERE w.prefecture_yen > 0) AS people""",
            {"kind": remittance_rules().tax_kind, "year": from_tax_year, "until": until},
        )
        return int(cursor.fetchone()[0])


def interest_paid(first_on: date, last_on: date) -> dict[int, int]:
    """還付加算金 of the resident tax decided in a period, by tax year, in yen."""
    rows = RefundLine.objects.filter(
        decision__state=RefundState.DECIDED, decision__decided_on__range=(first_on, last_on), interest_yen__gt=0,
        overpayment__charge__tax_kind_id=remittance_rules().tax_kind,
    )  # fmt: skip
    sums = rows.order_by().values_list("overpayment__charge__tax_year").annotate(yen=Sum("interest_yen"))
    return {int(year): int(yen) for year, yen in sums}


def shortfall_yen(first_on: date, last_on: date) -> int:
    """配当割額・株式等譲渡所得割額の控除不足額 that was offset or given back in a period, in yen."""
    rows = Receipt.objects.filter(channel=Channel.WITHHELD, state="confirmed", account_on__range=(first_on, last_on))
    return int(rows.aggregate(yen=Sum("amount_yen"))["yen"] or 0)


_CHECK = """
    WITH told AS (
        SELECT 'remitted' AS kind, coalesce(sum(prefecture_yen + forest_yen), 0)::bigint AS yen
          FROM remitting_remittanceorder WHERE state <> 'recalled'
        UNION ALL
        SELECT 'remittance_payable', coalesce(sum(CASE WHEN state = 'paid' THEN net_yen ELSE 0 END), 0)::bigint
               - coalesce(sum(prefecture_yen + forest_yen), 0)::bigint
          FROM remitting_remittanceorder WHERE state <> 'recalled'
        UNION ALL
        SELECT 'prefecture_cash',
               (SELECT coalesce(sum(total_yen), 0)::bigint FROM remitting_feeclaim WHERE state = 'received')
             - (SELECT coalesce(sum(net_yen), 0)::bigint FROM remitting_remittanceorder WHERE state = 'paid')
        UNION ALL
        SELECT 'fee_receivable', coalesce(sum(total_yen), 0)::bigint FROM remitting_feeclaim WHERE state = 'claimed'
        UNION ALL
        SELECT 'fee_income', -coalesce(sum(total_yen), 0)::bigint FROM remitting_feeclaim
         WHERE state IN ('claimed', 'received')),
    held AS (SELECT kind, sum(debit_yen - credit_yen)::bigint AS yen FROM collection_balance GROUP BY kind)
    SELECT count(*), count(*) FILTER (WHERE d <> 0), coalesce(sum(abs(d)), 0)::bigint,
           coalesce(min(kind) FILTER (WHERE d <> 0), '')
      FROM (SELECT t.kind, t.yen - coalesce(h.yen, 0) AS d FROM told AS t LEFT JOIN held AS h USING (kind)) AS x"""


def orders_check() -> Check:
    """払込の指示・徴収取扱費 against their accounts."""
    with connection.cursor() as cursor:
        cursor.execute(_CHECK)
        compared, differing, yen, example = cursor.fetchone()
    return Check("払込・徴収取扱費: 指示・請求の額と勘定残高", compared, differing, yen, example)


@dataclass(frozen=True, slots=True)
class ReportMonth:
    """報告の一月: the decided parts and what was paid over of them."""

    row: Remittance
    order: RemittanceOrder | None


@dataclass(frozen=True, slots=True)
class ReportYear:
    """課税年度ごとの調定と収入 at the end of the report, divided."""

    tax_year: int
    levied: Parts
    received_yen: int
    parts: Parts


@dataclass(frozen=True, slots=True)
class YearReport:
    """道府県民税の年報: months, tax years, claims of the fee of a fiscal year."""

    fiscal_year: int
    months: list[ReportMonth]
    years: list[ReportYear]
    fees: list[FeeClaim]

    @property
    def totals(self) -> dict[str, int]:
        """Sums of the year, yen."""
        names = ("receipts_yen", "city_yen", "prefecture_yen", "forest_yen")
        out = {name: sum(getattr(one.row, name) for one in self.months) for name in names}
        out["paid_yen"] = sum(
            one.order.net_yen for one in self.months if one.order and one.order.state == OrderState.PAID
        )
        out["fee_yen"] = sum(one.total_yen for one in self.fees if one.state != "draft")
        return out


def year_report(fiscal_year: int) -> YearReport:
    """年報 of a fiscal year, April to March, as far as its months are counted."""
    months = Remittance.objects.filter(
        month_on__gte=date(fiscal_year, 4, 1), month_on__lt=date(fiscal_year + 1, 4, 1)
    ).order_by("month_on")  # fmt: skip
    live = {
        one.remittance_id: one
        for one in RemittanceOrder.objects.filter(remittance__in=months).exclude(state=OrderState.RECALLED)
    }
    rows = [ReportMonth(row, live.get(row.pk)) for row in months]
    years: dict[int, ReportYear] = {}
    if rows:
        for (tax_year, _component), one in standings(rows[-1].row.last_on).items():
            known = years.get(tax_year)
            parts = one.parts
            years[tax_year] = ReportYear(
                tax_year, one.levied, one.received_yen + (known.received_yen if known else 0),
                _plus(parts, known.parts) if known else parts,
            )  # fmt: skip
    fees = list(FeeClaim.objects.filter(fiscal_year=fiscal_year).order_by("term"))
    return YearReport(fiscal_year, rows, [years[year] for year in sorted(years, reverse=True)], fees)


def _plus(one: Parts, other: Parts) -> Parts:
    return Parts(
        one.city_yen + other.city_yen, one.prefecture_yen + other.prefecture_yen, one.forest_yen + other.forest_yen
    )

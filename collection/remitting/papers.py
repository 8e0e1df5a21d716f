"""道府県あての文書 (papers): a month's 払込明細, the claim of the fee, the year's report, as data of the form."""

from __future__ import annotations

from datetime import date

from collection.closing.apportioning import remittance_rules
from collection.models import Component
from collection.papers.prefecture_paper_data import PaperTable, PrefecturePaper
from collection.remitting.law import prefecture_texts
from collection.remitting.models import FeeClaim, RemittanceOrder
from collection.remitting.rules import PARTS_JA
from collection.remitting.selectors import YearReport
from taxsys.kernel import wareki
from taxsys.platform.printing import issuers
from taxsys.platform.printing.kit import tax_year_text
from taxsys.platform.printing.parts import yen_text

DESK = "collection"


def _yen(*amounts: int) -> tuple[str, ...]:
    return tuple(yen_text(one) if one >= 0 else f"△{yen_text(-one)}" for one in amounts)


def _month(day: date) -> str:
    return wareki.format_long(day).rsplit("月", 1)[0] + "月"


def statement(order: RemittanceOrder, *, issued_on: date) -> PrefecturePaper:
    """払込明細 of an order (L-CL-19): by tax year and component, what of the month's receipts is the prefecture's."""
    month, rules = order.remittance, remittance_rules()
    rows = [
        (
            tax_year_text(line.tax_year), str(Component(line.component).label),
            *_yen(line.receipts_yen, line.city_yen, line.prefecture_yen, line.forest_yen),
        )
        for line in month.lines.order_by("-tax_year", "component")
    ]  # fmt: skip
    table = PaperTable(
        "収入額の按分", ("課税年度", "区分", "収入額", "市民税分", "道民税分", "森林環境税分"),
        (20, 18, 22, 22, 22, 22),
        tuple(rows), ("計", "", *_yen(month.receipts_yen, month.city_yen, month.prefecture_yen, month.forest_yen)),
        texts=2,
    )  # fmt: skip
    (payable,) = _yen(order.net_yen)
    facts = [("払込額", f"{payable}円"), ("払込期限", wareki.format_long(month.pay_by))]
    if order.carried_yen:
        facts.append(("前月からの精算", f"{_yen(order.carried_yen)[0]}円（払込額に算入）"))
    if order.paid_on:
        facts.append(("払込日", f"{wareki.format_long(order.paid_on)}　{order.paid_ref}"))
    return PrefecturePaper(
        title="道民税・森林環境税払込明細書", addressee=prefecture_texts().addressee, office=issuers.office(DESK),
        issued_on=issued_on,
        lead=f"{_month(month.month_on)}に収納した個人の道民税および森林環境税を次のとおり払い込みます。",
        facts=tuple(facts), tables=(table,),
        notes=f"{rules.law_prefecture}、{rules.law_forest}。課税年度ごとの収入額の累計を調定額で按分し（1円未満切捨て）、"
        "前月までの累計を引いた額です。",
    )  # fmt: skip


def fee_paper(claim: FeeClaim, *, issued_on: date) -> PrefecturePaper:
    """徴収取扱費の請求書 of a term (L-PI-31): the parts of the law with their arithmetic."""
    texts = prefecture_texts()
    rows = tuple((PARTS_JA[one.part], one.formula_ja, *_yen(one.yen)) for one in claim.lines.all())
    table = PaperTable(
        "算定の内訳", ("区分", "計算", "金額"), (46, 92, 24), rows, ("計", "", *_yen(claim.total_yen)), texts=2
    )
    return PrefecturePaper(
        title="個人道民税徴収取扱費 請求書", addressee=texts.addressee, office=issuers.office(DESK),
        issued_on=issued_on,
        lead=f"{texts.fee_law}により、{tax_year_text(claim.fiscal_year)}第{claim.term}期の徴収取扱費を請求します。",
        facts=(
            ("請求額", f"{_yen(claim.total_yen)[0]}円"),
            ("算定期間", f"{wareki.format_long(claim.first_on)}から{wareki.format_long(claim.last_on)}まで"),
            ("納税義務者数", f"{claim.taxpayers:,}人（うち前期まで{claim.counted_before:,}人）"),
        ),
        tables=(table,),
    )  # fmt: skip


def report_paper(report: YearReport, *, issued_on: date) -> PrefecturePaper:
    """道民税の年報 of a fiscal year (L-PI-31): months, tax years, the fee."""
    texts, totals = prefecture_texts(), report.totals
    months = tuple(
        (
            _month(one.row.month_on), *_yen(one.row.receipts_yen, one.row.city_yen, one.row.prefecture_yen,
                                            one.row.forest_yen),
            _yen(one.order.net_yen)[0] if one.order and one.order.paid_on else "－",
        )
        for one in report.months
    )  # fmt: skip
    years = tuple(
        (
            tax_year_text(one.tax_year), *_yen(one.levied.total_yen, one.levied.prefecture_yen, one.received_yen,
                                               one.parts.prefecture_yen, one.parts.forest_yen),
        )
        for one in report.years
    )  # fmt: skip
    fees = tuple((f"第{one.term}期", one.get_state_display(), *_yen(one.total_yen)) for one in report.fees)
    tables = (
        PaperTable(
            "月別の収入と払込", ("月", "収入額", "市民税分", "道民税分", "森林環境税分", "払込済額"),
            (26, 24, 24, 24, 24, 24),
            months,
            ("計", *_yen(totals["receipts_yen"], totals["city_yen"], totals["prefecture_yen"], totals["forest_yen"],
                         totals["paid_yen"])),
        ),
        PaperTable(
            "課税年度別の調定と収入（累計）",
            ("課税年度", "調定額", "うち道民税", "収入額", "道民税分", "森林環境税分"), (26, 24, 24, 24, 24, 24), years,
        ),
        PaperTable("徴収取扱費", ("期", "状態", "請求額"), (30, 30, 40), fees, ("計", "", *_yen(totals["fee_yen"])), 2),
    )  # fmt: skip
    return PrefecturePaper(
        title=f"個人道民税 収入・払込報告書（{tax_year_text(report.fiscal_year)}）", addressee=texts.addressee,
        office=issuers.office(DESK), issued_on=issued_on,
        lead=f"{texts.report_law}により、個人の道民税の調定、収入および払込みの状況を報告します。", facts=(),
        tables=tuple(one for one in tables if one.rows),
    )  # fmt: skip

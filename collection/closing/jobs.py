"""締めのバッチ (jobs of closing): the books counted every night, arrears carried over, the prefecture's share paid."""

from collections.abc import Iterable, Mapping

from django.db import transaction

from collection.closing.apportioning import remittance_count, remittance_decide, remittance_faults, remittance_rules
from collection.closing.books import last_build, levy_list, year_book
from collection.closing.carry_over import carried_claims, carry_over, year_close
from collection.closing.errors import ClosingError, PeriodClosedError
from collection.closing.models import CarryOver, Remittance
from collection.closing.rules import CARRIED, CURRENT, SECTIONS_JA
from collection.closing.services import books_build
from collection.models import Component, Method
from collection.permissions import CLOSE_YEAR, RELEASE_REMITTANCE, REMIT, VIEW_BOOKS
from collection.remitting.errors import RemittingError
from collection.remitting.services import order_make
from taxsys.kernel.calendar import fiscal_year
from taxsys.platform.files.payloads.spreadsheet import table_csv
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Param, Payload, Release, Stage
from taxsys.platform.jobs.errors import JobRefused

BOOK_HEADINGS = (
    "会計年度", "税目", "区分", "課税年度", "繰越額(円)", "調定額(円)", "収入額(円)", "不納欠損額(円)",
    "収入未済額(円)",
)  # fmt: skip


def _whole(_ctx: JobContext) -> Iterable[Payload]:
    return [{}]


def _books_step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    build = books_build()
    ctx.log(f"{build.first_on}以降: {build.lines:,}行、明細{build.transfers:,}件 {build.yen:,}円")
    return {"帳簿の行": build.lines, "明細": build.transfers}


def book_cells(year: int) -> list[tuple[object, ...]]:
    """Lines of the list of a fiscal year: sums in yen, no person."""
    return [
        (
            year, row.tax_title, row.section_ja, row.tax_year, row.brought_yen, row.levied_yen, row.received_yen,
            row.written_off_yen, row.open_yen,
        )
        for row in year_book(year)
    ]  # fmt: skip


LEVY_HEADINGS = (
    "税目", "課税年度", "賦課年度", "徴収方法", "期別", "納期限", "件数", "調定額(円)", "うち市民税等(円)",
    "うち道府県民税(円)", "うち森林環境税(円)", "未納件数", "未納額(円)",
)  # fmt: skip


def _books_finish(ctx: JobContext) -> None:
    if last_build() is None:
        return
    levies = levy_list()
    content = table_csv(LEVY_HEADINGS, [(*line[:3], Method(line[3]).label, *line[4:]) for line in levies])
    count, yen = sum(line[6] for line in levies), sum(line[7] for line in levies)
    ctx.output("調定表.csv", "調定表", content, count=count, amount_yen=yen)
    this = fiscal_year(ctx.business_on)
    cells = [line for year in (this, this - 1) for line in book_cells(year)]
    ctx.output("調定収入簿.csv", "調定簿・収入簿", table_csv(BOOK_HEADINGS, cells), count=len(cells))


def _refused(error: ClosingError) -> JobRefused:
    return JobRefused("J-STATE", error.message_ja)


def _carry_step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    year, scope = int(ctx.params["fiscal_year"]), str(ctx.params["scope"])
    actor = ctx.run.requested_by
    try:
        if scope == CARRIED:
            rows = [carry_over(year, CARRIED, actor=actor)]
        else:
            year_close(year, actor=actor)
            rows = list(CarryOver.objects.filter(fiscal_year=year + 1).order_by("section"))
    except ClosingError as error:
        raise _refused(error) from error
    for row in rows:
        ctx.log(f"{row.get_section_display()}: {row.claims:,}件 {row.yen:,}円を{row.carried_on}に繰越")
    return {"繰越": sum(row.claims for row in rows), "繰越の金額": sum(row.yen for row in rows)}


def _carry_finish(ctx: JobContext) -> None:
    year = int(ctx.params["fiscal_year"])
    sections = (CARRIED,) if ctx.params["scope"] == CARRIED else (CURRENT, CARRIED)
    cells = [
        (
            claim.tax_kind, claim.tax_year, SECTIONS_JA[section], Method(claim.method).label, claim.notice_no,
            claim.instalment_no, claim.origin_year, claim.principal_yen, claim.other_yen,
        )
        for section in sections for claim in carried_claims(year, section)
    ]  # fmt: skip
    ctx.output(
        "滞納繰越一覧.csv", "滞納繰越", table_csv(_CARRIED_HEADINGS, cells), count=len(cells),
        amount_yen=sum(int(line[7]) for line in cells),
    )  # fmt: skip


_CARRIED_HEADINGS = (
    "税目", "課税年度", "繰越前の区分", "徴収方法", "通知書番号", "期別", "所属年度",
    "本税(円)", "督促手数料・延滞金(円)",
)  # fmt: skip


def _remit_step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    try:
        row = remittance_count(ctx.day("month_on"))
    except ClosingError as error:
        raise _refused(error) from error
    ctx.log(
        f"{row.month_on:%Y-%m}: 収入額{row.receipts_yen:,}円 = 市民税{row.city_yen:,}円 + "
        f"道府県民税{row.prefecture_yen:,}円 + 森林環境税{row.forest_yen:,}円、払込期限{row.pay_by}"
    )
    return {"収入の金額": row.receipts_yen, "払込の金額": row.payable_yen}


def remittance_cells(row: Remittance) -> list[tuple[object, ...]]:
    """Lines of the list to pay: by tax year and component, in yen."""
    return [
        (
            f"{row.month_on:%Y-%m}", line.tax_year, str(Component(line.component).label), line.levied_yen,
            line.levied_prefecture_yen, line.levied_forest_yen, line.received_yen, line.receipts_yen, line.city_yen,
            line.prefecture_yen, line.forest_yen,
        )
        for line in row.lines.order_by("tax_year", "component")
    ]  # fmt: skip


REMITTANCE_HEADINGS = (
    "対象月", "課税年度", "区分", "調定額累計(円)", "うち道府県民税(円)", "うち森林環境税(円)", "収入額累計(円)",
    "当月収入額(円)", "市民税分(円)", "道府県民税分(円)", "森林環境税分(円)",
)  # fmt: skip


def _remit_finish(ctx: JobContext) -> None:
    row = Remittance.objects.filter(month_on=ctx.day("month_on")).first()
    if row is not None:
        cells = remittance_cells(row)
        content = table_csv(REMITTANCE_HEADINGS, cells)
        ctx.output("払込明細.csv", "払込明細", content, count=len(cells), amount_yen=row.payable_yen)


def _remit_gates(ctx: JobContext) -> Iterable[GateResult]:
    row = Remittance.objects.filter(month_on=ctx.day("month_on")).first()
    faults = remittance_faults(row) if row else ["集計がありません。"]
    rules = remittance_rules()
    yield GateResult(
        "CL-REMIT-PARTS",
        "市・道府県・森林環境税の計が元帳の収入額と1円まで一致する",
        not faults,
        len(faults),
        "・".join(faults) or f"収入額{row.receipts_yen:,}円" if row else "・".join(faults),
        f"{rules.law_prefecture}・{rules.law_forest}",
    )


def _remit_release(ctx: JobContext) -> None:
    actor = ctx.run.released_by or ctx.run.requested_by
    try:
        with transaction.atomic():
            row = remittance_decide(ctx.day("month_on"), actor=actor)
            order = order_make(row.pk, actor=f"staff:{actor}", ordered_on=ctx.business_on)
    except (ClosingError, RemittingError, PeriodClosedError) as error:
        ctx.log(f"決定しませんでした。{error.message_ja}", is_error=True)
        return
    ctx.log(f"払込の決定 {row.month_on:%Y-%m}: {order.net_yen:,}円 期限{row.pay_by}")


JOBS = (
    Job(
        id="B-CL-17",
        name_ja="滞納繰越・出納閉鎖",
        app="collection",
        params=(
            Param("fiscal_year", "int", name_ja="会計年度(西暦)"),
            Param(
                "scope",
                "choice",
                choices=(("year", "出納閉鎖（両方）"), (CARRIED, "滞納繰越分の4月1日繰越")),
                name_ja="範囲",
                default="year",
            ),
        ),
        scope="closing.year.{fiscal_year}",
        stages=(Stage("繰越", _whole, _carry_step, must_succeed=True),),
        finish=_carry_finish,
        permission=CLOSE_YEAR,
        approval=CLOSE_YEAR,
        legal_base="地方自治法235条の5",
        description_ja="出納閉鎖日までに納められなかった期別を翌年度の滞納繰越分とし、件数と金額を帳簿と照らして記録します。",
        recovery_ja="途中で止まったときは再開してください。一つの年度は一度だけ繰り越されます。",
    ),
    Job(
        id="B-PI-25",
        name_ja="道府県民税・森林環境税 払込集計",
        app="collection",
        params=(Param("month_on", "date", name_ja="対象月の初日"),),
        scope="closing.remittance",
        stages=(Stage("按分", _whole, _remit_step, must_succeed=True),),
        finish=_remit_finish,
        gates=(_remit_gates,),
        release=Release(RELEASE_REMITTANCE, on_release=_remit_release),
        permission=REMIT,
        legal_base="地方税法42条・森林環境税及び森林環境譲与税に関する法律8条",
        description_ja="月締めした月に収納した住民税を課税年度ごとの調定額で按分し、翌月10日までに道府県へ払い込む額を出します。",
        recovery_ja="決定の前は同じ月で集計し直せます。決定の後の増減は翌月分で精算されます。",
    ),
    Job(
        id="B-CL-18",
        name_ja="調定簿・収入簿 集計",
        app="collection",
        scope="closing.books",
        stages=(Stage("集計", _whole, _books_step, must_succeed=True),),
        finish=_books_finish,
        permission=VIEW_BOOKS,
        calendar="daily 23:50",
        deadline="06:00",
        legal_base="地方自治法施行令142条",
        description_ja="締めていない月の元帳を日・税目・課税年度ごとに集計し、調定簿・収入簿と収納率の画面のもとにします。",
        recovery_ja="途中で止まったときは再開してください。何度実行しても結果は同じです。",
    ),
)

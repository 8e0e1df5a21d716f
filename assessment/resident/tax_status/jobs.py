"""課税状況調 集計のバッチ (B-PI-26): tables, their proof against the decisions, files for the desk or for outside."""

from collections.abc import Iterable, Mapping

from assessment.permissions import RUN_ASSESSMENT
from assessment.resident.tax_status.files import table_file, tables_pdf
from assessment.resident.tax_status.outside import for_outside
from assessment.resident.tax_status.proof import proofs
from assessment.resident.tax_status.selectors import tax_status_count
from assessment.resident.what_if.terms import terms
from taxsys.kernel import wareki
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Param, Payload, Stage
from taxsys.platform.jobs.errors import JobRefused

INSIDE, OUTSIDE = "inside", "outside"


def _plan(_ctx: JobContext) -> Iterable[Payload]:
    return [{}]


def _step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    tax_year, is_outside = int(ctx.params["tax_year"]), ctx.params["use"] == OUTSIDE
    tables, whole = tax_status_count(tax_year)
    if not whole.people:
        raise JobRefused("J-STATE", f"{wareki.format_year(tax_year)}年度の決定がありません。")
    least = terms().minimum_people
    shown = [for_outside(table, least) for table in tables] if is_outside else tables
    for table in shown:
        for form in ("csv", "xlsx"):
            ctx.output(f"{table.code}.{form}", "statistics", table_file(table, "csv" if form == "csv" else "xlsx"),
                       count=len(table.rows))  # fmt: skip
    day = wareki.format_long(ctx.business_on)
    pdf = tables_pdf(shown, tax_year=tax_year, is_outside=is_outside, counted_on_ja=day, least=least)
    ctx.output("tax_status.pdf", "statistics", pdf, count=len(shown), amount_yen=whole.annual_yen)
    return {"対象": whole.people, "年税額": whole.annual_yen, "表": len(shown)}


def _gates(ctx: JobContext) -> Iterable[GateResult]:
    return proofs(*tax_status_count(int(ctx.params["tax_year"])))


TAX_STATUS_JOB = Job(
    id="B-PI-26",
    name_ja="課税状況調 集計",
    app="assessment",
    params=(
        Param("tax_year", "int", name_ja="課税年度"),
        Param("use", "choice", choices=((INSIDE, "庁内用"), (OUTSIDE, "公表用(少数を秘匿)")), name_ja="用途"),
    ),
    scope="resident.tax_status.{tax_year}",
    stages=(Stage("集計", _plan, _step, must_succeed=True),),
    gates=(_gates,),
    permission=RUN_ASSESSMENT,
    description_ja="効力のある決定を表に集計し、CSV・XLSX・PDFを作ります。様式は独自様式です。"
    "公表用では少数の人が分かる数字を x にします。",
    recovery_ja="検査が不合格のときは、決定と計算結果の違いを電算担当が調べます。表は使わないでください。",
)

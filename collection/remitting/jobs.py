"""徴収取扱費のバッチ: a term counted with its arithmetic, claimed by a second person's release."""

from collections.abc import Iterable, Mapping

from collection.closing.errors import PeriodClosedError
from collection.papers.prefecture_paper import FeePaperDrawer
from collection.permissions import RELEASE_REMITTANCE, REMIT
from collection.remitting.errors import RemittingError
from collection.remitting.models import FeeClaim
from collection.remitting.papers import fee_paper
from collection.remitting.rules import PARTS_JA
from collection.remitting.services import fee_claim, fee_count
from taxsys.platform.files.payloads.spreadsheet import table_csv
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Param, Payload, Release, Stage
from taxsys.platform.jobs.errors import JobRefused
from taxsys.platform.printing.engine import Book

FEE_HEADINGS = ("会計年度", "期", "区分", "計算", "金額(円)")


def _whole(_ctx: JobContext) -> Iterable[Payload]:
    return [{}]


def _key(ctx: JobContext) -> tuple[int, int]:
    return int(ctx.params["fiscal_year"]), int(ctx.params["term"])


def _step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    try:
        claim = fee_count(*_key(ctx))
    except RemittingError as error:
        raise JobRefused("J-STATE", error.message_ja) from error
    ctx.log(f"{claim.first_on}～{claim.last_on}: 納税義務者{claim.taxpayers:,}人、請求額{claim.total_yen:,}円")
    return {"納税義務者": claim.taxpayers, "請求の金額": claim.total_yen}


def _claim(ctx: JobContext) -> FeeClaim | None:
    year, term = _key(ctx)
    return FeeClaim.objects.filter(fiscal_year=year, term=term).first()


def fee_cells(claim: FeeClaim) -> list[tuple[object, ...]]:
    """Lines of the list: the parts with their arithmetic."""
    return [(claim.fiscal_year, claim.term, PARTS_JA[one.part], one.formula_ja, one.yen) for one in claim.lines.all()]


def _finish(ctx: JobContext) -> None:
    claim = _claim(ctx)
    if claim is None:
        return
    cells = fee_cells(claim)
    ctx.output(
        "徴収取扱費.csv", "算定の内訳", table_csv(FEE_HEADINGS, cells), count=len(cells), amount_yen=claim.total_yen
    )
    drawer = FeePaperDrawer()
    book = Book(title=drawer.title_ja)
    drawer.draw(book, fee_paper(claim, issued_on=ctx.business_on))
    ctx.output("徴収取扱費請求書.pdf", "請求書", bytes(book.finish()), count=1, amount_yen=claim.total_yen)


def _gates(ctx: JobContext) -> Iterable[GateResult]:
    claim = _claim(ctx)
    total = sum(one.yen for one in claim.lines.all()) if claim else 0
    is_ok = claim is not None and total == claim.total_yen and claim.taxpayers >= claim.counted_before
    yield GateResult(
        "CL-FEE-PARTS",
        "各号の計が請求額と一致し、納税義務者数が前期までを下回らない",
        is_ok,
        0 if is_ok else 1,
        f"請求額{total:,}円" if claim else "集計がありません。",
        "地方税法47条1項",
    )


def _release(ctx: JobContext) -> None:
    actor = f"staff:{ctx.run.released_by}" if ctx.run.released_by else ctx.run.requested_by
    try:
        claim = fee_claim(*_key(ctx), actor=actor, claimed_on=ctx.business_on)
    except (RemittingError, PeriodClosedError) as error:
        ctx.log(f"請求しませんでした。{error.message_ja}", is_error=True)
        return
    ctx.log(f"徴収取扱費の請求 {claim}: {claim.total_yen:,}円")


JOBS = (
    Job(
        id="B-PI-25-F",
        name_ja="道府県民税 徴収取扱費 集計",
        app="collection",
        params=(
            Param("fiscal_year", "int", name_ja="会計年度(西暦)"),
            Param("term", "int", name_ja="期"),
        ),
        scope="remitting.fee",
        stages=(Stage("集計", _whole, _step, must_succeed=True),),
        finish=_finish,
        gates=(_gates,),
        release=Release(RELEASE_REMITTANCE, on_release=_release),
        permission=REMIT,
        legal_base="地方税法47条1項",
        description_ja="期の納税義務者数と還付加算金などから道府県の交付する徴収取扱費を計算し、請求書を作ります。"
        "別の職員の出力解放で請求になります。",
        recovery_ja="請求の前は同じ期で集計し直せます。前の期までに数えた納税義務者は差し引かれます。",
    ),
)

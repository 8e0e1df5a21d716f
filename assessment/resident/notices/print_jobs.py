"""通知の印刷バッチ (B-PI-15 withholding, B-PI-16 tax notices): declared here, built by the printing frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assessment.permissions import PRINT_NOTICES, RELEASE_NOTICES
from assessment.resident.notices import checks, ordinary, withholding
from assessment.resident.notices.targets import TAX_KIND
from assessment.resident.papers.tax_notice import TaxNoticeDrawer
from assessment.resident.papers.withholding import WithholdingEnvelopeDrawer
from taxsys.kernel import wareki
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Done, Job, Param
from taxsys.platform.outbox.services import outbox_put_many
from taxsys.platform.printing.models import PrintPackage
from taxsys.platform.printing.pieces import PrintPiece
from taxsys.platform.printing.print_jobs import PrintWork, print_job

_PARAMS = (Param("tax_year", "int", name_ja="課税年度"), Param("notice_on", "date", name_ja="通知年月日"))


def _year(ctx: JobContext) -> int:
    return int(ctx.params["tax_year"])


def _business_key(ctx: JobContext) -> str:
    """One package a tax, year and notice date: names and batch numbers of the files follow from it."""
    return f"{TAX_KIND}:{_year(ctx)}:{ctx.day('notice_on').isoformat()}"


def _notice_keys(ctx: JobContext) -> Sequence[str]:
    return ordinary.notice_keys(_year(ctx), business_key=_business_key(ctx))


def _notice_pieces(ctx: JobContext, keys: Sequence[str]) -> Iterable[PrintPiece]:
    return ordinary.notice_pieces(
        keys, tax_year=_year(ctx), business_key=_business_key(ctx), notice_on=ctx.day("notice_on")
    )


TAX_NOTICES = PrintWork(
    kind=ordinary.KIND,
    drawer=TaxNoticeDrawer(),
    title_ja=lambda ctx: f"{wareki.format_year(_year(ctx))}年度 納税通知書（市民税・道民税・森林環境税）",
    business_key=_business_key,
    item_keys=_notice_keys,
    load=_notice_pieces,
    checks=(checks.everybody_told, checks.sums_are_the_ledger, checks.protected_stay_inside),
)


def _employer_keys(ctx: JobContext) -> Sequence[str]:
    return withholding.notice_keys(_year(ctx), business_key=_business_key(ctx))


def _employer_pieces(ctx: JobContext, keys: Sequence[str]) -> Iterable[PrintPiece]:
    return withholding.notice_pieces(
        keys, tax_year=_year(ctx), business_key=_business_key(ctx), notice_on=ctx.day("notice_on")
    )


def _electronic(ctx: JobContext, _package: PrintPackage | None) -> None:
    """Employers without paper are told through the outbox, in the transaction of the release."""
    rows = withholding.electronic_messages(_year(ctx), business_key=_business_key(ctx), notice_on=ctx.day("notice_on"))
    if rows:
        ctx.log(f"電子の税額通知 {outbox_put_many(topic='notice.electronic', rows=rows):,}人分を送信待ちに入れました。")


WITHHOLDING_NOTICES = PrintWork(
    kind=withholding.KIND,
    drawer=WithholdingEnvelopeDrawer(),
    title_ja=lambda ctx: f"{wareki.format_year(_year(ctx))}年度 特別徴収税額通知書",
    business_key=_business_key,
    item_keys=_employer_keys,
    load=_employer_pieces,
    checks=(checks.every_employer_told, checks.employers_sum_to_the_ledger, checks.protected_stay_inside),
    on_release=_electronic,
    chunk_pieces=100,
)

NOTICE_JOBS: tuple[Job, ...] = (
    print_job(
        WITHHOLDING_NOTICES,
        id="B-PI-15",
        name_ja="特徴税額通知データ(紙)作成",
        app="assessment",
        scope="resident.withholding_notices.{tax_year}",
        params=_PARAMS,
        permission=PRINT_NOTICES,
        release_permission=RELEASE_NOTICES,
        legal_base="地方税法321条の4",
        description_ja="給与支払者ごとに、特別徴収義務者用の通知書（受給者一覧）と納税義務者用の通知書を一通にまとめます。"
        "書面を選んだ給与支払者が対象です。まだ通知していない決定・変更だけを通知します。",
    ),
    print_job(
        TAX_NOTICES,
        id="B-PI-16",
        name_ja="納税通知書(普徴)・納付書・課税明細データ作成",
        app="assessment",
        scope="resident.notices.{tax_year}",
        params=_PARAMS,
        permission=PRINT_NOTICES,
        release_permission=RELEASE_NOTICES,
        requires=(Done("B-CL-14", same="tax_year"),),
        legal_base="地方税法319条の2・43条",
        description_ja="まだ通知していない決定（当初・更正）の納税通知書を、計算明細書と納付書とともに一つの組にします。"
        "納付書の発行（B-CL-14）の後に実行してください。",
    ),
)

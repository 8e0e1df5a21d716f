"""納付書のバッチ: slips of a year and method with their list to the portal, and the day's changes of slips."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.db.models import F

from collection.models import Charge, ChargeState, Component, Slip, SlipState
from collection.permissions import ISSUE_SLIPS
from collection.selectors.debit import paid_by_debit
from collection.services.slip_list import slip_list_issue
from collection.services.slips import SlipRequest, slip_issue_many
from taxsys.platform.files.models import OutgoingFile
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Job, Param, Payload, Stage
from taxsys.platform.plans import whole_city

CHUNK_CHARGES = 2000
_METHODS = (("ordinary", "普通徴収"), ("wage", "給与特別徴収"))


def _slip_plan(ctx: JobContext) -> Iterable[Payload]:
    """Charges of the year and method that have no slip in circulation yet, by number; 口座振替分 gets none."""
    with whole_city():
        charges = list(
            Charge.objects.filter(
                tax_year=int(ctx.params["tax_year"]), method=str(ctx.params["method"]), state=ChargeState.ACTIVE,
                amount_yen__gt=0, accounts__component=Component.PRINCIPAL,
                accounts__balance__debit_yen__gt=F("accounts__balance__credit_yen"),
            )
            .exclude(slip_lines__slip__state=SlipState.ACTIVE)
            .exclude(paid_by_debit())
            .order_by("notice_no", "instalment_no")
            .values_list("pk", flat=True)
        )  # fmt: skip
    return [{"charges": charges[start : start + CHUNK_CHARGES]} for start in range(0, len(charges), CHUNK_CHARGES)]


def _slip_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    """Slips are good until the books of the year close (出納閉鎖 5月31日, 地方自治法235条の5)."""
    until = date(int(ctx.params["tax_year"]) + 1, 5, 31)
    issued = slip_issue_many(
        [SlipRequest((charge,), until) for charge in payload["charges"]], issued_on=ctx.business_on
    )
    return {"納付書": len(issued), "納付書の金額": sum(slip.amount_yen for slip in issued)}


def _slip_list(ctx: JobContext) -> None:
    """The list of the slips issued today goes to the portal before they are mailed (formats §8.3)."""
    issued = slip_list_issue(
        Slip.objects.filter(
            issued_on=ctx.business_on,
            lines__charge__tax_year=int(ctx.params["tax_year"]),
            lines__charge__method=str(ctx.params["method"]),
        ),
        business_key=f"{ctx.params['tax_year']}:{ctx.params['method']}:{ctx.business_on}",
        name=f"nofu_{ctx.params['method']}_{ctx.business_on:%Y%m%d}",
    )
    _told(ctx, issued, none_ja="新しく発行した納付書はありません。")


def _told(ctx: JobContext, issued: OutgoingFile | None, *, none_ja: str) -> None:
    if issued is None:
        ctx.log(none_ja)
        return
    ctx.log(f"納付書情報 {issued.name}: {issued.record_count:,}件 {issued.amount_sums['amount']:,}円")


def _one_list(_ctx: JobContext) -> Iterable[Payload]:
    return [{"list": "changes"}]


def _changes_step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    """What the desks issued, what was replaced, withdrawn or paid since the portal was told last, in one file."""
    issued = slip_list_issue(
        Slip.objects.all(), business_key=f"changes:{ctx.business_on}", name=f"nofu_changes_{ctx.business_on:%Y%m%d}"
    )
    _told(ctx, issued, none_ja="共通納税システムに伝える納付書の変更はありません。")
    return {"納付書の変更": issued.record_count if issued else 0}


JOBS = (
    Job(
        id="B-CL-14",
        name_ja="納付書発行・納付書情報作成",
        app="collection",
        params=(
            Param("tax_year", "int", name_ja="課税年度"),
            Param("method", "choice", choices=_METHODS, name_ja="徴収方法"),
        ),
        scope="slips.{tax_year}.{method}",
        stages=(Stage("発行", _slip_plan, _slip_step, must_succeed=True),),
        finish=_slip_list,
        permission=ISSUE_SLIPS,
    ),
    Job(
        id="B-CL-06",
        name_ja="納付書情報の変更分作成",
        app="collection",
        params=(),
        scope="slips.changes",
        stages=(Stage("作成", _one_list, _changes_step, must_succeed=True),),
        permission=ISSUE_SLIPS,
        calendar="daily 18:30",
        deadline="21:00",
        description_ja="窓口で発行した納付書、差し替え・取消し・納付済みになった納付書を、共通納税システムへ伝えるファイルにします。",
        recovery_ja="途中で止まったときは再開してください。伝え終えた納付書は二度載りません。",
    ),
)

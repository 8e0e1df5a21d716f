"""督促状の印刷バッチ (B-CL-13): the reminders issued on a day as one package, by the printing frame."""

from __future__ import annotations

from collections.abc import Iterable

from assessment.resident.notices.checks import protected_stay_inside
from delinquency.papers.reminder import ReminderDrawer
from delinquency.permissions import EXTRACT_REMINDERS, RELEASE_REMINDERS
from delinquency.services.cards import KIND, cards_leave, reminder_keys, reminder_pieces, reminders_settled
from taxsys.kernel import wareki
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Param
from taxsys.platform.printing.models import PrintPackage
from taxsys.platform.printing.print_jobs import PrintWork, print_job


def sums_are_the_claims(ctx: JobContext, package: PrintPackage) -> Iterable[GateResult]:
    """Every card asks for what is open now; who has paid since the issue gets none (I7)."""
    settled = reminders_settled(ctx.day("issued_on"))
    still_in = package.items.filter(item_key__in=settled, pulled_by="").count()
    yield GateResult(
        "sums_are_the_claims",
        "督促状の未納額=元帳の未収残高",
        still_in == 0,
        still_in,
        f"発付後に納付・減額があり作成しないもの {len(settled):,}件",
        "I7",
    )


def _leave(ctx: JobContext, package: PrintPackage | None) -> None:
    settled = cards_leave(package, ctx.day("issued_on"), actor=ctx.run.released_by)
    if settled:
        ctx.log(f"発送前に納付・減額があったため引き抜き・取消 {settled:,}件")


REMINDERS = PrintWork(
    kind=KIND,
    drawer=ReminderDrawer(),
    title_ja=lambda ctx: f"督促状（{wareki.format_long(ctx.day('issued_on'))}発付）",
    business_key=lambda ctx: ctx.day("issued_on").isoformat(),
    item_keys=lambda ctx: reminder_keys(ctx.day("issued_on")),
    load=lambda _ctx, keys: reminder_pieces(keys),
    checks=(sums_are_the_claims, protected_stay_inside),
    on_release=_leave,
)

PRINT_JOBS: tuple[Job, ...] = (
    print_job(
        REMINDERS,
        id="B-CL-13",
        name_ja="督促状作成",
        app="delinquency",
        scope="reminders.print.{issued_on}",
        params=(Param("issued_on", "date", name_ja="発付日"),),
        permission=EXTRACT_REMINDERS,
        release_permission=RELEASE_REMINDERS,
        legal_base="地方税法329条・371条・463条の25",
        description_ja="発付した督促（B-CL-13-S）の督促状を、納付書とともに一つの組にします。",
    ),
)

"""督促状の印刷バッチ (B-CL-13): the reminders issued on a day as one package, by the printing frame."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from assessment.resident.notices.checks import protected_stay_inside
from delinquency.models import Reminder, ReminderState
from delinquency.papers.reminder import ReminderDrawer
from delinquency.permissions import EXTRACT_REMINDERS, RELEASE_REMINDERS
from delinquency.selectors.claims import open_now
from delinquency.services.cards import KIND, reminder_keys, reminder_pieces
from taxsys.kernel import wareki
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Param
from taxsys.platform.printing.models import PrintPackage
from taxsys.platform.printing.print_jobs import PrintWork, print_job


def _issued_on(ctx: JobContext) -> date:
    on = ctx.params["issued_on"]
    return on if isinstance(on, date) else date.fromisoformat(str(on))


def sums_are_the_claims(ctx: JobContext, package: PrintPackage) -> Iterable[GateResult]:
    """Every card asks for what is open now: who has paid since the issue is pulled, not written to (I7)."""
    rows = list(
        Reminder.objects.filter(issued_on=_issued_on(ctx), state=ReminderState.ISSUED).values_list(
            "reminder_no", "charge_id", "unpaid_yen"
        )
    )
    standing = open_now([charge_id for _no, charge_id, _yen in rows])
    paid = [no for no, charge_id, yen in rows if standing.get(charge_id) != yen]
    still_in = package.items.filter(item_key__in=paid, pulled_by="").count()
    yield GateResult(
        "sums_are_the_claims",
        "督促状の未納額=元帳の未収残高",
        still_in == 0,
        still_in,
        f"督促状 {len(rows):,}通 {sum(yen for _no, _charge, yen in rows):,}円。納付のあったものは引き抜いてください。",
        "I7",
    )


REMINDERS = PrintWork(
    kind=KIND,
    drawer=ReminderDrawer(),
    title_ja=lambda ctx: f"督促状（{wareki.format_long(_issued_on(ctx))}発付）",
    business_key=lambda ctx: _issued_on(ctx).isoformat(),
    item_keys=lambda ctx: reminder_keys(_issued_on(ctx)),
    load=lambda _ctx, keys: reminder_pieces(keys),
    checks=(sums_are_the_claims, protected_stay_inside),
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

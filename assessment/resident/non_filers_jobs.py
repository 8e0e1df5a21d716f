"""未申告者抽出のバッチ (B-PI-24): the list of people of whom nothing is known goes to the desk's matters."""

from collections.abc import Iterable, Mapping

from assessment.items.models import ItemKind
from assessment.items.services import FoundItem, items_refresh
from assessment.permissions import RUN_ASSESSMENT
from assessment.resident.non_filers import non_filers
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Job, Param, Payload, Stage

AGE_FROM = 18
"""Whom a city asks is its own practice; unconfirmed, therefore a parameter of the run."""


def _plan(_ctx: JobContext) -> Iterable[Payload]:
    return [{}]


def _step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    tax_year = int(ctx.params["tax_year"])
    found = non_filers(tax_year=tax_year, age_from=int(ctx.params["age_from"]))
    items = [FoundItem(ItemKind.NON_FILER, one.party_id, one.message_ja) for one in found]
    counts = items_refresh([ItemKind.NON_FILER], items, tax_year=tax_year, job_run_id=ctx.run.pk)
    return {"未申告者": len(found), **counts}


NON_FILERS_JOB = Job(
    id="B-PI-24",
    name_ja="未申告者抽出",
    app="assessment",
    params=(
        Param("tax_year", "int", name_ja="課税年度"),
        Param("age_from", "int", name_ja="対象とする年齢(前年末)の下限", required=False, default=AGE_FROM),
    ),
    scope="resident.non_filers.{tax_year}",
    stages=(Stage("抽出", _plan, _step, must_succeed=True),),
    permission=RUN_ASSESSMENT,
    description_ja="課税資料がなく、誰の扶養親族にもなっていない対象者を、要調査事項の一覧に挙げます。申告があれば次の実行で解消になります。",
)

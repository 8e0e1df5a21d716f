"""試算の基礎の作成 (B-PI-40): made ready before anybody asks; nothing of the registers changes."""

from collections.abc import Iterable, Mapping

from assessment.permissions import WHAT_IF
from assessment.resident.what_if.answer import AnswerRefused
from assessment.resident.what_if.services import base_current
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Job, Param, Payload, Stage
from taxsys.platform.jobs.errors import JobRefused


def _plan(ctx: JobContext) -> Iterable[Payload]:
    return [{}]


def _step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    try:
        base, _ = base_current(int(str(ctx.params["tax_year"])))
    except AnswerRefused as refused:
        raise JobRefused("J-STATE", refused.message_ja) from refused
    return {"対象": base.rows, "決定の税額を再現できない人": base.head.differing}


WHAT_IF_JOB = Job(
    id="B-PI-40",
    name_ja="政策試算の基礎の作成",
    app="assessment",
    params=(Param("tax_year", "int", name_ja="課税年度"),),
    scope="resident.what_if.{tax_year}",
    stages=(Stage("作成", _plan, _step, must_succeed=True),),
    permission=WHAT_IF,
    description_ja="決定済の事実を、氏名・番号・宛名を除いて試算用にまとめます。決定が変わらなければ作り直しません。",
    recovery_ja="途中で止まったときは再開してください。試算の画面を開いたときにも作られます。",
)

"""扶養重複・所得超過チェックのバッチ (B-PI-12): the findings go to the work list, each with its claimants."""

from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings

from addressbook.models import Party
from assessment.items.models import ItemKind
from assessment.items.services import FoundItem, items_refresh
from assessment.permissions import RUN_ASSESSMENT
from assessment.resident.dependants import SPOUSES, TOO_RICH, TWICE, DependantFinding, dependants_check
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Job, Param, Payload, Stage
from taxsys.platform.jobs.models import WorkItem

_KINDS = {TWICE: ItemKind.TWICE, TOO_RICH: ItemKind.TOO_RICH, SPOUSES: ItemKind.SPOUSES}


def _plan(_ctx: JobContext) -> Iterable[Payload]:
    return [{}]


def _step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    claims, found = dependants_check(
        tax_year=int(ctx.params["tax_year"]),
        documents_until=ctx.params["documents_until"],
        city_code=settings.TAXSYS_MUNICIPALITY_CODE,
    )
    ctx.work_many(
        [
            WorkItem(
                kind=one.kind,
                subject_key=f"{one.subject_no}:{'・'.join(one.claimants)}"[:100],
                code=one.code,
                message_ja=one.message_ja[:500],
            )
            for one in found
        ]
    )
    tax_year = int(ctx.params["tax_year"])
    items_refresh(list(_KINDS.values()), _items(found), tax_year=tax_year, job_run_id=ctx.run.pk)
    counts = {"記載の親族": claims.written, "特定できない親族": claims.unknown}
    for one in found:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    return counts


def _items(found: Sequence[DependantFinding]) -> list[FoundItem]:
    """The findings as matters of the desk's list, which outlives the runs."""
    numbers = {number for one in found for number in (one.subject_no, *one.claimants)}
    parties = dict(Party.objects.filter(person_no__in=numbers).values_list("person_no", "pk"))
    return [
        FoundItem(
            _KINDS[one.kind],
            parties[one.subject_no],
            one.message_ja,
            tuple(parties[number] for number in one.claimants),
        )
        for one in found
    ]


DEPENDANTS_JOB = Job(
    id="B-PI-12",
    name_ja="扶養重複・所得超過チェック",
    app="assessment",
    params=(
        Param("tax_year", "int", name_ja="課税年度"),
        Param("documents_until", "date", name_ja="資料の締切日"),
    ),
    scope="resident.dependants.{tax_year}",
    stages=(Stage("照合", _plan, _step, must_succeed=True),),
    permission=RUN_ASSESSMENT,
    description_ja="課税資料に記載された親族を宛名と照らし、重複・所得超過・配偶者の不一致を作業一覧に挙げます。",
)

"""異動の検証: what must hold of a run of changes before a second person lets it go."""

from collections import defaultdict
from uuid import UUID

from assessment.models import AssessmentRun, Decision, EmploymentChange, Finding, FindingSeverity, ResidentResult
from assessment.resident.levying import changes_planned
from assessment.resident.moves.selectors import pending_people, timelines_of
from collection.selectors.levied import levied_instalments
from taxsys.platform.jobs.declaration import GateResult


def instalments_whole(run: AssessmentRun, *, city_code: str) -> GateResult:
    """Whether everybody's instalments after the run add up to the tax decided, to the yen."""
    annual = dict(ResidentResult.objects.filter(run=run, stop_code="").values_list("party_id", "annual_tax_yen"))
    newest = Decision.objects.filter(tax_year=run.tax_year, tax_kind=run.tax_kind, party_id__in=annual)
    notices = dict(newest.order_by("version").values_list("party_id", "notice_no"))
    whole: dict[UUID, int] = defaultdict(int)
    for one in levied_instalments(tax_kind=run.tax_kind, tax_year=run.tax_year, taxpayer_ids=list(annual)):
        whole[one.taxpayer_id] += one.city_yen + one.prefecture_yen + one.forest_yen
    for party, before, after in changes_planned(run, notices, city_code=city_code):
        whole[party] += sum(after.parts) - sum(before)
    wrong = [party for party, yen in annual.items() if whole[party] != yen]
    return GateResult(
        "moves_whole",
        "異動後の期別・月割の合計が年税額と一致する",
        not wrong,
        len(wrong),
        detail_ja="" if not wrong else f"{len(wrong):,}人の合計が年税額と違います。届出と調定を確かめてください。",
        guards="徴収漏れと二重徴収(地方税法321条の7)",
    )


def unfitting_changes(run: AssessmentRun) -> GateResult:
    """Changes that fit no employer of the person wait for the missing one; each becomes a finding."""
    people = pending_people(run)
    waiting = {one for state in timelines_of(run, people).values() for one in state.unfitting}
    Finding.objects.filter(run=run, check_id="moves_unfitting", settled_at__isnull=True).delete()
    Finding.objects.bulk_create(
        Finding(
            run=run,
            check_id="moves_unfitting",
            severity=FindingSeverity.INFO,
            party_id=change.party_id,
            message_ja="異動届の給与支払者では特別徴収していません。前の勤め先の届出を待っています。",
            detail={"change": change.pk},
        )
        for change in EmploymentChange.objects.filter(pk__in=waiting).order_by("pk")
    )
    return GateResult(
        "moves_unfitting",
        "勤め先の経過に合わない異動届",
        True,
        len(waiting),
        detail_ja=f"{len(waiting):,}件は反映せず、次の処理に残します。" if waiting else "",
        guards="届出の順番の違いによる誤った徴収",
    )

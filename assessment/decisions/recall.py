"""決定の撤回 (recall of a released run), before or after mailing: one act, two people, a complete record (I1 郡山市).

Everything the run brought about is taken back in one transaction: its levies are reversed (people whose earlier
decision stands go back to its instalments), slips and eL numbers are void, print packages are recalled, the copies are
told, new due dates are set for the run that follows. The decisions stay on record and stand no longer. R-019.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Sum, Value
from django.db.models.functions import Cast, Concat

from assessment.amendments.reliefs import reliefs_reopen
from assessment.decisions.bulk import decisions_told_again, levies_before
from assessment.errors import AssessmentError
from assessment.models import WITHOUT_PAPERS, AssessmentRun, Decision, RunKind, RunRecall, RunState
from assessment.pensions.models import ProvisionalLevy
from assessment.pensions.services import pension_stops_reopen
from assessment.resident.due_dates import due_date_keys
from assessment.resident.moves.services import changes_reopen
from collection.services.levy import levy_adjust, levy_reverse
from taxsys.kernel.calendar import next_business_day
from taxsys.platform import clock
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.printing.models import PackageState, PrintPackage, PrintSubject
from taxsys.platform.printing.services import package_recall
from taxsys.platform.staff.access import is_same_person
from taxsys.platform.staff.models import Staff

APPROVAL_KIND = "assessment.run_recall"
JOB_ID = "B-PI-19-R"
RECALLABLE = frozenset({RunKind.INITIAL_WAGE, RunKind.INITIAL_ORDINARY, RunKind.CORRECTION, *WITHOUT_PAPERS})
OUT = (PackageState.HANDED_OVER, PackageState.MAILED)
LABELS = {
    "run": "計算",
    "state": "状態",
    "reason": "撤回の理由",
    "people": "決定(人)",
    "annual_yen": "年税額の合計",
    "packages": "回収する印刷物(組)",
    "was_mailed": "発送・引渡し後",
    "new_due_dates": "新しい納期限",
}


class RecallRefused(AssessmentError):
    """A run cannot be recalled as asked."""

    code = "S0211"


@dataclass(frozen=True, slots=True)
class RecallScope:
    """What a recall would touch: decisions, sum of annual tax in yen, live print packages, whether any went out."""

    people: int
    annual_yen: int
    packages: int
    was_mailed: bool


def recall_scope(run: AssessmentRun) -> RecallScope:
    """撤回の範囲 as things stand now."""
    decisions = run.decisions.all()
    packages = run_packages(run)
    return RecallScope(
        people=decisions.count(),
        annual_yen=int(decisions.aggregate(yen=Sum("annual_yen"))["yen"] or 0),
        packages=packages.count(),
        was_mailed=packages.filter(state__in=OUT).exists(),
    )


def run_packages(run: AssessmentRun) -> QuerySet[PrintPackage]:
    """Live print packages on which a decision of the run is told."""
    told = (
        Decision.objects.filter(run=run, tax_kind=run.tax_kind)
        .annotate(reference=Concat(F("notice_no"), Value(":"), Cast("version", CharField())))
        .values("reference")
    )
    subjects = PrintSubject.objects.filter(package=OuterRef("pk"), reference__in=told)
    return PrintPackage.objects.filter(Exists(subjects)).exclude(state=PackageState.RECALLED)


def recall_check(run: AssessmentRun, *, new_due_dates: Mapping[str, str]) -> None:
    """Refuse (RecallRefused) what cannot be recalled: wrong state or kind, later decisions, due dates that are none."""
    if run.state != RunState.RELEASED:
        raise RecallRefused(
            f"この計算は「{run.get_state_display()}」のため撤回できません。撤回できるのは決定済の計算です。"
        )
    if run.kind not in RECALLABLE:
        raise RecallRefused(f"「{run.get_kind_display()}」の決定は撤回できません。")
    later = (
        Decision.objects.filter(run__state=RunState.RELEASED, previous__run=run).order_by("run_id").first()
    )  # fmt: skip
    if later is not None:
        raise RecallRefused(
            f"この計算の決定の後に、計算{later.run_id}の決定があります。後の計算を先に撤回してください。"
        )
    known = set(due_date_keys())
    for key, text in new_due_dates.items():
        day = _day(text)
        if key not in known or day is None:
            raise RecallRefused(
                f"新しい納期限「{key} {text}」が読めません。期別と日付を確かめてください。", field="due_on"
            )
        if day <= clock.today() or next_business_day(day) != day:
            raise RecallRefused("新しい納期限は、明日以降の開庁日にしてください。", field="due_on")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def recall_propose(run: AssessmentRun, *, actor: Staff, reason_ja: str, new_due_dates: Mapping[str, str]) -> Approval:
    """撤回を起案する: the content is frozen with what the recall will touch. Raises RecallRefused, AlreadyProposed."""
    if not reason_ja.strip():
        raise RecallRefused("撤回の理由を入力してください。", field="reason")
    recall_check(run, new_due_dates=new_due_dates)
    scope = recall_scope(run)
    after: dict[str, Any] = {
        "run": f"計算{run.pk} {run.get_kind_display()} {run.tax_year}年度",
        "state": RunState.RECALLED.label,
        "reason": reason_ja.strip()[:300],
        "people": scope.people,
        "annual_yen": scope.annual_yen,
        "packages": scope.packages,
        "was_mailed": scope.was_mailed,
        "new_due_dates": dict(sorted(new_due_dates.items())),
    }
    return approval_propose(
        kind=APPROVAL_KIND,
        subject_key=f"run:{run.pk}",
        title_ja=f"計算{run.pk}の決定の撤回({scope.people:,}人)",
        content={"run_id": run.pk, "before": {"run": after["run"], "state": RunState.RELEASED.label}, "after": after},
        actor=actor,
    )


def recall_stale(approval: Approval) -> str:
    """Why the proposal no longer stands: the run may not be recalled any more, or a recall would touch other things."""
    after = approval.content["after"]
    run = AssessmentRun.objects.get(pk=approval.content["run_id"])
    try:
        recall_check(run, new_due_dates=after["new_due_dates"])
    except RecallRefused as refused:
        return refused.message_ja
    if recall_scope(run) != _scope_seen(approval):
        return "起案の後に撤回の範囲が変わりました。起案し直してください。"
    return ""


def _scope_seen(approval: Approval) -> RecallScope:
    after = approval.content["after"]
    return RecallScope(after["people"], after["annual_yen"], after["packages"], after["was_mailed"])


def recall_execute(approval: Approval) -> RunRecall:
    """決裁された撤回を行う: exactly what the approver saw. Raises RecallRefused."""
    after = approval.content["after"]
    return run_recall(
        int(approval.content["run_id"]),
        reason_ja=after["reason"],
        new_due_dates=after["new_due_dates"],
        proposed_by=approval.proposed_by.staff_no,
        approved_by=approval.decided_by.staff_no if approval.decided_by else "",
        expected=_scope_seen(approval),
    )


@transaction.atomic
def run_recall(
    run_id: int, *, reason_ja: str, new_due_dates: Mapping[str, str], proposed_by: str, approved_by: str,
    expected: RecallScope | None = None,
) -> RunRecall:  # fmt: skip
    """撤回する: everything of the run taken back in one act. Raises RecallRefused; done once (a second call refuses).

    `expected` is what the approver saw; when the run looks otherwise by now, nothing is done.
    """
    run = AssessmentRun.objects.select_for_update().get(pk=run_id)
    if is_same_person(proposed_by, approved_by):
        raise RecallRefused("起案者本人は撤回を決裁できません。別の職員が決裁してください。")
    recall_check(run, new_due_dates=new_due_dates)
    scope = recall_scope(run)
    if expected is not None and scope != expected:
        raise RecallRefused("起案の後に撤回の範囲が変わりました。起案し直してください。")
    key, today = f"recall:{run.pk}", clock.today()
    # What a 仮徴収 levied before the decision stands by itself: only the run's own changes are taken back.
    provisional = ProvisionalLevy.objects.filter(tax_year=run.tax_year, levied_on__isnull=False).values("party")
    firsts = Decision.objects.filter(run=run).exclude(previous__run__state=RunState.RELEASED)
    firsts = firsts.exclude(party__in=provisional)
    refs = [f"decision:{party}:{run.tax_year}" for party in firsts.values_list("party_id", flat=True)]
    reversed_ = levy_reverse(refs, dedupe_key=key, occurred_on=today, actor=approved_by, approval_ref=key)
    restored = levy_adjust(
        levies_before(run),
        dedupe_key=f"{key}:before",
        occurred_on=today,
        actor=approved_by,
        legal_ground=reason_ja[:80],
    )
    packages = [
        package_recall(package_id, actor=approved_by, reason=reason_ja).pk
        for package_id in run_packages(run).order_by("pk").values_list("pk", flat=True)
    ]
    changes_reopen(run)
    reliefs_reopen(run)
    pension_stops_reopen(run)
    told = decisions_told_again(run)
    run.state = RunState.RECALLED
    run.save(update_fields=["state"])
    return RunRecall.objects.create(
        run=run,
        reason_ja=reason_ja[:300],
        was_mailed=scope.was_mailed,
        new_due_dates=dict(new_due_dates),
        proposed_by=proposed_by,
        approved_by=approved_by,
        recalled_on=today,
        recorded_at=clock.now(),
        counts={
            "people": scope.people,
            "annual_yen": scope.annual_yen,
            "charges": reversed_.charges + restored.charges,
            "entries": reversed_.entries + restored.entries,
            "slips_voided": reversed_.slips_voided + restored.slips_voided,
            "packages": packages,
            "messages": told,
        },
    )

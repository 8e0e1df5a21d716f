"""更正事案 (writes): opened with its reason, calculated as it would be decided, decided by a second person.

A calculation is the very act of the decision, year after year (a loss of one year is in the ledger of the next), and is
then taken back; what stays is each year's before and after. F-PC-022, F-PL-010; R-173, R-278; 地方税法17条の5・17条の6.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from assessment.amendments.errors import AmendmentRefused
from assessment.amendments.limits import limit_for, limit_refusal_ja
from assessment.amendments.models import AmendmentCase, CaseCause, CaseMember, CaseState, CaseYear, YearOutcome
from assessment.amendments.named import named_release, named_run_open
from assessment.amendments.rules.time_limits import LimitGround
from assessment.decisions.selectors import standing_decisions
from assessment.models import AssessmentRun, Decision, DecisionCause, ResidentFacts, ResidentResult, RunKind
from assessment.resident.bulk import corrections as bulk
from assessment.resident.bulk.rows import rows_clear
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import RESIDENT_RESULT
from assessment.resident.runs import TAX_KIND, run_compute_chunk
from collection.models import RefundGround
from collection.selectors.refunds import Ground
from collection.services.refund_grounds import overpayments_ground
from taxsys.kernel import wareki
from taxsys.platform import clock
from taxsys.platform.staff.access import is_same_person

# 起算の号 (17条の4第1項) by what brought the correction about.
GROUNDS: Mapping[str, str] = {
    CaseCause.REQUEST: RefundGround.CORRECTION_REQUEST,
    CaseCause.AMENDED_RETURN: RefundGround.INCOME_TAX_CORRECTION,
    CaseCause.NATIONAL_TAX: RefundGround.INCOME_TAX_CORRECTION,
    CaseCause.INQUIRY: RefundGround.LEVY_REDUCED,
    CaseCause.JUDGMENT: RefundGround.LEVY_REDUCED,
}
TRIAL = "試算"
_FIGURES = 12


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """What an officer enters to open a case; `relatives`: others whose tax hangs together with the person's."""

    party_id: UUID
    first_year: int
    cause: str
    reason_ja: str
    limit_ground: str = ""
    event_on: date | None = None
    request_on: date | None = None
    tax_office_notice_on: date | None = None
    relatives: tuple[UUID, ...] = ()


@dataclass(slots=True)
class Outcome:
    """One person and year: what stood, what comes, why not."""

    party_id: UUID
    tax_year: int
    outcome: str
    before: Decision | None
    before_yen: int
    after_yen: int
    after_version: int | None = None
    figures: list[list[Any]] = field(default_factory=list)
    limit_on: date | None = None
    note_ja: str = ""


@transaction.atomic
def case_open(draft: CaseDraft, *, actor_id: str) -> AmendmentCase:
    """事案を登録する. Raises AmendmentRefused with the field."""
    _checked(draft)
    today = clock.today()
    case = AmendmentCase.objects.create(
        case_no=_next_no(today.year),
        party_id=draft.party_id,
        first_year=draft.first_year,
        cause=draft.cause,
        reason_ja=draft.reason_ja.strip(),
        limit_ground=draft.limit_ground,
        event_on=draft.event_on,
        refund_ground=GROUNDS[draft.cause],
        request_on=draft.request_on,
        tax_office_notice_on=draft.tax_office_notice_on,
        opened_on=today,
        opened_by=actor_id,
        recorded_at=clock.now(),
    )
    people = {draft.party_id, *draft.relatives}
    CaseMember.objects.bulk_create(CaseMember(case=case, party_id=party) for party in sorted(people))
    return case


def _checked(draft: CaseDraft) -> None:
    if not draft.reason_ja.strip():
        raise AmendmentRefused("更正・決定の理由を入力してください。通知書に書く文です。", field="reason_ja")
    if not standing_decisions(tax_year=draft.first_year).filter(party_id=draft.party_id).exists() and (
        draft.first_year > clock.today().year
    ):
        raise AmendmentRefused("最初の課税年度が、まだ課税していない年度です。", field="first_year")
    if draft.limit_ground and draft.limit_ground != "fraud" and draft.event_on is None:
        raise AmendmentRefused("期間制限の特例の日(裁決・更正などの日)を入力してください。", field="event_on")
    if draft.cause == CaseCause.REQUEST and draft.request_on is None:
        raise AmendmentRefused("更正の請求の日を入力してください。還付加算金の起算に使います。", field="request_on")
    if draft.cause in {CaseCause.AMENDED_RETURN, CaseCause.NATIONAL_TAX} and draft.tax_office_notice_on is None:
        raise AmendmentRefused(
            "所得税の更正通知または申告の日を入力してください。還付加算金の起算に使います。",
            field="tax_office_notice_on",
        )
    for name in ("event_on", "request_on", "tax_office_notice_on"):
        day = getattr(draft, name)
        if day is not None and day > clock.today():
            raise AmendmentRefused("日付が今日より後です。日付を確かめてください。", field=name)


def _next_no(year: int) -> str:
    """事案番号: the next of the year; one at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('amendments.case_no'))")
    last = AmendmentCase.objects.filter(case_no__startswith=f"{year}-").order_by("-case_no").first()
    return f"{year}-{(int(last.case_no[5:]) if last else 0) + 1:05d}"


def case_calculate(case_id: int) -> list[CaseYear]:
    """事案を計算する: each year as it would be decided today; nothing but the before and after is kept."""
    with transaction.atomic():
        case = _locked(case_id, CaseState.OPEN)
        with transaction.atomic():
            outcomes = case_run(case, requested_by=case.opened_by, released_by=TRIAL)
            transaction.set_rollback(True)
    with transaction.atomic():
        case = _locked(case_id, CaseState.OPEN)
        case.years.all().delete()
        CaseYear.objects.bulk_create(_year(case, one) for one in outcomes)
    return list(case.years.all())


def _locked(case_id: int, *states: str) -> AmendmentCase:
    case = AmendmentCase.objects.select_for_update().get(pk=case_id)
    if case.state not in states:
        raise AmendmentRefused(f"この事案は「{case.get_state_display()}」のため、変えられません。")
    return case


def _year(case: AmendmentCase, one: Outcome) -> CaseYear:
    return CaseYear(
        case=case, party_id=one.party_id, tax_year=one.tax_year, outcome=one.outcome,
        before_version=one.before.version if one.before else None, after_version=one.after_version,
        before_yen=one.before_yen, after_yen=one.after_yen, figures=one.figures, limit_on=one.limit_on,
        note_ja=one.note_ja,
    )  # fmt: skip


def case_years(case: AmendmentCase) -> list[int]:
    """The tax years of a case, oldest first: from its first year to the last one decided of its people."""
    members = case.members.values("party_id")
    decided = Decision.objects.filter(tax_kind=TAX_KIND, party_id__in=members).order_by("-tax_year")
    last = max(decided.values_list("tax_year", flat=True)[:1], default=case.first_year)
    return list(range(case.first_year, max(last, case.first_year) + 1))


def case_run(case: AmendmentCase, *, requested_by: str, released_by: str) -> list[Outcome]:
    """更正を行う: year after year computed, limited and released. The caller's transaction keeps or undoes it."""
    people = sorted(case.members.values_list("party_id", flat=True))
    outcomes: list[Outcome] = []
    for tax_year in case_years(case):
        outcomes += _one_year(case, tax_year, people, requested_by=requested_by, released_by=released_by)
    return outcomes


def _one_year(
    case: AmendmentCase, tax_year: int, people: Sequence[UUID], *, requested_by: str, released_by: str
) -> list[Outcome]:
    city_code = settings.TAXSYS_MUNICIPALITY_CODE
    before = {
        one.party_id: one
        for one in standing_decisions(tax_year=tax_year).filter(party_id__in=people).select_related("run")
    }
    elsewhere = [party for party, one in before.items() if one.run.kind == RunKind.TAKEN_OVER]
    found = [_elsewhere(party, tax_year, before[party]) for party in sorted(elsewhere)]
    here = [party for party in people if party not in elsewhere]
    run = named_run_open(
        tax_year=tax_year, kind=RunKind.CORRECTION, title_ja=f"更正事案 {case.case_no}", requested_by=requested_by,
        city_code=city_code,
    )  # fmt: skip
    run_compute_chunk(run, here, city_code=city_code)
    bulk.unchanged_drop(run, here)
    changed = [_outcome(case, run, party, before.get(party)) for party in _with_rows(run)]
    kept = {one.party_id for one in changed if one.outcome == YearOutcome.CHANGED}
    rows_clear(run.pk, [one.party_id for one in changed if one.party_id not in kept])
    done = {one.party_id for one in changed}
    found += changed
    found += [_same(party, tax_year, before[party]) for party in here if party not in done and party in before]
    if not kept:
        run.delete()
        return _ordered(found)
    reason = f"{case.get_cause_display()}: {case.reason_ja}(事案{case.case_no})"
    named_release(
        run, dict.fromkeys(kept, reason), cause=DecisionCause.CORRECTION, released_by=released_by, city_code=city_code
    )
    versions = dict(Decision.objects.filter(run=run).values_list("party_id", "version"))
    for one in changed:
        one.after_version = versions.get(one.party_id)
    overpayments_ground(f"run:{run.pk}:", _ground(case, run.business_on))
    return _ordered(found)


def _ordered(found: list[Outcome]) -> list[Outcome]:
    return sorted(found, key=lambda one: str(one.party_id))


def _with_rows(run: AssessmentRun) -> list[UUID]:
    return list(ResidentResult.objects.filter(run=run).order_by("party_id").values_list("party_id", flat=True))


def _ground(case: AmendmentCase, decided_on: date) -> Ground:
    is_request = case.refund_ground == RefundGround.CORRECTION_REQUEST
    return Ground(case.refund_ground, case.request_on, decided_on if is_request else None, case.tax_office_notice_on)


def _elsewhere(party: UUID, tax_year: int, decision: Decision) -> Outcome:
    note = "前のシステムで課税した年度です。資料と収納の記録がここにないため、この事案では変更しません。"
    return Outcome(
        party, tax_year, YearOutcome.ELSEWHERE, decision, decision.annual_yen, decision.annual_yen, note_ja=note
    )


def _same(party: UUID, tax_year: int, decision: Decision) -> Outcome:
    return Outcome(party, tax_year, YearOutcome.SAME, decision, decision.annual_yen, decision.annual_yen)


def _outcome(case: AmendmentCase, run: AssessmentRun, party: UUID, before: Decision | None) -> Outcome:
    """What the run's rows of a person mean: a change, one that comes too late, or a stop."""
    row = ResidentResult.objects.get(run=run, party_id=party)
    before_yen = before.annual_yen if before else 0
    now_yen = int(row.annual_tax_yen)  # type: ignore[attr-defined]
    one = Outcome(party, run.tax_year, YearOutcome.CHANGED, before, before_yen, now_yen)
    if row.stop_code:
        one.outcome, one.note_ja, one.after_yen = YearOutcome.STOPPED, row.stop_message_ja, before_yen
        return one
    one.figures = _figures(run, row, before)
    if one.after_yen == before_yen:
        return one
    is_increase = one.after_yen > before_yen
    limit = limit_for(run.tax_year, is_increase=is_increase, ground=LimitGround(case.limit_ground, case.event_on))
    one.limit_on = limit.last_on
    one.note_ja = limit_refusal_ja(run.tax_year, limit, is_increase=is_increase, day=run.business_on)
    if one.note_ja:
        one.outcome = YearOutcome.LATE
    return one


def _figures(run: AssessmentRun, now: ResidentResult, before: Decision | None) -> list[list[Any]]:
    """[title, before, after] of the first facts and results that differ, in the order of the rules (yen and counts)."""
    rows: list[list[Any]] = []
    for model, columns in ((ResidentFacts, RESIDENT_FACTS), (ResidentResult, RESIDENT_RESULT)):
        new = now if model is ResidentResult else model.objects.get(run=run, party_id=now.party_id)
        old = model.objects.filter(run=before.run, party_id=now.party_id).first() if before else None
        rows += [
            [column.title_ja, int(getattr(old, column.name)) if old else 0, int(getattr(new, column.name))]
            for column in columns
            if not column.name.endswith("_e4")
            and int(getattr(new, column.name)) != (int(getattr(old, column.name)) if old else column.default)
        ]
    return rows[:_FIGURES] + rows[-1:] if len(rows) > _FIGURES else rows


@transaction.atomic
def case_decide(case_id: int, *, approved_by: str, seen: Sequence[Sequence[Any]]) -> AmendmentCase:
    """決定する: every year of the case, in one transaction, exactly as its approver saw it (`seen`).

    Raises AmendmentRefused where the calculation of today differs from what was seen.
    """
    case = _locked(case_id, CaseState.PROPOSED)
    if is_same_person(case.opened_by, approved_by):
        raise AmendmentRefused("事案を登録した本人は決裁できません。別の職員が決裁してください。")
    outcomes = case_run(case, requested_by=case.opened_by, released_by=approved_by)
    if fingerprint(_year(case, one) for one in outcomes) != [list(one) for one in seen]:
        raise AmendmentRefused("起案の後に、資料または決定が変わりました。計算し直してから起案してください。")
    case.years.all().delete()
    CaseYear.objects.bulk_create(_year(case, one) for one in outcomes)
    case.state, case.decided_on, case.decided_by = CaseState.DECIDED, clock.today(), approved_by
    case.save(update_fields=["state", "decided_on", "decided_by"])
    return case


def fingerprint(years: Any) -> list[list[Any]]:
    """What the approver sees of every person and year, in order: outcome, versions, yen before and after."""
    return sorted(
        [one.tax_year, str(one.party_id), one.outcome, one.before_version or 0, one.before_yen, one.after_yen]
        for one in years
    )


@transaction.atomic
def case_close(case_id: int, *, actor_id: str) -> AmendmentCase:
    """事案を取りやめる before it is proposed."""
    case = _locked(case_id, CaseState.OPEN)
    case.state = CaseState.CLOSED
    case.save(update_fields=["state"])
    return case


def year_ja(tax_year: int) -> str:
    """令和8年度."""
    return f"{wareki.format_year(tax_year)}年度"

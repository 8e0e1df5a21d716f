"""減免 (writes): received with its documents, planned from the books, granted, refused or revoked by a second person.

A granted remission becomes the next version of the decision (cause 減免); only its difference reaches the ledger.
F-PC-021, F-PL-018; R-103, R-173; 地方税法323条・45条.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from assessment.amendments.errors import AmendmentRefused
from assessment.amendments.models import Relief, ReliefState
from assessment.amendments.named import named_release, named_run_open, standing_recompute
from assessment.amendments.relief_law import grade_of, relief_unit_yen
from assessment.amendments.rules.remissions import Levies, Place, places_reached, remissions
from assessment.decisions.selectors import standing_decision_of
from assessment.models import AssessmentRun, Decision, DecisionCause, ResidentFacts, ResidentResult, RunKind
from assessment.resident.facts import BuiltFacts
from assessment.resident.reliefs import RELIEF_COLUMNS, Grant, Relief3, levies_of
from assessment.resident.runs import TAX_KIND
from collection.selectors.levied import levied_instalments
from taxsys.kernel import wareki
from taxsys.platform import clock
from taxsys.platform.staff.access import is_same_person

Line = list[Any]
NO_PARTS = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class ReliefDraft:
    """減免申請の内容. `choice` = "ground:grade" of the ordinance table; `more_years`: others of the application."""

    party_id: UUID
    tax_year: int
    choice: str
    applied_on: date
    documents_ja: str
    event_on: date | None = None
    is_ex_officio: bool = False
    opinion_ja: str = ""
    more_years: tuple[int, ...] = ()


@transaction.atomic
def relief_receive(draft: ReliefDraft, *, actor_id: str) -> Relief:
    """減免申請を受け付ける: one remission a year of it, all or none; answers the first. Raises AmendmentRefused."""
    ground_code, _, grade_code = draft.choice.partition(":")
    try:
        ground, grade = grade_of(ground_code, grade_code)
    except LookupError as error:
        raise AmendmentRefused("減免の事由を一覧から選んでください。", field="choice") from error
    years = sorted({draft.tax_year, *draft.more_years})
    for tax_year in years:
        _decision(draft.party_id, tax_year)
    if not draft.documents_ja.strip():
        raise AmendmentRefused(f"確認した書類を入力してください。例：{ground.documents_ja}", field="documents_ja")
    if draft.applied_on > clock.today():
        raise AmendmentRefused("申請日が今日より後です。日付を確かめてください。", field="applied_on")
    if ground.scope == "from_event" and (draft.event_on is None or draft.event_on > clock.today()):
        raise AmendmentRefused("事由の生じた日(今日まで)を入力してください。", field="event_on")
    application_no = ""
    made = []
    for tax_year in years:
        relief = _receive(draft, tax_year, (ground.code, grade.code), application_no=application_no, actor_id=actor_id)
        application_no = relief.application_no
        made.append(relief)
    return next(one for one in made if one.tax_year == draft.tax_year)


def _receive(
    draft: ReliefDraft, tax_year: int, choice: tuple[str, str], *, application_no: str, actor_id: str
) -> Relief:
    number = _next_no(clock.today().year)
    try:
        with transaction.atomic():
            return Relief.objects.create(
                relief_no=number,
                application_no=application_no or number,
                party_id=draft.party_id,
                tax_year=tax_year,
                ground=choice[0],
                grade=choice[1],
                applied_on=draft.applied_on,
                event_on=draft.event_on,
                is_ex_officio=draft.is_ex_officio,
                documents_ja=draft.documents_ja.strip(),
                opinion_ja=draft.opinion_ja.strip(),
                received_by=actor_id,
                recorded_at=clock.now(),
            )
    except IntegrityError as error:
        if "relief_live_uq" not in str(error):
            raise
        year = wareki.format_year(tax_year)
        text = f"{year}年度に同じ事由の減免がすでにあります。その減免を開いて処理してください。"
        raise AmendmentRefused(text, field="choice") from error


def _next_no(year: int) -> str:
    """減免番号: the next of the year; one at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('amendments.relief_no'))")
    last = Relief.objects.filter(relief_no__startswith=f"G{year}-").order_by("-relief_no").first()
    return f"G{year}-{(int(last.relief_no[6:]) if last else 0) + 1:05d}"


def _decision(party_id: UUID, tax_year: int) -> Decision:
    found = standing_decision_of(party_id, tax_year=tax_year)
    if found is None:
        raise AmendmentRefused("この年度の賦課決定がありません。課税している年度を選んでください。", field="tax_year")
    if found.run.kind == RunKind.TAKEN_OVER:
        raise AmendmentRefused(
            "前のシステムで課税した年度です。期別がここにないため、減免できません。", field="tax_year"
        )
    return found


def relief_lines(relief: Relief) -> list[Line]:
    """減免する期別 as of today: [method, notice number, instalment, due date, city, prefecture, forest] in yen."""
    ground, grade = grade_of(relief.ground, relief.grade)
    decision = _decision(relief.party_id, relief.tax_year)
    result = ResidentResult.objects.values(
        "city_tax_yen", "prefectural_tax_yen", "income_levy_city_yen", "income_levy_prefecture_yen"
    ).get(run=decision.run, party_id=relief.party_id)
    levied = levied_instalments(tax_kind=TAX_KIND, tax_year=relief.tax_year, taxpayer_ids=[relief.party_id])
    places = [
        Place(one.method, one.notice_no, one.instalment_no, one.due_on,
              (one.city_yen, one.prefecture_yen, one.forest_yen))
        for one in levied
    ]  # fmt: skip
    reached = places_reached(
        sorted(places, key=lambda one: one.due_on), ground, applied_on=relief.applied_on, event_on=relief.event_on
    )
    levies = Levies(
        result["city_tax_yen"], result["prefectural_tax_yen"],
        min(result["income_levy_city_yen"], result["city_tax_yen"]),
        min(result["income_levy_prefecture_yen"], result["prefectural_tax_yen"]),
    )  # fmt: skip
    return [
        [row.place.method, row.place.notice_no, row.place.no, row.place.due_on.isoformat(), *row.parts]
        for row in remissions(reached, ground, grade, levies, unit_yen=relief_unit_yen())
        if sum(row.parts)
    ]


def lines_total(lines: Sequence[Line]) -> tuple[int, int, int]:
    """City, prefecture and forest yen of the lines."""
    return (sum(one[4] for one in lines), sum(one[5] for one in lines), sum(one[6] for one in lines))


def lines_kept(relief: Relief, revoke_from: date) -> list[Line]:
    """What stays remitted when the remission ends on a day: the instalments due before it."""
    return [one for one in relief.lines if date.fromisoformat(one[3]) < revoke_from]


def relief_back(relief: Relief, revoke_from: date) -> Relief3:
    """What the year's remission changes by (yen, zero or less) when this one ends on a day, of the tax as it stands."""
    decision = _decision(relief.party_id, relief.tax_year)
    result = ResidentResult.objects.values().get(run=decision.run, party_id=relief.party_id)
    remitted = ResidentFacts.objects.values_list("relief_forest_yen", flat=True)
    now = replace(
        levies_of(result),
        forest_yen=result["forest_tax_yen"] + remitted.get(run=decision.run, party_id=relief.party_id),
    )
    then = Decision.objects.get(party_id=relief.party_id, tax_year=relief.tax_year, version=relief.version or 0)
    granted = (relief.city_yen, relief.prefecture_yen, relief.forest_yen)
    grant = Grant(granted, levies_of(ResidentResult.objects.values().get(run=then.run, party_id=relief.party_id)))
    before = grant.fitted(now)
    after = grant.fitted(now, granted=lines_total(lines_kept(relief, revoke_from)))
    return (after[0] - before[0], after[1] - before[1], after[2] - before[2])


@transaction.atomic
def relief_grant(relief_id: int, *, lines: Sequence[Line], decided_by: str) -> Relief:
    """減免する: exactly the lines its approver saw. Raises AmendmentRefused where they are no longer the same."""
    relief = Relief.objects.select_for_update().get(pk=relief_id)
    _other_person(relief, decided_by)
    if relief_lines(relief) != [list(one) for one in lines]:
        raise AmendmentRefused("起案の後に、期別の税額が変わりました。減免額を計算し直してください。")
    amounts = lines_total(lines)
    relief.version = _decided(relief, amounts, cause=DecisionCause.RELIEF, by=(relief.received_by, decided_by))
    relief.state, relief.lines = ReliefState.GRANTED, [list(one) for one in lines]
    relief.city_yen, relief.prefecture_yen, relief.forest_yen = amounts
    relief.decided_by, relief.decided_on = decided_by, clock.today()
    relief.save()
    return relief


@transaction.atomic
def relief_refuse(relief_id: int, *, decided_by: str) -> Relief:
    """減免しない: the reason stands in the proposal; no tax changes."""
    relief = Relief.objects.select_for_update().get(pk=relief_id)
    _other_person(relief, decided_by)
    relief.state, relief.decided_by, relief.decided_on = ReliefState.REFUSED, decided_by, clock.today()
    relief.save(update_fields=["state", "decided_by", "decided_on"])
    return relief


@transaction.atomic
def relief_revoke(relief_id: int, *, proposed_by: str, decided_by: str) -> Relief:
    """減免を取り消す from the day proposed: what falls due from then on is owed again. Raises AmendmentRefused."""
    relief = Relief.objects.select_for_update().get(pk=relief_id)
    if relief.revoke_from is None:
        raise AmendmentRefused("取消の日がありません。")
    kept = lines_total(lines_kept(relief, relief.revoke_from))
    back = relief_back(relief, relief.revoke_from)
    if back != NO_PARTS:
        _decided(relief, back, cause=DecisionCause.RELIEF_ENDED, by=(proposed_by, decided_by))
    relief.state, relief.revoked_on = ReliefState.REVOKED, clock.today()
    relief.city_yen, relief.prefecture_yen, relief.forest_yen = kept
    relief.save()
    return relief


def _other_person(relief: Relief, decided_by: str) -> None:
    if is_same_person(relief.received_by, decided_by):
        raise AmendmentRefused("申請を受け付けた本人は決裁できません。別の職員が決裁してください。")


def _decided(relief: Relief, more: tuple[int, int, int], *, cause: str, by: tuple[str, str]) -> int:
    """The next version with `more` remitted (negative: less), `by` proposer and approver. Answers its number."""
    proposed_by, decided_by = by
    before = _decision(relief.party_id, relief.tax_year)
    city_code = settings.TAXSYS_MUNICIPALITY_CODE
    run = named_run_open(
        tax_year=relief.tax_year, kind=RunKind.RELIEF, title_ja=f"減免 {relief.relief_no}",
        requested_by=proposed_by, city_code=city_code,
    )  # fmt: skip
    standing_recompute(run, [relief.party_id], city_code=city_code, edit=_editor(more))
    _checked(run, relief, before, more)
    reason = _reason_ja(relief, cause)
    named_release(run, {relief.party_id: reason}, cause=cause, released_by=decided_by, city_code=city_code)
    return Decision.objects.get(run=run, party_id=relief.party_id).version


def _editor(more: tuple[int, int, int]) -> Callable[[BuiltFacts], None]:
    def edit(built: BuiltFacts) -> None:
        for name, yen in zip(RELIEF_COLUMNS, more, strict=True):
            built.batch[name] = built.batch[name] + yen

    return edit


def _checked(run: AssessmentRun, relief: Relief, before: Decision, more: tuple[int, int, int]) -> None:
    """Nothing but the remission may differ: other legal values than those decided by are put right first."""
    row = ResidentResult.objects.values("stop_message_ja", "stop_code", "annual_tax_yen").get(
        run=run, party_id=relief.party_id
    )
    if row["stop_code"]:
        raise AmendmentRefused(f"減免後の税額を計算できません。{row['stop_message_ja']}")
    if row["annual_tax_yen"] != before.annual_yen - sum(more):
        raise AmendmentRefused(
            "減免のほかにも税額が変わります。決定の後に法定値が変わっていないか確かめ、先に更正してください。"
        )


def _reason_ja(relief: Relief, cause: str) -> str:
    ground, grade = grade_of(relief.ground, relief.grade)
    if cause == DecisionCause.RELIEF_ENDED:
        day = wareki.format_long(relief.revoke_from) if relief.revoke_from else ""
        return f"減免の取消({day}から): {relief.act_reason_ja}({relief.relief_no})"
    return f"減免({ground.title_ja}・{grade.title_ja}、{wareki.format_long(relief.applied_on)}申請、{relief.relief_no})"


@transaction.atomic
def reliefs_reopen(run: AssessmentRun) -> int:
    """The run is recalled: a remission it granted waits again, one it revoked stands again. Answers their number."""
    if run.kind != RunKind.RELIEF:
        return 0
    count = 0
    for decision in Decision.objects.filter(run=run):
        rows = Relief.objects.filter(party_id=decision.party_id, tax_year=decision.tax_year)
        if decision.cause == DecisionCause.RELIEF:
            count += rows.filter(version=decision.version, state=ReliefState.GRANTED).update(
                state=ReliefState.RECEIVED, version=None, lines=[], city_yen=0, prefecture_yen=0, forest_yen=0,
                decided_by="", decided_on=None, act="",
            )  # fmt: skip
            continue
        number = decision.reason_ja.rpartition("(")[2].rstrip(")")
        for relief in rows.filter(relief_no=number, state=ReliefState.REVOKED):
            relief.state, relief.revoked_on, relief.revoke_from = ReliefState.GRANTED, None, None
            relief.city_yen, relief.prefecture_yen, relief.forest_yen = lines_total(relief.lines)
            relief.save()
            count += 1
    return count


@transaction.atomic
def relief_withdraw(relief_id: int) -> Relief:
    """申請の取下げ before anything is proposed. Raises AmendmentRefused."""
    relief = Relief.objects.select_for_update().get(pk=relief_id)
    if relief.state != ReliefState.RECEIVED:
        raise AmendmentRefused(f"この減免は「{relief.get_state_display()}」のため取り下げられません。")
    relief.state = ReliefState.WITHDRAWN
    relief.save(update_fields=["state"])
    return relief

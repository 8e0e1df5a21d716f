"""年度切替の点検 (check list before the new year): what blocks the switch, what is only told. R-019; F-SR-007.

Each answers with its count and, where it blocks, what to do. The same list stands on the screen and as the job's gates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from assessment.amendments.models import AmendmentCase, CaseState, Relief, ReliefState
from assessment.items.models import DeskItem, ItemState
from assessment.models import (
    AssessmentRun,
    ChangeState,
    Decision,
    EmploymentChange,
    EntryBundle,
    RunKind,
    RunState,
    SourceDocument,
    SourceState,
    Withholder,
)
from assessment.pensions.models import PensionResult
from assessment.resident.collection_split import KEYS, ORDINARY, due_dates
from assessment.resident.reviewed import law_refusal_ja
from assessment.resident.rules.pipeline import PIPELINES, coverage, resident_law
from assessment.yearend.terms import earliest_on, work_blocks
from taxsys.kernel import wareki
from taxsys.kernel.calendar import is_business_day
from taxsys.platform import clock
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.models import RunState as JobState

TAX_KIND = "10"
# Job runs whose assessment run may still be let go or go on.
_ALIVE = (JobState.REQUESTED, JobState.APPROVED, JobState.RUNNING, JobState.STOPPED, JobState.FINISHED)


@dataclass(frozen=True, slots=True)
class SwitchCheck:
    """One line of the check list. `blocks`: the switch waits for it; else it is told only."""

    code: str
    title_ja: str
    is_ok: bool
    count: int
    detail_ja: str
    guards: str
    blocks: bool = True

    @property
    def holds_back(self) -> bool:
        """Whether the switch may not be let go because of it."""
        return self.blocks and not self.is_ok


def switch_checks(tax_year: int) -> list[SwitchCheck]:
    """Everything that is looked at before the year is switched to, in the order of the list."""
    return [
        _day(tax_year), *_law(tax_year), _due_dates(tax_year), _numbering(tax_year), _designations(),
        _runs(tax_year - 1), _decided(tax_year - 1), *_open_work(tax_year),
    ]  # fmt: skip


def _day(tax_year: int) -> SwitchCheck:
    first = earliest_on(tax_year)
    is_ok = clock.today() >= first
    detail = "" if is_ok else f"{wareki.format_long(first)}から切り替えられます。その日以後に依頼し直してください。"
    return SwitchCheck("day", "賦課期日が来ている", is_ok, 0, detail, "地方税法318条")


def _law(tax_year: int) -> Iterator[SwitchCheck]:
    year = wareki.format_year(tax_year)
    title, guards = "新年度の法定値が審査されている", "I1・I4"
    if tax_year not in PIPELINES or coverage(tax_year).state == "none":
        detail = f"{year}年度の計算が用意されていません。計算式と法定値の登録・検証を済ませてください。"
        yield SwitchCheck("law", title, False, 1, detail, guards)
        return
    city = settings.TAXSYS_MUNICIPALITY_CODE
    law = resident_law(tax_year, city)
    refusal = law_refusal_ja(law, city)
    yield SwitchCheck("law", title, not refusal, int(bool(refusal)), refusal or f"指紋 {law.hash[:12]}", guards)
    drafts = law.not_enacted()
    names = "、".join(one.parameter.title for one in drafts[:3])
    detail = f"{names}が公布されていません。公布されるまで決定はできません。" if drafts else ""
    yield SwitchCheck(
        "enacted", "新年度の法定値が公布されている", not drafts, len(drafts), detail, "R-019", blocks=False
    )


def _due_dates(tax_year: int) -> SwitchCheck:
    wrong, bills = 0, due_dates(ORDINARY, tax_year)
    for method in KEYS:
        days = due_dates(method, tax_year)
        wrong += sum(not is_business_day(day) for day in days)
        wrong += sum(after <= before for before, after in pairwise(days))
    shown = "、".join(f"第{no}期 {wareki.format_short(day)}" for no, day in enumerate(bills, start=1))
    return SwitchCheck("due_dates", "新年度の納期限が決まっている", not wrong, wrong, f"普通徴収 {shown}", "I1")


def _numbering(tax_year: int) -> SwitchCheck:
    taken = Decision.objects.filter(notice_no__startswith=f"{tax_year}-").exclude(tax_year=tax_year).count()
    detail = f"{tax_year}で始まる通知書番号が他の年度に使われています。採番を確かめてください。" if taken else ""
    return SwitchCheck("numbering", "新年度の通知書番号が空いている", not taken, taken, detail, "F-PL-013")


def _designations() -> SwitchCheck:
    live = Withholder.objects.filter(valid_to__isnull=True)
    numbers = list(live.order_by("party_id").values_list("party_id", flat=True))
    twice = len(numbers) - len(set(numbers))
    detail = "同じ事業者に二つの指定番号があります。名寄せ（番号の承継）をしてください。" if twice else ""
    return SwitchCheck(
        "designations", "特別徴収義務者が一つの指定番号を持つ", not twice, twice, detail, "R-017", blocks=False
    )


def _runs(old_year: int) -> SwitchCheck:
    runs = AssessmentRun.objects.filter(
        tax_kind=TAX_KIND, tax_year=old_year, state__in=[RunState.PREPARED, RunState.COMPUTED]
    ).exclude(kind=RunKind.TRIAL)
    found = list(runs.order_by("pk"))
    asked = JobRun.objects.filter(pk__in=[one.job_run_id for one in found if one.job_run_id], state__in=_ALIVE)
    alive = set(asked.values_list("pk", flat=True))
    left = [one for one in found if one.job_run_id is None or one.job_run_id in alive]
    names = "、".join(f"計算{one.pk}" for one in left[:3])
    detail = f"{names}が決定も破棄もされていません。「課税計算」の画面で片付けてください。" if left else ""
    return SwitchCheck("runs", "旧年度の計算がすべて決定または破棄されている", not left, len(left), detail, "I1")


def _decided(old_year: int) -> SwitchCheck:
    decided = Decision.objects.filter(
        party=OuterRef("party"), tax_kind=TAX_KIND, tax_year=old_year, run__state=RunState.RELEASED
    )
    papers = SourceDocument.objects.filter(tax_year=old_year, state=SourceState.ACTIVE, party__isnull=False)
    left = papers.filter(~Exists(decided)).values("party").distinct().count()
    detail = (
        f"資料があって決定のない人が{left:,}人います。B-PI-19（随時課税・更正）で決定してください。" if left else ""
    )
    return SwitchCheck("decided", "旧年度の資料のある人がすべて決定されている", not left, left, detail, "R-019")


def _open_work(tax_year: int) -> Iterator[SwitchCheck]:
    old = tax_year - 1
    papers, changes = SourceDocument.objects.filter(tax_year=old), EmploymentChange.objects.filter(tax_year=old)
    counts = {
        "unmatched": ("旧年度の突合不能の資料", papers.filter(state=SourceState.UNMATCHED).count()),
        "held_papers": ("旧年度の保留・市外の資料", papers.filter(
            state__in=[SourceState.HELD, SourceState.ELSEWHERE]).count()),
        "bundles": ("旧年度の終わっていない入力の束", EntryBundle.objects.filter(
            tax_year=old, closed_at__isnull=True).count()),
        "held_changes": ("旧年度の保留の異動届", changes.filter(state=ChangeState.HELD).count()),
        "pending_changes": ("旧年度の未処理の異動届", changes.filter(
            is_pending=True).exclude(state=ChangeState.HELD).count()),
        "pension_results": ("旧年度の年金特徴の徴収結果の相違", PensionResult.objects.filter(
            tax_year=old, is_open=True).count()),
        "items": ("旧年度の要調査事項", DeskItem.objects.filter(tax_year=old, state=ItemState.OPEN).count()),
        "cases": ("検討中・決裁待ちの更正事案", AmendmentCase.objects.filter(
            Q(first_year__lte=old), state__in=[CaseState.OPEN, CaseState.PROPOSED]).count()),
        "reliefs": ("旧年度の審査中・決裁待ちの減免", Relief.objects.filter(
            tax_year=old, state__in=[ReliefState.RECEIVED, ReliefState.PROPOSED]).count()),
    }  # fmt: skip
    for code, (title, count) in counts.items():
        blocks = work_blocks(code)
        word = "片付けてから切り替えてください。" if blocks else "切替後も旧年度のまま処理できます。"
        yield SwitchCheck(
            f"open_{code}", f"{title}がない", not count, count, word if count else "", "F-SR-007", blocks=blocks
        )

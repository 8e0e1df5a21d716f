"""台帳の登録・変更・手続: each one transaction; every act is a version of its own, and the time limits follow.

A step with a second person is proposed with exactly the values it would leave and takes effect by the approval.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from taxsys.kernel import wareki
from taxsys.kernel.calendar import fiscal_year
from taxsys.platform import clock
from taxsys.platform.approvals.errors import ContentChanged
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.registers import rules
from taxsys.platform.registers.access import entitled_check, may_enter
from taxsys.platform.registers.declaration import CLOSED, Kind, Step, Values
from taxsys.platform.registers.errors import NotYours, SamePerson, Stale, StepRefused, ValueRefused
from taxsys.platform.registers.models import RegisterCounter, RegisterRow, RowVersion
from taxsys.platform.registers.params import integer_at
from taxsys.platform.registers.registry import all_kinds, kind_get
from taxsys.platform.registers.selectors import facts_of
from taxsys.platform.registers.tasks import tasks_refresh
from taxsys.platform.registers.values import search_words, subjects_of
from taxsys.platform.search.services import holds_my_number
from taxsys.platform.staff.access import permission_forget
from taxsys.platform.staff.models import Staff, Unit

REOPEN = Step(code="reopen", title_ja="完了の取消（再開）", from_states=(CLOSED,), to_state="open", by="close")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a new row is made of. `origin_key`: what a job opened it for; the same key never makes a second row."""

    kind: str
    values: Values = field(default_factory=dict)
    unit: Unit
    origin_key: str = ""


def approval_kind(kind: Kind) -> str:
    """The kind of proposal for steps of this register."""
    return f"registers.{kind.code}"


@transaction.atomic
def row_open(draft: Draft, *, actor: Staff | None) -> RegisterRow:
    """登録する: a new row with its number; `actor` None is a job. Raises NotYours, ValueRefused."""
    kind = kind_get(draft.kind)
    if actor is not None:
        permission_forget(actor)
        if not may_enter(actor, kind):
            raise NotYours("この台帳に登録する権限がありません。")
    if draft.origin_key:
        standing = RegisterRow.objects.filter(origin_key=draft.origin_key).first()
        if standing is not None:
            return standing
    today = clock.today()
    year = fiscal_year(today)
    row = RegisterRow(
        kind=kind.code,
        row_no=_number_next(kind, year),
        fiscal_year=year,
        unit=draft.unit,
        opened_on=today,
        origin_key=draft.origin_key or None,
        retention_class=kind.retention.code,
        version=0,
    )
    _write(row, kind, draft.values, _Act(code="create", actor=actor))
    return row


def _number_next(kind: Kind, year: int) -> str:
    """前置語・年度・連番: 契R8-0012."""
    RegisterCounter.objects.get_or_create(kind=kind.code, fiscal_year=year)
    counter = RegisterCounter.objects.select_for_update().get(kind=kind.code, fiscal_year=year)
    counter.last_no += 1
    counter.save(update_fields=("last_no",))
    era_year = wareki.format_short(rules.in_fiscal_year(year, 4, 1)).partition(".")[0]
    return f"{kind.prefix}{era_year}-{counter.last_no:04d}"


def values_checked(kind: Kind, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with what follows from them; raises ValueRefused where they do not fit together or hold a number."""
    found = {name: value for name, value in values.items() if value not in (None, "", {})}
    for one in kind.fields:
        if one.type in {"text", "long"} and holds_my_number(str(found.get(one.name, ""))):
            message = f"「{one.title_ja}」に個人番号と思われる12桁の数字があります。台帳に個人番号は書けません。"
            raise ValueRefused(message, field=one.name)
    for check in kind.checks:
        problem = check(found)
        if problem is not None:
            raise ValueRefused(problem[1], field=problem[0])
    if kind.computes is not None:
        found |= kind.computes(found)
    return {name: value for name, value in found.items() if value not in (None, "", {})}


@dataclass(frozen=True, kw_only=True)
class _Act:
    """What is done, by whom (None: a job), approved by whom, and why."""

    code: str
    actor: Staff | None
    approver: Staff | None = None
    reason: str = ""


def _write(row: RegisterRow, kind: Kind, values: Mapping[str, Any], act: _Act) -> None:
    """The one door through which a row changes: values, state and time limits, and the version that tells of it."""
    today = clock.today()
    row.values = values_checked(kind, values)
    row.title = str(row.values.get(kind.title_field) or kind.title_ja)[:200]
    row.search_text = search_words(kind, row.values)
    row.subjects = subjects_of(kind, row.values)
    row.version += 1
    if row.is_closed and row.closed_on is None:
        row.closed_on = today
        row.keep_until_on = rules.fiscal_year_end(fiscal_year(today) + integer_at(kind.retention.years, today))
    elif not row.is_closed:
        row.closed_on = row.keep_until_on = None
    row.save()
    RowVersion.objects.create(
        row=row,
        version=row.version,
        act=act.code,
        state=row.state,
        values=row.values,
        reason=act.reason,
        changed_by=act.actor,
        approved_by=act.approver,
        unit_code=act.actor.unit_on().code if act.actor else "",
        business_on=today,
    )
    tasks_refresh(row, kind)


def _locked(row_id: Any, version: int | None) -> RegisterRow:
    row = RegisterRow.objects.select_for_update().get(pk=row_id)
    if version is not None and row.version != version:
        raise Stale
    return row


@transaction.atomic
def row_edit(
    row_id: Any, values: Values, *, actor: Staff, version: int | None = None, unit: Unit | None = None, reason: str = ""
) -> RegisterRow:
    """変更する: entry fields only; with `unit` the row is handed over. Raises NotYours, Stale, ValueRefused.

    A row with a proposal waiting is not changed: the approver decides about what he sees.
    """
    row = _locked(row_id, version)
    kind = kind_get(row.kind)
    entitled_check(actor, row)
    if row.is_closed:
        raise StepRefused(("完了した行は変更できません。完了を取り消してから変更してください。",))
    _proposal_refused(row, kind)
    entered = {one.name for one in kind.entry_fields}
    kept = {name: value for name, value in row.values.items() if name not in entered}
    if unit is not None:
        row.unit = unit
    given = {name: value for name, value in values.items() if name in entered}
    _write(row, kind, {**kept, **given}, _Act(code="edit", actor=actor, reason=reason))
    return row


def _proposal_refused(row: RegisterRow, kind: Kind) -> None:
    waiting = Approval.objects.filter(kind=approval_kind(kind), subject_key=str(row.pk), state="proposed").exists()
    if waiting:
        raise StepRefused(("決裁を待っている手続があります。決裁が済むか、取り下げてから操作してください。",))


def step_problems(row: RegisterRow, kind: Kind, step: Step, values: Mapping[str, Any]) -> tuple[str, ...]:
    """What is missing for the step, given the values it would leave; empty when nothing is."""
    if row.state not in step.from_states:
        return (f"「{kind.state_ja(row.state)}」の行では「{step.title_ja}」はできません。",)
    facts = facts_of(row, kind, values)
    missing = [
        f"「{kind.field(name).title_ja}」を入力してください。" for name in step.required if not _is_given(values, name)
    ]
    checks = [*step.checks, *(kind.close_checks if step.to_state == CLOSED else ())]
    found = [check(facts) for check in checks]
    return tuple(dict.fromkeys([*missing, *(one for one in found if one)]))


def _is_given(values: Mapping[str, Any], name: str) -> bool:
    return values.get(name) not in (None, "", {})


def values_after(row: RegisterRow, step: Step, values: Values) -> dict[str, Any]:
    """The row's values as the step would leave them."""
    after = {**row.values, **{name: value for name, value in values.items() if name in step.fields}}
    return {**after, **(step.computes(after, clock.today()) if step.computes else {})}


@transaction.atomic
def row_step(
    row_id: Any, code: str, values: Values, *, actor: Staff, version: int | None = None, reason: str = ""
) -> RegisterRow | Approval:
    """手続をする: the row after it, or the proposal where a second person decides.

    Raises NotYours, Stale, StepRefused (with everything that is missing), SamePerson, ValueRefused, AlreadyProposed.
    """
    row = _locked(row_id, version)
    kind = kind_get(row.kind)
    step = REOPEN if code == REOPEN.code else kind.step(code)
    if step is None:
        raise StepRefused(("この手続はありません。",))
    entitled_check(actor, row, step)
    _proposal_refused(row, kind)
    if not step.second_person:
        _apart_check(row, step, actor)
    if step is REOPEN and not reason.strip():
        raise StepRefused(("完了を取り消す理由を入力してください。",))
    after = values_checked(kind, values_after(row, step, values))
    problems = step_problems(row, kind, step, after)
    if problems:
        raise StepRefused(problems)
    if step.second_person:
        return _step_propose(row, kind, step, after, actor)
    row.state = step.to_state or row.state
    _write(row, kind, after, _Act(code=step.code, actor=actor, reason=reason))
    _effect(row, step)
    return row


def _effect(row: RegisterRow, step: Step) -> None:
    if step.effect is not None:
        step.effect(row.values, clock.today())


def persons_apart(row: RegisterRow, step: Step) -> frozenset[str]:
    """The persons who may neither do nor approve this step: who did the steps it checks, and whom the row names."""
    done = row.versions.filter(act__in=step.apart_from).select_related("changed_by")
    named = Staff.objects.filter(staff_no__in=[str(row.values.get(name) or "") for name in step.not_by])
    actors = [one.changed_by for one in done if one.changed_by is not None]
    return frozenset(one.person_key for one in (*actors, *named))


def _apart_check(row: RegisterRow, step: Step, actor: Staff) -> None:
    """Nobody checks the own work, under whatever account: who does the step, or approves it where two are needed."""
    if actor.person_key in persons_apart(row, step):
        raise SamePerson


def _step_propose(row: RegisterRow, kind: Kind, step: Step, after: Mapping[str, Any], actor: Staff) -> Approval:
    changed = [name for name in kind.names if row.values.get(name) != after.get(name)]
    shown = dict.fromkeys([kind.title_field, *changed])
    return approval_propose(
        kind=approval_kind(kind),
        subject_key=str(row.pk),
        title_ja=f"{kind.title_ja}：{step.title_ja}　{row.row_no}",
        content={
            "row": str(row.pk),
            "version": row.version,
            "step": step.code,
            "before": {name: row.values.get(name) for name in shown} | {"_state": row.state},
            "after": {name: after.get(name) for name in shown} | {"_state": step.to_state or row.state},
        },
        actor=actor,
    )


def step_approved(approval: Approval) -> None:
    """The handler of the approval: the step takes effect on exactly the version that was seen.

    Raises ContentChanged, SamePerson, StepRefused; nothing is kept then.
    """
    content = approval.content
    row = RegisterRow.objects.select_for_update().get(pk=content["row"])
    kind = kind_get(row.kind)
    step = kind.step(content["step"])
    if step is None or row.version != content["version"]:
        raise ContentChanged("起案の後に台帳の内容が変わったため、決裁できません。差し戻してください。")
    decided_by, proposed_by = approval.decided_by, approval.proposed_by
    if decided_by is not None:
        _apart_check(row, step, decided_by)
    after = {**row.values, **{name: value for name, value in content["after"].items() if name != "_state"}}
    problems = step_problems(row, kind, step, after)
    if problems:
        raise StepRefused(problems)
    row.state = step.to_state or row.state
    _write(row, kind, after, _Act(code=step.code, actor=proposed_by, approver=decided_by))
    _effect(row, step)


def difference_rows(approval: Approval) -> list[tuple[str, str, str]]:
    """What the approver sees: label, before and after in the words of the register."""
    from taxsys.platform.registers.values import shown

    content = approval.content
    row = RegisterRow.objects.get(pk=content["row"])
    kind = kind_get(row.kind)
    before, after = content["before"], content["after"]
    rows = [("番号", row.row_no, row.row_no)]
    rows += [
        (kind.field(name).title_ja, shown(kind.field(name), before.get(name)), shown(kind.field(name), value))
        for name, value in after.items()
        if name != "_state"
    ]
    return [*rows, ("状態", kind.state_ja(before["_state"]), kind.state_ja(after["_state"]))]


@transaction.atomic
def follow_ups_open(row_id: Any, year: int) -> int:
    """定期の行を開く: what this row wants for the fiscal year, each once. Returns how many are new."""
    row = RegisterRow.objects.select_for_update().get(pk=row_id)
    made = 0
    for follow in kind_get(row.kind).follow_ups:
        key = f"{row.pk}:{follow.code}:{year}"
        if follow.wanted(row.values, year) and not RegisterRow.objects.filter(origin_key=key).exists():
            values = follow.values(str(row.pk), row.values, year)
            row_open(Draft(kind=follow.creates, values=values, unit=row.unit, origin_key=key), actor=None)
            made += 1
    return made


def kinds_with_follow_ups() -> list[str]:
    """Codes of the kinds whose rows are followed by others every year."""
    return [kind.code for kind in all_kinds() if kind.follow_ups]

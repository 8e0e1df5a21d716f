"""承継の決裁: proposed by one officer, brought about by another; nobody's employer changes by one hand (R-207).

地方税法321条の4・321条の7; F-PL-003, F-PL-004.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from assessment.models import Withholder
from assessment.resident.moves.employers import employer_employees, employer_succeed, succession_check
from assessment.resident.moves.services import ChangeRefused
from assessment.resident.moves.timeline import month_of
from collection.withheld.models import NumberChange
from taxsys.kernel import wareki
from taxsys.platform.approvals.errors import ContentChanged
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.models import Staff

KIND = "assessment.succession"
RECORD_TYPE = "assessment.withholder"
LABELS = {"agent": "特別徴収義務者", "people": "受給者", "last": "元の義務者が徴収する最後の月", "event_on": "承継の日"}


@dataclass(frozen=True, slots=True)
class SuccessionDraft:
    """承継の内容. `last_place`: last month the old agent withholds, June = 1, 0 = none."""

    successor: Withholder
    tax_year: int
    event_on: date
    last_place: int
    change: str = NumberChange.MERGED


def succession_propose(employer: Withholder, draft: SuccessionDraft, *, actor: Staff) -> Approval:
    """承継を起案する. Raises ChangeRefused, AlreadyProposed."""
    succession_check(employer, draft.successor, last_place=draft.last_place)
    people = _people(employer, draft.tax_year, draft.last_place)
    last = f"{month_of(draft.last_place)}月分" if draft.last_place else "なし"
    word = str(NumberChange(draft.change).label)
    return approval_propose(
        kind=KIND,
        subject_key=f"succession:{employer.designation_no}",
        title_ja=f"{word}(指定番号 {employer.designation_no} → {draft.successor.designation_no})",
        content={
            "employer": employer.designation_no, "successor": draft.successor.designation_no, "change": draft.change,
            "tax_year": draft.tax_year, "event_on": draft.event_on.isoformat(), "last_place": draft.last_place,
            "before": {"agent": str(employer), "people": f"{people}人", "last": last, "event_on": ""},
            "after": {
                "agent": str(draft.successor), "people": f"{people}人", "last": last,
                "event_on": wareki.format_long(draft.event_on),
            },
        },
        actor=actor,
    )  # fmt: skip


def _people(employer: Withholder, tax_year: int, last_place: int) -> int:
    return sum(any(one.months[last_place:]) for one in employer_employees(employer, tax_year=tax_year))


def _agents(content: dict[str, Any]) -> tuple[Withholder, Withholder]:
    numbers = (content["employer"], content["successor"])
    found = {one.designation_no: one for one in Withholder.objects.filter(designation_no__in=numbers)}
    return found[numbers[0]], found[numbers[1]]


def succession_stale(approval: Approval) -> str:
    """Why it no longer stands: other employees than the second person saw, or a number that has changed meanwhile."""
    content = approval.content
    employer, successor = _agents(content)
    people = _people(employer, int(content["tax_year"]), int(content["last_place"]))
    if f"{people}人" != content["before"]["people"]:
        return "起案の後に、承継する受給者の数が変わりました。"
    try:
        succession_check(employer, successor, last_place=int(content["last_place"]))
    except ChangeRefused as refused:
        return refused.message_ja
    return ""


def succession_subjects(approval: Approval) -> list[str]:
    """Both agents, for the access log."""
    return [str(one.party_id) for one in _agents(approval.content)]


def succession_decided(approval: Approval) -> None:
    """The second person agreed: the changes are recorded and the number changes (in the decision's transaction)."""
    content = approval.content
    employer, successor = _agents(content)
    try:
        done = employer_succeed(
            employer, successor, tax_year=int(content["tax_year"]), event_on=date.fromisoformat(content["event_on"]),
            last_place=int(content["last_place"]), actor_id=approval.proposed_by.staff_no, change=content["change"],
        )  # fmt: skip
    except ChangeRefused as refused:
        raise ContentChanged from refused
    access_record(
        action="update", subjects=succession_subjects(approval), record_type=RECORD_TYPE,
        record_id=f"succession:{employer.pk}", count=done.recorded,
    )  # fmt: skip

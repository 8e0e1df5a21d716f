"""年度切替 (writes): tried line by line, carried out once a second person lets it go. Idempotent by business key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from django.db import transaction

from assessment.models import AfterChange, EmploymentChange
from assessment.pensions.services import pension_stop_carry
from assessment.resident.moves.services import ChangeDraft, change_record
from assessment.yearend.carrying import CHANGES, ITEMS, change_fates, lines_of, people_with, standings
from assessment.yearend.checks import switch_checks
from assessment.yearend.errors import SwitchRefused
from assessment.yearend.models import CarriedLine, LineFate, SwitchState, YearSwitch
from assessment.yearend.rules.employers import Fate, Move
from assessment.yearend.working import working_year
from taxsys.kernel import wareki
from taxsys.platform import clock


@transaction.atomic
def switch_open(*, tax_year: int, job_run_id: int, requested_by: str) -> YearSwitch:
    """Open a trial of the switch (once per job run).

    Raises SwitchRefused for a year that is neither the one after the working year nor the working year itself (what
    came in of the old year since is then carried too).
    """
    now = working_year()
    if tax_year not in {now, now + 1}:
        raise SwitchRefused(
            f"作業年度は{wareki.format_year(now)}年度です。{wareki.format_year(now + 1)}年度への切替だけができます。"
        )
    switch, _ = YearSwitch.objects.get_or_create(
        job_run_id=job_run_id,
        defaults={
            "tax_year": tax_year, "business_on": clock.today(), "requested_by": requested_by,
            "recorded_at": clock.now(),
        },
    )  # fmt: skip
    return switch


@transaction.atomic
def switch_try(switch: YearSwitch, item: str, party_ids: Sequence[UUID]) -> dict[str, int]:
    """Write the lines of one kind and these people; the same again replaces them. Answers counts by fate."""
    lines = lines_of(item, switch.tax_year, party_ids)
    CarriedLine.objects.filter(switch=switch, item=item, party_id__in=party_ids).delete()
    for one in lines:
        one.switch = switch
    CarriedLine.objects.bulk_create(lines)
    carried = sum(one.fate == LineFate.CARRY for one in lines)
    return {"明細": len(lines), "引き継ぐ": carried}


@transaction.atomic
def switch_tried(switch: YearSwitch) -> None:
    """All lines are written: what stands and stays is counted beside them."""
    switch.summary = [asdict(one) for one in standings(switch.tax_year)]
    switch.state = SwitchState.TRIED
    switch.save(update_fields=["summary", "state"])


def switch_refusal_ja(switch: YearSwitch) -> str:
    """Why the tried switch may not be let go now ("": it may): a check holds it back, or lines are no longer so."""
    held = [one for one in switch_checks(switch.tax_year) if one.holds_back]
    if held:
        return f"切替を止める点検があります（{held[0].title_ja}）。{held[0].detail_ja}"
    for item in ITEMS:
        now = {(one.key, one.fate) for one in lines_of(item, switch.tax_year, people_with(item, switch.tax_year))}
        told = set(switch.lines.filter(item=item).values_list("key", "fate"))
        if now != told:
            return f"試した後に「{ITEMS[item]}」の内容が変わりました。破棄して依頼し直してください。"
    return ""


@transaction.atomic
def switch_carry(switch: YearSwitch, item: str, party_ids: Sequence[UUID]) -> dict[str, int]:
    """Carry the lines of one kind and these people into the new year; what was carried before is left as it is."""
    lines = list(
        switch.lines.select_for_update()
        .filter(item=item, party_id__in=party_ids, fate=LineFate.CARRY, is_made=False)
        .order_by("party__person_no", "key")
    )
    if item == CHANGES:
        _changes_carry(switch, lines, party_ids)
    else:
        for line in lines:
            pension_stop_carry(line.source_id, tax_year=switch.tax_year, actor_id=switch.requested_by)
    CarriedLine.objects.filter(pk__in=[one.pk for one in lines]).update(is_made=True)
    return {"引継ぎ": len(lines)}


def _changes_carry(switch: YearSwitch, lines: Sequence[CarriedLine], party_ids: Sequence[UUID]) -> None:
    wanted = {one.source_id for one in lines}
    found = [
        (change, one.new)
        for change, one in list(change_fates(switch.tax_year, party_ids))
        if one is not None and one.new is not None and one.fate == Fate.CARRY and change.pk in wanted
    ]
    for change, move in found:
        change_record(_draft(switch, change, move), actor_id=switch.requested_by)


def _draft(switch: YearSwitch, change: EmploymentChange, move: Move) -> ChangeDraft:
    is_continued = move.after == AfterChange.CONTINUED
    return ChangeDraft(
        tax_year=switch.tax_year, party_id=change.party_id, reason=move.reason, event_on=change.event_on,
        after=move.after, received_on=change.received_on, withholder_id=move.withholder_id,
        new_withholder_id=move.new_withholder_id if is_continued else None,
        new_employee_no=move.new_employee_no if is_continued else "", first_place=1 if is_continued else None,
        channel="act",
    )  # fmt: skip


@transaction.atomic
def switch_released(switch: YearSwitch, *, released_by: str) -> None:
    """The new year is the working year of the screens from now on. Raises SwitchRefused while a line is open."""
    if switch.lines.filter(fate=LineFate.CARRY, is_made=False).exists():
        raise SwitchRefused("引き継いでいない明細があります。バッチを再開してください。")
    switch.state, switch.released_by, switch.released_on = SwitchState.RELEASED, released_by, clock.today()
    switch.save(update_fields=["state", "released_by", "released_on"])

"""引き継ぐもの (what carries into the new year): lines of the old year with their fate, and what stands or stays.

Copied: notices of employment changes since 1 January, stops of pension withholding that last. Everything else holds on
by itself (指定番号, 納期の特例, 口座, 繰越損失) or ends with its year.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from assessment.amendments.relief_models import Relief, ReliefState
from assessment.models import ChangeState, EmploymentChange, EntryBundle, LossMovement, Withholder
from assessment.pensions.models import PensionStop, PensionTarget, StopState
from assessment.premises.models import Premises
from assessment.premises.selectors import live_in
from assessment.resident.bulk.losses import ledgers_of
from assessment.resident.moves.selectors import known_of, move_of, moves_of
from assessment.resident.moves.services import paper_employers
from assessment.withholders.models import PaymentPrivilege, PrivilegeState
from assessment.yearend.models import CarriedLine, LineFate
from assessment.yearend.rules.employers import CarriedMove, Fate, carried_moves
from assessment.yearend.terms import lasting_stops
from collection.models import DebitMandate
from taxsys.kernel import wareki
from taxsys.platform import clock

TAX_KIND = "10"
CHANGES, STOPS = "changes", "pension_stops"
STANDS, STAYS = "stands", "stays"
ITEMS = {CHANGES: "異動届（賦課期日以後の退職・転勤・切替）", STOPS: "年金特別徴収の中止（死亡・受給権の消滅）"}
_REASONS = {
    Fate.ALREADY: "新年度の届出として登録済み",
    Fate.NEEDLESS: "新年度の資料では、この支払者が特別徴収しない",
    Fate.CHECK: "新年度の資料の支払者と合わない",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What is not copied: `how` stands (holds on by itself) or stays (ends with the old year)."""

    code: str
    title_ja: str
    how: str
    count: int
    words_ja: str


def people_with(item: str, tax_year: int) -> list[UUID]:
    """Whom lines of a kind concern, by 宛名番号."""
    rows: QuerySet[Any] = _changes(tax_year) if item == CHANGES else _stops(tax_year)
    return list(dict.fromkeys(rows.order_by("party__person_no").values_list("party_id", flat=True)))


def _changes(tax_year: int) -> QuerySet[EmploymentChange]:
    """Notices of the old year whose event is on or after 1 January of the new one."""
    states = [ChangeState.ACTIVE, ChangeState.HELD]
    return EmploymentChange.objects.filter(tax_year=tax_year - 1, event_on__gte=date(tax_year, 1, 1), state__in=states)


def _stops(tax_year: int) -> QuerySet[PensionStop]:
    return PensionStop.objects.filter(tax_year=tax_year - 1, state=StopState.ACTIVE, reason__in=lasting_stops())


def lines_of(item: str, tax_year: int, party_ids: Sequence[UUID]) -> list[CarriedLine]:
    """The lines of these people, unsaved, each with its fate as things stand."""
    if item == CHANGES:
        return [_change_line(change, one) for change, one in change_fates(tax_year, party_ids)]
    stops = _stops(tax_year).filter(party_id__in=party_ids).select_related("party").order_by("party__person_no")
    return [_stop_line(one, tax_year) for one in stops]


def change_fates(tax_year: int, party_ids: Sequence[UUID]) -> Iterator[tuple[EmploymentChange, CarriedMove | None]]:
    """Each notice of these people with its fate in the new year; None for one that is held."""
    now = clock.now()
    rows = list(
        _changes(tax_year)
        .filter(party_id__in=party_ids)
        .select_related("party", "withholder", "new_withholder")
        .order_by("party__person_no", "event_on", "pk")
    )
    people = list(dict.fromkeys(one.party_id for one in rows))
    papers = paper_employers(tax_year, people, until=clock.today())
    known = moves_of(tax_year, people, known_at=now)
    bases = known_of(tax_year, {party: known.get(party, []) for party in people}, papers=papers)
    by_id = {one.pk: one for one in rows}
    for party in people:
        own = [move_of(one, known_at=now) for one in rows if one.party_id == party and one.state == ChangeState.ACTIVE]
        for one in carried_moves(bases[party].base_id, bases[party].moves, own):
            yield by_id[one.old.id], one
        for held in rows:
            if held.party_id == party and held.state == ChangeState.HELD:
                yield held, None


def _change_line(change: EmploymentChange, found: CarriedMove | None) -> CarriedLine:
    fate = found.fate if found else Fate.CHECK
    payer = change.withholder or change.new_withholder
    words = f"{change.get_reason_display()} {wareki.format_short(change.event_on)}"
    words += f" 指定番号{payer.designation_no}" if payer else ""
    if change.withholder and change.new_withholder:
        words += f"→{change.new_withholder.designation_no}"
    reason = "旧年度で保留のまま" if found is None else _REASONS.get(fate, "")
    return CarriedLine(
        item=CHANGES, key=_change_key(change), party_id=change.party_id, fate=LineFate(str(fate)), detail_ja=words,
        reason_ja=reason, source_id=change.pk,
    )  # fmt: skip


def _change_key(change: EmploymentChange) -> str:
    numbers = "-".join(one.designation_no if one else "" for one in (change.withholder, change.new_withholder))
    return f"{change.party.person_no}:{change.reason}:{change.event_on.isoformat()}:{numbers}"


def _stop_line(stop: PensionStop, tax_year: int) -> CarriedLine:
    has_one = PensionStop.objects.filter(party_id=stop.party_id, tax_year=tax_year, state=StopState.ACTIVE).exists()
    return CarriedLine(
        item=STOPS, key=stop.party.person_no, party_id=stop.party_id,
        fate=LineFate.ALREADY if has_one else LineFate.CARRY,
        detail_ja=f"{stop.get_reason_display()} {wareki.format_short(stop.event_on)}",
        reason_ja="新年度の中止として登録済み" if has_one else "", source_id=stop.pk,
    )  # fmt: skip


def standings(tax_year: int) -> list[Standing]:
    """What holds on without being copied, and what ends with the old year, with counts."""
    old, today = tax_year - 1, clock.today()
    live = Withholder.objects.filter(valid_to__isnull=True).count()
    privileged = PaymentPrivilege.objects.filter(state=PrivilegeState.APPROVED).count()
    debits = DebitMandate.objects.filter(tax_kind_id=TAX_KIND).in_force(today).count()
    targets = PensionTarget.objects.filter(tax_year=old).count()
    premises = Premises.objects.filter(live_in(tax_year)).values("party").distinct().count()
    reliefs = Relief.objects.filter(tax_year=old, state=ReliefState.GRANTED).values("party").distinct().count()
    bundles = EntryBundle.objects.filter(tax_year=old, closed_at__isnull=True).count()
    return [
        Standing("withholders", "特別徴収義務者（指定番号）", STANDS, live, "番号と通知の受取方法はそのまま続く"),
        Standing("privileges", "納期の特例の承認", STANDS, privileged, "取消・取りやめまで続く（321条の5の2）"),
        Standing("debits", "口座振替（住民税）", STANDS, debits, "解約まで続く"),
        Standing("losses", "繰り越す損失のある人", STANDS, _loss_people(tax_year), "台帳の残高が新年度の控除になる"),
        Standing("premises", "家屋敷等の登録", STANDS, premises, "終了の登録まで続く（B-PI-01で対象者に入る）"),
        Standing("reliefs", "減免中の人", STAYS, reliefs, "年度ごとに申請が要る"),
        Standing("targets", "年金特別徴収の対象者", STAYS, targets, "新年度の対象者は保険者の通知(00)で届く"),
        Standing("bundles", "終わっていない入力の束", STAYS, bundles, "旧年度の束として続けられる"),
        Standing("wishes", "普通徴収の申出・切替理由", STAYS, 0, "毎年の給与支払報告書・申告書による"),
    ]


def _loss_people(tax_year: int) -> int:
    arising = LossMovement.objects.filter(arising_yen__gt=0, tax_year__lt=tax_year)
    people = list(arising.order_by("party_id").values_list("party_id", flat=True).distinct())
    ledgers = ledgers_of(people, before_year=tax_year)
    return sum(any(one.open_yen(tax_year) > 0 for one in kinds.values()) for kinds in ledgers.values())

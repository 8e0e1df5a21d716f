"""年金保険者への税額の通知 (writes): what payers are told to withhold, once in July and again when a month changes.

July: October to February of the year and, ahead, April to August of the next (通知 01). Later a month that is not paid
yet and differs from what was told (通知 61). Every notice is kept as a row, so that what a payer knows is known here.
地方税法321条の7の5・321条の7の8; F-PL-007, R-154.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from addressbook.models import Party
from assessment.decisions.selectors import standing_decisions
from assessment.pensions.models import PensionTarget, PensionTold
from assessment.pensions.provisional import provisional_to_come
from assessment.pensions.selectors import PLACES, regular_months, told_and_changed
from assessment.pensions.services import EVENTS
from assessment.resident.pension_split import FIRST_REGULAR, PENSION_KEYS, PROVISIONAL
from taxsys.platform import clock
from taxsys.platform.among import among
from taxsys.platform.files import layouts
from taxsys.platform.files.models import OutgoingFile
from taxsys.platform.files.services import file_issue

AMOUNTS, CHANGES = "01", "61"
CHUNK = 5000
# (party, tax year) → yen by place.
Months = Mapping[tuple[UUID, int], Mapping[int, int]]


@dataclass(frozen=True, slots=True)
class Told:
    """One file of amounts: None where nobody is to be told; who cannot be, because no payer has named them."""

    file: OutgoingFile | None
    people: int
    nameless: tuple[UUID, ...]


def amounts_due(tax_year: int) -> dict[tuple[UUID, int], dict[int, int]]:
    """Months of everybody whom no payer was told of yet: the year's 本徴収 and, ahead, the next 仮徴収 (yen)."""
    told = set(PensionTold.objects.filter(tax_year=tax_year, months__3__gt=0).values_list("party_id", flat=True))
    found: dict[tuple[UUID, int], dict[int, int]] = {
        (party, tax_year): months for party, months in regular_months(tax_year).items() if party not in told
    }
    people = sorted(party for party, _ in found)
    for start in range(0, len(people), CHUNK):
        found |= {
            (party, tax_year + 1): dict(enumerate(months, start=1))
            for party, months in springs(people[start : start + CHUNK], tax_year=tax_year).items()
        }
    return found


def springs(party_ids: Sequence[UUID], *, tax_year: int) -> dict[UUID, tuple[int, ...]]:
    """翌年度の仮徴収 of these people by the decisions of the year in force."""
    standing = dict(
        standing_decisions(tax_year=tax_year).filter(party__in=among(party_ids)).values_list("party_id", "run_id")
    )
    found = provisional_to_come(set(standing.values()), party_ids, tax_year=tax_year)
    return {party: months for (run, party), months in found.items() if standing.get(party) == run}


@transaction.atomic
def amounts_issue(tax_year: int, *, business_key: str, name: str) -> Told:
    """税額の通知 (01), once for the business key."""
    return _issue(amounts_due(tax_year), notice=AMOUNTS, business_key=business_key, name=name)


def changes_due(tax_year: int, *, on: date) -> dict[tuple[UUID, int], dict[int, int]]:
    """Months not paid yet that differ from what the payer was told last (yen as they are now), stops left out."""
    found: dict[tuple[UUID, int], dict[int, int]] = {}
    for party, year, place, yen in told_and_changed(tax_year):
        if month_of(year, place) > (on.year, on.month):
            found.setdefault((party, year), {})[place] = yen
    ahead = list(PensionTold.newest(tax_year + 1))
    for start in range(0, len(ahead), CHUNK):
        rows = ahead[start : start + CHUNK]
        now = springs([one.party_id for one in rows], tax_year=tax_year)
        for one in rows:
            months = now.get(one.party_id)
            if months is not None and list(months) != one.months[:PROVISIONAL]:
                changed = {no: yen for no, yen in enumerate(months, start=1) if yen != one.months[no - 1]}
                found.setdefault((one.party_id, tax_year + 1), changed)
    return found


def month_of(tax_year: int, place: int) -> tuple[int, int]:
    """(year, month) in which a place is withheld."""
    month = int(PENSION_KEYS[place - 1])
    return tax_year + (month < int(PENSION_KEYS[0])), month


def month_text(tax_year: int, place: int) -> str:
    """The month of a place as the exchange writes it (YYYYMM)."""
    year, month = month_of(tax_year, place)
    return f"{year}{month:02d}"


@transaction.atomic
def changes_issue(tax_year: int, *, on: date, business_key: str, name: str) -> Told:
    """税額変更の通知 (61), once for the business key."""
    return _issue(changes_due(tax_year, on=on), notice=CHANGES, business_key=business_key, name=name)


def _issue(months: Months, *, notice: str, business_key: str, name: str) -> Told:
    people = Party.objects.in_bulk(list({party for party, _ in months}))
    targets = _targets(list(people))
    keys = sorted(months, key=lambda key: (people[key[0]].person_no, key[1]))
    named = [key for key in keys if key[0] in targets]
    records: list[dict[str, object]] = []
    for key in named:
        for month, first, following, whole in _lines(key[1], months[key], notice=notice):
            party, target = people[key[0]], targets[key[0]]
            records.append({
                "notice": notice, "collector": target.collector, "tax_year": key[1],
                "basic_pension_no": target.basic_pension_no, "pension_code": target.pension_code,
                "person_no": party.person_no, "kana": "", "name": "", "birth": party.birth_on, "sex": party.sex,
                "month": month, "first_amount": first, "next_amount": following, "provisional": whole,
                "source_file": name, "source_seq": len(records) + 1,
            })  # fmt: skip
    nameless = tuple(dict.fromkeys(party for party, _ in keys if party not in targets))
    if not records:
        return Told(None, 0, nameless)
    _keep({key: months[key] for key in named}, notice=notice, business_key=business_key)
    issued = file_issue(
        kind=EVENTS, business_key=business_key, name=name, content=layouts.get(EVENTS).write(records),
        record_count=len(records), amount_sums={}, layout=f"{EVENTS}/v1",
    )  # fmt: skip
    return Told(issued, len({party for party, _ in named}), nameless)


def _lines(tax_year: int, months: Mapping[int, int], *, notice: str) -> list[tuple[str, int, int, int]]:
    """(month, its yen, yen of the months after it, 仮徴収 as a whole): one line a half year, or one a changed month."""
    if notice == CHANGES:
        return [(month_text(tax_year, place), yen, yen, 0) for place, yen in sorted(months.items())]
    lines = []
    for first in (1, FIRST_REGULAR):
        half = [months.get(first + step, 0) for step in range(PROVISIONAL)]
        if any(half):
            whole = sum(half) if first == 1 else 0
            lines.append((month_text(tax_year, first), half[0], half[1], whole))
    return lines


def _targets(party_ids: Sequence[UUID]) -> dict[UUID, PensionTarget]:
    """How payers name these people, by the newest list."""
    rows = PensionTarget.objects.filter(party__in=among(party_ids)).order_by("tax_year", "-pk")
    return {one.party_id: one for one in rows}


def _keep(months: Months, *, notice: str, business_key: str) -> None:
    """What the payers know now: earlier months stay as told."""
    before = {(one.party_id, one.tax_year): one.months for one in PensionTold.newest(*{year for _, year in months})}
    rows = []
    for (party, year), own in months.items():
        known = list(before.get((party, year), [0] * PLACES))
        for place, yen in own.items():
            known[place - 1] = yen
        rows.append(
            PensionTold(
                party_id=party, tax_year=year, notice=notice, months=known, request_key=business_key,
                sent_at=clock.now(),
            )
        )  # fmt: skip
    PensionTold.objects.bulk_create(rows, batch_size=2000)

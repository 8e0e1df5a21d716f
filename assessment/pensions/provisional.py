"""仮徴収 (writes): half of last year's tax on the pension, levied before the year is decided (April, June, August).

Computed from the decisions in force of the year before, looked at, then levied by a second person. The charges belong
to the new tax year and its own fiscal year; the first decision of the year takes over their notice number and posts
only what differs. 地方税法321条の7の8; F-PL-008, R-017.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db import transaction

from addressbook.codes import PartyState
from addressbook.models import PartyVersion
from assessment.decisions.selectors import standing_decisions
from assessment.models import CollectionShare, Decision
from assessment.pensions.errors import ProvisionalRefused
from assessment.pensions.models import PensionStop, ProvisionalLevy, StopState
from assessment.pensions.selectors import TAX_KIND
from assessment.resident.collection_split import PENSION, due_dates
from assessment.resident.pension_split import FIRST_REGULAR, PROVISIONAL, provisional_months
from assessment.resident.rules.pipeline import resident_law
from assessment.resident.tax_parts import TaxParts, apportion
from collection.bulk.levy import LevyRow
from collection.services.levy import levy_post
from taxsys.kernel import wareki
from taxsys.kernel.columns import Array
from taxsys.platform import clock

LEGAL_GROUND = "地方税法321条の7の8"
FISCAL_MONTH, ASSESSMENT_MONTH = 4, 1
GONE = (PartyState.DEAD, PartyState.MOVED_OUT, PartyState.ERASED)


@dataclass(frozen=True, slots=True)
class Base:
    """What a person's 仮徴収 rests on: last year's decision and its share of the pension, yen by part."""

    party_id: UUID
    notice_no: str
    version: int
    pension_tax_yen: int
    parts: tuple[int, int, int]


def provisional_refuse_time(tax_year: int, *, on: date) -> None:
    """Raise ProvisionalRefused outside the fiscal year in which the year's charges are levied, or once it is late.

    A payer withholds the first month in April; the levy (調定) belongs to the fiscal year that begins with it.
    """
    first, last = date(tax_year, FISCAL_MONTH, 1), due_dates(PENSION, tax_year)[0]
    if not first <= on <= last:
        raise ProvisionalRefused(
            f"{wareki.format_year(tax_year)}年度の仮徴収は{wareki.format_long(first)}から"
            f"{wareki.format_long(last)}までに調定します。業務日か課税年度を確かめてください。",
            field="tax_year",
        )


def provisional_people(tax_year: int, *, on: date) -> list[UUID]:
    """Whose 仮徴収 is due, by 宛名番号: withheld from last October on and not stopped, alive and here on 1 January.

    Who has a decision of the year already, or a 仮徴収 that is levied, is left out.
    """
    before = tax_year - 1
    standing = standing_decisions(tax_year=before)
    pairs = set(standing.values_list("run_id", "party_id"))
    shares = CollectionShare.objects.filter(
        run_id__in={run for run, _ in pairs}, method=PENSION, pension_tax_yen__gt=0
    ).exclude(party__in=_left_out(tax_year, on=on))
    rows = shares.order_by("party__person_no").values_list("run_id", "party_id", "instalments")
    return [party for run, party, months in rows if (run, party) in pairs and any(months[FIRST_REGULAR - 1 :])]


def _left_out(tax_year: int, *, on: date) -> set[UUID]:
    assessed_on = date(tax_year, ASSESSMENT_MONTH, 1)
    gone = PartyVersion.objects.as_of(assessed_on).filter(state__in=GONE)
    dead = PartyVersion.objects.as_of(on).filter(state__in=(PartyState.DEAD, PartyState.ERASED))
    stops = PensionStop.objects.filter(tax_year__in=(tax_year - 1, tax_year), state=StopState.ACTIVE)
    decided = Decision.objects.filter(tax_kind=TAX_KIND, tax_year=tax_year)
    levied = ProvisionalLevy.objects.filter(tax_year=tax_year, levied_on__isnull=False)
    return {
        *gone.values_list("party_id", flat=True),
        *dead.values_list("party_id", flat=True),
        *stops.values_list("party_id", flat=True),
        *decided.values_list("party_id", flat=True),
        *levied.values_list("party_id", flat=True),
    }


def _bases(tax_year: int, party_ids: Sequence[UUID]) -> list[Base]:
    standing = standing_decisions(tax_year=tax_year - 1).filter(party_id__in=party_ids)
    told = {(run, party): (no, version) for run, party, no, version in standing.values_list(
        "run_id", "party_id", "notice_no", "version"
    )}  # fmt: skip
    shares = CollectionShare.objects.filter(
        run_id__in={run for run, _ in told}, party_id__in=party_ids, method=PENSION
    ).order_by("party__person_no")
    return [
        Base(one.party_id, *told[one.run_id, one.party_id], one.pension_tax_yen,
             (one.city_yen, one.prefecture_yen, one.forest_yen))
        for one in shares
        if (one.run_id, one.party_id) in told
    ]  # fmt: skip


def provisional_to_come(
    run_ids: Collection[int], party_ids: Collection[UUID], *, tax_year: int
) -> dict[tuple[int, UUID], tuple[int, ...]]:
    """翌年度の仮徴収 by (run, person), as the year's notice tells it: of whom the pension goes on being withheld."""
    stops = PensionStop.objects.filter(tax_year=tax_year, state=StopState.ACTIVE, party_id__in=party_ids)
    shares = CollectionShare.objects.filter(
        run_id__in=run_ids, party_id__in=party_ids, method=PENSION, pension_tax_yen__gt=0
    ).exclude(party__in=stops.values("party"))
    rows = [one for one in shares if any(one.instalments[FIRST_REGULAR - 1 :])]
    law = resident_law(tax_year + 1, settings.TAXSYS_MUNICIPALITY_CODE)
    months = provisional_months(np.array([one.pension_tax_yen for one in rows], dtype=np.int64), law)
    return {(one.run_id, one.party_id): tuple(own) for one, own in zip(rows, months.tolist(), strict=True)}


@transaction.atomic
def provisional_compute(tax_year: int, party_ids: Sequence[UUID], *, job_run_id: int, city_code: str) -> dict[str, int]:
    """仮徴収税額 of these people as rows that are not levied yet. Idempotent: earlier such rows are replaced."""
    rows = ProvisionalLevy.objects.filter(tax_year=tax_year, party_id__in=party_ids)
    rows.filter(levied_on__isnull=True).delete()
    done = set(rows.values_list("party_id", flat=True))
    bases = [one for one in _bases(tax_year, party_ids) if one.party_id not in done]
    months = provisional_months(
        np.array([one.pension_tax_yen for one in bases], dtype=np.int64), resident_law(tax_year, city_code)
    )
    parts = _parts([one.parts for one in bases], months.sum(axis=1))
    found = [
        ProvisionalLevy(
            party_id=one.party_id, tax_year=tax_year, base_notice_no=one.notice_no, base_version=one.version,
            base_yen=one.pension_tax_yen, city_yen=city, prefecture_yen=prefecture, forest_yen=forest,
            instalments=own, job_run_id=job_run_id, recorded_at=clock.now(),
        )
        for one, own, (city, prefecture, forest) in zip(bases, months.tolist(), parts, strict=True)
        if any(own)
    ]  # fmt: skip
    ProvisionalLevy.objects.bulk_create(found)
    return {"対象": len(found), "仮徴収税額": sum(sum(one.instalments) for one in found)}


def _parts(shares: Sequence[tuple[int, int, int]], totals: Array) -> list[tuple[int, ...]]:
    """The whole of three months by part, in the ratio of last year's share."""
    columns = TaxParts(*(np.array([one[part] for one in shares], dtype=np.int64) for part in range(3)))
    whole = columns.total_yen
    less = np.minimum(totals, whole)
    split = apportion(columns, np.stack([less, whole - less], axis=1))
    first = [split.city_yen[:, 0], split.prefecture_yen[:, 0], split.forest_yen[:, 0]]
    # Half of the pension's tax is never above what was withheld but for rounding: the odd yen are the city's.
    first[0] = first[0] + (totals - less)
    return list(zip(*(one.tolist() for one in first), strict=True))


@transaction.atomic
def provisional_release(
    tax_year: int, party_ids: Sequence[UUID], *, first_no: int, on: date, released_by: str
) -> dict[str, int]:  # fmt: skip
    """仮徴収を調定する, by a second person; notice numbers from `first_no` in order. Idempotent by person and year."""
    provisional_refuse_time(tax_year, on=on)
    waiting = ProvisionalLevy.objects.select_for_update(of=("self",)).filter(
        tax_year=tax_year, party_id__in=party_ids, levied_on__isnull=True
    )
    rows = list(waiting.order_by("party__person_no"))
    if not rows:
        return {"調定": 0, "仮徴収税額": 0}
    for number, one in enumerate(rows, start=first_no):
        one.notice_no, one.levied_on, one.released_by = f"{tax_year}-{TAX_KIND}-{number:07d}", on, released_by
    ProvisionalLevy.objects.bulk_update(rows, ["notice_no", "levied_on", "released_by"], batch_size=1000)
    levy_post(
        levy_rows(rows), dedupe_key=f"provisional:{tax_year}:{rows[0].notice_no}", occurred_on=on, actor=released_by,
        legal_ground=LEGAL_GROUND,
    )  # fmt: skip
    return {"調定": len(rows), "仮徴収税額": sum(sum(one.instalments) for one in rows)}


def levy_rows(levies: Sequence[ProvisionalLevy]) -> list[LevyRow]:
    """The months of these 仮徴収 as the ledger takes them."""
    months = np.array([one.instalments for one in levies], dtype=np.int64)
    whole = TaxParts(
        *(np.array([getattr(one, name) for one in levies], dtype=np.int64)
          for name in ("city_yen", "prefecture_yen", "forest_yen"))
    )  # fmt: skip
    split = apportion(whole, months)
    dues = due_dates(PENSION, levies[0].tax_year)
    return [
        LevyRow(
            source_ref=f"decision:{one.party_id}:{one.tax_year}", party_id=one.party_id, tax_kind=TAX_KIND,
            levy_year=one.tax_year, tax_year=one.tax_year, method=PENSION, notice_no=one.notice_no,
            instalment_no=place + 1, due_on=dues[place], statutory_due_on=dues[0],
            city_yen=int(split.city_yen[row, place]), prefecture_yen=int(split.prefecture_yen[row, place]),
            forest_yen=int(split.forest_yen[row, place]), employee_id=None,
        )
        for row, one in enumerate(levies)
        for place in range(PROVISIONAL)
    ]  # fmt: skip

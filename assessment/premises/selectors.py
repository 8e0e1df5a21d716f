"""家屋敷等の照会: the register, candidates of a year, people found twice, letters to where they live."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import groupby
from pathlib import Path
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from assessment.models import TaxablePopulation
from assessment.premises.models import DomicileAnswer, Premises
from taxsys.platform.files.municipalities import name_of

_TERMS = Path(__file__).with_name("terms.toml")


@cache
def moved_out_years() -> int:
    """How many years back somebody moved out to be looked at."""
    return int(tomllib.loads(_TERMS.read_text(encoding="utf-8"))["moved_out_years"])


def live_in(tax_year: int) -> Q:
    """Premises taxed in the year."""
    return Q(first_year__lte=tax_year) & (Q(last_year__isnull=True) | Q(last_year__gte=tax_year))


def premises_list(*, tax_year: int, state: str) -> QuerySet[Premises]:
    """The register, newest first: `live` in the year, `ended` before it or taken back, else all."""
    rows = Premises.objects.select_related("party").order_by("-premises_no")
    if state == "live":
        return rows.filter(live_in(tax_year))
    return rows.filter(last_year__lt=tax_year) if state == "ended" else rows


def premises_of(party_id: UUID) -> QuerySet[Premises]:
    """The premises of one person, newest first."""
    return Premises.objects.filter(party_id=party_id).order_by("-premises_no")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may have premises here: who, since when elsewhere, what speaks for it."""

    party_id: UUID
    person_no: str
    name: str
    left_on: date | None
    reason_ja: str


def candidates(tax_year: int) -> list[Candidate]:
    """家屋敷等の候補: people who moved out and whose household stays here (単身赴任など), or who had a business here.

    Nobody who lives here on 1 January, is registered or was put aside for the year. By 宛名番号.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH gone AS (
                   SELECT p.id, p.person_no, p.name, max(v.left_on) AS left_on
                     FROM addressbook_party AS p
                     JOIN addressbook_partyversion AS v ON v.party_id = p.id AND v.superseded_at IS NULL
                          AND v.left_on BETWEEN %(since)s AND %(day)s
                    WHERE p.kind = 'resident' AND p.state = 'moved_out'
                          AND NOT EXISTS (SELECT FROM assessment_taxablepopulation AS t
                                           WHERE t.party_id = p.id AND t.tax_year = %(year)s AND t.basis <> 'ended')
                          AND NOT EXISTS (SELECT FROM premises_premises AS r
                                           WHERE r.party_id = p.id AND r.first_year <= %(year)s
                                                 AND (r.last_year IS NULL OR r.last_year >= %(year)s))
                          AND NOT EXISTS (SELECT FROM premises_candidatedismissal AS c
                                           WHERE c.party_id = p.id AND c.tax_year = %(year)s)
                    GROUP BY p.id)
               SELECT g.id, g.person_no, g.name, g.left_on,
                      EXISTS (SELECT FROM addressbook_householdmembership AS own
                                JOIN addressbook_householdmembership AS other
                                  ON other.household_no = own.household_no AND other.party_id <> own.party_id
                                     AND other.superseded_at IS NULL AND other.valid_from <= %(day)s
                                     AND (other.valid_to IS NULL OR other.valid_to > %(day)s)
                               WHERE own.party_id = g.id AND own.superseded_at IS NULL
                                     AND own.valid_from < g.left_on) AS family_stays,
                      EXISTS (SELECT FROM assessment_decision AS d
                                JOIN assessment_assessmentrun AS u ON u.id = d.run_id AND u.state = 'released'
                                JOIN assessment_residentfacts AS f ON f.run_id = d.run_id AND f.party_id = d.party_id
                               WHERE d.party_id = g.id AND d.tax_kind = '10' AND d.tax_year = %(year)s - 1
                                     AND (f.business_income_yen <> 0 OR f.farm_income_yen <> 0)) AS has_business
                 FROM gone AS g ORDER BY g.person_no""",
            {"year": tax_year, "day": date(tax_year, 1, 1), "since": date(tax_year - moved_out_years(), 1, 2)},
        )
        rows = cursor.fetchall()
    return [
        Candidate(party_id, number, name, left_on, "、".join(_reasons(family, business)))
        for party_id, number, name, left_on, family, business in rows
        if family or business
    ]


def _reasons(family_stays: bool, has_business: bool) -> list[str]:
    told = [(family_stays, "世帯員が市内に残る"), (has_business, "前年度の決定に事業・農業の所得")]
    return [word for holds, word in told if holds]


@dataclass(frozen=True, slots=True)
class Twofold:
    """Premises whose holder seems to live here: the row, and why."""

    premises: Premises
    reason_ja: str


def twofold(tax_year: int) -> list[Twofold]:
    """住民と重なる登録: the party is a resident of the frozen population, or one of the same name and birth is."""
    resident = TaxablePopulation.objects.filter(tax_year=tax_year, basis="resident")
    rows = Premises.objects.filter(live_in(tax_year)).select_related("party").order_by("premises_no")
    own = Exists(resident.filter(party=OuterRef("party")))
    twin = Exists(
        resident.filter(
            party__strict_key=OuterRef("party__strict_key"), party__birth_on=OuterRef("party__birth_on")
        ).exclude(party=OuterRef("party"))
    )
    found = rows.annotate(lives_here=own, has_twin=twin).filter(Q(lives_here=True) | Q(has_twin=True))
    return [
        Twofold(
            one,
            "1月1日に市内に住所がある（住民として課税）" if one.lives_here else "氏名カナと生年月日の同じ住民がいる",
        )
        for one in found.exclude(party__strict_key="", lives_here=False)
    ]


@dataclass(frozen=True, slots=True)
class Letter:
    """The people of one municipality who are taxed here by their premises."""

    code: str
    name_ja: str
    rows: tuple[Premises, ...]


def letters(tax_year: int) -> list[Letter]:
    """住所地の市区町村への通知: everybody frozen by premises of the year, by municipality and 宛名番号."""
    frozen = TaxablePopulation.objects.filter(tax_year=tax_year, basis="premises", party=OuterRef("party"))
    rows = Premises.objects.filter(live_in(tax_year), Exists(frozen)).select_related("party")
    ordered = rows.order_by("home_municipality", "party__person_no", "premises_no")
    return [
        Letter(code, name_of(code) or code, tuple(group))
        for code, group in groupby(ordered, key=lambda one: one.home_municipality)
    ]


def answers_of(premises: list[Premises], tax_year: int) -> dict[int, DomicileAnswer]:
    """The answers of the year, by premises."""
    found: dict[int, DomicileAnswer] = defaultdict()
    for one in DomicileAnswer.objects.filter(premises__in=premises, tax_year=tax_year):
        found[one.premises_id] = one
    return found

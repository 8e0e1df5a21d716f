"""宛名検索 (ui: 宛名検索): by kana, name, birth date, address, number of things; never by a My Number.

Result order is name, birth date and person number after the closeness of the hit, so it does not depend on an address;
a search by address leaves hidden persons out, so that neither hit nor count tells where they live (N-100).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from addressbook.address_text import address_key, name_key
from addressbook.errors import NumberInSearch, SearchTooWide
from addressbook.models import Address, Party
from addressbook.number_text import is_my_number
from addressbook.selectors.protections import hidden_parties
from taxsys.kernel import kana
from taxsys.platform.audit.services import access_record

RESULT_LIMIT = 200
_KANA_ONLY = re.compile(r"^[ぁ-ゖァ-ヺーｦ-ﾟ・\s　゛゜]+$")


@dataclass(frozen=True, kw_only=True, slots=True)
class PartyQuery:
    """Search conditions, all optional and joined by AND. `text` is kana, a name or a person number, as recognised.

    `is_part` looks for the kana inside the name too (「緩い検索」 of an empty result): it reads every party,
    some tens of milliseconds for a city, instead of every insert paying for an index of all parts.
    """

    text: str = ""
    birth_on: date | None = None
    birth_year: int | None = None
    sex: str = ""
    kind: str = ""
    address: str = ""
    corporate_no: str = ""
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class PartyHit:
    """One row of the result. The address is not here: the page asks `addressbook.disclosure`."""

    party_id: UUID
    person_no: str
    kind: str
    name: str
    name_kana: str
    birth_on: date | None
    sex: str
    state: str


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits (at most 200) and whether there are more: then the officer adds a condition."""

    hits: list[PartyHit]
    has_more: bool


def party_search(query: PartyQuery, *, may_see_hidden: bool = False) -> SearchResult:
    """Find parties; writes one access event with everybody shown (N-070).

    Raises NumberInSearch for a My Number (refused and recorded without it, R-213), SearchTooWide for less than two
    kana, or one kanji without a further condition.
    """
    for text in (query.text, query.address, query.corporate_no):
        if text and is_my_number(text):
            access_record(action="denied", record_type="party", result="denied", reason="number_in_search")
            raise NumberInSearch
    rows = _filtered(query, may_see_hidden=may_see_hidden)[: RESULT_LIMIT + 1]
    found = [
        PartyHit(row.id, row.person_no, row.kind, row.name, row.name_kana, row.birth_on, row.sex, row.state)
        for row in rows
    ]
    hits = found[:RESULT_LIMIT]
    access_record(action="search", subjects=[str(hit.party_id) for hit in hits], record_type="party", count=len(hits))
    return SearchResult(hits, len(found) > RESULT_LIMIT)


def _filtered(query: PartyQuery, *, may_see_hidden: bool) -> QuerySet[Party]:
    rows = Party.objects.filter(merged_into__isnull=True)
    has_more_conditions = bool(query.birth_on or query.birth_year or query.address or query.corporate_no)
    rank: Case | Value = Value(0)
    if query.text:
        condition, rank = _text_condition(query, has_more_conditions=has_more_conditions)
        rows = rows.filter(condition)
    elif not has_more_conditions:
        raise SearchTooWide
    if query.birth_on:
        rows = rows.filter(birth_on=query.birth_on)
    if query.birth_year:
        first = date(query.birth_year, 1, 1)
        rows = rows.filter(birth_on__gte=first, birth_on__lt=date(query.birth_year + 1, 1, 1))
    if query.sex:
        rows = rows.filter(sex=query.sex)
    if query.kind:
        rows = rows.filter(kind=query.kind)
    if query.corporate_no:
        rows = rows.filter(corporate_no=query.corporate_no)
    if query.address:
        rows = rows.filter(id__in=_living_at(query.address))
        if not may_see_hidden:
            rows = rows.exclude(id__in=hidden_parties())
    return rows.annotate(rank=rank).order_by("rank", "strict_key", "birth_on", "person_no")


def _living_at(text: str) -> QuerySet[Address, Any]:
    """Parties whose known address, today's or an earlier one, begins with the text."""
    return Address.objects.known().filter(address_key__startswith=address_key(text)).values("party_id")


def _text_condition(query: PartyQuery, *, has_more_conditions: bool) -> tuple[Q, Case]:
    """Kana: exact, strict prefix, loose prefix (or part). Else: prefix of the folded name, or person number."""
    text = query.text.strip()
    if _KANA_ONLY.match(text):
        strict, loose = kana.strict_key(text), kana.loose_key(text)
        if len(strict) < 2 and not has_more_conditions:
            raise SearchTooWide
        rank = Case(
            When(strict_key=strict, then=Value(0)),
            When(strict_key__startswith=strict, then=Value(1)),
            When(loose_key__startswith=loose, then=Value(2)),
            default=Value(3),
            output_field=IntegerField(),
        )
        if query.is_part:
            return Q(loose_key__contains=loose), rank
        return Q(strict_key__startswith=strict) | Q(loose_key__startswith=loose), rank
    key = name_key(text)
    if len(key) < 2 and not has_more_conditions:
        raise SearchTooWide
    rank = Case(
        When(person_no=text, then=Value(0)),
        When(name_key=key, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return Q(name_key__startswith=key) | Q(person_no=text), rank


def same_person_candidates(party_ids: Sequence[UUID]) -> dict[UUID, list[tuple[UUID, int, dict[str, bool]]]]:
    """名寄せ候補 of each party: others with the same loose kana and birth date, best first (F-CM-020).

    Score: strict kana 40, birth date 40, sex 5, name 15; evidence names the agreeing keys.
    """
    parties = list(Party.objects.filter(id__in=party_ids, birth_on__isnull=False, merged_into__isnull=True))
    others = Party.objects.filter(
        loose_key__in={party.loose_key for party in parties},
        birth_on__in={party.birth_on for party in parties},
        merged_into__isnull=True,
    )
    by_key: dict[tuple[str, date | None], list[Party]] = {}
    for other in others:
        by_key.setdefault((other.loose_key, other.birth_on), []).append(other)
    found: dict[UUID, list[tuple[UUID, int, dict[str, bool]]]] = {}
    for party in parties:
        rows = []
        for other in by_key.get((party.loose_key, party.birth_on), []):
            if other.id == party.id:
                continue
            evidence = {
                "kana": other.strict_key == party.strict_key,
                "birth_on": True,
                "sex": other.sex == party.sex,
                "name": other.name_key == party.name_key,
            }
            score = 40 * evidence["kana"] + 40 + 5 * evidence["sex"] + 15 * evidence["name"]
            rows.append((other.id, score, evidence))
        if rows:
            found[party.id] = sorted(rows, key=lambda row: (-row[1], str(row[0])))
    return found

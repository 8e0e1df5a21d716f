"""宛名検索 (ui: 宛名検索): by kana, name, birth date, address, number of things; never by a My Number.

Each closeness is a statement of its own that walks an index in order and stops at the limit, so that two kana of a
frequent name cost no more than a rare one. The comparisons are ranges in C collation: an ORDER BY in the order of the
index needs no sort, whatever locale the database has. A search by address leaves hidden persons out, so that neither
hit nor count nor order tells where they live (N-100).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from addressbook.address_text import address_key, name_key, without_prefecture
from addressbook.errors import NumberInSearch, SearchTooWide
from addressbook.models import Party
from addressbook.number_text import is_my_number
from addressbook.search_terms import KANA_ONLY, PartyQuery
from addressbook.selectors.protections import hidden_parties
from taxsys.kernel import kana
from taxsys.platform.audit.services import access_record
from taxsys.platform.files.municipalities import name_of

RESULT_LIMIT = 200
_LAST_CHARACTER = chr(0x10FFFF)


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
    found = parties_found(query, may_see_hidden=may_see_hidden)
    hits = [
        PartyHit(row.id, row.person_no, row.kind, row.name, row.name_kana, row.birth_on, row.sex, row.state)
        for row in found[:RESULT_LIMIT]
    ]
    access_record(action="search", subjects=[str(hit.party_id) for hit in hits], record_type="party", count=len(hits))
    return SearchResult(hits, len(found) > RESULT_LIMIT)


def parties_found(query: PartyQuery, *, may_see_hidden: bool = False) -> list[Party]:
    """The parties that meet the conditions, closest first, at most one more than the limit; leaves no event.

    Raises SearchTooWide.
    """
    found: dict[UUID, Party] = {}
    for stage in _stages(query, may_see_hidden=may_see_hidden):
        for party in stage[: RESULT_LIMIT + 1]:
            found.setdefault(party.id, party)
        if len(found) > RESULT_LIMIT:
            break
    return list(found.values())[: RESULT_LIMIT + 1]


def _stages(query: PartyQuery, *, may_see_hidden: bool) -> Iterator[QuerySet[Party]]:
    has_more_conditions = bool(query.birth_on or query.birth_year or query.address or query.corporate_no)
    if not query.text and not has_more_conditions:
        raise SearchTooWide
    known = Party.objects.filter(_conditions(query), merged_into__isnull=True)
    if query.address and not may_see_hidden:
        known = known.exclude(id__in=hidden_parties())
    for rows in _living_at(known, query.address) if query.address else [known]:
        if query.text:
            for condition, order in _closeness(query, has_more_conditions=has_more_conditions):
                yield rows.filter(condition).order_by(*order)
        elif query.address:
            yield rows.order_by("address__address_key", "person_no")
        else:
            yield rows.order_by("birth_on", "strict_key", "person_no")


def _conditions(query: PartyQuery) -> Q:
    condition = Q()
    if query.birth_on:
        condition &= Q(birth_on=query.birth_on)
    if query.birth_year:
        condition &= Q(birth_on__gte=date(query.birth_year, 1, 1), birth_on__lt=date(query.birth_year + 1, 1, 1))
    if query.sex:
        condition &= Q(sex=query.sex)
    if query.kind:
        condition &= Q(kind=query.kind)
    if query.corporate_no:
        condition &= Q(corporate_no=query.corporate_no)
    return condition


def _living_at(rows: QuerySet[Party], text: str) -> Iterator[QuerySet[Party]]:
    """Parties with a known address, today's or an earlier one, that begins with the text.

    Residents' keys begin with the town; those of people and firms from documents may have the city in front.
    """
    city = name_of(settings.TAXSYS_MUNICIPALITY_CODE) or ""
    own = [city, without_prefecture(city)]
    place = next((text.removeprefix(name) for name in own if name and text.startswith(name)), text)
    if len(address_key(place)) < 2:
        raise SearchTooWide
    for front in ("", *reversed(own)):
        yield rows.filter(
            _begins("address__address_key", address_key(front + place)), address__superseded_at__isnull=True
        )


def _begins(field: str, key: str) -> Q:
    """Prefix as a range: in C collation an ordinary b-tree answers it, in its own order."""
    return Q(**{f"{field}__gte": key, f"{field}__lt": key + _LAST_CHARACTER})


def _closeness(query: PartyQuery, *, has_more_conditions: bool) -> Iterator[tuple[Q, tuple[str, ...]]]:
    """Kana: exact, strict prefix, loose prefix (then part). Else: person number, folded name, its prefix."""
    text = query.text.strip()
    if KANA_ONLY.match(text):
        strict, loose = kana.strict_key(text), kana.loose_key(text)
        if len(strict) < 2 and not has_more_conditions:
            raise SearchTooWide
        yield Q(strict_key=strict), ("birth_on", "person_no")
        yield _begins("strict_key", strict), ("strict_key", "birth_on", "person_no")
        yield _begins("loose_key", loose), ("loose_key", "birth_on", "person_no")
        if query.is_part:
            yield Q(loose_key__contains=loose), ("strict_key", "birth_on", "person_no")
        return
    key = name_key(text)
    if len(key) < 2 and not has_more_conditions:
        raise SearchTooWide
    yield Q(person_no=text), ("person_no",)
    yield Q(name_key=key), ("birth_on", "person_no")
    yield _begins("name_key", key), ("name_key", "birth_on", "person_no")


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

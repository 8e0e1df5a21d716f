"""番号の持ち主と資料の本人: does a paper that brings a number speak of the person who holds it (N-010, R-206)?

A valid number can stand on the wrong paper: two children's numbers swapped by their employer, a widow's paper with her
husband's. Set-based: one statement for the holders, one more only for those whose present name is not the paper's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models.functions import Coalesce

from addressbook.address_text import name_key
from addressbook.codes import PartyState
from addressbook.models import Party, PartyVersion
from addressbook.services.feed import search_keys

NAME, FORMER_NAME, BIRTH, DEATH = "name", "former_name", "birth_on", "died_on"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPerson:
    """Who a paper says its number belongs to; `since` is the first day of the time it speaks of, where it has one."""

    name: str = ""
    name_kana: str = ""
    birth_on: date | None = None
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Likeness:
    """What agreed (name | former_name, birth_on) and what contradicts (name, birth_on, died_on)."""

    agreed: tuple[str, ...]
    contradicting: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether the number may bind the paper: the name agrees, now or once, and nothing contradicts."""
        return not self.contradicting


@dataclass(frozen=True, slots=True)
class _Holder:
    party_id: UUID
    name_key: str
    loose_key: str
    birth_on: date | None
    is_dead: bool


@dataclass(frozen=True, slots=True)
class _Past:
    """Names that a person has or had, folded, and the day of death."""

    names: frozenset[str]
    kana: frozenset[str]
    died_on: date | None


def likeness_of(pairs: Sequence[tuple[UUID, PaperPerson]]) -> list[Likeness]:
    """(holder of the number, person on the paper) → what agrees and what contradicts, in order of the pairs.

    Names agree by kana (voicing marks and long vowels forgiven) or as written (widths and everyday variants folded),
    with the present name, any earlier one, the former surname or the alias. A birth date that either side lacks is
    not compared. A paper about a time after the holder's death contradicts too. A merged holder answers its survivor.
    """
    holders = _holders({holder for holder, _ in pairs})
    named = [holders[holder].party_id for holder, paper in pairs if _must_look_back(holders[holder], paper)]
    past = _pasts(named) if named else {}
    return [_likeness(holders[holder], paper, past.get(holders[holder].party_id)) for holder, paper in pairs]


def _holders(ids: set[UUID]) -> dict[UUID, _Holder]:
    survivor = "merged_into__"
    rows = Party.objects.filter(pk__in=ids).values_list(
        "id",
        Coalesce(f"{survivor}id", "id"),
        Coalesce(f"{survivor}name_key", "name_key"),
        Coalesce(f"{survivor}loose_key", "loose_key"),
        Coalesce(f"{survivor}birth_on", "birth_on"),
        Coalesce(f"{survivor}state", "state"),
    )
    return {row[0]: _Holder(row[1], row[2], row[3], row[4], row[5] == PartyState.DEAD) for row in rows}


def _has_present_name(holder: _Holder, paper: PaperPerson) -> bool:
    if paper.name and name_key(paper.name) == holder.name_key:
        return True
    return bool(paper.name_kana) and search_keys(paper.name_kana)[1] == holder.loose_key


def _must_look_back(holder: _Holder, paper: PaperPerson) -> bool:
    return holder.is_dead or not _has_present_name(holder, paper)


def _pasts(ids: Sequence[UUID]) -> dict[UUID, _Past]:
    names: dict[UUID, set[str]] = {party_id: set() for party_id in ids}
    kana: dict[UUID, set[str]] = {party_id: set() for party_id in ids}
    died: dict[UUID, date] = {}
    versions = PartyVersion.objects.known().filter(party_id__in=set(ids))
    for party_id, name, name_kana, surname, alias, died_on in versions.values_list(
        "party_id", "name", "name_kana", "former_surname", "alias", "died_on"
    ):
        _, _, given = name.replace(" ", "　").partition("　")
        names[party_id] |= {name_key(text) for text in (name, alias, f"{surname}{given}" if surname else "") if text}
        kana[party_id] |= {search_keys(text)[1] for text in (name_kana, alias) if text}
        if died_on is not None:
            died[party_id] = died_on
    return {
        party_id: _Past(frozenset(names[party_id]), frozenset(kana[party_id] - {""}), died.get(party_id))
        for party_id in names
    }


def _likeness(holder: _Holder, paper: PaperPerson, past: _Past | None) -> Likeness:
    agreed, contradicting = [], []
    if _has_present_name(holder, paper):
        agreed.append(NAME)
    elif past is not None and _had_name(past, paper):
        agreed.append(FORMER_NAME)
    else:
        contradicting.append(NAME)
    if paper.birth_on is not None and holder.birth_on is not None:
        (agreed if paper.birth_on == holder.birth_on else contradicting).append(BIRTH)
    if past is not None and past.died_on is not None and paper.since is not None and past.died_on < paper.since:
        contradicting.append(DEATH)
    return Likeness(tuple(agreed), tuple(contradicting))


def _had_name(past: _Past, paper: PaperPerson) -> bool:
    if paper.name and name_key(paper.name) in past.names:
        return True
    return bool(paper.name_kana) and search_keys(paper.name_kana)[1] in past.kana

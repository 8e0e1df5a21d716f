"""宛名検索の種類: what the search box finds of parties, and how a list of parties is drawn, wherever one is shown."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from addressbook.badges import badges_for
from addressbook.codes import PartyKind, Sex
from addressbook.disclosure import addresses_for
from addressbook.errors import SearchTooWide
from addressbook.models import Party
from addressbook.permissions import SEARCH_PARTY
from addressbook.relations import relation_text
from addressbook.search_terms import KANA_ONLY, PART_MARK, PartyQuery, read_address, read_name, read_number
from addressbook.selectors.parties import households_on
from addressbook.selectors.search import parties_found
from taxsys.kernel import wareki
from taxsys.platform import clock
from taxsys.platform.files.municipalities import name_of
from taxsys.platform.search.registry import SearchProvider, SearchRefused, SearchRow

OUTPUT = "addressbook.search"
COLUMNS = ("氏名・名称", "カナ", "生年月日", "性別", "住所", "続柄", "区分", "宛名番号")
_TOWN = re.compile(r"^\D+?(?:\d+(?:丁目|条|線|区)\D*?)*(?=\d|$)")


@dataclass(frozen=True, slots=True)
class PartyLine:
    """一覧の一行: a party as any list may show it — address by the disclosure service, badges of this reader."""

    party: Party
    cells: tuple[str, ...]
    badges: Sequence[tuple[str, str]]


def party_lines(party_ids: Sequence[UUID], *, staff: Any, output: str = OUTPUT) -> list[PartyLine]:
    """The lines of these parties in their order, in a fixed number of queries; who no longer exists is left out."""
    today = clock.today()
    parties: Mapping[UUID, Party] = Party.objects.in_bulk(list(party_ids))
    ids = [party_id for party_id in party_ids if party_id in parties]
    addresses = addresses_for(ids, output=output, on=today)
    homes = households_on(ids, today)
    badges = badges_for(ids, staff=staff, on=today)
    twins = Counter((parties[party_id].loose_key, parties[party_id].birth_on) for party_id in ids)
    lines = []
    for party_id in ids:
        party, shown = parties[party_id], addresses[party_id]
        marks = list(badges[party_id])
        if party.birth_on and twins[(party.loose_key, party.birth_on)] > 1:
            marks.append(("caution", "同名・同生年月日"))
        is_person = party.kind not in {PartyKind.CORPORATION, PartyKind.BODY}
        relation = "" if shown.is_masked or party_id not in homes else relation_text(homes[party_id][1])
        lines.append(
            PartyLine(
                party,
                (
                    party.name,
                    party.name_kana,
                    wareki.format_short(party.birth_on) if party.birth_on else "",
                    Sex(party.sex).label if is_person else "",
                    shown.address_text if shown.is_masked else town_text(shown.address_text),
                    relation,
                    PartyKind(party.kind).label,
                    party.person_no,
                ),
                marks,
            )
        )
    return lines


def town_text(address: str) -> str:
    """住所を町字まで: the own city's name taken off, house numbers left out (`四条通8丁目`)."""
    own = name_of(settings.TAXSYS_MUNICIPALITY_CODE) or ""
    text = address.removeprefix(own)
    found = _TOWN.match(text)
    return (found[0] if found else text).rstrip("　 -")


def find_parties(read: Callable[[str], PartyQuery | None], text: str, _staff: Any) -> list[str]:
    """Ids of the parties that a reading of the text finds; SearchRefused with the words where it says too little."""
    query = read(text)
    if query is None:
        return []
    try:
        return [str(party.id) for party in parties_found(query)]
    except SearchTooWide as error:
        raise SearchRefused(error.message_ja) from error


def card_url(party_id: str) -> str:
    """Where a party opens."""
    return reverse("party-overview", kwargs={"party_id": UUID(party_id)})


def present_parties(ids: Sequence[str], staff: Any) -> list[SearchRow]:
    """Result rows that lead to the card."""
    return [
        SearchRow(
            url=card_url(str(line.party.id)),
            cells=line.cells,
            badges=line.badges,
            subject=str(line.party.id),
        )
        for line in party_lines([UUID(one) for one in ids], staff=staff)
    ]


def part_offer(text: str) -> tuple[str, str] | None:
    """「氏名の途中も探す」 for kana alone: reads the whole register, so it is asked for and never done by itself."""
    query = read_name(text)
    if query is None or query.is_part or not KANA_ONLY.match(query.text):
        return None
    return "氏名の途中も探す（時間がかかることがあります）", PART_MARK + text


def _provider(kind: str, title_ja: str, order: int, read: Callable[[str], PartyQuery | None]) -> SearchProvider:
    return SearchProvider(
        kind=kind,
        title_ja=title_ja,
        permission=SEARCH_PARTY,
        order=order,
        recognise=lambda text: read(text) is not None,
        find=partial(find_parties, read),
        present=present_parties,
        columns=COLUMNS,
        url_of=card_url,
        offer=part_offer if kind == "party-name" else None,
    )


PROVIDERS = (
    _provider("party-number", "宛名番号・法人番号", 20, read_number),
    _provider("party-name", "氏名・カナ・生年月日", 50, read_name),
    _provider("party-address", "住所", 60, read_address),
)

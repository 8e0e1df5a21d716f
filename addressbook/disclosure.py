"""住所・氏名の開示判断: the one service that says what of an address or a name may appear in an output (DESIGN §4).

Hidden are protected persons (支援措置), those who asked with them, and everybody in their household (N-086 to N-098).
Screens, papers, files and answers ask here; nobody reads `Address.full_text` for an output on his own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from addressbook.address_text import name_key, without_prefecture
from addressbook.errors import OutputNotRegistered
from addressbook.models import Address, Party, Protection, ProtectionMember
from addressbook.outputs import OutputKind, registered_outputs
from addressbook.permissions import REVEAL_PROTECTED
from addressbook.selectors.parties import addresses_on
from addressbook.selectors.protections import hidden_parties, protection_marks, protections_standing
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.files.municipalities import name_of
from taxsys.platform.staff.access import has_permission

HIDDEN_TEXT = "非表示"
# Up to so many parties are asked for by id; for more, the few protected ones are read whole.
_PAGE_OF_PARTIES = 500
# 相手方: (party or None, folded name).
Opponent = tuple[UUID | None, str]


@dataclass(frozen=True, slots=True)
class ShownAddress:
    """What may appear. Where `is_masked`, text is 「非表示」 and every other part is empty: zip, town, code."""

    zip: str
    address_text: str
    building_text: str
    municipality_code: str
    town_code: str
    is_masked: bool
    is_protected: bool

    @property
    def text(self) -> str:
        """Address and building in one line."""
        return self.address_text + (f"　{self.building_text}" if self.building_text else "")


_MASKED = ShownAddress("", HIDDEN_TEXT, "", "", "", True, True)
_NOTHING = ShownAddress("", "", "", "", "", False, False)


def _output(output: str) -> OutputKind:
    kind = registered_outputs().get(output)
    if kind is None:
        raise OutputNotRegistered
    return kind


def shown_address(address: Address, *, is_protected: bool = False) -> ShownAddress:
    """An address row as it is; only for this module and the delivery service beside it."""
    text = address.full_text
    if address.building_text and text.endswith(address.building_text):
        text = text[: -len(address.building_text)].rstrip("　 ")
    text = with_municipality(text, address.municipality_code)
    return ShownAddress(
        address.zip, text, address.building_text, address.municipality_code, address.town_code, False, is_protected
    )


def with_municipality(text: str, code: str) -> str:
    """The place with its municipality in front: registers keep it as a code, papers name it (北海道旭川市四条通…).

    A text that names it already, with or without the prefecture, stays as it is.
    """
    name = name_of(code) or ""
    if not text or not name or text.startswith((name, without_prefecture(name))):
        return text
    return name + text


def addresses_for(
    party_ids: Sequence[UUID],
    *,
    output: str,
    viewer: Any = None,
    on: date | None = None,
    known_at: datetime | None = None,
) -> dict[UUID, ShownAddress]:
    """Addresses of many parties as they may appear in `output` (an id of the register), on a day (default today), as
    known at a moment (default now). Who is hidden is always what is known now.

    Hidden persons: masked for third parties and vendors always; for staff unless `viewer` holds the right to see
    them, which leaves an access event with every one revealed; the person itself gets its own address, or the safe
    mailing address of its protection. Raises OutputNotRegistered.
    """
    kind = _output(output)
    day = on or clock.today()
    rows = addresses_on(party_ids, day, known_at)
    hidden = hidden_among(party_ids, day)
    may_see = bool(hidden) and kind.audience == "internal" and viewer is not None
    may_see = may_see and has_permission(viewer, REVEAL_PROTECTED)
    if may_see:
        access_record(action="view", subjects=sorted(map(str, hidden)), record_type="address",
                      reason="protected_address", count=len(hidden))  # fmt: skip
    safe = safe_addresses(sorted(hidden), on=day) if hidden and kind.audience == "self" else {}
    return {
        party_id: _one(rows.get(party_id), party_id in hidden, safe.get(party_id), may_see or kind.audience == "self")
        for party_id in party_ids
    }


def hidden_among(party_ids: Sequence[UUID], on: date) -> set[UUID]:
    """Which of the parties are hidden on the day or today: a protection that began later hides earlier days too."""
    days = {on, clock.today()}
    if len(party_ids) <= _PAGE_OF_PARTIES:
        return {party_id for day in days for party_id in protection_marks(party_ids, on=day)}
    return {party_id for day in days for party_id in hidden_parties(on=day)} & set(party_ids)


def address_for(party_id: UUID, *, output: str, viewer: Any = None, on: date | None = None) -> ShownAddress:
    """One party's address as it may appear in `output`; see `addresses_for`."""
    return addresses_for([party_id], output=output, viewer=viewer, on=on)[party_id]


def _one(row: Address | None, is_hidden: bool, safe: str | None, may_see: bool) -> ShownAddress:
    if is_hidden and not may_see:
        return _MASKED
    if safe:
        return ShownAddress("", safe, "", "", "", False, True)
    return shown_address(row, is_protected=is_hidden) if row is not None else _NOTHING


def safe_addresses(party_ids: Sequence[UUID], *, on: date | None = None) -> dict[UUID, str]:
    """Party → the safe mailing address its protection names (N-095)."""
    rows = Protection.objects.filter(protections_standing(on), party_id__in=party_ids).exclude(mail_to="")
    return dict(rows.values_list("party_id", "mail_to"))


def opponents_by_party(party_ids: Sequence[UUID], *, on: date | None = None) -> dict[UUID, list[Opponent]]:
    """Protected party, or one named beside it → the opponents; for refusing papers to the opponent's side."""
    found: dict[UUID, list[Opponent]] = {}
    asked = set(party_ids)
    rows = Protection.objects.filter(
        Q(party_id__in=asked) | Q(pk__in=ProtectionMember.objects.filter(party_id__in=asked).values("protection_id")),
        protections_standing(on),
    ).prefetch_related("members", "more_opponents")
    for row in rows:
        opponents = [(row.opponent_party_id, name_key(row.opponent_name))]
        opponents += [(one.party_id, name_key(one.name)) for one in row.more_opponents.all()]
        for party_id in {row.party_id, *(member.party_id for member in row.members.all())} & asked:
            found.setdefault(party_id, []).extend(opponents)
    return found


def is_opponent(recipient: Party, opponents: Sequence[Opponent]) -> bool:
    """Whether the recipient is, or bears the name of, an opponent (a namesake is treated with the same care)."""
    return any(recipient.id == party_id or (name and recipient.name_key == name) for party_id, name in opponents)


def names_for(
    party_ids: Sequence[UUID], *, output: str, recipient: Party | None = None, on: date | None = None
) -> Mapping[UUID, str]:
    """Names as they may appear: in a paper for a third party the name of a protected person is left out when the
    recipient is (or bears the name of) the opponent. Raises OutputNotRegistered."""
    kind = _output(output)
    names = dict(Party.objects.filter(id__in=party_ids).values_list("id", "name"))
    if kind.audience != "third_party" or recipient is None:
        return names
    opponents = opponents_by_party(party_ids, on=on)
    return {
        party_id: HIDDEN_TEXT if is_opponent(recipient, opponents.get(party_id, ())) else name
        for party_id, name in names.items()
    }


def links_shown(party_id: UUID, other_ids: Sequence[UUID], *, viewer: Any, on: date | None = None) -> set[UUID]:
    """Which of the others a page about the party may name and lead to (N-089).

    A relation with a hidden person is shown from neither side, unless `viewer` may see protected addresses: the page of
    an opponent who acts for a protected person must not lead to that person.
    """
    hidden = hidden_among([party_id, *other_ids], on or clock.today())
    if not hidden or (viewer is not None and has_permission(viewer, REVEAL_PROTECTED)):
        return set(other_ids)
    return set() if party_id in hidden else set(other_ids) - hidden

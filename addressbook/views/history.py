"""履歴: everything recorded about the party, by the day it holds and the moment it was recorded."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from addressbook.as_of import as_of_read
from addressbook.card import card_context
from addressbook.codes import PartyState
from addressbook.disclosure import HIDDEN_TEXT
from addressbook.models import Address, HouseholdMembership, PartyVersion
from addressbook.models.history import Bitemporal
from addressbook.permissions import VIEW_PARTY
from addressbook.relations import relation_text
from taxsys.kernel import wareki
from taxsys.platform.staff.access import requires

_SOURCES = {"staff": "職員入力", "juki": "住民記録", "local_juki_ido": "住民記録"}


@dataclass(frozen=True, slots=True)
class Change:
    """One recorded row as the timeline shows it. `is_replaced`: a later record took its place."""

    kind_ja: str
    text: str
    valid_from: date
    valid_to: date | None
    recorded_at: datetime
    superseded_at: datetime | None
    source_ja: str

    @property
    def is_replaced(self) -> bool:
        """Whether the row is no longer what is known."""
        return self.superseded_at is not None


@requires(VIEW_PARTY)
@require_safe
def history(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """The tab: changes newest first; with a look at a past day, what held then as known then."""
    look = as_of_read(request)
    values = card_context(request, party_id, "history", on=look.on, known_at=look.known_at)
    party, is_hidden = values["party"], values["person"]["is_protected"]
    changes = sorted(
        _changes(party.id, is_hidden=is_hidden), key=lambda one: (one.valid_from, one.recorded_at), reverse=True
    )
    if look.known_at is not None:
        moment = look.known_at
        changes = [_as_known(one, moment) for one in changes if one.recorded_at < moment]
    held = [
        one for one in changes
        if not one.is_replaced and one.valid_from <= look.on and (one.valid_to is None or one.valid_to > look.on)
    ]  # fmt: skip
    return render(
        request, "addressbook/history.html", {**values, **look.values, "changes": changes, "held": held}
    )  # fmt: skip


def _as_known(change: Change, moment: datetime) -> Change:
    """The row as it stood at the moment: what replaced it later was not known yet."""
    is_later = change.superseded_at is not None and change.superseded_at >= moment
    return replace(change, superseded_at=None) if is_later else change


def _changes(party_id: UUID, *, is_hidden: bool) -> Iterator[Change]:
    for version in PartyVersion.objects.filter(party_id=party_id):
        yield _change("氏名・状態", _version_text(version), version)
    for address in Address.objects.filter(party_id=party_id):
        yield _change("住所", HIDDEN_TEXT if is_hidden else address.full_text, address)
    for home in HouseholdMembership.objects.filter(party_id=party_id):
        text = HIDDEN_TEXT if is_hidden else f"世帯番号 {home.household_no}　{relation_text(home.relation_code)}"
        yield _change("世帯", text, home)


def _change(kind_ja: str, text: str, row: Bitemporal) -> Change:
    source = _SOURCES.get(row.source, row.source)
    if row.source_seq:
        source += f"（連番{row.source_seq}）"
    return Change(kind_ja, text, row.valid_from, row.valid_to, row.recorded_at, row.superseded_at, source)


def _version_text(version: PartyVersion) -> str:
    parts: list[Any] = [version.name, version.name_kana, PartyState(version.state).label]
    for label, day in (("転出", version.left_on), ("死亡", version.died_on)):
        if day:
            parts.append(f"{label} {wareki.format_short(day)}")
    if version.alias:
        parts.append(f"通称 {version.alias}")
    if version.former_surname:
        parts.append(f"旧氏 {version.former_surname}")
    return "　".join(str(part) for part in parts if part)

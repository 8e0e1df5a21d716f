"""宛名・世帯: where and with whom the party lives on a day, where papers go, who acts for whom, who may be the same."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from addressbook.access import access_shown
from addressbook.as_of import as_of_read
from addressbook.card import age_text, card_context
from addressbook.codes import AccountPurpose, AddressKind, LinkKind
from addressbook.disclosure import links_shown
from addressbook.models import Party
from addressbook.permissions import VIEW_PARTY
from addressbook.relations import relation_text
from addressbook.search import party_lines
from addressbook.selectors.links import acts_for, bank_accounts_of, delivery_addresses_of, links_of
from addressbook.selectors.parties import address_history, household_members, households_on
from addressbook.selectors.search import same_person_candidates
from addressbook.tax_kinds import tax_kind_choices
from taxsys.platform.staff.access import requires

_EVIDENCE = {"kana": "カナ", "birth_on": "生年月日", "sex": "性別", "name": "氏名"}
_ACCOUNT_TYPES = {"1": "普通", "2": "当座", "4": "貯蓄"}


@requires(VIEW_PARTY)
@require_safe
def household(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """The tab. Of a hidden person neither addresses nor household are read into the page."""
    look = as_of_read(request)
    values = card_context(request, party_id, "household", on=look.on, known_at=look.known_at)
    party, is_hidden = values["party"], values["person"]["is_protected"]
    staff: Any = request.user
    values |= look.values | {
        "members": [] if is_hidden else _members(party, look.on, look.known_at),
        "addresses": [] if is_hidden else _addresses(party.id, look.known_at),
        "deliveries": [] if is_hidden else delivery_addresses_of(party.id),
        **_relations(party, staff),
        "accounts": [_account(row) for row in bank_accounts_of(party.id)],
        "candidates": _candidates(party, staff),
        "tax_kinds": dict(tax_kind_choices()),
    }
    shown = [row["party_id"] for row in values["members"]] + [line.party.id for line, _ in values["candidates"]]
    shown += [row["other"].id for row in (*values["links"], *values["acts_for"])]
    if shown:
        access_shown(list(dict.fromkeys(shown)), action="view", record_type="household")
    return render(request, "addressbook/household.html", values)


def _members(party: Party, on: date, known_at: datetime | None) -> list[dict[str, Any]]:
    home = households_on([party.id], on, known_at).get(party.id)
    if home is None:
        return []
    return [
        {
            "party_id": member.party_id,
            "person_no": member.person_no,
            "name": member.name,
            "birth_on": member.birth_on,
            "age_text": age_text(member.birth_on, on),
            "relation_text": relation_text(member.relation_code),
            "is_self": member.party_id == party.id,
        }
        for member in household_members(home[0], on, known_at)
    ]


def _addresses(party_id: UUID, known_at: datetime | None) -> list[dict[str, Any]]:
    return [{"row": row, "kind_ja": AddressKind(row.kind).label} for row in address_history(party_id, known_at)]


def _relations(party: Party, staff: Any) -> dict[str, list[dict[str, Any]]]:
    """Who acts for the party and for whom it acts, without relations that would lead to or from a hidden person."""
    agents, wards = links_of(party.id), acts_for(party.id)
    shown = links_shown(party.id, [*(row.agent_id for row in agents), *(row.party_id for row in wards)], viewer=staff)
    return {
        "links": [_link(row, row.agent) for row in agents if row.agent_id in shown],
        "acts_for": [_link(row, row.party) for row in wards if row.party_id in shown],
    }


def _link(row: Any, other: Party) -> dict[str, Any]:
    return {"row": row, "kind_ja": LinkKind(row.kind).label, "other": other}


def _account(row: Any) -> dict[str, Any]:
    """An account with its last three digits only: enough to say which one it is."""
    return {
        "row": row,
        "purpose_ja": AccountPurpose(row.purpose).label,
        "type_ja": _ACCOUNT_TYPES.get(row.account_type, row.account_type),
        "no_text": f"＊＊＊＊{row.account_no[-3:]}",
    }


def _candidates(party: Party, staff: Any) -> list[tuple[Any, str]]:
    """Others with the same loose kana and birth date, with what agrees (名寄せ候補)."""
    found = same_person_candidates([party.id]).get(party.id, [])
    agreeing = {}
    for other, _score, evidence in found:
        agreeing[other] = "・".join(_EVIDENCE[key] for key, is_same in evidence.items() if is_same)
    return [
        (line, agreeing[line.party.id])
        for line in party_lines(list(agreeing), staff=staff, output="addressbook.household")
    ]

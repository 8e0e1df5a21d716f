"""総合タブの欄 of the 宛名 duty: whom papers go to, who acts for the party, the last changes and the last contacts."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from addressbook.card import CardPanel
from addressbook.codes import LinkKind
from addressbook.disclosure import links_shown
from addressbook.models import ContactNote, DeliveryAddress, FeedRecord, Party, PartyLink
from addressbook.permissions import VIEW_PARTY
from addressbook.selectors.links import in_force
from addressbook.selectors.protections import protection_marks
from addressbook.tax_kinds import tax_kind_choices

_LAST = 5


def contact_count(party: Party, _staff: Any) -> int:
    """How many notes there are, for the tab."""
    return ContactNote.objects.filter(party=party).count()


def _addressee(party: Party, staff: Any, on: date) -> Mapping[str, Any] | None:
    """送付先 and 関係 in force; without the delivery address of a hidden person. None where there is neither."""
    found = list(PartyLink.objects.filter(in_force(on), party=party).select_related("agent").order_by("kind"))
    shown = links_shown(party.id, [row.agent_id for row in found], viewer=staff) if found else set()
    links = [row for row in found if row.agent_id in shown]
    deliveries = list(DeliveryAddress.objects.filter(in_force(on), party=party).order_by("tax_kind"))
    acts = [{"kind_ja": LinkKind(row.kind).label, "row": row} for row in links]
    if not acts and not deliveries:
        return None
    is_hidden = bool(protection_marks([party.id])) if deliveries else False
    titles = dict(tax_kind_choices())
    places = [
        {"tax_ja": titles.get(row.tax_kind, row.tax_kind), "row": row, "is_hidden": is_hidden} for row in deliveries
    ]
    return {"links": acts, "deliveries": places}


def _contacts(party: Party, _staff: Any, _on: date) -> Mapping[str, Any] | None:
    notes = list(ContactNote.objects.filter(party=party).order_by("-contacted_on", "-id")[:_LAST])
    return {"notes": notes} if notes else None


_REASONS = {"1": "新規", "2": "異動", "3": "訂正"}


def _changes(party: Party, _staff: Any, _on: date) -> Mapping[str, Any] | None:
    """直近の異動 of the resident register, newest first."""
    rows = list(FeedRecord.objects.filter(party=party).order_by("-event_on", "-seq")[:_LAST])
    changes = [{"row": row, "op_ja": _REASONS.get(row.op, row.op)} for row in rows]
    return {"changes": changes} if changes else None


PANELS = (
    CardPanel(
        id="addressbook.addressee", title_ja="送付先・関係", order=60, permission=VIEW_PARTY,
        template="addressbook/panels/addressee.html", context=_addressee,
    ),
    CardPanel(
        id="addressbook.contacts", title_ja="最近の対応", order=70, permission=VIEW_PARTY,
        template="addressbook/panels/contacts.html", context=_contacts,
    ),
    CardPanel(
        id="addressbook.changes", title_ja="直近の異動", order=80, permission=VIEW_PARTY,
        template="addressbook/panels/changes.html", context=_changes,
    ),
)  # fmt: skip

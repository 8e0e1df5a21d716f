"""宛名カード: the pages about one party; upper floors hang their tabs, panels and badges here (docs/screens.md).

Every page of the card is made by `card_context`: it opens the party through the guarded door (one access event), asks
the disclosure service for the address, and gives the template the person band and the tabs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from addressbook.access import party_require
from addressbook.badges import PROTECTED, badges_for
from addressbook.codes import PartyKind, Sex
from addressbook.disclosure import addresses_for
from addressbook.models import HouseholdMembership, Party, PartyVersion
from addressbook.relations import relation_text
from taxsys.kernel import wareki
from taxsys.platform import clock
from taxsys.platform.search.services import neighbours
from taxsys.platform.staff.access import has_permission
from taxsys.platform.staff.catalogue import Permission

OUTPUT = "addressbook.card"
STOP_OWN = "支援措置対象者です。住所・連絡先・勤務先・世帯は「お答えできません」と案内してください。"
STOP_HOUSEHOLD = (
    "支援措置対象者と同じ世帯の方です。住所・連絡先・勤務先・世帯は「お答えできません」と案内してください。"
)


@dataclass(frozen=True, kw_only=True)
class CardTab:
    """タブ: one page of the card. `url_name` takes the party's id as `party_id`; `count(party, staff)` is optional.

    `key` is a function key besides Alt+number (F4 for the notes).
    Orders: 0 総合, 5 宛名・世帯, 10–49 taxes, 50 収納, 60 滞納, 70 証明, 80 資料, 90 履歴, 95 対応記録.
    """

    id: str
    title_ja: str
    order: int
    permission: Permission
    url_name: str
    count: Callable[[Party, Any], int] | None = None
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class CardPanel:
    """総合タブの欄: `context(party, staff, on)` answers the values of `template`, None where there is nothing to say.

    The template draws the inside of a section whose heading is `title_ja`. `is_wide` takes the whole width.
    """

    id: str
    title_ja: str
    order: int
    permission: Permission
    template: str
    context: Callable[[Party, Any, date], Mapping[str, Any] | None]
    is_wide: bool = False


_tabs: dict[str, CardTab] = {}
_panels: dict[str, CardPanel] = {}


def tab_register(tab: CardTab) -> None:
    """Hang a tab on the card (from AppConfig.ready); the same id replaces."""
    _tabs[tab.id] = tab


def tab_unregister(tab_id: str) -> None:
    """Take a tab off again (tests)."""
    _tabs.pop(tab_id, None)


def panel_register(panel: CardPanel) -> None:
    """Put a panel on the overview (from AppConfig.ready); the same id replaces."""
    _panels[panel.id] = panel


def panel_unregister(panel_id: str) -> None:
    """Take a panel off again (tests)."""
    _panels.pop(panel_id, None)


def panels_for(staff: Any) -> list[CardPanel]:
    """The panels this officer may see, in order."""
    panels = sorted(_panels.values(), key=lambda panel: (panel.order, panel.id))
    return [panel for panel in panels if has_permission(staff, panel.permission)]


def card_context(
    request: HttpRequest, party_id: UUID, tab: str, *, on: date | None = None, known_at: datetime | None = None
) -> dict[str, Any]:
    """The values of a page of the card: `party`, `person`, `tabs`, `current_tab`, `on`, `known_at`.

    Opens the party (access event `card.<tab>`); a merged party answers its survivor, so pages go on with `party.id`.
    Raises Refused R404 for an unknown party, R403 without the right to open parties.
    """
    staff: Any = request.user
    party = party_require(party_id, staff=staff, record_type=f"card.{tab}")
    day = on or clock.today()
    return {
        "party": party,
        "person": person_of(party, staff=staff, on=day, known_at=known_at, asked_id=party_id),
        "tabs": tabs_for(party, staff=staff, current=tab),
        "current_tab": tab,
        "steps": _steps(party, staff=staff, tab=tab),
        "on": day,
        "known_at": known_at,
    }


def _steps(party: Party, *, staff: Any, tab: str) -> list[dict[str, str]]:
    """前の人・次の人 of the officer's last list, on the same tab (Alt+↑/↓); empty when the party is not in it."""
    before, after = neighbours(staff, str(party.id))
    found = (("previous", "前の人", before), ("next", "次の人", after))
    return [
        {"way": way, "title": title, "url": tab_url(tab, UUID(subject))} for way, title, subject in found if subject
    ]


def tabs_for(party: Party, *, staff: Any, current: str) -> list[dict[str, Any]]:
    """The tabs this officer may open, in order, as components/tabs.html draws them."""
    tabs = sorted(_tabs.values(), key=lambda tab: (tab.order, tab.id))
    return [
        {
            "title": tab.title_ja,
            "url": reverse(tab.url_name, kwargs={"party_id": party.id}),
            "is_current": tab.id == current,
            "count": tab.count(party, staff) if tab.count else None,
            "key": tab.key,
        }
        for tab in tabs
        if has_permission(staff, tab.permission)
    ]


def tab_url(tab_id: str, party_id: UUID) -> str:
    """The address of a tab of the party's card; of its overview where no app has hung such a tab."""
    tab = _tabs.get(tab_id)
    return reverse(tab.url_name if tab else "party-overview", kwargs={"party_id": party_id})


def person_of(
    party: Party, *, staff: Any, on: date, known_at: datetime | None = None, asked_id: UUID | None = None
) -> dict[str, Any]:
    """対象者 for components/person_band.html on a day: the address as the disclosure service lets it appear, the
    badges in their order, and the title of the window (氏名 hidden for protected persons: 対象者)."""
    version = PartyVersion.objects.filter(party=party).as_of(on, known_at).first()
    home = HouseholdMembership.objects.filter(party=party).as_of(on, known_at).first()
    address = addresses_for([party.id], output=OUTPUT, on=on, known_at=known_at)[party.id]
    is_corporation = party.kind in {PartyKind.CORPORATION, PartyKind.BODY}
    name, kana = (version.name, version.name_kana) if version else (party.name, party.name_kana)
    birth_on = version.birth_on if version else party.birth_on
    badges = badges_for([party.id], staff=staff, on=clock.today())[party.id]
    # Hidden today is hidden on every day looked at: an earlier address may be the one that must not be found.
    is_hidden = address.is_masked
    return {
        "id": party.id,
        "person_no": party.person_no,
        "name": name,
        "name_kana": kana,
        "alias": version.alias if version else "",
        "former_surname": version.former_surname if version else "",
        "birth_text": birth_text(birth_on, version.birth_text if version else ""),
        "age_text": age_text(birth_on, min(on, version.died_on) if version and version.died_on else on),
        "sex_text": "" if is_corporation else Sex(party.sex).label,
        "corporate_no": party.corporate_no or "",
        "address_text": "" if is_hidden else address.text or "登録なし",
        "relation_text": "" if is_hidden or home is None else relation_text(home.relation_code),
        "kind_ja": PartyKind(party.kind).label,
        "badges": badges,
        "is_protected": is_hidden,
        "stop_ja": (STOP_OWN if ("stop", PROTECTED) in badges else STOP_HOUSEHOLD) if is_hidden else "",
        "is_corporation": is_corporation,
        "warning_ja": _merged_ja(asked_id, party),
        "window_title": f"{party.person_no[-4:]} {'対象者' if is_hidden else kana or name}",
    }


def _merged_ja(asked_id: UUID | None, party: Party) -> str:
    if asked_id is None or asked_id == party.id:
        return ""
    return "開いた宛名は名寄せで統合されています。統合先の宛名を表示しています。"


def birth_text(birth_on: date | None, unknown: str = "") -> str:
    """生年月日 in wareki, or the words of the register where the day is unknown."""
    return wareki.format_long(birth_on) if birth_on else unknown


def age_text(birth_on: date | None, on: date) -> str:
    """満年齢 on the day as people count it (`45歳`); empty without a birth date or before it."""
    if birth_on is None or on < birth_on:
        return ""
    return f"{on.year - birth_on.year - ((on.month, on.day) < (birth_on.month, birth_on.day))}歳"

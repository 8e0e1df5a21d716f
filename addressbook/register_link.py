"""台帳の結び先としての宛名: typed by 宛名番号, kept as the party's key, shown as its number and a link to the card."""

from uuid import UUID

from django.urls import reverse

from addressbook.address_text import name_key
from addressbook.disclosure import names_for, opponents_by_party
from addressbook.dossier import OUTPUT
from addressbook.models import Party
from taxsys.platform.registers.registry import Link, Target, link_register


def _target(party: Party) -> Target:
    return Target(str(party.pk), f"宛名番号 {party.person_no}", reverse("party-overview", args=(party.pk,)))


def party_find(typed: str) -> Target | None:
    """The party of a 宛名番号 (with or without the word before it)."""
    party = Party.objects.filter(person_no=typed.removeprefix("宛名番号").strip()).first()
    return _target(party) if party else None


def party_show(key: str) -> Target:
    """The words of a kept party: no name, no address."""
    party = Party.objects.filter(pk=UUID(key)).first()
    return _target(party) if party else Target(key, "（宛名なし）")


def party_refuse(key: str, agent_name: str) -> str:
    """Why an agent gets nothing of this party: he is, or bears the name of, an opponent of a protected person."""
    party_id = UUID(key)
    opponents = opponents_by_party([party_id]).get(party_id, [])
    agent = name_key(agent_name)
    ids = [opponent_id for opponent_id, _name in opponents if opponent_id]
    named = any(name and name == agent for _opponent, name in opponents)
    if agent and (named or Party.objects.filter(pk__in=ids, name_key=agent).exists()):
        return "この請求者には作成できません。支援措置の担当に引き継いでください。"
    return ""


def party_name(key: str) -> str:
    """The party's own name, for the paper that the party itself gets."""
    return names_for([UUID(key)], output=OUTPUT).get(UUID(key), "")


def party_link_register() -> None:
    """Register the link (AppConfig.ready)."""
    link_register(
        Link(
            name="party",
            title_ja="宛名",
            help_ja="宛名番号（15桁）を入力してください。",
            find=party_find,
            show=party_show,
            is_party=True,
            refuse=party_refuse,
            name_of=party_name,
        )
    )

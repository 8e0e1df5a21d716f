"""本人の記録の取りまとめ (宛名): identity, addresses, household, and who looked at the records (R-283).

Addresses come from the disclosure service: of a protected person none stands here unless the officer may see it.
"""

from datetime import date
from uuid import UUID

from django.utils import timezone

from addressbook.disclosure import address_for, hidden_among, with_municipality
from addressbook.models import HouseholdMembership, Party, PartyVersion
from addressbook.selectors.lookups import lookups_of
from addressbook.selectors.parties import address_history
from taxsys.kernel import wareki
from taxsys.platform import clock
from taxsys.platform.registers.dossier import Asked, Column, PersonTable, Section, section_register
from taxsys.platform.ui.templatetags.house import moment

OUTPUT = "addressbook.dossier"
_LOG_YEARS = 7


def _day(day: date | None) -> str:
    return wareki.format_long(day) if day else ""


def person_tables(asked: Asked) -> list[PersonTable]:
    """氏名等・住所・世帯 with their histories; 個人番号 never."""
    key = UUID(asked.party_key)
    versions = PartyVersion.objects.known().filter(party_id=key).order_by("-valid_from")
    names = [
        [_day(one.valid_from), one.name, one.name_kana, _day(one.birth_on) or one.birth_text, one.get_state_display()]
        for one in versions
    ]
    households = HouseholdMembership.objects.known().filter(party_id=key).order_by("-valid_from")
    return [
        PersonTable(
            "氏名等の履歴",
            (
                Column("適用の始め", 30),
                Column("氏名", 46, "name"),
                Column("フリガナ", 46, "name"),
                Column("生年月日", 30, "birth"),
                Column("状態", 22),
            ),
            names,
        ),
        PersonTable("住所の履歴", (Column("適用の始め", 34), Column("住所", 140, "place")), _addresses(key, asked)),
        PersonTable(
            "世帯の履歴",
            (Column("適用の始め", 34), Column("世帯番号", 60, "key"), Column("世帯主", 40)),
            [[_day(one.valid_from), one.household_no, "世帯主" if one.is_head else ""] for one in households],
        ),
    ]


def _addresses(key: UUID, asked: Asked) -> list[list[str]]:
    """The history, or 非表示; who may see a protected address sees it on record."""
    shown = address_for(key, output=OUTPUT, viewer=asked.viewer, on=asked.on)
    if shown.is_masked:
        return [["", shown.text]]
    return [
        [_day(one.valid_from), with_municipality(one.full_text, one.municipality_code)] for one in address_history(key)
    ]


def lookup_tables(asked: Asked) -> list[PersonTable]:
    """この人の記録を見た者 of the years for which the log is kept, by unit."""
    party = Party.objects.get(pk=UUID(asked.party_key))
    since = asked.on.replace(year=asked.on.year - _LOG_YEARS, day=min(asked.on.day, 28))
    is_protected = bool(hidden_among([party.pk], asked.on))
    # The log tells real days, also where a demonstration fixes the business date.
    until = max(asked.on, timezone.localdate(clock.now()))
    found = lookups_of(party, from_on=since, to_on=until, is_protected=is_protected)
    return [
        PersonTable(
            "記録を見た者の一覧",
            (
                Column("最初の日時", 34),
                Column("所属等", 44),
                Column("機能・目的", 52),
                Column("操作", 22),
                Column("回数", 22, is_number=True),
            ),
            [
                [moment(line.first_at), line.who_ja, line.function_ja, line.action_ja, f"{line.count:,}"]
                for line in found.lines
            ],
        )
    ]


def sections_register() -> None:
    """Register the sections (AppConfig.ready)."""
    section_register(Section(name="addressbook.person", title_ja="宛名", order=10, tables=person_tables))
    section_register(
        Section(name="addressbook.lookups", title_ja="記録を見た者", order=90, tables=lookup_tables, for_support=False)
    )

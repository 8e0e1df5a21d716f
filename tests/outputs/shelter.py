"""A small city in which some people are protected, each from another kind of opponent, at addresses found nowhere else.

Whatever the house prints, shows, files or answers can then be searched for their towns, lots, buildings and postal
codes, old and new: every hit is a leak, for nobody else lives there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from addressbook.models import Party, PartyLink
from addressbook.services.feed import feed_apply_chunk
from addressbook.services.parties import link_set
from addressbook.services.protections import protections_apply
from assessment.items.models import DeskItem, ItemKind
from assessment.items.services import FoundItem
from assessment.models import Withholder
from assessment.resident.moves.services import ChangeDraft, change_record
from collection.models import WithheldShare
from taxsys.city.deliveries import CityDeliveries
from taxsys.city.economy import CityEconomy, Employer, Means
from taxsys.city.people import HEAD, CityPeople, Household, Person
from taxsys.city.resident_feed import snapshot_records
from taxsys.platform import clock
from taxsys.web.demo import Demo
from taxsys.web.demo.steps import papers_in

TODAY = date(2026, 11, 20)
ACCEPTED_ON = date(2025, 12, 1)
MOVED_ON = date(2026, 8, 3)
EX_SPOUSE, EMPLOYER, CO_HOUSEHOLD, HEIR, ADMINISTRATOR = "ex_spouse", "employer", "household", "heir", "administrator"
SAFE_PLACE = "北海道旭川市預託町五丁目9番9号　私書箱3"
# 町字, 番地, 方書, 郵便番号 of each protected household, and those it moved to in the summer.
_HOMES = {
    EX_SPOUSE: ("隠里壱町三丁目", "71番71号", "しのび荘壱号館107号", "0719901"),
    EMPLOYER: ("隠里弐町三丁目", "72番72号", "しのび荘弐号館207号", "0719902"),
    CO_HOUSEHOLD: ("隠里参町三丁目", "73番73号", "しのび荘参号館307号", "0719903"),
    HEIR: ("隠里四町三丁目", "74番74号", "しのび荘四号館407号", "0719904"),
    ADMINISTRATOR: ("隠里五町三丁目", "75番75号", "しのび荘五号館507号", "0719905"),
}
_NEW_HOME = ("新隠里町九丁目", "81番81号", "かくれ荘壱号館108号", "0719911")


@dataclass(frozen=True)
class Case:
    """One protected person, what the city knew of it, its opponent, and the strings that nobody else's address has."""

    kind: str
    person_no: str
    name: str
    opponent_no: str
    places: tuple[str, ...]

    @property
    def party(self) -> Party:
        return Party.objects.get(person_no=self.person_no)


@dataclass
class Shelter:
    """The staged demonstration: `cases` by kind."""

    demo: Demo
    cases: dict[str, Case]

    @property
    def people(self) -> list[Party]:
        """The protected, those who live with them, and their opponents."""
        hidden = Party.objects.filter(name__startswith="忍野").order_by("person_no")
        return [*hidden, *(opponent_of(case) for case in self.cases.values() if case.kind != CO_HOUSEHOLD)]

    @property
    def places(self) -> dict[str, tuple[str, ...]]:
        """Kind → strings to look for."""
        return {kind: case.places for kind, case in self.cases.items()}


def staged(demo: Demo) -> Shelter:
    """Put the protected households into the demonstration's city before it writes a single file."""
    people = CityPeople(size=demo.size, seed=demo.seed)
    for person in people.persons:
        person.is_protected = False
    economy = CityEconomy(people)
    chosen = _chosen(people, economy)
    for kind, household in chosen.items():
        town, lot, building, zip_code = _HOMES[kind]
        for number, member in enumerate(household.members):
            member.town, member.lot, member.building = ("9999000", town, zip_code), lot, building
            member.surname, member.given = ("忍野", "オシノ"), _given(kind, number)
            member.died_on = member.left_on = member.moved_within_on = None
    for kind in (EMPLOYER, ADMINISTRATOR):
        economy.means[chosen[kind].head.index].wages[0].employer.is_small = True  # gets its notices on paper
    widowed = _protected(HEIR, chosen[HEIR])
    dead = next(member for member in chosen[HEIR].members if member is not widowed)
    dead.died_on = date(2026, 3, 3)
    demo.__dict__["deliveries"] = CityDeliveries(economy)
    cases = {kind: _case(kind, household, people, economy, chosen) for kind, household in chosen.items()}
    return Shelter(demo, cases)


def _given(kind: str, number: int) -> tuple[str, str]:
    words = {EX_SPOUSE: "初", EMPLOYER: "継", CO_HOUSEHOLD: "三", HEIR: "肆", ADMINISTRATOR: "伍"}
    return f"{words[kind]}{'音鈴琴笛鼓'[number]}", f"カナ{'アイウエオ'[number]}"


def _chosen(people: CityPeople, economy: CityEconomy) -> dict[str, Household]:
    """Households whose adult earns a wage or pays by bill, as the case needs it."""
    free = iter(people.households)

    def find(wanted: Any) -> Household:
        return next(household for household in free if wanted(household))

    def head(household: Household) -> Means:
        return economy.means[household.head.index]

    def lives(household: Household) -> bool:
        return not any(member.died_on or member.left_on for member in household.members)

    def earns(household: Household) -> bool:
        wages = head(household).wages
        return lives(household) and bool(wages) and wages[0].employer.withholds and wages[0].paid_yen > 2_500_000

    def runs_business(household: Household) -> bool:
        return lives(household) and head(household).business_income_yen > 2_000_000

    def pair(household: Household) -> bool:
        adults = [one for one in household.members if one.age_on(people.day) >= 20]
        return lives(household) and len(adults) >= 2

    return {
        EX_SPOUSE: find(runs_business),
        EMPLOYER: find(earns),
        CO_HOUSEHOLD: find(pair),
        HEIR: find(pair),
        ADMINISTRATOR: find(earns),
    }


def _protected(kind: str, household: Household) -> Person:
    """Who is protected: the head, or the second adult where the head is the opponent."""
    return household.members[1] if kind == CO_HOUSEHOLD else household.head


def _case(
    kind: str, household: Household, people: CityPeople, economy: CityEconomy, chosen: dict[str, Household]
) -> Case:
    person = _protected(kind, household)
    opponent = _opponent(kind, household, people, economy, chosen)
    town, lot, building, zip_code = _HOMES[kind]
    places = [town, f"{town}{lot}", building, zip_code, f"{zip_code[:3]}-{zip_code[3:]}"]
    if kind == EX_SPOUSE:
        town, lot, building, zip_code = _NEW_HOME
        places += [town, f"{town}{lot}", building, zip_code, f"{zip_code[:3]}-{zip_code[3:]}"]
    return Case(kind, person.person_no, person.name, opponent, tuple(places))


def _opponent(
    kind: str, household: Household, people: CityPeople, economy: CityEconomy, chosen: dict[str, Household]
) -> str:
    """宛名番号 of the opponent; `corporate:` and the number for an employer (its party comes with the wage reports)."""
    if kind == EMPLOYER:
        employer: Employer = economy.means[household.head.index].wages[0].employer
        return f"corporate:{employer.corporate_no}"
    if kind == CO_HOUSEHOLD:
        return household.head.person_no
    taken = {one.household_no for one in chosen.values()}
    adults = (
        one for one in people.persons
        if one.household_no not in taken and one.relation == HEAD and economy.means[one.index].wages
        and not (one.died_on or one.left_on)
    )  # fmt: skip
    return list(adults)[list(_HOMES).index(kind)].person_no


def opponent_of(case: Case) -> Party:
    """The opponent's party."""
    if case.opponent_no.startswith("corporate:"):
        return Party.objects.get(corporate_no=case.opponent_no.removeprefix("corporate:"))
    return Party.objects.get(person_no=case.opponent_no)


def protect(shelter: Shelter) -> None:
    """The measures, in force before the first notice; the links through which the opponents reach for the papers."""
    with shelter.demo.desk(date(2026, 1, 6)):
        protections_apply(list(_measures(shelter)), source="shien")
        for kind, link in ((HEIR, "heir_representative"), (ADMINISTRATOR, "tax_administrator")):
            case = shelter.cases[kind]
            party = _dead_of(case) if kind == HEIR else case.party
            link_set(PartyLink(kind=link, party=party, agent=opponent_of(case), valid_from=date(2026, 3, 4)))


def _dead_of(case: Case) -> Party:
    return Party.objects.filter(name__startswith="忍野　肆").exclude(person_no=case.person_no).order_by("person_no")[0]


def _measures(shelter: Shelter) -> Iterator[dict[str, str]]:
    for case in shelter.cases.values():
        opponent = opponent_of(case)
        yield {
            "person_no": case.person_no, "kind": "1", "accepted_on": ACCEPTED_ON.isoformat(),
            "from": ACCEPTED_ON.isoformat(), "to": "2026-12-01", "targets": "9", "abuser_name": opponent.name,
            "abuser_address": address_of(opponent.id), "state": "1",
            "mail_to": SAFE_PLACE if case.kind == EX_SPOUSE else "", "updated_at": "2025-12-01T10:00:00+09:00",
        }  # fmt: skip


def address_of(party_id: UUID) -> str:
    """The opponent's address as the application form for the measure has it."""
    from addressbook.selectors.parties import addresses_on

    row = addresses_on([party_id], date(2026, 1, 6)).get(party_id)
    return row.full_text if row else ""


def move(shelter: Shelter) -> None:
    """August: the first of them moves; the old address must be found as little as the new one."""
    case = shelter.cases[EX_SPOUSE]
    records = list(snapshot_records(shelter.demo.deliveries.people))
    town, lot, building, zip_code = _NEW_HOME
    changes = {
        "op": "2", "reason": "040", "event_on": MOVED_ON.isoformat(), "reported_on": MOVED_ON.isoformat(),
        "addr_number": f"{town}{lot}", "addr_building": building, "zip": zip_code, "protected": "1",
        "address_since": MOVED_ON.isoformat(),
    }  # fmt: skip
    with shelter.demo.desk(MOVED_ON, function_id="F-CM-001"):
        moved = [
            {**record, **changes, "seq": str(90_000 + at)}
            for at, record in enumerate(records)
            if record["household_no"] == next(r["household_no"] for r in records if r["person_no"] == case.person_no)
        ]
        feed_apply_chunk(moved, source="move")
    leave(shelter)


def leave(shelter: Shelter) -> None:
    """Two of them leave their employers, one of these an opponent: the notifications tell nobody where they live."""
    for kind in (EMPLOYER, ADMINISTRATOR):
        share = WithheldShare.objects.filter(employee=shelter.cases[kind].party).select_related("charge").first()
        if share is None:
            continue
        employer = Withholder.objects.get(designation_no=share.charge.notice_no)
        draft = ChangeDraft(
            tax_year=2026, party_id=share.employee_id, reason="1", event_on=MOVED_ON, after="3", received_on=MOVED_ON,
            withholder_id=employer.pk, last_place=2,
        )  # fmt: skip
        with shelter.demo.desk(MOVED_ON):
            change_record(draft, actor_id="1001")


def ask_to_file(demo: Demo) -> None:
    """Who has filed nothing is listed and asked by letter; a protected person is made one of them."""
    day = date(2026, 8, 4)
    hidden = Party.objects.filter(name__startswith="忍野")
    items = [FoundItem(ItemKind.NON_FILER, party.pk, "課税資料がありません。") for party in hidden]
    demo.job("B-PI-24", {"tax_year": 2026}, day)
    with demo.desk(day):
        for one in items:
            DeskItem.objects.get_or_create(
                kind=one.kind, tax_year=2026, key=one.key,
                defaults={"party_id": one.party_id, "message_ja": one.message_ja, "found_at": clock.now()},
            )  # fmt: skip
    asked = {"tax_year": 2026, "issued_on": "2026-08-05", "reply_by": "2026-08-31"}
    demo.release(demo.job("B-PI-24-P", asked, day))


def steps_of(shelter: Shelter) -> tuple[Any, ...]:
    """The year of the demonstration with the measures after the papers of spring, and the move in summer."""
    from taxsys.web.demo.year import STEPS

    found: list[Any] = []
    for step in STEPS:
        found.append(step)
        if step is papers_in.spring:
            found.append(lambda demo: protect(shelter))
        if getattr(step, "until", None) == date(2026, 8, 1):
            found.append(lambda demo: move(shelter))
            found.append(ask_to_file)
    return tuple(found)

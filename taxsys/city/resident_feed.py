"""住民記録異動 of the synthetic city: the snapshot of 1 January and the changes of the year, by rising `seq`."""

from collections.abc import Iterator
from datetime import date, timedelta

from taxsys.city.names import TOWNS
from taxsys.city.people import CityPeople, Household, Person

MUNICIPALITY = "012041"


def snapshot_records(people: CityPeople) -> Iterator[dict[str, str]]:
    """One insert a resident, as of 1 January (layout `local_juki_ido`)."""
    seq = 0
    for household in people.households:
        for person in household.members:
            seq += 1
            yield _record(people, household, person, seq=seq, op="1", reason="010", event_on=person.since_on)


def change_records(people: CityPeople, *, since: date, until: date) -> Iterator[dict[str, str]]:
    """Deaths, moves away and moves inside the city with event dates in [since, until), oldest first.

    `seq` goes on where the changes before `since` ended, so that any cut of the year can be asked for on its own.
    """
    seq = len(people.persons)
    events = sorted(_events(people), key=lambda event: (event[0], event[2].index))
    for day, reason, person, household in events:
        seq += 1
        if since <= day < until:
            yield _changed(people, household, person, seq=seq, reason=reason, day=day)


def _events(people: CityPeople) -> Iterator[tuple[date, str, Person, Household]]:
    for household in people.households:
        for person in household.members:
            if person.died_on:
                yield person.died_on, "030", person, household
            elif person.left_on:
                yield person.left_on, "020", person, household
            elif person.moved_within_on:
                yield person.moved_within_on, "040", person, household


def _changed(
    people: CityPeople, household: Household, person: Person, *, seq: int, reason: str, day: date
) -> dict[str, str]:
    record = _record(people, household, person, seq=seq, op="2", reason=reason, event_on=day)
    if reason == "030":
        record |= {"resident_state": "3", "died_on": day.isoformat()}
    elif reason == "020":
        record |= {"resident_state": "2", "left_on": day.isoformat(), "next_address": person.next_address}
    else:
        town = TOWNS[(person.index * 7 + day.day) % len(TOWNS)]
        record |= {"addr_choaza": town[0], "addr_number": f"{town[1]}{day.day}番{day.month}号", "zip": town[2],
                   "addr_building": "", "address_since": day.isoformat()}  # fmt: skip
    return record


def _record(
    people: CityPeople, household: Household, person: Person, *, seq: int, op: str, reason: str, event_on: date
) -> dict[str, str]:
    reported = event_on + timedelta(days=1)
    return {
        "seq": str(seq),
        "op": op,
        "person_no": person.person_no,
        "household_no": household.household_no,
        "my_number": person.number,
        "resident_kind": "1",
        "resident_state": "1",
        "name": person.name,
        "kana": person.kana,
        "birth": person.birth_on.isoformat(),
        "sex": person.sex,
        "relation": person.relation,
        "head_name": household.head.name,
        "addr_municipality": MUNICIPALITY,
        "addr_choaza": person.town[0],
        "addr_number": f"{person.town[1]}{person.lot}",
        "addr_building": person.building,
        "zip": person.town[2],
        "resident_since": person.since_on.isoformat(),
        "address_since": person.since_on.isoformat(),
        "died_on": "",
        "reason": reason,
        "event_on": event_on.isoformat(),
        "reported_on": reported.isoformat(),
        "processed_at": f"{reported.isoformat()}T09:00:00+09:00",
        "address_jan1": person.address,
        "protected": "1" if person.is_protected else "0",
        "fallback": "0",
    }


def protection_records(people: CityPeople) -> Iterator[dict[str, str]]:
    """支援措置対象者 of the city (layout `local_shien_sochi`)."""
    for person in people.persons:
        if person.is_protected:
            yield {
                "person_no": person.person_no,
                "kind": "1",
                "accepted_on": "2025-12-01",
                "from": "2025-12-01",
                "to": "2026-12-01",
                "targets": "9",
                "abuser_name": f"{person.surname[0]}　太郎",
                "abuser_address": "北海道旭川市旭町一丁目1番1号",
                "state": "1",
                "updated_at": "2025-12-01T10:00:00+09:00",
            }

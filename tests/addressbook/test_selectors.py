"""Questions about a day: population, household, addresses, search."""

from datetime import date
from uuid import UUID

import pytest

from addressbook.access import access_party, access_shown, number_use
from addressbook.errors import NumberInSearch, PartyAccessDenied, PartyNotFound, SearchTooWide
from addressbook.models import Party, Protection
from addressbook.permissions import MATCH_NUMBER, VIEW_PARTY
from addressbook.selectors.parties import (
    address_history,
    addresses_on,
    household_members,
    households_on,
    parties_by_person_no,
    party_as_of,
    population_chunks,
    population_on,
    population_range,
)
from addressbook.selectors.search import PartyQuery, party_search, same_person_candidates
from addressbook.services.feed import feed_apply_chunk
from taxsys.platform import clock
from taxsys.platform.audit.context import AuditContextMissing, current
from taxsys.platform.audit.models import AccessEvent
from tests.addressbook.conftest import feed_record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("number_context")]
NEW_YEAR = date(2026, 1, 1)


def _load(*changes: dict) -> list[UUID]:
    feed_apply_chunk([feed_record(seq, **change) for seq, change in enumerate(changes, start=1)], source="juki")
    return list(Party.objects.order_by("person_no").values_list("id", flat=True))


def _text(result: object) -> list[str]:
    return [hit.person_no[-1] for hit in result.hits]  # type: ignore[attr-defined]


@pytest.mark.req("R-016")
@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ({}, True),
        ({"resident_since": date(2026, 1, 1), "event_on": date(2026, 1, 1)}, True),
        ({"resident_since": date(2026, 1, 2), "event_on": date(2026, 1, 2)}, False),
        ({"resident_state": "3", "died_on": date(2025, 12, 31)}, False),
        ({"resident_state": "3", "died_on": date(2026, 1, 1)}, False),
        ({"resident_state": "3", "died_on": date(2026, 1, 2)}, True),
        ({"resident_state": "2", "left_on": date(2026, 1, 1)}, False),
        ({"resident_state": "2", "left_on": date(2026, 1, 2)}, True),
    ],
)
def test_population_of_new_year(change: dict, counts: bool) -> None:
    _load(change)
    assert population_on(NEW_YEAR).exists() is counts


def test_population_as_known_before_a_late_report_of_death() -> None:
    party = _load({})[0]
    known_then = clock.now()
    feed_apply_chunk(
        [feed_record(2, op="2", person_no="R00000000000001", household_no="S0000000001", resident_state="3",
                     died_on=date(2025, 12, 30), event_on=date(2026, 1, 8))],
        source="juki",
    )  # fmt: skip
    assert not population_on(NEW_YEAR).exists()
    assert [row.party_id for row in population_on(NEW_YEAR, known_then)] == [party]
    assert party_as_of(party, NEW_YEAR).version.state == "dead"
    assert party_as_of(party, NEW_YEAR, known_then).version.state == "registered"


def test_population_is_cut_into_chunks_that_cover_everybody_once() -> None:
    _load(*[{}] * 7)
    chunks = population_chunks(NEW_YEAR, size=3)
    assert chunks == [
        ("R00000000000001", "R00000000000003"), ("R00000000000004", "R00000000000006"),
        ("R00000000000007", "R00000000000007"),
    ]  # fmt: skip
    assert [population_range(NEW_YEAR, *chunk).count() for chunk in chunks] == [3, 3, 1]


def test_household_of_a_day_head_first_without_those_who_had_gone() -> None:
    ids = _load(
        {"household_no": "S1", "relation": "12"}, {"household_no": "S1", "relation": "02"},
        {"household_no": "S1", "relation": "20", "resident_state": "2", "left_on": date(2025, 4, 1)},
        {"household_no": "S2"},
    )  # fmt: skip
    assert [(member.party_id, member.is_head) for member in household_members("S1", NEW_YEAR)] == [
        (ids[1], True), (ids[0], False),
    ]  # fmt: skip
    assert [member.party_id for member in household_members("S1", date(2024, 1, 1))] == [ids[1], ids[0], ids[2]]
    assert households_on(ids, NEW_YEAR)[ids[0]] == ("S1", "12", False)


def test_address_of_new_year_is_kept_when_a_snapshot_shows_only_the_newer_one() -> None:
    party = _load({"address_since": date(2026, 3, 1), "event_on": date(2026, 3, 1),
                   "address_jan1": "北海道旭川市末広町二丁目5番6号"})[0]  # fmt: skip
    assert addresses_on([party], NEW_YEAR)[party].full_text == "北海道旭川市末広町二丁目5番6号"
    assert addresses_on([party], date(2026, 3, 1))[party].lot_text == "四条通八丁目12番3号"
    assert [row.valid_from for row in address_history(party)] == [date(2026, 3, 1), date(2010, 4, 1)]


def test_kana_search_exact_before_strict_prefix_before_loose_prefix() -> None:
    _load(
        {"kana": "オオタ　ジロウ"}, {"kana": "オタ　ジロウ"}, {"kana": "サトウ　ハナコ"},
        {"kana": "オタ　ジロウ　ヨハン"},
        {"kana": "オダ　ジロウ"},
    )  # fmt: skip
    assert _text(party_search(PartyQuery(text="おた　じろう"))) == ["2", "4", "1", "5"]
    assert _text(party_search(PartyQuery(text="ｵｵﾀ"))) == ["1", "2", "5", "4"]
    assert _text(party_search(PartyQuery(text="ジロー"))) == []
    assert _text(party_search(PartyQuery(text="ジロー", is_part=True))) == ["1", "2", "4", "5"]
    event = AccessEvent.objects.filter(action="search").latest("id")
    assert event.count == 4
    assert len(event.subjects) == 4


def test_search_by_name_birth_address_and_person_number() -> None:
    _load(
        {"name": "髙橋　一", "birth": date(1950, 1, 2)}, {"name": "高橋　二", "birth": date(1990, 12, 31)},
        {"name": "山田　花", "addr_number": "永山町三丁目1番1号"},
    )  # fmt: skip
    assert _text(party_search(PartyQuery(text="高橋"))) == ["1", "2"]
    assert _text(party_search(PartyQuery(text="高橋", birth_year=1990))) == ["2"]
    assert _text(party_search(PartyQuery(birth_on=date(1950, 1, 2)))) == ["1"]
    assert _text(party_search(PartyQuery(address="永山町3丁目1"))) == ["3"]
    assert _text(party_search(PartyQuery(text="R00000000000003"))) == ["3"]


@pytest.mark.parametrize("text", ["あ", "山", ""])
def test_a_search_that_is_too_wide_is_refused(text: str) -> None:
    with pytest.raises(SearchTooWide):
        party_search(PartyQuery(text=text))


@pytest.mark.req("R-213")
@pytest.mark.parametrize("text", ["123456789018", "1234-5678-9018", "１２３４５６７８９０１８"])
def test_a_my_number_in_a_search_box_is_refused_and_recorded_without_it(text: str) -> None:
    with pytest.raises(NumberInSearch):
        party_search(PartyQuery(text=text))
    event = AccessEvent.objects.get(action="denied")
    assert event.reason == "number_in_search"
    assert "123456789018" not in str(AccessEvent.objects.values_list())


@pytest.mark.req("R-213")
def test_a_search_by_address_finds_no_protected_person_and_no_member_of_the_household() -> None:
    ids = _load({"household_no": "S1"}, {"household_no": "S1"}, {"household_no": "S2"})
    Protection.objects.create(party_id=ids[0], kind="1", accepted_on=date(2025, 12, 1), valid_from=date(2025, 12, 1),
                              source="t", recorded_at=clock.now())  # fmt: skip
    assert _text(party_search(PartyQuery(address="四条通八丁目"))) == ["3"]
    assert _text(party_search(PartyQuery(address="四条通八丁目"), may_see_hidden=True)) == ["1", "2", "3"]
    assert _text(party_search(PartyQuery(text="あさひかわ"))) == ["1", "2", "3"]


def test_same_person_candidates_name_what_agrees() -> None:
    ids = _load({}, {"name": "旭河　太郎"}, {"birth": date(1981, 5, 5)}, {"kana": "アサヒガワ　タロウ"})
    found = same_person_candidates(ids[:1])[ids[0]]
    assert [(party, score) for party, score, _ in found] == [(ids[3], 60), (ids[1], 85)][::-1]
    assert found[0][2] == {"kana": True, "birth_on": True, "sex": True, "name": False}


def test_opening_a_party_leaves_an_event_and_a_protected_one_is_marked() -> None:
    ids = _load({}, {"protected": "1"})
    assert access_party(ids[0]).person_no == "R00000000000001"
    access_party(ids[1])
    events = list(AccessEvent.objects.filter(action="view").order_by("id").values_list("subjects", "reason"))
    assert events == [([str(ids[0])], ""), ([str(ids[1])], "protected")]
    access_shown(ids)
    assert AccessEvent.objects.filter(action="search", count=2).exists()
    with pytest.raises(PartyNotFound):
        access_party(UUID(int=1))
    assert parties_by_person_no(["R00000000000002", "X"]) == {"R00000000000002": ids[1]}


def test_number_use_opens_only_by_a_permission_that_is_about_numbers() -> None:
    with number_use(MATCH_NUMBER, purpose="matching") as context:
        assert (current().legal_base, context.function_id) == ("番号法9条1項・別表24", "F-CM-016")
    with pytest.raises(PartyAccessDenied), number_use(VIEW_PARTY, purpose="matching"):
        pass


def test_nothing_opens_without_a_context(number_context: object) -> None:
    party = _load({})[0]
    from taxsys.platform.audit import context

    token = context._current.set(None)
    try:
        with pytest.raises(AuditContextMissing):
            access_party(party)
        with pytest.raises(AuditContextMissing):
            party_search(PartyQuery(text="あさひかわ"))
    finally:
        context._current.reset(token)

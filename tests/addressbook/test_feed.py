"""The resident feed: in order, once, never half; what is known today and what was known then."""

import datetime
from datetime import date

import pytest

from addressbook.errors import FeedNothingToUndo, FeedOrderBroken, FeedRecordInvalid, VaultContextMissing
from addressbook.models import (
    Address,
    FeedState,
    HouseholdMembership,
    NumberTask,
    Party,
    PartyVersion,
    Protection,
)
from addressbook.services.feed import feed_apply_chunk
from addressbook.services.numbers import numbers_read
from taxsys.platform.outbox.models import OutboxMessage
from tests.addressbook.conftest import feed_record

SOURCE = "juki"
pytestmark = pytest.mark.django_db


def _versions(person_no: str) -> list[tuple]:
    rows = PartyVersion.objects.known().filter(party__person_no=person_no).order_by("valid_from")
    return list(rows.values_list("valid_from", "valid_to", "state"))


def test_first_records_make_party_history_address_and_household(number_context: object) -> None:
    spouse = feed_record(8, relation="12", household_no="S0000000007")
    result = feed_apply_chunk([feed_record(7), spouse], source=SOURCE)
    assert (result.inserted, result.changed, result.last_seq) == (2, 0, 8)
    party = Party.objects.get(person_no="R00000000000007")
    assert (party.name, party.strict_key, party.birth_on, party.state) == (
        "旭川　太郎", "アサヒカワタロウ", date(1980, 5, 5), "registered",
    )  # fmt: skip
    assert _versions(party.person_no) == [(date(2010, 4, 1), None, "registered")]
    address = Address.objects.get(party=party)
    assert (address.lot_text, address.address_key, address.valid_to) == ("四条通八丁目12番3号", "4条通8-12-3", None)
    members = HouseholdMembership.objects.filter(household_no="S0000000007").order_by("party__person_no")
    assert list(members.values_list("is_head", "relation_code")) == [(True, "02"), (False, "12")]
    assert OutboxMessage.objects.get(topic="party.loaded").payload == {"seq_from": 7, "seq_to": 8, "count": 2}


def test_the_same_records_again_change_nothing(number_context: object) -> None:
    records = [feed_record(1), feed_record(2)]
    feed_apply_chunk(records, source=SOURCE)
    again = feed_apply_chunk(records, source=SOURCE)
    assert (again.inserted, again.passed_over, again.last_seq) == (0, 2, 2)
    assert PartyVersion.objects.count() == 2
    third = feed_apply_chunk([*records, feed_record(3)], source=SOURCE)
    assert (third.inserted, third.passed_over) == (1, 2)


@pytest.mark.parametrize("seqs", [(3,), (2, 4), (2, 2), (2, 1)])
def test_a_gap_or_step_back_stops_the_import_and_applies_nothing(number_context: object, seqs: tuple[int, ...]) -> None:
    feed_apply_chunk([feed_record(1)], source=SOURCE)
    with pytest.raises(FeedOrderBroken) as caught:
        feed_apply_chunk([feed_record(seq) for seq in seqs], source=SOURCE)
    assert caught.value.code == "A0101"
    assert Party.objects.count() == 1
    assert FeedState.objects.get(source=SOURCE).last_seq == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"op": "4"}, "op"), ({"resident_state": "5"}, "resident_state"), ({"event_on": ""}, "event_on"),
        ({"birth": "2025-02-30"}, "birth"), ({"name": ""}, "name"), ({"person_no": ""}, "person_no"),
    ],
)  # fmt: skip
def test_one_bad_record_leaves_the_whole_chunk_unapplied(number_context: object, change: dict, field: str) -> None:
    with pytest.raises(FeedRecordInvalid) as caught:
        feed_apply_chunk([feed_record(1), feed_record(2, **change), feed_record(3)], source=SOURCE)
    assert caught.value.field == field
    assert Party.objects.count() == 0


def test_a_move_inside_the_city_closes_the_old_address_and_keeps_what_was_known(number_context: object) -> None:
    feed_apply_chunk([feed_record(1)], source=SOURCE)
    before = PartyVersion.objects.get().recorded_at
    moved = feed_record(2, op="2", person_no="R00000000000001", household_no="S0000000001",
                        addr_number="永山町三丁目1番1号", address_since=date(2026, 3, 10),
                        event_on=date(2026, 3, 10))  # fmt: skip
    result = feed_apply_chunk([moved], source=SOURCE)
    assert (result.inserted, result.changed) == (0, 1)
    known = Address.objects.known().order_by("valid_from").values_list("lot_text", "valid_from", "valid_to")
    assert list(known) == [
        ("四条通八丁目12番3号", date(2010, 4, 1), date(2026, 3, 10)),
        ("永山町三丁目1番1号", date(2026, 3, 10), None),
    ]
    then = Address.objects.as_of(date(2026, 11, 20), before)
    assert [row.lot_text for row in then] == ["四条通八丁目12番3号"]
    assert PartyVersion.objects.count() == 1
    message = OutboxMessage.objects.get(topic="party.changed")
    assert message.payload == {"changed": ["address"], "state": "registered", "event_on": "2026-03-10"}


def test_a_death_takes_effect_on_the_day_of_death_not_of_the_report(number_context: object) -> None:
    feed_apply_chunk([feed_record(1)], source=SOURCE)
    dead = feed_record(2, op="2", person_no="R00000000000001", household_no="S0000000001", resident_state="3",
                       died_on=date(2026, 2, 3), event_on=date(2026, 2, 9))  # fmt: skip
    feed_apply_chunk([dead], source=SOURCE)
    assert _versions("R00000000000001") == [
        (date(2010, 4, 1), date(2026, 2, 3), "registered"), (date(2026, 2, 3), None, "dead"),
    ]  # fmt: skip
    assert Party.objects.get().state == "dead"


def test_a_snapshot_of_a_person_already_gone_keeps_the_days_of_residence(number_context: object) -> None:
    record = feed_record(1, resident_state="2", left_on=date(2026, 1, 20), event_on=date(2026, 1, 20))
    feed_apply_chunk([record], source=SOURCE)
    assert _versions("R00000000000001") == [
        (date(2010, 4, 1), date(2026, 1, 20), "registered"), (date(2026, 1, 20), None, "moved_out"),
    ]  # fmt: skip


def test_a_correction_undoes_the_latest_record_and_can_be_repeated_backwards(number_context: object) -> None:
    one = "R00000000000001"
    feed_apply_chunk([feed_record(1)], source=SOURCE)
    feed_apply_chunk(
        [
            feed_record(2, op="2", person_no=one, household_no="S0000000001", addr_number="大町一丁目1番1号",
                        address_since=date(2026, 3, 1), event_on=date(2026, 3, 1)),
            feed_record(3, op="2", person_no=one, household_no="S0000000001", addr_number="大町一丁目1番1号",
                        address_since=date(2026, 3, 1), resident_state="3", died_on=date(2026, 4, 1),
                        event_on=date(2026, 4, 1)),
        ],
        source=SOURCE,
    )  # fmt: skip
    feed_apply_chunk([feed_record(4, op="3", person_no=one, event_on=date(2026, 4, 1))], source=SOURCE)
    assert _versions(one) == [(date(2010, 4, 1), None, "registered")]
    assert Party.objects.get().state == "registered"
    feed_apply_chunk([feed_record(5, op="3", person_no=one, event_on=date(2026, 3, 1))], source=SOURCE)
    assert list(Address.objects.known().values_list("lot_text", "valid_from", "valid_to")) == [
        ("四条通八丁目12番3号", date(2010, 4, 1), None)
    ]
    feed_apply_chunk([feed_record(6, op="3", person_no=one, event_on=date(2010, 4, 1))], source=SOURCE)
    assert PartyVersion.objects.known().count() == 0
    assert Party.objects.get().state == "erased"
    with pytest.raises(FeedNothingToUndo):
        feed_apply_chunk([feed_record(7, op="3", person_no=one, event_on=date(2010, 4, 1))], source=SOURCE)
    assert PartyVersion.objects.filter(superseded_at__isnull=False).count() > 0


def test_a_correction_between_two_changes_in_one_chunk(number_context: object) -> None:
    one = "R00000000000001"
    same = {"op": "2", "person_no": one, "household_no": "S0000000001"}
    feed_apply_chunk(
        [
            feed_record(1),
            feed_record(2, **same, name="旭川　一郎", event_on=date(2026, 5, 1)),
            feed_record(3, op="3", person_no=one, event_on=date(2026, 5, 1)),
            feed_record(4, **same, name="旭川　二郎", event_on=date(2026, 6, 1)),
        ],
        source=SOURCE,
    )
    known = PartyVersion.objects.known().order_by("valid_from").values_list("name", "valid_from", "valid_to")
    assert list(known) == [
        ("旭川　太郎", date(2010, 4, 1), date(2026, 6, 1)), ("旭川　二郎", date(2026, 6, 1), None),
    ]  # fmt: skip
    assert Party.objects.get().name == "旭川　二郎"


def test_a_correction_that_names_another_event_is_refused(number_context: object) -> None:
    feed_apply_chunk([feed_record(1)], source=SOURCE)
    with pytest.raises(FeedRecordInvalid):
        feed_apply_chunk(
            [feed_record(2, op="3", person_no="R00000000000001", event_on=date(2011, 1, 1))], source=SOURCE
        )


@pytest.mark.req("R-208")
def test_numbers_go_to_the_vault_and_bad_ones_to_the_work_list(number_context: object) -> None:
    result = feed_apply_chunk(
        [
            feed_record(1, my_number="123456789018"), feed_record(2, my_number="123456789019"),
            feed_record(3, my_number="123456789018"), feed_record(4),
        ],
        source=SOURCE,
    )  # fmt: skip
    assert (result.inserted, result.number_tasks) == (4, 2)
    parties = {party.person_no[-1]: party.id for party in Party.objects.all()}
    numbers = numbers_read(list(parties.values()))
    assert {party: number.expose() for party, number in numbers.items()} == {parties["1"]: "123456789018"}
    assert set(NumberTask.objects.values_list("kind", "party_id", "other_party_id")) == {
        ("bad_check_digit", parties["2"], None), ("collision", parties["3"], parties["1"]),
    }  # fmt: skip


def test_numbers_without_a_legal_base_stop_the_whole_chunk() -> None:
    with pytest.raises(VaultContextMissing):
        feed_apply_chunk([feed_record(1, my_number="123456789018")], source=SOURCE)
    assert Party.objects.count() == 0


def test_a_protected_flag_protects_at_once(number_context: object) -> None:
    feed_apply_chunk([feed_record(1, protected="1")], source=SOURCE)
    protection = Protection.objects.get()
    assert (protection.kind, protection.state, protection.valid_to) == ("9", "1", None)
    assert protection.recorded_at.tzinfo is not None
    assert datetime.datetime.now(tz=datetime.UTC) >= protection.recorded_at

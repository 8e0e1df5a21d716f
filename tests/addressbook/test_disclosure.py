"""What of an address may appear, and where papers go."""

from datetime import date
from uuid import UUID

import pytest

from addressbook import disclosure
from addressbook.delivery import deliveries_for, delivery_for
from addressbook.disclosure import address_for, addresses_for, names_for
from addressbook.errors import MergeRefused, NumberConflict, OutputNotRegistered
from addressbook.models import BankAccount, DeliveryAddress, Party, PartyLink, Protection
from addressbook.outputs import OutputKind, registered_outputs
from addressbook.services.feed import feed_apply_chunk
from addressbook.services.numbers import numbers_read
from addressbook.services.parties import (
    CorporateRow,
    NonresidentRow,
    bank_account_set,
    corporate_parties_ensure,
    corporate_party_ensure,
    delivery_set,
    link_set,
    nonresident_register,
    party_merge,
    party_split,
)
from addressbook.services.protections import protections_apply
from taxsys.platform import clock
from taxsys.platform.audit.models import AccessEvent
from tests.addressbook.conftest import feed_record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("number_context")]
TODAY = date(2026, 11, 20)
HOME = "北海道旭川市四条通八丁目12番3号"


def _load(*changes: dict) -> list[UUID]:
    feed_apply_chunk([feed_record(seq, **change) for seq, change in enumerate(changes, start=1)], source="juki")
    return list(Party.objects.filter(kind="resident").order_by("person_no").values_list("id", flat=True))


def _protection(seq: int = 1, **changes: str) -> dict:
    return {
        "person_no": f"R{seq:014d}", "kind": "1", "accepted_on": "2025-12-01", "from": "2025-12-01", "to": "2026-12-01",
        "targets": "9", "abuser_name": "", "abuser_address": "", "with_persons": "", "mail_to": "", "state": "1",
        "updated_at": "2025-12-01T10:00:00+09:00", **changes,
    }  # fmt: skip


@pytest.fixture
def outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = {kind: OutputKind(kind, kind, kind) for kind in ("self", "third_party", "internal", "vendor")}  # type: ignore[arg-type]
    monkeypatch.setattr(disclosure, "registered_outputs", lambda: kinds)


def test_an_output_that_is_not_registered_gets_nothing() -> None:
    party = _load({})[0]
    with pytest.raises(OutputNotRegistered):
        address_for(party, output="some.new.paper")
    assert registered_outputs()["addressbook.card"].audience == "internal"


def test_a_place_is_shown_with_its_municipality_once() -> None:
    assert disclosure.with_municipality("四条通八丁目12番3号", "012041") == "北海道旭川市四条通八丁目12番3号"
    assert disclosure.with_municipality("旭川市四条通八丁目12番3号", "012041") == "旭川市四条通八丁目12番3号"
    assert disclosure.with_municipality(HOME, "012041") == HOME
    assert disclosure.with_municipality("上海市黄浦区1", "") == "上海市黄浦区1"
    assert disclosure.with_municipality("", "012041") == ""


@pytest.mark.usefixtures("outputs")
def test_masks_by_audience_for_protected_people_and_their_household() -> None:
    ids = _load({"household_no": "S1"}, {"household_no": "S1"}, {"household_no": "S2"}, {"household_no": "S3"})
    protections_apply([_protection(with_persons="R00000000000004")], source="shien")
    for output, masked in (("self", []), ("third_party", [0, 1, 3]), ("internal", [0, 1, 3]), ("vendor", [0, 1, 3])):
        shown = addresses_for(ids, output=output)
        assert [at for at, party in enumerate(ids) if shown[party].is_masked] == masked, output
        for at in masked:
            one = shown[ids[at]]
            assert (one.text, one.zip, one.municipality_code, one.town_code) == ("非表示", "", "", "")
    assert addresses_for(ids, output="self")[ids[0]].address_text == HOME
    assert not AccessEvent.objects.filter(reason="protected_address").exists()


@pytest.mark.usefixtures("outputs")
def test_an_officer_with_the_right_sees_the_address_and_leaves_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = _load({"protected": "1"}, {"protected": "1"})
    viewer = object()
    monkeypatch.setattr(disclosure, "has_permission", lambda staff, permission: staff is viewer)
    assert address_for(ids[0], output="internal", viewer=viewer).address_text == HOME
    event = AccessEvent.objects.get(reason="protected_address")
    assert event.subjects == [str(ids[0])]
    assert address_for(ids[0], output="third_party", viewer=viewer).is_masked
    assert address_for(ids[0], output="internal", viewer=object()).is_masked


@pytest.mark.usefixtures("outputs")
def test_the_end_date_alone_opens_nothing_but_a_record_of_the_end_does() -> None:
    party = _load({})[0]
    protections_apply([_protection(to="2026-06-30")], source="shien")
    assert address_for(party, output="third_party").is_masked
    late = _protection(to="2026-06-30", state="2", updated_at="2026-07-01T00:00:00+09:00")
    assert protections_apply([late], source="shien") == 1
    assert address_for(party, output="third_party").address_text == HOME
    assert protections_apply([_protection()], source="shien") == 0  # an older message changes nothing
    assert Protection.objects.get().state == "2"


def test_details_replace_the_bare_flag_of_the_feed() -> None:
    _load({"protected": "1"})
    protections_apply([_protection()], source="shien")
    assert set(Protection.objects.values_list("kind", "state")) == {("9", "2"), ("1", "1")}


@pytest.mark.usefixtures("outputs")
def test_the_name_is_left_out_towards_the_opponent() -> None:
    opponent = {"name": "相手　方男", "household_no": "S9", "addr_number": "旭町一丁目1番1号"}
    ids = _load({}, opponent, {"name": "相手 方男"})
    protections_apply([_protection(abuser_name="相手方男", abuser_address="北海道旭川市旭町1-1-1")], source="shien")
    assert Protection.objects.get().opponent_party_id == ids[1]
    parties = Party.objects.in_bulk(ids)
    for recipient in (ids[1], ids[2]):
        assert names_for(ids[:1], output="third_party", recipient=parties[recipient])[ids[0]] == "非表示"
    assert names_for(ids[:1], output="third_party", recipient=parties[ids[0]])[ids[0]] == "旭川　太郎"
    assert names_for(ids[:1], output="internal", recipient=parties[ids[1]])[ids[0]] == "旭川　太郎"


def test_papers_of_the_living_the_moved_the_dead_and_the_protected() -> None:
    ids = _load(
        {"addr_building": "コーポ北斗201", "household_no": "S1"},
        {"resident_state": "2", "left_on": date(2026, 3, 1), "next_address": "東京都千代田区1番1号",
         "household_no": "S2"},
        {"resident_state": "3", "died_on": date(2026, 3, 1), "household_no": "S3"},
        {"household_no": "S4"}, {"household_no": "S5", "addr_number": ""},
    )  # fmt: skip
    protections_apply([_protection(4, mail_to="旭川市六条通九丁目 私書箱1")], source="shien")
    found = deliveries_for(ids, tax_kind="10", on=TODAY)
    shown = [(one.zip, one.address_text, one.building_text, one.pull_reason) for one in found.values()]
    assert shown == [
        ("0700034", HOME, "コーポ北斗201", ""),
        ("", "東京都千代田区1番1号", "", ""),
        ("0700034", HOME, "", "死亡・相続人代表者なし"),
        ("", "旭川市六条通九丁目 私書箱1", "", "支援措置"),
        ("0700034", "", "", "送付先なし"),
    ]
    assert (found[ids[0]].name, found[ids[0]].honorific, found[ids[0]].is_pulled) == ("旭川　太郎", "様", False)


def test_a_representative_gets_the_papers_of_the_dead_but_the_opponent_never() -> None:
    ids = _load(
        {"resident_state": "3", "died_on": date(2026, 3, 1)}, {"name": "旭川　花子", "addr_number": "大町一丁目2番3号"},
        {"household_no": "S8"}, {"name": "相手　方男", "household_no": "S9", "addr_number": "旭町一丁目1番1号"},
    )  # fmt: skip
    link_set(PartyLink(kind="heir_representative", party_id=ids[0], agent_id=ids[1], valid_from=date(2026, 4, 1)))
    assert delivery_for(ids[0], "10", date(2026, 3, 31)).pull_reason == "死亡・相続人代表者なし"
    one = delivery_for(ids[0], "10", TODAY)
    assert (one.name, one.on_behalf_of) == ("旭川　花子", "旭川　太郎")
    assert (one.address_text, one.is_pulled) == ("北海道旭川市大町一丁目2番3号", False)
    protections_apply([_protection(3, abuser_name="相手　方男", abuser_address="旭町1-1-1")], source="shien")
    link_set(PartyLink(kind="tax_administrator", party_id=ids[2], agent_id=ids[3], valid_from=date(2026, 4, 1)))
    assert delivery_for(ids[2], "10", TODAY).pull_reason == "送付先が支援措置の相手方"


def test_a_delivery_address_of_the_tax_comes_before_one_of_all_taxes_and_periods_do_not_overlap() -> None:
    party = _load({})[0]
    for tax_kind, text, start in (("", "全税目の送付先", 1), ("10", "住民税の送付先", 2), ("10", "新しい送付先", 9)):
        delivery_set(
            DeliveryAddress(party_id=party, tax_kind=tax_kind, address_text=text, valid_from=date(2026, start, 1))
        )
    assert delivery_for(party, "20", TODAY).address_text == "全税目の送付先"
    assert delivery_for(party, "10", date(2026, 8, 31)).address_text == "住民税の送付先"
    assert delivery_for(party, "10", date(2026, 9, 1)).address_text == "新しい送付先"
    known = DeliveryAddress.objects.filter(superseded_at__isnull=True, tax_kind="10").order_by("valid_from")
    assert list(known.values_list("valid_from", "valid_to")) == [
        (date(2026, 2, 1), date(2026, 9, 1)), (date(2026, 9, 1), None),
    ]  # fmt: skip


def test_one_bank_account_a_purpose_and_day() -> None:
    party = _load({})[0]
    for start, number in ((1, "1111111"), (1, "2222222")):
        bank_account_set(
            BankAccount(party_id=party, purpose="refund", bank_code="0001", branch_code="001", account_type="1",
                        account_no=number, holder_kana="ｱｻﾋｶﾜ", valid_from=date(2026, start, 1))
        )  # fmt: skip
    known = BankAccount.objects.filter(superseded_at__isnull=True)
    assert [row.account_no for row in known] == ["2222222"]
    assert BankAccount.objects.count() == 2


@pytest.mark.req("R-208")
def test_corporations_are_found_again_by_number_or_by_name_and_place() -> None:
    first = CorporateRow(key="A", name="株式会社北斗", name_kana="カブシキガイシャホクト", corporate_no="4011001098993",
                         address_text="北海道旭川市四条通8丁目1番")  # fmt: skip
    nameless = CorporateRow(key="B", name="旭川 町内会", address_text="旭川市大町1丁目1番")
    made = corporate_parties_ensure([first, nameless], source="wage", valid_from=date(2026, 1, 1))
    again = corporate_parties_ensure([nameless, first], source="wage", valid_from=date(2026, 2, 1))
    assert again == made
    assert Party.objects.count() == 2
    corporation = Party.objects.get(pk=made["A"])
    assert (corporation.kind, corporation.person_no[0], len(corporation.person_no)) == ("corporation", "C", 15)
    one = delivery_for(corporation.pk, "10", TODAY)
    assert (one.honorific, one.address_text) == ("御中", "北海道旭川市四条通8丁目1番")
    from addressbook.errors import CorporateNoInvalid

    with pytest.raises(CorporateNoInvalid):
        corporate_party_ensure(CorporateRow(key="C", name="x", corporate_no="5011001098993"), source="t",
                               valid_from=TODAY)  # fmt: skip
    assert Party.objects.count() == 2


@pytest.mark.req("R-132")
def test_a_merge_moves_the_number_and_a_split_brings_it_back() -> None:
    survivor = _load({})[0]
    from addressbook.services.numbers import number_assign

    outsider = nonresident_register(
        NonresidentRow(name="旭川　太郎", name_kana="アサヒカワ　タロウ", birth_on=date(1980, 5, 5),
                       address_text="札幌市北区1"),
        source="staff", valid_from=date(2025, 1, 1),
    )  # fmt: skip
    number_assign(outsider, "123456789018", source="staff", verified_by="counter")
    link = party_merge(merged_id=outsider, survivor_id=survivor, reason="同一人", evidence={"kana": True})
    assert {party: number.expose() for party, number in numbers_read([survivor, outsider]).items()} == {
        survivor: "123456789018"
    }
    with pytest.raises(MergeRefused):
        party_merge(merged_id=outsider, survivor_id=survivor, reason="", evidence={})
    party_split(link.pk)
    assert list(numbers_read([survivor, outsider])) == [outsider]
    assert Party.objects.get(pk=outsider).merged_into_id is None
    with pytest.raises(MergeRefused):
        party_split(link.pk)
    number_assign(survivor, "123456789026", source="staff", verified_by="counter")
    with pytest.raises(NumberConflict):
        party_merge(merged_id=outsider, survivor_id=survivor, reason="", evidence={})
    assert len(numbers_read([survivor, outsider])) == 2
    assert clock.today() == TODAY

"""Matching: what agrees is said, and what is doubtful goes to people (R-012, N-010)."""

from datetime import date
from uuid import UUID

import pytest

from addressbook.address_text import address_key, addresses_agree
from addressbook.models import NumberTask, Party
from addressbook.services.feed import feed_apply_chunk
from addressbook.services.matching import MatchRow, match_many
from addressbook.services.numbers import (
    hold_number,
    number_bind_held,
    number_hold_many,
    number_unbind,
    numbers_read,
    parties_by_held,
    parties_by_numbers,
)
from tests.addressbook.conftest import feed_record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("number_context")]
BIRTH = date(1980, 5, 5)
HOME = "北海道旭川市四条通８丁目１２－３　コーポ北斗201"


def _load(*changes: dict) -> list[UUID]:
    feed_apply_chunk([feed_record(seq, **change) for seq, change in enumerate(changes, start=1)], source="juki")
    return list(Party.objects.order_by("person_no").values_list("id", flat=True))


def _row(**changes: object) -> MatchRow:
    return MatchRow(**{"ref": "1", "name_kana": "ｱｻﾋｶﾜ ﾀﾛｳ", "birth_on": BIRTH, "address_text": HOME, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("registered", "written", "agree"),
    [
        ("四条通八丁目12番3号", HOME, True),
        ("四条通八丁目12番3号", "旭川市4条通8丁目12番地の3", True),
        ("四条通八丁目12番3号", "旭川市4条通8丁目12番31号", False),
        ("四条通八丁目1番3号", "旭川市4条通8丁目11番3号", False),
        ("永山町", "旭川市永山町1-1", False),
        ("", "旭川市永山町1-1", False),
        ("永山町十二丁目3番", "永山町12丁目3", True),
    ],
)
def test_addresses_agree_when_town_and_lot_are_the_same(registered: str, written: str, agree: bool) -> None:
    assert addresses_agree(address_key(registered), address_key(written)) is agree


@pytest.mark.req("R-012")
def test_a_number_matches_and_the_evidence_says_what_else_agreed() -> None:
    party = _load({"my_number": "123456789018"})[0]
    ref = hold_number("line 2", "1234 5678 9018", source="wage.csv")
    result = match_many([_row(number_ref=ref, address_text="札幌市")])[0]
    assert (result.party_id, result.method, result.reason) == (party, "number", "")
    assert result.evidence == {
        "number": True, "name": True, "kana": True, "kana_loose": True, "birth_on": True, "address": False,
        "hint": False,
    }  # fmt: skip
    assert ref is not None
    assert number_bind_held(ref, party) == "same"
    assert parties_by_held([ref]) == {}


@pytest.mark.req("R-206")
@pytest.mark.parametrize(
    ("changes", "contradicting"),
    [
        ({"birth_on": date(1980, 5, 6)}, ("birth_on",)),
        ({"name_kana": "ｱｻﾋｶﾜ ｼﾞﾛｳ"}, ("name",)),
        ({"name_kana": "ﾔﾏﾀﾞ ﾊﾅ", "birth_on": None}, ("name",)),
        ({"name_kana": ""}, ("name",)),
        ({"name_kana": "ﾔﾏﾀﾞ ﾊﾅ", "birth_on": date(1990, 1, 1)}, ("name", "birth_on")),
    ],
)
def test_a_number_alone_binds_nobody_whose_name_or_birthday_contradicts(
    changes: dict[str, object], contradicting: tuple[str, ...]
) -> None:
    party = _load({"my_number": "123456789018"})[0]
    ref = hold_number("line 2", "123456789018", source="wage.csv")
    result = match_many([_row(number_ref=ref, **changes)])[0]
    assert (result.party_id, result.reason, result.contradicting) == (None, "number_mismatch", contradicting)
    assert [one.party_id for one in result.candidates] == [party]


@pytest.mark.parametrize(
    ("changes", "agreed"),
    [
        ({"birth_on": None}, ("name",)),
        ({"name": "旭 川太郎", "name_kana": "ｷｮｸｾﾝ ﾀﾛｳ"}, ("name", "birth_on")),
        ({"name_kana": "アザヒカワ　タロオ"}, ("name", "birth_on")),
    ],
)
def test_readings_widths_and_a_missing_birthday_do_not_contradict(
    changes: dict[str, object], agreed: tuple[str, ...]
) -> None:
    party = _load({"my_number": "123456789018"})[0]
    ref = hold_number("line 2", "123456789018", source="wage.csv")
    result = match_many([_row(number_ref=ref, **changes)])[0]
    assert (result.party_id, result.method) == (party, "number")
    assert {item for item in ("name", "former_name", "birth_on") if result.evidence.get(item)} == set(agreed)


def test_a_number_with_another_persons_name_and_birthday_goes_to_people() -> None:
    ids = _load({"my_number": "123456789018"}, {"kana": "ヤマダ　ハナ", "birth": date(1990, 1, 1)})
    ref = hold_number("line 2", "123456789018", source="wage.csv")
    result = match_many([_row(number_ref=ref, name_kana="ヤマダ　ハナ", birth_on=date(1990, 1, 1))])[0]
    assert (result.party_id, result.method, result.reason) == (None, "none", "number_mismatch")
    assert [(one.party_id, one.evidence["number"]) for one in result.candidates] == [(ids[0], True), (ids[1], False)]


@pytest.mark.req("R-012")
def test_without_a_number_kana_birth_and_address_must_all_agree() -> None:
    party = _load({})[0]
    results = match_many(
        [
            _row(), _row(address_text="旭川市永山町1-1"), _row(birth_on=date(1980, 5, 6)),
            _row(name_kana="アザヒカワ　タロウ"),
            _row(name_kana="サトウ　ジロウ"), _row(birth_on=None), _row(name_kana=""),
        ]
    )  # fmt: skip
    assert [(r.party_id, r.method, r.reason) for r in results] == [
        (party, "kana_birth_address", ""), (None, "none", "weak"), (None, "none", "weak"), (None, "none", "weak"),
        (None, "none", "no_candidate"), (None, "none", "weak"), (None, "none", "no_candidate"),
    ]  # fmt: skip
    assert [one.score for one in results[0].candidates] == [100]
    assert [one.score for one in results[3].candidates] == [85]


def test_same_name_and_birthday_is_never_matched_by_machine() -> None:
    ids = _load({}, {"addr_number": "永山町一丁目1番1号"})
    result = match_many([_row(hint=ids[0])])[0]
    assert (result.party_id, result.reason) == (None, "ambiguous")
    assert [(one.party_id, one.score) for one in result.candidates] == [(ids[0], 110), (ids[1], 80)]


def test_an_earlier_address_counts() -> None:
    party = _load({})[0]
    feed_apply_chunk(
        [feed_record(2, op="2", person_no="R00000000000001", household_no="S0000000001",
                     addr_number="大町一丁目1番1号", address_since=date(2026, 3, 1), event_on=date(2026, 3, 1))],
        source="juki",
    )  # fmt: skip
    assert match_many([_row()])[0].party_id == party


def test_the_only_candidate_with_another_number_goes_to_people() -> None:
    _load({"my_number": "123456789018"})
    ref = hold_number("line 3", "123456789026", source="wage.csv")
    assert match_many([_row(number_ref=ref)])[0].reason == "different_number"


def test_a_wrong_check_digit_keeps_the_row_and_opens_a_work_item() -> None:
    party = _load({})[0]
    held = number_hold_many([("line 2", "123456789019"), ("line 3", ""), ("line 4", "123456789018")], source="wage.csv")
    assert [one.outcome for one in held] == ["bad_check_digit", "empty", "held"]
    task = NumberTask.objects.get()
    assert (task.kind, task.source, task.source_label) == ("bad_check_digit", "wage.csv", "line 2")
    assert match_many([_row(number_ref=held[0].ref)])[0].party_id == party


def test_binding_stores_the_number_and_can_be_undone() -> None:
    party = _load({})[0]
    ref = hold_number("line 2", "123456789018", source="wage.csv")
    assert ref is not None
    assert number_bind_held(ref, party) == "stored"
    assert parties_by_numbers(["123456789018", "bad", "123456789026"]) == [party, None, None]
    assert number_unbind(party, ref) is True
    assert numbers_read([party]) == {}
    assert parties_by_held([ref]) == {}
    assert number_bind_held(ref, party) == "stored"


def test_binding_a_conflicting_number_leaves_it_held_and_opens_a_work_item() -> None:
    ids = _load({"my_number": "123456789018"}, {"my_number": "123456789026"}, {})
    refs = [hold_number("l", number, source="w") for number in ("123456789050", "123456789026")]
    assert number_bind_held(refs[0], ids[0]) == "different"  # type: ignore[arg-type]
    assert number_bind_held(refs[1], ids[2]) == "collision"  # type: ignore[arg-type]
    assert number_bind_held(UUID(int=5), ids[2]) == "unknown"
    assert list(NumberTask.objects.order_by("id").values_list("kind", "party_id", "other_party_id", "held_ref")) == [
        ("different_number", ids[0], None, refs[0]), ("collision", ids[2], ids[1], refs[1]),
    ]  # fmt: skip


def test_matching_many_rows_takes_a_fixed_number_of_statements(django_assert_max_num_queries: object) -> None:
    _load(*[{"kana": f"アサヒカワ　{'アイウエオ'[n % 5]}{n}", "my_number": ""} for n in range(60)])
    rows = [_row(ref=str(n), name_kana=f"アサヒカワ　{'アイウエオ'[n % 5]}{n}") for n in range(60)]
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        results = match_many(rows)
    assert [result.method for result in results] == ["kana_birth_address"] * 60
    assert [result.ref for result in results] == [str(n) for n in range(60)]

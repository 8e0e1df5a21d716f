"""データ入力の受払簿: papers handed to the keying contractor are counted out and in by different people (R-178)."""

import pytest

from taxsys.platform import clock
from taxsys.platform.registers.errors import RegisterError, StepRefused
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.registers.services import row_step
from taxsys.platform.staff.models import Staff
from tests.registers.scene import DAY, clerk, opened, stepped
from tests.registers.test_vendors import contract

pytestmark = [pytest.mark.django_db, pytest.mark.req("R-178")]


@pytest.fixture
def people(db: None) -> tuple[Staff, Staff, Staff]:
    """Who hands out, who takes over for the contractor, the person in charge."""
    return clerk("5001"), clerk("5002"), clerk("5003")


def bundle(people: tuple[Staff, Staff, Staff], handed: int = 250) -> RegisterRow:
    actor, taker, _ = people
    return opened("data_entry", actor, title="給与支払報告書 第12束", contract=str(contract(actor, clerk("5009")).pk),
                  handed_on="2026-11-16", handed_count=handed, received_by=taker.staff_no,
                  due_on="2026-11-20")  # fmt: skip


def refused(row: RegisterRow, code: str, actor: Staff, **values: object) -> tuple[str, ...]:
    with clock.at(DAY), pytest.raises(StepRefused) as found:
        row_step(row.pk, code, values, actor=actor)
    return found.value.reasons


def test_a_bundle_closes_when_every_paper_is_keyed_or_back_and_another_person_counted(
    people: tuple[Staff, Staff, Staff],
) -> None:
    actor, taker, chief = people
    row = stepped(bundle(people), "keyed", actor, keyed_count=248, unkeyed_count=2)
    assert row.state == "keyed"
    for same in (actor, taker):
        with clock.at(DAY), pytest.raises(RegisterError):
            row_step(row.pk, "close", {"returned_on": "2026-11-20", "returned_count": 250}, actor=same)
    assert stepped(row, "close", chief, returned_on="2026-11-20", returned_count=250).state == "closed"


def test_a_count_that_differs_needs_its_reason(people: tuple[Staff, Staff, Staff]) -> None:
    row = bundle(people)
    assert refused(row, "keyed", people[0], keyed_count=247, unkeyed_count=2) == (
        "引き渡した枚数と、入力した件数・未入力で戻った枚数の合計が合いません。「差の理由」を入力してください。",
    )
    told = stepped(row, "keyed", people[0], keyed_count=247, unkeyed_count=2, difference_reason="2枚を1件に入力")
    assert told.values["difference_reason"] == "2枚を1件に入力"


def test_a_missing_paper_keeps_the_bundle_open_whatever_the_reason(people: tuple[Staff, Staff, Staff]) -> None:
    row = stepped(bundle(people), "keyed", people[0], keyed_count=250, unkeyed_count=0)
    assert refused(row, "close", people[2], returned_on="2026-11-20", returned_count=249) == (
        "戻った原票の枚数が、引き渡した枚数と合いません。原票がそろうまで完了できません。",
    )
    row.refresh_from_db()
    assert row.state == "keyed"

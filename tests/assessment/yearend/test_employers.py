"""Which notices of the old year count in the new one, from who withholds by its papers and what is known of it."""

from datetime import date

from assessment.resident.moves.timeline import Move, timeline
from assessment.yearend.rules.employers import Fate, carried_moves

A, B, C = 1, 2, 3


def left(no: int, day: date, payer: int = A, *, after: str = "3") -> Move:
    return Move(no, "1", day, after, payer, 8, lump_place=9 if after == "2" else None, run_id=77, is_done=True)


def moved(no: int, day: date, payer: int = A, new: int = B) -> Move:
    return Move(no, "2", day, "1", payer, 8, new_withholder_id=new, new_employee_no="N", first_place=9)


def started(no: int, day: date, new: int = B) -> Move:
    return Move(no, "S", day, "1", None, 0, new_withholder_id=new, first_place=9)


def fates(base: int | None, known: list[Move], *old: Move) -> list[Fate]:
    return [one.fate for one in carried_moves(base, known, old)]


def test_who_left_since_january_is_billed_in_the_new_year_also_after_a_lump_sum() -> None:
    (one,) = carried_moves(A, [], [left(1, date(2027, 2, 10), after="2")])
    assert (one.fate, one.new) == (Fate.CARRY, Move(1, "1", date(2027, 2, 10), "3", A, 0, first_place=1))
    assert timeline(A, [one.new]).withholder_id is None


def test_leaving_a_payer_that_the_new_papers_do_not_name_needs_nothing() -> None:
    assert fates(None, [], left(1, date(2027, 2, 10))) == [Fate.NEEDLESS]
    assert fates(B, [], left(1, date(2027, 2, 10))) == [Fate.NEEDLESS]


def test_a_transfer_is_carried_from_june_on_or_becomes_a_start_where_nobody_withholds() -> None:
    (one,) = carried_moves(A, [], [moved(1, date(2027, 2, 10))])
    assert one.fate == Fate.CARRY
    assert one.new is not None
    assert (one.new.reason, one.new.withholder_id, one.new.new_withholder_id, one.new.last_place) == ("2", A, B, 0)
    (other,) = carried_moves(None, [], [moved(1, date(2027, 2, 10))])
    assert other.new is not None
    assert (other.new.reason, other.new.withholder_id, other.new.new_withholder_id) == ("S", None, B)


def test_a_payer_that_is_there_already_needs_nothing_and_another_one_wants_an_officer() -> None:
    assert fates(B, [], moved(1, date(2027, 2, 10)), started(2, date(2027, 3, 1))) == [Fate.NEEDLESS, Fate.NEEDLESS]
    assert fates(C, [], moved(1, date(2027, 2, 10)), started(2, date(2027, 3, 1))) == [Fate.CHECK, Fate.CHECK]


def test_leaving_and_starting_elsewhere_are_carried_in_their_order() -> None:
    found = carried_moves(A, [], [started(2, date(2027, 3, 1)), left(1, date(2027, 2, 10))])
    assert [(one.old.id, one.fate) for one in found] == [(1, Fate.CARRY), (2, Fate.CARRY)]
    assert timeline(A, [one.new for one in found if one.new]).withholder_id == B


def test_what_is_known_of_the_new_year_is_not_carried_twice() -> None:
    first = carried_moves(A, [], [left(1, date(2027, 2, 10))])[0].new
    assert first is not None
    assert fates(A, [first], left(1, date(2027, 2, 10))) == [Fate.ALREADY]
    begun = carried_moves(None, [], [moved(1, date(2027, 2, 10))])[0].new
    assert begun is not None
    assert fates(None, [begun], moved(1, date(2027, 2, 10))) == [Fate.ALREADY]

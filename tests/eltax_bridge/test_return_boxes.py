"""Third table of a national return: every box reaches the facts; what the form does not tell is told, not guessed."""

from datetime import date
from typing import Any

import pytest

from assessment.resident.consolidation import Paper, Subject, consolidate
from assessment.resident.facts import facts_columns
from assessment.resident.rules.pipeline import compute, resident_law
from assessment.sources.contents import TAX_RETURN
from eltax_bridge.mappings import return_boxes
from eltax_bridge.mappings.returns import national_return
from taxsys.platform.files import layouts
from taxsys.platform.files.errors import FilesError

INDEX = {"income_year": 2025, "payload": "0001.xml"}
PERSON = Subject(birth_on=date(1970, 5, 5), sex="1", tax_year=2026)


def content(**tags: Any) -> dict[str, Any]:
    """The content of a form with these boxes, written and read as XML."""
    layout = layouts.get("koa020", "v23")
    values = layout.parse(layout.write([{"ABA00010": "7", **tags}])).records[0].values
    return dict(national_return(values, INDEX).content)


def facts(**tags: Any) -> tuple[dict[str, int], list[tuple[str, int, int]]]:
    found = consolidate(PERSON, [Paper(1, "return", content(**tags), date(2026, 3, 2))])
    return found.facts, found.differences


def result(**tags: Any) -> dict[str, int]:
    found = consolidate(PERSON, [Paper(1, "return", content(**tags), date(2026, 3, 2))])
    columns = compute(facts_columns([found]), resident_law(2026, "012041")).columns
    return {name: int(column[0]) for name, column in columns.items()}


def test_every_mapped_tag_stands_in_the_form_and_every_box_in_the_paper() -> None:
    form = set(layouts.get("koa020", "v23").names)
    mapped = {**return_boxes.SIGNED_YEN, **return_boxes.PLAIN_YEN}
    tags = [*mapped, *return_boxes.LAND_REVENUES, *return_boxes.UNREAD, return_boxes.DISABLED]
    assert set(tags) <= form
    assert not set(return_boxes.UNREAD) & set(mapped)
    assert all(note.startswith("[P]") for note in return_boxes.UNREAD.values())
    assert set(mapped.values()) <= {box.name for box in TAX_RETURN}


def test_a_home_sold_with_its_special_deduction_reaches_the_law_before_the_deduction() -> None:
    found = result(ABL00090="80000000", ABL00860="36000000", ABL00863="30000000", ABL00270="6000000")
    assert found["total_income_yen"] == 36_000_000
    # 36,000,000 of total income leave no basic deduction, so the base is the income of the form.
    assert found["taxable_long_home_yen"] == 6_000_000


def test_a_special_deduction_that_takes_the_whole_gain_leaves_the_gain_in_the_total_income() -> None:
    found, differences = facts(ABL00090="30000000", ABL00860="21000000", ABL00863="30000000")
    assert (found["long_home_gain_yen"], found["long_home_special_yen"]) == (21_000_000, 30_000_000)
    assert differences == []


def test_a_special_deduction_of_two_kinds_is_told_because_the_form_does_not_say_whose_it_is() -> None:
    found, differences = facts(
        ABL00070="9000000", ABL00090="9000000", ABL00863="3000000", ABL00250="2000000", ABL00270="1000000"
    )
    assert (found["long_land_gain_yen"], found["long_home_gain_yen"]) == (2_000_000, 1_000_000)
    assert ("land_special_unassigned", 3_000_000, 0) in differences


@pytest.mark.parametrize(
    ("short", "long", "income"), [("0", "300000", 150_000), ("200000", "300000", 350_000), ("700000", "0", 700_000)]
)
def test_general_gains_give_the_income_of_the_form(short: str, long: str, income: int) -> None:
    assert result(ABB00130=short, ABB00180=long)["total_income_yen"] == income


def test_occasional_income_is_halved_and_a_loss_of_business_reduces_it() -> None:
    assert result(ABB00230="800000")["total_income_yen"] == 400_000
    assert result(ABB00230="800000", ABB00300="-300000")["total_income_yen"] == 250_000


def test_shares_dividends_futures_forestry_and_retirement_arrive() -> None:
    found, differences = facts(
        ABL00305="100000", ABL00310="200000", ABL00325="300000", ABL00350="400000", ABL00360="500000", ABL00410="600000"
    )
    names = (
        "shares_unlisted_gain_yen", "shares_listed_gain_yen", "listed_dividend_yen", "futures_income_yen",
        "forestry_income_yen", "retirement_income_yen",
    )  # fmt: skip
    assert [found[name] for name in names] == [100_000, 200_000, 300_000, 400_000, 1_000_000, 600_000]
    assert differences == []


def test_carried_losses_set_off_on_the_form_reduce_what_it_says_they_reduce() -> None:
    found = result(
        ABB00300="5000000", ABB00830="1000000", ABL00310="900000", ABL00920="500000", ABL00325="400000",
        ABL00937="100000", ABL00350="700000", ABL00950="200000",
    )  # fmt: skip
    assert (found["net_loss_used_yen"], found["shares_loss_used_yen"]) == (1_000_000, 600_000)
    assert found["futures_loss_used_yen"] == 200_000
    assert found["total_income_yen"] - found["gross_income_yen"] == 1_800_000


def test_a_casualty_is_taken_as_the_loss_where_the_second_table_tells_it() -> None:
    found, _ = facts(ABH00050="2000000", ABH00060="500000", ABH00070="80000", ABB00430="1200000")
    assert (found["casualty_loss_yen"], found["disaster_expense_yen"]) == (1_500_000, 80_000)
    assert "other_deduction_yen" not in found
    found, _ = facts(ABB00430="1200000")
    assert found["other_deduction_yen"] == 1_200_000


def test_a_foreign_tax_credit_without_its_statement_is_told() -> None:
    assert facts(ABB01040="30000")[1] == [("foreign_statement_missing", 30_000, 0)]


def test_self_medication_is_not_a_doctors_bill() -> None:
    found, _ = facts(ABB00435="1", ABB00440="20000", ABB00410="3000000")
    assert (found["chooses_self_medication"], found["self_medication_yen"]) == (1, 32_000)
    assert "medical_paid_yen" not in found


def test_a_tick_below_its_branch_counts() -> None:
    assert content(ABH00350="")["is_widow"] == 1
    assert content(ABH00620="")["disability_code"] == 2


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ({"ABL00310": "12万"}, "L0104"),
        ({"ABL00310": "1_000"}, "L0104"),
        ({"ABL00310": "1.5"}, "L0104"),
        ({"ABL00310": "1e9"}, "L0104"),
        ({"ABL00310": "--5"}, "L0104"),
        ({"ABL00310": "９"}, "L0104"),
        ({"ABL00310": "100000000000"}, "L0104"),
        ({"ABL00310": "9" * 40}, "L0104"),
        ({"ABL00325": "-1"}, "E0004"),
        ({"ABL00863": "△1"}, "E0004"),
    ],
)
def test_a_box_without_an_amount_sets_the_return_aside(tags: dict[str, str], code: str) -> None:
    with pytest.raises(FilesError) as refusal:
        content(**tags)
    assert refusal.value.code == code


def test_a_loss_may_be_written_with_the_triangle_of_the_office() -> None:
    assert content(ABB00300="△1,234,567")["business_income_yen"] == -1_234_567

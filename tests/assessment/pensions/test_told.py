"""年金保険者への税額の通知: July's amounts with next spring's, and later only the months that changed."""

from datetime import date
from typing import Any

import pytest

from addressbook.models import Party
from assessment.models import CollectionShare
from assessment.pensions.models import PensionTold
from assessment.pensions.told import amounts_issue, changes_issue
from collection.bulk.levy import LevyRow
from collection.models import Charge
from collection.services.levy import levy_adjust
from taxsys.city.deliveries import CityDeliveries
from taxsys.platform.files import layouts
from taxsys.platform.files.models import OutgoingFile
from tests.assessment.moves.scene import YEAR
from tests.assessment.pensions.scene import NOVEMBER, event, months, pensioner, stop, take
from tests.assessment.runs.test_initial_runs import on

JULY = date(2026, 7, 15)


def named(*people: Party) -> None:
    """Payers have named these people."""
    lines = [event(party, "00", basic_pension_no=f"{nth + 1:010d}") for nth, party in enumerate(people)]
    take(*lines, day=date(2026, 6, 25), name="taisho")


def lines_of(file: OutgoingFile | None) -> list[dict[str, Any]]:
    assert file is not None
    return [dict(one.values) for one in layouts.get("local_nenkin_tokucho_events").parse(file.open_bytes()).records]


def lowered(party: Party, place: int, yen: int) -> None:
    """A month of the books becomes another amount."""
    one = Charge.objects.get(party=party, method="pension", tax_year=YEAR, instalment_no=place)
    row = LevyRow(
        source_ref=f"decision:{party.pk}:{YEAR}", party_id=party.pk, tax_kind="10", levy_year=YEAR, tax_year=YEAR,
        method="pension", notice_no=one.notice_no, instalment_no=place, due_on=one.due_on,
        statutory_due_on=one.statutory_due_on, city_yen=yen, prefecture_yen=0, forest_yen=0,
    )  # fmt: skip
    levy_adjust([row], dedupe_key=f"lowered:{place}", occurred_on=date(2026, 9, 1), actor="1001")


@pytest.mark.req("R-154")
def test_july_tells_autumn_and_the_spring_after_it_once(year: CityDeliveries) -> None:
    party, nameless = pensioner(), pensioner(1)
    named(party)
    own = months(party.pk)
    whole = CollectionShare.objects.get(party=party, method="pension", run__state="released").pension_tax_yen // 2
    with on(JULY):
        told = amounts_issue(YEAR, business_key="a", name="zeigaku.csv")
        again = amounts_issue(YEAR, business_key="b", name="zeigaku2.csv")
    autumn, spring = lines_of(told.file)
    wanted = ("notice", "tax_year", "month", "first_amount", "next_amount", "provisional")
    assert [autumn[name] for name in wanted] == ["01", 2026, "202610", own[4], own[5], 0]
    each = whole // 3 // 100 * 100
    assert [spring[name] for name in wanted] == ["01", 2027, "202704", whole - 2 * each, each, whole]
    assert (autumn["basic_pension_no"], autumn["name"], autumn["address"]) == ("0000000001", None, None)
    assert told.people == 1
    assert nameless.pk in told.nameless
    assert (again.file, again.people) == (None, 0)
    assert PensionTold.objects.count() == 2


@pytest.mark.req("R-154")
def test_a_changed_month_is_told_while_it_can_be_and_once(year: CityDeliveries) -> None:
    party, other = pensioner(), pensioner(1)
    named(party, other)
    with on(JULY):
        amounts_issue(YEAR, business_key="a", name="zeigaku.csv")
        assert changes_issue(YEAR, on=JULY, business_key="none", name="none.csv").file is None
    own = months(party.pk)
    lowered(party, 4, own[4] - 300)
    lowered(party, 6, 100)
    stop(other.pk, 5, day=NOVEMBER)
    lowered(other, 6, 200)
    with on(NOVEMBER):
        told = changes_issue(YEAR, on=NOVEMBER, business_key="c", name="henko.csv")
        again = changes_issue(YEAR, on=NOVEMBER, business_key="d", name="henko2.csv")
    # October is past; who is stopped is told by the stop.
    (line,) = lines_of(told.file)
    assert (line["notice"], line["person_no"], line["month"], line["first_amount"]) == (
        "61", party.person_no, "202702", 100
    )  # fmt: skip
    assert again.file is None
    assert list(PensionTold.newest(YEAR).get(party=party).months) == [0, 0, 0, own[4], own[5], 100]

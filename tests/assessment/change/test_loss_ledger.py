"""Losses from the released decision to the next year's facts; versions and recalls take rows out of the balance."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from addressbook.models import Party
from assessment.errors import FindingRefused
from assessment.models import DifferenceSettlement, LossMovement, PaperDifference, RunState, SourceDocument
from assessment.resident.bulk.losses import ledgers_of
from assessment.resident.differences import differences, differences_settle
from assessment.resident.facts import facts_build
from assessment.resident.losses import loss_sheet
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from tests.addressbook.conftest import full_context
from tests.assessment.desk.scene import YEAR, computed, decided, resident, wage_paper
from tests.assessment.desk.test_documents import clerk, page
from tests.platform.actors import officer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_the_desk() -> Iterator[None]:
    with clock.at(date(2026, 11, 20)), using(full_context(actor_kind="staff", actor_id="1001")):
        yield


def tax_return(party: Party, no: int, **items: Any) -> SourceDocument:
    fields = {"arrived_on": items.pop("arrived_on", date(YEAR, 3, 10)), "tax_year": items.pop("tax_year", YEAR)}
    return wage_paper(party, no, kind="return", items=items, business_key=f"return-{no}", **fields)


def carried(party: Party, tax_year: int = YEAR + 1) -> dict[str, int]:
    ledgers = ledgers_of([party.pk], before_year=tax_year).get(party.pk, {})
    return {kind: ledger.open_yen(tax_year) for kind, ledger in ledgers.items()}


def test_a_decision_feeds_the_ledger_and_the_ledger_the_next_years_facts() -> None:
    party = resident(1)
    tax_return(party, 1, is_blue_return=1, business_income_yen=-900_000, futures_income_yen=-200_000)
    decided()
    assert carried(party) == {"net": 900_000, "futures": 200_000}
    tax_return(party, 2, tax_year=YEAR + 1, arrived_on=date(YEAR + 1, 3, 1), business_income_yen=4_000_000)
    built = facts_build(tax_year=YEAR + 1, party_ids=[party.pk], documents_until=date(YEAR + 1, 6, 1))
    assert built.found[0].facts["loss_carried_forward_yen"] == 900_000
    assert built.found[0].facts["futures_loss_carried_yen"] == 200_000


def test_without_a_return_of_the_year_nothing_is_set_off() -> None:
    party = resident(1)
    tax_return(party, 1, is_blue_return=1, business_income_yen=-900_000)
    decided()
    wage_paper(party, 2, tax_year=YEAR + 1, arrived_on=date(YEAR + 1, 1, 20))
    built = facts_build(tax_year=YEAR + 1, party_ids=[party.pk], documents_until=date(YEAR + 1, 6, 1))
    assert "loss_carried_forward_yen" not in built.found[0].facts


@pytest.mark.parametrize(("named", "open_yen"), [({}, None), ({"carriable_loss_yen": 300_000}, 300_000)])
def test_a_white_return_carries_only_the_losses_that_it_names(named: dict[str, int], open_yen: int | None) -> None:
    party = resident(1)
    tax_return(party, 1, business_income_yen=-900_000, **named)
    decided()
    assert carried(party).get("net") == open_yen


def test_a_named_disaster_carries_for_five_years() -> None:
    party = resident(1)
    tax_return(party, 1, is_blue_return=1, is_named_disaster=1, business_income_yen=-900_000)
    decided()
    assert [carried(party, YEAR + n) for n in (3, 5, 6)] == [{"net": 900_000}, {"net": 900_000}, {"net": 0}]


def test_a_later_version_replaces_and_its_recall_brings_the_earlier_back() -> None:
    party = resident(1)
    tax_return(party, 1, is_blue_return=1, business_income_yen=-900_000)
    first = decided()
    tax_return(party, 2, arrived_on=date(YEAR, 6, 20), is_blue_return=1, business_income_yen=-100_000)
    second = decided(day=date(YEAR, 7, 3))
    assert LossMovement.objects.filter(party=party).count() == 2
    assert carried(party) == {"net": 100_000}
    type(second).objects.filter(pk=second.pk).update(state=RunState.RECALLED)
    assert carried(party) == {"net": 900_000}
    type(first).objects.filter(pk=first.pk).update(state=RunState.RECALLED)
    assert carried(party) == {}


def test_rows_of_the_ledger_and_reasons_are_never_changed() -> None:
    party = resident(1)
    tax_return(party, 1, is_blue_return=1, business_income_yen=-900_000)
    decided()
    for act in (lambda rows: rows.update(arising_yen=1), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            act(LossMovement.objects.all())


def test_a_balance_that_differs_from_the_ledger_is_a_difference_to_settle(client: Client) -> None:
    party = resident(1)
    wage_paper(party, 1)
    tax_return(party, 2, wage_yen=5_000_000, national_foreign_credit_yen=10_000)
    computed()
    open_rows = list(differences(only_open=True))
    assert [(one.code, one.stated_yen, one.other_yen) for one in open_rows] == [
        ("foreign_statement_missing", 10_000, 0),
        ("wage_yen", 5_000_000, 6_543_200),
    ]
    desk = clerk(client)
    html = page(desk, "/assessment/differences")
    assert "6,543,200円" in html
    assert desk.post("/assessment/differences/settle", {"reason": "電話"}).status_code == 422
    ids = [open_rows[1].pk]
    assert desk.post("/assessment/differences/settle", {"differences": ids, "reason": " "}).status_code == 422
    assert (
        desk.post("/assessment/differences/settle", {"differences": ids, "reason": "源泉徴収票を見た"}).status_code
        == 302
    )
    assert differences(only_open=True).count() == 1
    assert "源泉徴収票を見た" in page(desk, "/assessment/differences?all=1")


def test_a_settled_difference_stays_settled_in_the_next_run_and_opens_again_with_other_amounts() -> None:
    party = resident(1)
    wage_paper(party, 1)
    tax_return(party, 2, wage_yen=5_000_000)
    computed()
    staff = officer("1001")
    (row,) = differences(only_open=True)
    assert differences_settle([row.pk], reason="確認", actor=staff) == 1
    computed(day=date(YEAR, 6, 10))
    assert PaperDifference.objects.count() == 2
    assert not differences(only_open=True).exists()
    with pytest.raises(FindingRefused):
        differences_settle([row.pk], reason="確認", actor=staff)
    tax_return(party, 3, wage_yen=5_500_000, arrived_on=date(YEAR, 6, 11))
    computed(day=date(YEAR, 6, 12))
    assert [one.stated_yen for one in differences(only_open=True)] == [5_500_000]
    assert DifferenceSettlement.objects.count() == 1


def test_a_number_in_a_reason_is_refused() -> None:
    with pytest.raises(FindingRefused):
        differences_settle([1], reason="123456789018", actor=officer("1001"))


def test_the_tax_tab_shows_the_ledger(client: Client) -> None:
    party = resident(1)
    tax_return(party, 1, is_blue_return=1, business_income_yen=-900_000)
    assert loss_sheet(party.pk) is None
    decided()
    html = page(clerk(client), f"/party/{party.pk}/assessment")
    assert "繰越損失の台帳" in html
    assert "900,000円" in html
    assert "繰越中" in html

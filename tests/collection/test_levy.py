"""調定: posting, difference posting, recall."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from collection.errors import LevyConflictError
from collection.models import Charge, JournalEntry, Transfer, WithheldShare
from collection.services.levy import LevyRow, levy_adjust, levy_post, levy_reverse
from tests.collection.books import balance, ordinary, party

pytestmark = pytest.mark.django_db
ON = date(2026, 6, 10)
PARTS = [(3600, 2400, 1000), (3000, 2000, 0), (3000, 2000, 0), (3000, 2000, 0)]


def post(rows, key="run-1"):
    return levy_post(rows, dedupe_key=key, occurred_on=ON, actor="job:test")


@pytest.mark.req("R-005")
def test_levy_stands_as_receivable_against_the_three_revenues() -> None:
    outcome = post(ordinary(party(1), "N000000001", PARTS))
    assert (outcome.entries, outcome.charges) == (1, 4)
    assert balance("receivable") == 22_000
    assert balance("revenue_city") == -12_600
    assert balance("revenue_prefecture") == -8_400
    assert balance("revenue_forest") == -1_000
    assert list(Charge.objects.order_by("instalment_no").values_list("amount_yen", flat=True)) == [
        7000,
        5000,
        5000,
        5000,
    ]


def test_same_levy_twice_is_posted_once() -> None:
    rows = ordinary(party(1), "N000000001", PARTS)
    post(rows)
    assert post(rows).entries == 0
    assert balance("receivable") == 22_000
    assert Transfer.objects.count() == 9


def test_same_key_with_other_content_is_refused() -> None:
    post(ordinary(party(1), "N000000001", PARTS))
    with pytest.raises(LevyConflictError, match="N000000001"):
        post(ordinary(party(1), "N000000001", [(3601, 2400, 1000), *PARTS[1:]]))


def test_levy_on_a_live_charge_under_another_key_is_refused() -> None:
    post(ordinary(party(1), "N000000001", PARTS))
    with pytest.raises(LevyConflictError, match="更正"):
        post(ordinary(party(1), "N000000001", PARTS), key="run-2")
    assert balance("receivable") == 22_000


def test_negative_part_is_refused() -> None:
    with pytest.raises(LevyConflictError, match="負"):
        post(ordinary(party(1), "N000000001", [(-1, 10, 0)]))


@pytest.mark.parametrize("yen", [1, 99, 100, 999, 1000, 1999, 2000, 16_777_217, 2**31 - 1, 2**31 + 1, 10**12])
def test_amounts_at_the_edges_keep_every_yen(yen: int) -> None:
    post(ordinary(party(1), "N000000001", [(yen, 0, 0)]))
    assert balance("receivable") == yen


def test_correction_posts_only_the_difference() -> None:
    post(ordinary(party(1), "N000000001", PARTS))
    rows = ordinary(party(1), "N000000001", [PARTS[0], (3300, 2200, 0), (3000, 2000, 0), (0, 0, 0)])
    levy_adjust(rows, dedupe_key="adj-1", occurred_on=date(2026, 9, 1), actor="staff:1")
    assert balance("receivable") == 7000 + 5500 + 5000
    assert JournalEntry.objects.get(reason="levy_adjust").total_yen == 500 + 5000
    levy_adjust(rows, dedupe_key="adj-1", occurred_on=date(2026, 9, 1), actor="staff:1")
    assert balance("receivable") == 17_500


def wage_rows(withholder, employees, months=(1, 2)) -> list[LevyRow]:
    return [
        LevyRow(
            source_ref=f"W-{number}",
            party_id=withholder,
            tax_kind="10",
            levy_year=2026,
            tax_year=2026,
            method="wage",
            notice_no="1234567",
            instalment_no=month,
            due_on=date(2026, 6 + month, 10),
            statutory_due_on=date(2026, 7, 10),
            city_yen=600,
            prefecture_yen=400,
            employee_id=employee,
        )
        for number, employee in employees
        for month in months
    ]


def test_withheld_months_are_one_debt_of_the_agent_with_a_share_per_employee() -> None:
    agent, first, second = party(10), party(11), party(12)
    post(wage_rows(agent, [(1, first)]), key="chunk-1")
    post(wage_rows(agent, [(2, second)]), key="chunk-2")
    charges = Charge.objects.order_by("instalment_no")
    assert [(c.party_id, c.amount_yen) for c in charges] == [(agent, 2000), (agent, 2000)]
    assert WithheldShare.objects.filter(employee_id=second).count() == 2
    assert balance("receivable") == 4000


def test_recall_of_one_employee_leaves_the_others_of_the_agent() -> None:
    agent = party(10)
    post(wage_rows(agent, [(1, party(11)), (2, party(12))]))
    levy_reverse(["W-2"], dedupe_key="recall-1", occurred_on=date(2026, 6, 20), actor="job:test")
    assert balance("receivable") == 2000
    assert set(Charge.objects.values_list("state", "amount_yen")) == {("active", 1000)}


def test_recall_brings_every_account_back_to_zero_and_the_next_release_may_post_again() -> None:
    rows = ordinary(party(1), "N000000001", PARTS)
    post(rows)
    recall = {"dedupe_key": "recall-1", "occurred_on": date(2026, 6, 12), "actor": "job:test"}
    assert levy_reverse(["D-N000000001-1"], **recall).charges == 4
    for kind in ("receivable", "revenue_city", "revenue_prefecture", "revenue_forest"):
        assert balance(kind) == 0
    assert set(Charge.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert levy_reverse(["D-N000000001-1"], **recall).charges == 0
    post(rows, key="run-2")
    assert balance("receivable") == 22_000
    assert set(Charge.objects.values_list("state", flat=True)) == {"active"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE collection_transfer SET yen = yen + 1",
        "DELETE FROM collection_transfer",
        "UPDATE collection_journalentry SET actor = 'x'",
        "DELETE FROM collection_journalentry",
        "UPDATE collection_balance SET debit_yen = 0",
        "DELETE FROM collection_allocation",
        "TRUNCATE collection_transfer CASCADE",
    ],
)
def test_the_application_cannot_change_what_is_written(statement: str) -> None:
    post(ordinary(party(1), "N000000001", PARTS))
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_not_even_the_owner_can_change_a_transfer(database_role) -> None:
    post(ordinary(party(1), "N000000001", PARTS))
    with (
        database_role("taxsys_owner"),
        pytest.raises(DatabaseError, match="追記専用"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE collection_transfer SET yen = yen + 1")

"""異動届の受信ファイル: lines find the employer's own employee, differences are held, the rest is set aside."""

from datetime import date
from typing import Any

import pytest

from addressbook.models import Party
from assessment.models import ChangeState, EmploymentChange, Withholder
from assessment.resident.moves.services import change_accept
from collection.selectors.proofs import prove_ledger
from eltax_bridge.services.employment_changes import change_lines_import
from taxsys.city.deliveries import CityDeliveries, city_file
from taxsys.platform.files.models import LineError, ReceivedFile
from taxsys.platform.files.services import file_receive
from taxsys.platform.jobs.intake import file_open
from tests.assessment.moves.scene import YEAR, books, employee, move, other_employer
from tests.assessment.runs.test_initial_runs import on

DAY = date(2026, 9, 7)


def line(party: Party, employer: Withholder, last: int, **changes: Any) -> dict[str, Any]:
    """A line of the form as the portal delivers it; sums are those of the books."""
    months = books(party.pk)[("wage", employer.designation_no)]
    annual, collected = sum(months.values()), sum(months[no] for no in range(1, last + 1))
    values = {
        "filed_on": DAY, "tax_year": YEAR, "municipality_code": "012041", "designation_no": employer.designation_no,
        "payer_name": employer.name, "kana": party.name_kana, "name": party.name, "birth": party.birth_on,
        "address_jan1": "北海道旭川市", "annual_tax": annual, "collected_from": 6, "collected_to": (last + 4) % 12 + 1,
        "collected": collected, "uncollected": annual - collected, "event_on": date(2026, 8, 20), "reason": "1",
        "after": "3",
    }  # fmt: skip
    return {**values, **changes}


def take(*lines: dict[str, Any]) -> ReceivedFile:
    file = city_file("ido", "local_ido_todoke_18", lines, "eLTAX", DAY, channel="line")
    received = file_receive(
        name=file.name, content=file.content, format=f"{file.format}/{file.edition}", sender=file.sender,
        channel=file.channel, manifest=file.manifest,
    )  # fmt: skip
    file_open(received)
    return received


@pytest.mark.req("R-156")
def test_lines_become_changes_once_and_move_the_months(year: CityDeliveries) -> None:
    party_id, employer = employee()
    party = Party.objects.get(pk=party_id)
    before = books(party_id)[("wage", employer.designation_no)]
    with on(DAY):
        received = take(line(party, employer, 3))
        counts = change_lines_import(received, 0, 1)
        assert (counts.recorded, counts.held, counts.set_aside) == (1, 0, 0)
        again = change_lines_import(received, 0, 1)
        assert (again.recorded, again.repeated) == (0, 1)
    change = EmploymentChange.objects.get()
    assert (change.party_id, change.channel, change.line_no, change.last_place) == (party_id, "eltax", 2, 3)
    move(DAY)
    assert books(party_id)[("wage", employer.designation_no)] == {no: before[no] for no in (1, 2, 3)}
    assert prove_ledger().is_ok


def test_sums_unlike_the_books_wait_for_an_officer(year: CityDeliveries) -> None:
    party_id, employer = employee()
    party = Party.objects.get(pk=party_id)
    good = line(party, employer, 3)
    with on(DAY):
        received = take({**good, "collected": good["collected"] + 100, "uncollected": good["uncollected"] - 100})
        assert change_lines_import(received, 0, 1).held == 1
    change = EmploymentChange.objects.get()
    assert change.state == ChangeState.HELD
    assert "徴収済額は届出" in change.hold_reason_ja
    before = books(party_id)
    move(DAY)
    assert books(party_id) == before
    with on(DAY):
        change_accept(change.pk, actor_id="1001", reason="支払者に確認。届出の書き誤り")
    move(DAY)
    assert any(method == "ordinary" for method, _ in books(party_id))


def test_unknown_people_and_impossible_forms_are_set_aside_with_their_reason(year: CityDeliveries) -> None:
    party_id, employer = employee()
    party = Party.objects.get(pk=party_id)
    good = line(party, employer, 3)
    bad = (
        {**good, "birth": date(1911, 1, 1)},
        {**good, "designation_no": "9999999"},
        {**good, "designation_no": other_employer(employer).designation_no},
        {**good, "event_on": date(2027, 2, 1)},
        {**good, "uncollected": good["uncollected"] + 1},
    )
    with on(DAY):
        received = take(*bad)
        counts = change_lines_import(received, 0, len(bad))
    assert (counts.recorded, counts.held, counts.set_aside) == (0, 0, 5)
    told = list(LineError.objects.filter(file=received).order_by("line_no").values_list("message_ja", flat=True))
    assert len(told) == 5
    for message, words in zip(
        told, ("いません", "特別徴収義務者がいません", "いません", "一括徴収が義務", "合いません"), strict=True
    ):
        assert words in message
    assert EmploymentChange.objects.count() == 0

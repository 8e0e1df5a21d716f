"""Contractors' narrow rooms: bound to the rooms of their contract, and to nothing a taxpayer appears in."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from taxsys.platform import clock
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.staff.access import has_permission, permissions_of
from taxsys.platform.staff.catalogue import catalogue
from taxsys.platform.staff.models import Staff, Terminal
from taxsys.platform.staff.permissions import HOME, SELF
from tests.platform.actors import officer, sign_in, terminal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_hashes")]
PASSWORD = "ながい合言葉-春の旭川-2026"
Contract = Staff.Contract


def contractor(contract: str, **fields: Any) -> Staff:
    return officer("9101", permissions=list(catalogue()), kind="contractor", contract=contract, **fields)


@pytest.mark.req("R-102")
@pytest.mark.req("R-176")
def test_an_operator_runs_jobs_and_opens_no_taxpayer_whatever_was_granted(client: Client) -> None:
    staff = contractor(Contract.OPERATION)
    held = permissions_of(staff)
    assert {"jobs.view", "jobs.operate", "staff.home"} <= held
    # What touches taxpayers' data without showing anybody: keys wrapped anew, the scan, the list of copies made.
    assert {code for code in held if catalogue()[code].risk in {"personal", "number"}} == {
        "addressbook.rotate_keys",
        "addressbook.scan_numbers",
        "registers.copy_enter",
        "registers.copy_view",
    }
    sign_in(client, staff)
    assert client.get("/jobs/").status_code == 200
    for address in ("/search/", "/party/00000000-0000-4000-8000-000000000001/", "/access-log/", "/certificates/"):
        assert client.get(address).status_code == 403, address


@pytest.mark.req("R-176")
def test_an_operator_works_only_from_the_machine_room(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    staff = contractor(Contract.OPERATION)
    staff.set_password(PASSWORD)
    staff.save()
    terminal()
    Terminal.objects.update(rooms=["office", "entry"])
    client.post("/sign-in", {"staff_no": "9101", "password": PASSWORD})
    code = re.findall(r"  (\d{6})  ", capsys.readouterr().out)[-1]
    refused = client.post("/sign-in", {"code": code})
    assert refused.status_code == 403
    assert "庁内マシン室の端末からだけ使えます" in refused.content.decode()
    sign_in(client, staff)
    assert client.get("/").status_code == 403
    assert AccessEvent.objects.filter(reason="room").count() == 2
    Terminal.objects.update(rooms=["office", "machine"])
    assert client.get("/").status_code == 200


@pytest.mark.req("R-102")
def test_a_print_contractor_and_a_data_entry_contractor_hold_nothing_of_the_others() -> None:
    for contract in (Contract.PRINTING, Contract.ENTRY, Contract.MAINTENANCE):
        staff = officer(f"92{len(contract)}", permissions=list(catalogue()), kind="contractor", contract=contract)
        held = permissions_of(staff)
        assert not held & {"search.search", "addressbook.view_party", "jobs.operate", "jobs.download"}, contract
        assert {code for code in held if catalogue()[code].risk == "number"} == set()


def test_an_officer_is_bound_to_no_room(client: Client) -> None:
    terminal()
    Terminal.objects.update(rooms=["entry"])
    sign_in(client, officer(permissions=[HOME, SELF]))
    assert client.get("/").status_code == 200
    assert has_permission(officer(), HOME)


def test_the_database_knows_no_contractor_without_a_contract() -> None:
    with pytest.raises(IntegrityError, match="staff_contractor_has_a_contract"), transaction.atomic():
        officer("9301", kind="contractor", contract="")
    with pytest.raises(IntegrityError, match="staff_contractor_has_a_contract"), transaction.atomic():
        officer("9302", contract="operation")


@pytest.mark.req("R-186")
def test_maintenance_holds_its_rights_only_in_the_days_of_an_approved_ticket_of_its_own() -> None:
    staff = contractor(Contract.MAINTENANCE)
    outside = {"staff.home", "staff.self"}
    with clock.at(date(2026, 11, 20)):
        assert permissions_of(staff) == outside
        values = {
            "title": "交換", "operation": "maintenance", "worker_no": "9101", "from_on": "2026-11-20",
            "to_on": "2026-11-21",
        }  # fmt: skip
        ticket = RegisterRow.objects.create(
            kind="work_ticket", row_no="作-1", fiscal_year=2026, title="交換", unit=staff.unit, state="approved",
            values=values, search_text="", opened_on=date(2026, 11, 20), retention_class="operation-7y",
        )  # fmt: skip
        assert permissions_of(staff) == outside  # approved, not yet checked beforehand
        RegisterRow.objects.filter(pk=ticket.pk).update(state="ready")
        assert permissions_of(staff) == {*outside, "jobs.view", "audit.view_seals", "registers.view"}
        assert permissions_of(contractor(Contract.MAINTENANCE)) > outside
        other = officer("9102", permissions=list(catalogue()), kind="contractor", contract=Contract.MAINTENANCE)
        assert permissions_of(other) == outside
    with clock.at(date(2026, 11, 22)):
        assert permissions_of(staff) == outside
    RegisterRow.objects.filter(pk=ticket.pk).update(state="worked")
    with clock.at(date(2026, 11, 20)):
        assert permissions_of(staff) == outside

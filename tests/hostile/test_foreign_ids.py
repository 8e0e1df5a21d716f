"""Ids of other things: whatever real id is put into an address or a form that is not about its kind, or not about the
officer's own unit, the answer is a refusal and nothing is changed (insecure direct object references; issue 3 point 9).

The table is made from the URL resolver: a new address stands in it by itself. What is written is counted by the
database, in every table.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from assessment.scans.services import PaperFacts, scan_mask, scan_register
from certificates.models import CertificateRequest
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from taxsys.platform.files.pictures import Mask
from taxsys.platform.files.services import file_issue, file_receive
from taxsys.platform.staff.access import is_public, is_rest
from taxsys.platform.staff.catalogue import catalogue
from taxsys.platform.staff.models import Grant, Staff, Terminal, Unit
from tests.addressbook.people import TODAY, person
from tests.assessment.scans.paper import file_of
from tests.platform.actors import FROM_ON, officer, sign_in, staff_context, terminal
from tests.platform.test_matrix import rows_written
from tests.registers.scene import PDF, clerk, opened

pytestmark = [pytest.mark.django_db, pytest.mark.req("R-218")]
# Which kinds of things an argument may name; everything else is foreign to it.
ACCEPTED: dict[str, set[str]] = {
    "party_id": {"party"}, "row_id": {"row"}, "file_id": {"received", "issued"}, "request_id": {"request"},
    "scan_id": {"scan"},
}  # fmt: skip
REFUSALS = {403, 404, 405, 409}
# The log of the look, and nothing else.
TRACES = {"public.audit_accessevent", "public.django_session"}
WORDS = {"reason": "x", "subject_token": "x", "token": "x", "text": "x", "choice": "x"}


def everything(staff_no: str, unit_name: str) -> Staff:
    """An officer who holds every right there is, in this unit."""
    staff, unit = officer(staff_no, unit_name=unit_name), Unit.objects.get(name=unit_name)
    held = set(Grant.objects.filter(staff=staff).values_list("permission_code", flat=True))
    Grant.objects.bulk_create(
        Grant(staff=staff, unit=unit, permission_code=code, from_on=FROM_ON) for code in catalogue() if code not in held
    )
    return staff


@pytest.fixture
def things(db: None, data_folder: Path, settings: Any) -> dict[str, UUID]:
    """One real thing of each kind that is named by a random id."""
    settings.TAXSYS_BUSINESS_DATE, settings.TAXSYS_CREATE_KEYS = TODAY.isoformat(), True
    terminal()
    Terminal.objects.update(is_number_use=True)
    party, actor = person(1), everything("5001", "市民税課")
    row = opened(
        "change_request", clerk("5008"), title="更新", content="版を上げる", reason="x", planned_on="2026-12-01"
    )
    with clock.at(TODAY), using(staff_context(actor)):
        received = file_receive(name="a.csv", content=b"1", format="x", sender="x", channel="line")
        issued = file_issue(kind="x", business_key="x", name="b.csv", content=b"2", record_count=1)
        scan = scan_register(file_of(), PaperFacts(kind="return", arrived_on=TODAY, party_id=party.pk), actor=actor)
        scan_mask(scan.pk, [[Mask(1, 1, 9, 9)]], actor=actor)
    request = CertificateRequest.objects.create(
        subject=party, relation="self", applicant=party, applicant_name="x", identity_check="licence", kind="income",
        tax_year=2026, purpose="x", state="accepted", received_on=TODAY, received_at=clock.now(), received_by="5001",
    )  # fmt: skip
    found = {"party": party, "row": row, "received": received, "issued": issued, "scan": scan, "request": request}
    return {kind: one.pk for kind, one in found.items()}


def addresses(resolver: URLResolver | None = None) -> Iterator[tuple[str, dict[str, str]]]:
    """(name, argument → converter) of every address that an officer may open."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from addresses(entry)
        elif isinstance(entry, URLPattern) and not (is_public(entry.callback) or is_rest(entry.callback)):
            kinds = {name: type(one).__name__ for name, one in entry.pattern.converters.items()}
            yield entry.name or "", kinds


def tried(name: str, kinds: dict[str, str], things: dict[str, UUID]) -> Iterator[dict[str, Any]]:
    """Arguments in which one id is real and of a kind the address is not about; numbers name nothing."""
    plain = {"IntConverter": 2_000_000_000, "SlugConverter": "x", "StringConverter": "x", "PathConverter": "x"}
    uuids = [one for one, kind in kinds.items() if kind == "UUIDConverter"]
    for argument in uuids:
        for kind, key in things.items():
            if kind not in ACCEPTED.get(argument, set()):
                others = {one: next(iter(things.values())) for one in uuids if one != argument}
                yield {one: plain.get(what, key) for one, what in kinds.items()} | others | {argument: key}
    if kinds and not uuids:
        yield {one: plain[what] for one, what in kinds.items()}


# Addresses that answer 200 whatever the key: a filter of a list, which is then empty.
FILTERS = {"change-log-party", "change-log-record"}


def test_an_id_of_another_kind_of_thing_is_refused_everywhere_and_changes_nothing(things: dict[str, UUID]) -> None:
    client = sign_in(Client(), officer("5001"))
    wrong, count = [], 0
    with time_machine.travel(clock.now(), tick=False):
        for name, kinds in addresses():
            for arguments in tried(name, kinds, things):
                for method in ("get", "post"):
                    before = rows_written()
                    answer = getattr(client, method)(reverse(name, kwargs=arguments), WORDS if method == "post" else {})
                    written = {key: n for key, n in (rows_written() - before).items() if key[0] not in TRACES}
                    count += 1
                    is_fine = answer.status_code in REFUSALS or (name in FILTERS and answer.status_code == 200)
                    if not is_fine or written:
                        wrong.append((method, name, arguments, answer.status_code, written))
    assert wrong == [], "\n".join(map(str, wrong))
    assert count > 500


def test_what_belongs_to_another_unit_is_refused_everywhere_and_changes_nothing(things: dict[str, UUID]) -> None:
    """The register row is the 市民税課's; the officer holds every right in another unit."""
    everything("5009", "納税推進課")
    client = sign_in(Client(), officer("5009"))
    wrong, count = [], 0
    with time_machine.travel(clock.now(), tick=False):
        for name, kinds in addresses():
            if "row_id" not in kinds:
                continue
            arguments = {one: {"row_id": things["row"], "code": "answer", "number": 1}.get(one, things["party"])
                         for one in kinds}  # fmt: skip
            before = rows_written()
            file = SimpleUploadedFile("a.pdf", PDF)
            answer = client.post(reverse(name, kwargs=arguments), {**WORDS, "role": "other", "file": file})
            written = {key: n for key, n in (rows_written() - before).items() if key[0] not in TRACES}
            count += 1
            if answer.status_code not in REFUSALS or written:
                wrong.append((name, arguments, answer.status_code, written))
    assert wrong == [], "\n".join(map(str, wrong))
    assert count >= 6

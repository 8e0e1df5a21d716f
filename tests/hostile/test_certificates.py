"""Two clerks at two counters at the same moment: each gets the paper of the own customer, and nobody two (I13)."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from addressbook.models import Party
from certificates.models import CertificateIssue, CertificateRequest
from certificates.permissions import ISSUE_CERTIFICATES
from tests.addressbook.people import person
from tests.certificates.decided import TODAY, decided
from tests.platform.actors import officer, sign_in
from tests.printing.conftest import flat, page_texts

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("I13")]
COUNTERS = 4
ROUNDS = 3


@pytest.fixture(autouse=True)
def _day(settings: Any) -> None:
    settings.TAXSYS_CREATE_KEYS = True
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()


def customer(no: int) -> Party:
    party = person(no, name=f"架空　{'一二三四五六七八九十百千'[no - 1]}子")
    decided(party, salary_receipts_yen=3_000_000 + no * 100_000)
    return party


def clerks(count: int) -> list[Client]:
    rights = ("addressbook.view_party", ISSUE_CERTIFICATES)
    return [sign_in(Client(), officer(f"51{no:02d}", permissions=rights)) for no in range(count)]


def token_of(clerk: Client, where: str) -> str:
    """The subject's token as the page carries it (a test client's `context` gathers what all threads render)."""
    found = re.search(r'name="subject_token" value="([^"]+)"', clerk.get(where).content.decode())
    assert found
    return found[1]


def served(clerk: Client, party: Party, together: Barrier) -> bytes:
    """From the request to the paper by the screens, every step at the same moment as the other counters."""
    try:
        form = {"relation": "self", "identity_check": "licence", "kind": "income_and_tax", "tax_year": "2026",
                "copies": "1", "purpose": "融資・ローン"}  # fmt: skip
        where = f"/certificates/party/{party.id}/new"
        form["subject_token"] = token_of(clerk, where)
        together.wait()
        check = clerk.post(where, form)["Location"]
        together.wait()
        issued = clerk.post(f"{check}/issue")["Location"]
        together.wait()
        return clerk.get(f"{issued}/pdf").content
    finally:
        connection.close()


def test_papers_issued_at_the_same_moment_are_each_their_own_customers() -> None:
    people = [customer(no) for no in range(1, COUNTERS * ROUNDS + 1)]
    desks = clerks(COUNTERS)
    together = Barrier(COUNTERS, timeout=60)
    papers: dict[int, bytes] = {}
    with ThreadPoolExecutor(COUNTERS) as pool:
        for at in range(0, len(people), COUNTERS):
            jobs = [pool.submit(served, desks[n], people[at + n], together) for n in range(COUNTERS)]
            papers |= {at + n: job.result() for n, job in enumerate(jobs)}
    names = [flat(party.name) for party in people]
    for at, pdf in papers.items():
        text = flat("".join(page_texts(pdf)))
        issue = CertificateIssue.objects.get(subject=people[at])
        assert [name for name in names if name in text] == [names[at]]
        assert issue.certificate_no in text
        assert f"{issue.content['incomes'][0]['yen']:,}" in text
    numbers = sorted(CertificateIssue.objects.values_list("certificate_no", flat=True))
    assert numbers == [f"2026-CT-{n:06d}" for n in range(1, len(people) + 1)]


def test_one_request_pressed_at_two_counters_gives_one_paper() -> None:
    party = customer(1)
    desks = clerks(2)
    form = {"relation": "self", "identity_check": "licence", "kind": "income", "tax_year": "2026", "copies": "1",
            "purpose": "融資・ローン"}  # fmt: skip
    where = f"/certificates/party/{party.id}/new"
    desks[0].post(where, {**form, "subject_token": token_of(desks[0], where)})
    request = CertificateRequest.objects.get()
    together = Barrier(2, timeout=60)

    def press(clerk: Client) -> str:
        try:
            together.wait()
            return clerk.post(f"/certificates/requests/{request.pk}/issue")["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = set(pool.map(press, desks))
    issue = CertificateIssue.objects.get()
    assert answers == {f"/certificates/issues/{issue.pk}"}
    assert issue.fee_yen == 300

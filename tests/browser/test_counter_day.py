"""A counter clerk's whole errand in a real browser, by keyboard alone (issue proof; U1 of the screens' measures).

Sign in → find a person → open the calculation → preview the notice → take a payment → issue a certificate, on a small
city whose year ran through the declared jobs.
"""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F
from django.urls import reverse

from addressbook.selectors.protections import hidden_parties
from assessment.decisions.selectors import standing_decisions
from assessment.models import Decision
from certificates.models import CertificateIssue
from collection.models import Balance, Charge, Receipt
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.staff.models import Staff
from taxsys.platform.staff.services import demo_accounts_create
from taxsys.web.demo import Demo
from taxsys.web.demo.steps import assessment, collection, papers_in
from tests.platform.test_keyboard import signed_in
from tests.printing.conftest import flat, page_texts

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
TODAY = date(2026, 6, 20)


def city() -> None:
    """150 residents, decided and furnished with slips."""
    demo_accounts_create({"*": "correct-horse-battery-26"}, from_on=date(2025, 4, 1))
    staff = {no: Staff.objects.get(staff_no=no) for no in ("1001", "1002", "2001", "2002")}
    demo = Demo(
        size=150, seed=3, clerk=staff["1001"], chief=staff["1002"], cashier=staff["2001"],
        cashier_chief=staff["2002"], say=lambda _line: None, inline=True,
    )  # fmt: skip
    for step in (
        papers_in.spring, assessment.population, assessment.wage_cut, papers_in.late, assessment.ordinary_cut,
        collection.slips,
    ):  # fmt: skip
        step(demo)


def customer() -> tuple[Decision, Charge]:
    """A resident with tax by bill, unpaid; the first by person number, whoever is not protected."""
    open_bills = Balance.objects.filter(
        account__component="principal", account__charge__method="ordinary", debit_yen__gt=F("credit_yen")
    ).values("account__charge__party_id")
    decision = (
        standing_decisions(tax_year=2026)
        .filter(party_id__in=open_bills, party__state="registered")
        .exclude(party_id__in=hidden_parties(on=TODAY))
        .select_related("party")
        .order_by("party__person_no")
        .first()
    )
    assert decision is not None
    charges = Charge.objects.filter(party_id=decision.party_id, method="ordinary")
    return decision, charges.order_by("instalment_no")[0]


def tab(page: Any, title: str) -> None:
    """Open a tab of the card by its number."""
    number = page.locator("nav.tx-tabs a", has_text=title).first.get_attribute("data-tab")
    with page.expect_navigation():
        page.keyboard.press(f"Alt+Digit{number}")
    page.wait_for_selector(f"nav.tx-tabs a[aria-current=page]:has-text('{title}')")


def open_link(page: Any, link: Any) -> None:
    """Put the focus on a link and press Enter."""
    link.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def press(page: Any, key: str) -> None:
    """Press a key that leads to another page."""
    with page.expect_navigation():
        page.keyboard.press(key)


def paper(page: Any, address: str) -> str:
    """The text of a PDF that a page offers, fetched with the page's own session."""
    answer = page.request.get(address)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert "no-store" in answer.headers["cache-control"]
    return flat("".join(page_texts(answer.body())))


def test_from_sign_in_to_a_certificate_without_the_mouse(browser_page: Any, data_folder: Path, settings: Any) -> None:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()
    settings.TAXSYS_CREATE_KEYS = True
    city()
    decision, charge = customer()
    party = decision.party
    page = signed_in(browser_page, data_folder)

    page.keyboard.type(party.name_kana)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    if "/search/" in page.url:
        open_link(page, page.locator("tbody tr", has_text=party.person_no).locator("a").first)
    page.wait_for_selector(".tx-person")
    assert party.name in page.locator(".tx-person__name").inner_text()

    tab(page, "住民税")
    press(page, "F9")
    page.wait_for_selector(".tx-sheet")
    summary = page.locator(".tx-sheet details:not([open]) > summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert f"{decision.annual_yen:,}" in page.locator("main").inner_text()

    notice = paper(page, reverse("assessment-notice-preview", args=[decision.pk]))
    assert flat(party.name) in notice
    assert f"{decision.annual_yen:,}" in notice

    tab(page, "収納")
    open_link(page, page.locator(f"a[href*='/collection/{charge.pk}/']").first)
    press(page, "F9")
    page.wait_for_selector("#id_amount")
    assert page.locator("#id_amount").input_value() == f"{charge.amount_yen:,}"
    press(page, "F9")
    page.wait_for_selector(".tx-banner--success")
    receipt = Receipt.objects.get(channel="counter")
    assert receipt.amount_yen == charge.amount_yen

    page.goto(f"/party/{party.id}/")
    tab(page, "証明")
    press(page, "F9")
    page.wait_for_selector("#id_relation")
    press(page, "F9")
    page.wait_for_selector("text=手数料を受け取り")
    press(page, "F9")
    page.wait_for_selector("text=証明書を表示・印刷")
    issue = CertificateIssue.objects.get()
    assert issue.certificate_no in page.locator("h1").inner_text()
    certificate = paper(page, page.locator("a[data-key=F8]").get_attribute("href"))
    assert flat(party.name) in certificate
    assert issue.certificate_no in certificate

    seen = AccessEvent.objects.filter(actor_id="7001", subjects__contains=[str(party.id)])
    assert {"view", "create", "print"} <= set(seen.values_list("action", flat=True))

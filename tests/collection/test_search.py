"""The search box finds slips and notices: by bar code, by eL number, by number; the party's card opens at once."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from addressbook.permissions import SEARCH_PARTY, VIEW_PARTY
from assessment.models import AssessmentRun, Decision, Withholder
from collection.models import Charge, Slip, SlipLine, TaxKind
from collection.rules.slip_codes import EL_PREFIX, SlipIssuer, barcode44, confirm_no
from collection.search import notice_forms, slip_digits
from taxsys.platform import clock
from taxsys.platform.files.payloads import el_number
from taxsys.platform.search.permissions import SEARCH
from taxsys.platform.staff.permissions import HOME
from tests.addressbook.people import TODAY, person
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db
CASE = "4917052066340718"
BARCODE = barcode44(
    SlipIssuer("920123", "45678", "012041", "010"), CASE, version=1, valid_until=date(2026, 11, 30), amount_yen=12300
)
EL = el_number.ElNumber("012041", "010", EL_PREFIX + CASE, confirm_no(CASE))


@pytest.fixture(autouse=True)
def _day(settings: Any) -> None:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()


@pytest.fixture
def clerk(client: Client) -> Client:
    return sign_in(client, officer(permissions=[HOME, SEARCH, SEARCH_PARTY, VIEW_PARTY]))


def charge(party: Any, notice_no: str, instalment_no: int = 1, **fields: Any) -> Charge:
    values = {
        "tax_kind": TaxKind.objects.get(code="10"), "levy_year": 2026, "tax_year": 2026, "method": "ordinary",
        "due_on": date(2026, 6, 30), "statutory_due_on": date(2026, 6, 30), "city_yen": 12300, "amount_yen": 12300,
    }  # fmt: skip
    return Charge.objects.create(
        party=party, notice_no=notice_no, instalment_no=instalment_no, source_ref="D", **(values | fields)
    )


@pytest.fixture
def slip() -> Slip:
    party = person(1)
    row = Slip.objects.create(
        case_no=CASE, tax_kind_code="10", notice_no="2026-10-0000123", amount_yen=12300, cvs_barcode=BARCODE,
        valid_until=date(2026, 11, 30), issued_on=date(2026, 6, 8), el_municipality_code=EL.municipality_code,
        el_item_code=EL.item_code, el_case_key=EL.case_key, el_confirm_no=EL.confirm_no,
    )  # fmt: skip
    SlipLine.objects.create(slip=row, charge=charge(party, "2026-10-0000123", 2), principal_yen=12300)
    return row


@pytest.mark.parametrize(
    "read",
    [
        BARCODE,
        BARCODE.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
        f"]C1{BARCODE}",
        f"\x1d{BARCODE}\r\n",
        f"(91){BARCODE[2:]}",
        EL.text,
        EL.groups,
        el_number.qr_payload(EL, amount_yen=12300),
        CASE,
    ],
    ids=["plain", "full width", "reader prefix", "FNC1 and Enter", "printed AI", "eL", "eL printed", "eL-QR", "case"],
)
def test_whatever_the_reader_sends_the_slip_opens_its_party(clerk: Client, slip: Slip, read: str) -> None:
    party_id = slip.lines.get().charge.party_id
    assert clerk.post("/search/", {"q": read})["Location"].startswith(f"/party/{party_id}/")


def test_a_misread_bar_code_says_so(clerk: Client, slip: Slip) -> None:
    wrong = BARCODE[:-1] + str((int(BARCODE[-1]) + 1) % 10)
    html = clerk.post("/search/", {"q": wrong}).content.decode()
    assert "検査数字が合いません" in html
    assert "見つかりませんでした" in clerk.post("/search/", {"q": "0" * 16}).content.decode()


@pytest.mark.parametrize(
    "typed", ["2026-10-0000123", "２０２６−１０−００００１２３", "2026100000123", "2026‐10ー0000123"]
)
def test_a_notice_number_opens_its_party(clerk: Client, slip: Slip, typed: str) -> None:
    party_id = slip.lines.get().charge.party_id
    assert clerk.post("/search/", {"q": typed})["Location"].startswith(f"/party/{party_id}/")


def test_one_number_of_several_years_is_a_list_with_the_newest_first(clerk: Client) -> None:
    firm = person(2, name="旭川建設", kana="アサヒカワケンセツ", kind="corporation", state="active", birth_on=None)
    for tax_year in (2025, 2026):
        charge(firm, "00012345", 6, method="wage", tax_year=tax_year, levy_year=tax_year)
        charge(firm, "00012345", 7, method="wage", tax_year=tax_year, levy_year=tax_year)
    html = clerk.post("/search/", {"q": "00012345"}, follow=True).content.decode()
    assert html.count(f"/party/{firm.id}/") == 2
    assert html.index("令和8年度") < html.index("令和7年度")
    assert "給与特別徴収" in html


def test_a_withholder_is_found_by_its_designation_number(clerk: Client) -> None:
    firm = person(3, name="旭川建設", kana="アサヒカワケンセツ", kind="corporation", state="active", birth_on=None)
    Withholder.objects.create(designation_no="00054321", party=firm, name="旭川建設", valid_from=date(2020, 4, 1))
    assert clerk.post("/search/", {"q": "０００５４３２１"})["Location"] == f"/party/{firm.id}/"


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("2026100000123", ["2026100000123", "2026-10-0000123"]),
        ("2026-10-0000123", ["2026-10-0000123"]),
        ("00012345", ["00012345"]),
    ],
)
def test_the_hyphens_of_a_notice_number_may_be_left_out(text: str, forms: list[str]) -> None:
    assert notice_forms(text) == forms


@pytest.mark.parametrize("text", ["123456789018", "9" * 43, "9" * 45, "アサヒカワ", "]C1", "TEST;ELQR", ""])
def test_other_texts_are_no_slip_codes(text: str) -> None:
    assert slip_digits(text) == ""


def test_a_decision_without_charges_of_its_own_is_found_by_its_number_too(clerk: Client) -> None:
    party = person(4)
    now = clock.now()
    run = AssessmentRun.objects.create(
        tax_year=2026, kind="initial_wage", business_on=date(2026, 5, 10), documents_until=date(2026, 5, 8),
        requested_by="1001", recorded_at=now,
    )  # fmt: skip
    Decision.objects.create(
        party=party, tax_year=2026, version=1, cause="initial", decided_on=date(2026, 5, 10), run=run, annual_yen=9000,
        notice_no="2026-10-0000777", released_by="1002", recorded_at=now,
    )  # fmt: skip
    assert clerk.post("/search/", {"q": "2026-10-0000777"})["Location"].startswith(f"/party/{party.id}/")

"""Notices to employers come from decisions and the ledger's shares; changes tell what was told before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest
from django.db.models import Sum

from addressbook.disclosure import HIDDEN_TEXT
from addressbook.models import Address, Party, Protection
from addressbook.selectors.protections import hidden_parties
from assessment.models import CollectionShare, Decision, Withholder
from assessment.resident.notices import ordinary, withholding
from assessment.resident.notices.targets import Share, Standing
from assessment.resident.papers.tax_notice_data import NoticeMismatch
from collection.models import Charge, WithheldShare
from taxsys.platform.jobs.models import JobGate, JobRun
from taxsys.platform.outbox.models import OutboxMessage
from taxsys.platform.printing import store
from taxsys.platform.printing.models import PackageState, PrintItem, PrintPackage
from taxsys.platform.printing.parts import MailKind
from taxsys.web.demo import Demo
from tests.assessment.notices.conftest import NOTICE_ON, TAX_YEAR, at_desk
from tests.printing.conftest import flat, page_texts

Print = Callable[..., JobRun]
KEY = f"10:{TAX_YEAR}:{NOTICE_ON}"


def pieces(keys: list[str] | None = None):
    with at_desk(date(2026, 6, 9)):
        wanted = keys or withholding.notice_keys(TAX_YEAR, business_key=KEY)
        return withholding.notice_pieces(wanted, tax_year=TAX_YEAR, business_key=KEY, notice_on=NOTICE_ON)


def texts_of(item: PrintItem) -> list[str]:
    part = item.package.parts.get(part_no=item.part_no)
    pages = page_texts(store.read_checked(part.pdf_path, part.pdf_sha256))
    return [flat(page) for page in pages[item.first_page - 1 : item.first_page - 1 + item.pages]]


def test_every_employer_on_paper_gets_one_envelope_that_sums_to_its_months(print_notices: Print) -> None:
    run = print_notices("B-PI-15")
    package = PrintPackage.objects.get()
    assert not JobGate.objects.filter(run=run, ok=False).exists()
    on_paper = {one.designation_no for one in Withholder.objects.all() if withholding.is_paper(one)}
    taxed = set(Charge.objects.filter(method="wage", amount_yen__gt=0).values_list("notice_no", flat=True))
    assert set(package.items.values_list("item_key", flat=True)) == on_paper & taxed != set()
    for item in package.items.all():
        months = Charge.objects.filter(method="wage", notice_no=item.notice_no).order_by("instalment_no")
        cover, *rest = texts_of(item)
        assert item.amount_yen == months.aggregate(yen=Sum("amount_yen"))["yen"]
        assert f"特別徴収税額の総額{item.amount_yen:,}円" in cover
        assert "".join(f"{month.amount_yen:,}" for month in months) in cover
        assert len(rest) == 1 + package.subjects.filter(item=item).count()


def test_the_sheet_of_an_employee_is_the_line_on_the_list_and_the_decision(decided: Demo) -> None:
    for piece in pieces():
        for sheet in piece.paper.sheets:
            decision = Decision.objects.filter(notice_no=sheet.employee.notice_no).order_by("-version").first()
            share = CollectionShare.objects.get(run=decision.run, party=decision.party, method="wage")
            assert sheet.employee in piece.paper.notice.employees
            assert (sheet.employee.annual_yen, list(sheet.employee.months)) == (share.total_yen, share.instalments)
            assert sheet.city_income_yen + sheet.city_per_capita_yen == share.city_yen
            assert sheet.prefecture_income_yen + sheet.prefecture_per_capita_yen == share.prefecture_yen
            assert sheet.forest_yen == share.forest_yen


@pytest.mark.req("N-090")
@pytest.mark.req("N-092")
def test_an_envelope_with_a_hidden_employee_stays_inside_and_shows_no_address(print_notices: Print) -> None:
    print_notices("B-PI-15")
    package = PrintPackage.objects.get()
    hidden = hidden_parties(on=NOTICE_ON)
    inside = package.items.filter(subjects__subject_key__in=[str(party) for party in hidden]).distinct()
    assert inside.count() > 0
    for item in inside:
        text = "".join(texts_of(item))
        people = {UUID(key) for key in item.subjects.values_list("subject_key", flat=True)} & hidden
        homes = Address.objects.filter(party__in=people).known().valid(NOTICE_ON).values_list("full_text", flat=True)
        assert item.batch == "inhouse"
        assert not any(flat(home) in text for home in homes)
        assert all(flat(name) in text for name in Party.objects.filter(pk__in=people).values_list("name", flat=True))


@pytest.mark.req("N-092")
def test_an_employer_who_is_the_opponent_is_held_back_and_shown_no_name(decided: Demo) -> None:
    piece = next(one for one in pieces() if len(one.paper.notice.employees) > 1)
    employer = Withholder.objects.get(designation_no=piece.item_key)
    employee = piece.subjects[0].key
    Protection.objects.create(
        party_id=employee, kind="1", accepted_on=date(2026, 4, 1), valid_from=date(2026, 4, 1), source="test",
        opponent_name=employer.party.name, opponent_party=employer.party, recorded_at="2026-04-01T00:00:00+09:00",
    )  # fmt: skip
    (again,) = pieces([piece.item_key])
    assert HIDDEN_TEXT in {row.name for row in again.paper.notice.employees}
    assert Party.objects.get(pk=employee).name not in {row.name for row in again.paper.notice.employees}
    assert (again.addressee.mail_kind, again.addressee.is_protected) == (MailKind.HOLD_BACK.value, True)


def test_a_month_that_the_ledger_does_not_know_is_not_printed(decided: Demo) -> None:
    piece = pieces()[0]
    share = WithheldShare.objects.filter(charge__notice_no=piece.item_key).order_by("charge__instalment_no").last()
    WithheldShare.objects.filter(pk=share.pk).update(amount_yen=share.amount_yen + 100, city_yen=share.city_yen + 100)
    with pytest.raises(NoticeMismatch, match="元帳の調定額と一致しません"):
        pieces([piece.item_key])


def test_the_number_of_queries_does_not_grow_with_the_employers(
    decided: Demo, django_assert_max_num_queries: Callable
) -> None:
    everybody = withholding.notice_keys(TAX_YEAR, business_key=KEY)
    with django_assert_max_num_queries(34):
        assert len(pieces(everybody)) == len(everybody)


@pytest.mark.req("R-109")
def test_employers_that_chose_the_electronic_original_are_told_through_the_outbox_at_the_release(
    decided: Demo, print_notices: Print
) -> None:
    run = print_notices("B-PI-15")
    assert not OutboxMessage.objects.filter(topic="notice.electronic").exists()
    decided.release(run)
    told = OutboxMessage.objects.filter(topic="notice.electronic")
    electronic = {one.designation_no for one in Withholder.objects.all() if not withholding.is_paper(one)}
    shares = CollectionShare.objects.filter(method="wage", withholder__designation_no__in=electronic)
    assert told.count() == shares.values("party_id").distinct().count() > 0
    assert {one.payload["designation_no"] for one in told} <= electronic
    assert PrintPackage.objects.get().state == PackageState.RELEASED


# --- who must be told: plain rows -----------------------------------------------------------------------------------
def wage(withholder: int, *months: int) -> Share:
    total = sum(months)
    return Share("wage", total, 0, 0, total, tuple(months) + (0,) * (12 - len(months)), withholder, "E1")


def standing(now: Share | None, told: Share | None, *, was_told: bool = True) -> Standing:
    party = uuid4()
    decision = Decision(party_id=party, notice_no="2026-10-0000001", version=2)
    before = Decision(party_id=party, notice_no="2026-10-0000001", version=1) if was_told else None
    return Standing(decision, before, (now,) if now else (), (told,) if told else (), {})


@pytest.mark.parametrize(
    ("now", "told", "expected"),
    [
        (wage(1, 500), None, {1: (500, None)}),
        (wage(1, 500), wage(1, 500), {}),
        (wage(1, 700), wage(1, 500), {1: (700, 500)}),
        (wage(1, 300, 200), wage(1, 200, 300), {1: (500, 500)}),
        (wage(2, 500), wage(1, 500), {1: (0, 500), 2: (500, None)}),
        (None, wage(1, 500), {1: (0, 500)}),
        (None, None, {}),
    ],
)
def test_an_employer_is_told_what_is_new_what_changed_and_who_has_left(
    now: Share | None, told: Share | None, expected: dict[int, tuple[int, int | None]]
) -> None:
    found = withholding.told_by_withholder([standing(now, told, was_told=told is not None)], {})
    assert {
        employer: (row.share.total_yen if row.share else 0, row.old_yen) for employer, (row,) in found.items()
    } == expected


def test_months_that_a_correction_moved_are_told_though_the_share_is_the_same() -> None:
    same = standing(wage(1, 500), wage(1, 500))
    moved = replace(same, moved_yen={("wage", "0000001"): 200})
    assert withholding.told_by_withholder([same], {}) == {}
    assert list(withholding.told_by_withholder([moved], {})) == [1]


def test_a_bill_that_a_correction_made_for_an_employee_is_told() -> None:
    employee = replace(standing(wage(1, 500), wage(1, 500)), moved_yen={("ordinary", "2026-10-0000001"): 200})
    assert ordinary.must_be_told(employee)
    assert not ordinary.must_be_told(replace(employee, moved_yen={("wage", "0000001"): 200}))

"""Faults of the first checks, planted in the rows of a computed run: each breaks one check (and what hangs on it)."""

from collections.abc import Callable
from datetime import date

from django.db import connection

from assessment.models import (
    AssessmentRun,
    CollectionShare,
    Decision,
    ResidentFacts,
    ResidentResult,
    SourceDocument,
    TaxablePopulation,
    Withholder,
)
from collection.models import Charge

# One statement or a few on the computed run.
Plant = Callable[[AssessmentRun], object]


def rows(run: AssessmentRun):
    """Results with tax and a bill, in order of the residents' numbers (the same people in every run)."""
    billed = CollectionShare.objects.filter(run=run, method="ordinary").values("party")
    return ResidentResult.objects.filter(run=run, annual_tax_yen__gt=10_000, party__in=billed).order_by(
        "party__person_no"
    )


def one(run: AssessmentRun) -> ResidentResult:
    found = rows(run).first()
    assert found is not None
    return found


def change(**columns: object) -> Plant:
    """Overwrite columns of one taxed person's result."""
    return lambda run: ResidentResult.objects.filter(pk=one(run).pk).update(**columns)


def raise_by(name: str, yen: int) -> Plant:
    """Raise one result column and what is made of it, so that the sums still agree."""

    def plant(run: AssessmentRun) -> None:
        row = one(run)
        setattr(row, name, getattr(row, name) + yen)
        row.save()

    return plant


def share_of(run: AssessmentRun, method: str = "ordinary") -> CollectionShare:
    shares = CollectionShare.objects.filter(run=run, method=method, total_yen__gt=12_000).order_by("party__person_no")
    return next(share for share in shares if share.instalments[-1])


def shift_between_parts(run: AssessmentRun) -> None:
    share = share_of(run)
    share.city_yen -= 100
    share.prefecture_yen += 100
    share.save()


def drop_share(run: AssessmentRun) -> None:
    share_of(run).delete()


def lose_an_instalment(run: AssessmentRun) -> None:
    share = share_of(run)
    share.instalments[1] = 0
    share.save()


def uncut_instalments(run: AssessmentRun) -> None:
    share = share_of(run)
    share.instalments[0] -= 500
    share.instalments[1] += 500
    share.save()


def stop_with_share(run: AssessmentRun) -> None:
    ResidentResult.objects.filter(run=run, party=share_of(run).party).update(stop_code="LEVY_NEGATIVE")


def as_wage(run: AssessmentRun, withholder: Withholder) -> None:
    """Turn a bill into months of a withholder (the places of the bill stay)."""
    share = share_of(run)
    share.method, share.withholder = "wage", withholder
    share.save()


def foreign_withholder(run: AssessmentRun) -> None:
    paid_by = SourceDocument.objects.filter(party=share_of(run).party).values("withholder")
    stranger = Withholder.objects.exclude(pk__in=paid_by.exclude(withholder=None)).order_by("pk").first()
    assert stranger is not None
    as_wage(run, stranger)


def ended_withholder(run: AssessmentRun) -> None:
    paper = SourceDocument.objects.filter(kind="wage", withholder__isnull=False, state="active").order_by("pk").first()
    assert paper is not None
    share = share_of(run)
    SourceDocument.objects.filter(pk=paper.pk).update(party=share.party)
    Withholder.objects.filter(pk=paper.withholder_id).update(valid_to=date(2026, 3, 31))
    as_wage(run, Withholder.objects.get(pk=paper.withholder_id))


def late_business_day(run: AssessmentRun) -> None:
    AssessmentRun.objects.filter(pk=run.pk).update(business_on=date(2026, 6, 21))


def lose_a_result(run: AssessmentRun) -> None:
    row = ResidentResult.objects.filter(run=run, annual_tax_yen=0).order_by("party__person_no").first()
    assert row is not None
    row.delete()


def forget_a_person(run: AssessmentRun) -> None:
    row = ResidentResult.objects.filter(run=run, annual_tax_yen=0).order_by("party__person_no").first()
    assert row is not None
    ResidentFacts.objects.filter(run=run, party=row.party).delete()
    row.delete()


def pair(run: AssessmentRun) -> tuple[ResidentFacts, ResidentFacts]:
    first, second = ResidentFacts.objects.filter(run=run).exclude(document_ids=[]).order_by("party__person_no")[:2]
    return first, second


def paper_for_two(run: AssessmentRun) -> None:
    first, second = pair(run)
    second.document_ids = [*second.document_ids, first.document_ids[0]]
    second.save()


def paper_of_another_year(run: AssessmentRun) -> None:
    facts = pair(run)[0]
    paper = SourceDocument.objects.get(pk=facts.document_ids[0])
    paper.pk, paper.tax_year, paper.line_no = None, 2025, 90_000
    paper.save(force_insert=True)
    facts.document_ids = [paper.pk, *facts.document_ids[1:]]
    facts.save()


def dead_before(run: AssessmentRun) -> None:
    person = ResidentFacts.objects.filter(run=run, is_domiciled=True).order_by("party__person_no").first()
    assert person is not None
    TaxablePopulation.objects.filter(party=person.party).delete()


def same_person_twice(run: AssessmentRun) -> None:
    first, second = (one.party for one in pair(run))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE addressbook_party SET strict_key = o.strict_key, birth_on = o.birth_on"
            " FROM addressbook_party AS o WHERE o.id = %s AND addressbook_party.id = %s",
            [first.pk, second.pk],
        )
        cursor.execute(
            "UPDATE addressbook_address SET address_key = (SELECT address_key FROM addressbook_address"
            " WHERE party_id = %s AND superseded_at IS NULL AND valid_to IS NULL LIMIT 1)"
            " WHERE party_id = %s AND superseded_at IS NULL AND valid_to IS NULL",
            [first.pk, second.pk],
        )


def decide_again(*, own_number: bool) -> Plant:
    """Another decision beside the one in force: of the same person, or under another person's number."""

    def plant(run: AssessmentRun) -> None:
        first, second = Decision.objects.order_by("party__person_no")[:2]
        wage_run = first.run
        if own_number:
            Decision.objects.create(
                party=first.party, tax_year=2026, version=9, cause="correction", decided_on=date(2026, 6, 1),
                run=run, annual_yen=first.annual_yen, notice_no="2026-10-9999999", released_by="x",
                recorded_at=first.recorded_at,
            )  # fmt: skip
            return
        assert wage_run == second.run
        Decision.objects.create(
            party=ResidentFacts.objects.filter(run=run).exclude(party__in=Decision.objects.values("party"))[0].party,
            tax_year=2026, version=1, cause="initial", decided_on=date(2026, 6, 1), run=run, annual_yen=0,
            notice_no=second.notice_no, released_by="x", recorded_at=second.recorded_at,
        )  # fmt: skip

    return plant


def levy_too_much(run: AssessmentRun) -> None:
    billed = Charge.objects.filter(method="ordinary").order_by("party__person_no").first()
    charge = billed or Charge.objects.order_by("party__person_no").first()
    assert charge is not None
    share = charge.shares.order_by("pk").first()
    target = share or charge
    target.city_yen += 100
    target.amount_yen += 100
    target.save()


FAULTS: dict[str, Plant] = {
    "sum_of_parts": raise_by("annual_tax_yen", 100),
    "nothing_negative": change(city_tax_yen=-100, prefectural_tax_yen=0, forest_tax_yen=0, annual_tax_yen=-100),
    "base_in_thousands": raise_by("taxable_income_yen", -1),
    "base_not_above_income": change(taxable_income_yen=9_000_000_000),
    "levy_in_hundreds": raise_by("income_levy_city_yen", 1),
    "exempt_pays_nothing": change(is_exempt_person=True),
    "not_liable_pays_nothing": change(is_liable_per_capita=False, is_liable_income_levy=False),
    "salary_not_above_receipts": change(salary_income_yen=9_000_000_000),
    "shares_make_the_year": drop_share,
    "instalments_make_the_share": lose_an_instalment,
    "later_instalments_cut": uncut_instalments,
    "stopped_without_share": stop_with_share,
    "withholder_named_on_paper": foreign_withholder,
    "withholder_in_force": ended_withholder,
    "notice_ten_days_before_due": late_business_day,
    "everybody_with_papers": lose_a_result,
    "nobody_forgotten": forget_a_person,
    "paper_used_once": paper_for_two,
    "paper_is_ones_own": paper_of_another_year,
    "nobody_dead_before": dead_before,
    "nobody_twice": same_person_twice,
    "one_notice_per_liability": decide_again(own_number=True),
    "notice_of_one_person": decide_again(own_number=False),
    "levied_as_decided": levy_too_much,
}
# What a fault necessarily breaks besides: a paper used for two is somebody else's for one of them, and so on.
BESIDES = {
    "nothing_negative": {"shares_make_the_year", "parts_of_city_and_prefecture", "forest_tax_as_law"},
    "sum_of_parts": {"shares_make_the_year"},
    "base_in_thousands": {"levy_at_the_rate", "base_is_income_less_deductions", "adjustment_credit_as_law"},
    "base_not_above_income": {"levy_at_the_rate", "base_is_income_less_deductions", "adjustment_credit_as_law"},
    "levy_in_hundreds": {"parts_of_city_and_prefecture", "credits_subtracted"},
    "exempt_pays_nothing": {"levy_only_above_limit"},
    "not_liable_pays_nothing": {
        "adjustment_credit_as_law", "levy_at_the_rate", "levy_only_above_limit", "per_capita_only_above_limit",
        "per_capita_as_ordinance", "donation_within_cap",
    },
    "instalments_make_the_share": {"instalments_even"},
    "later_instalments_cut": {"instalments_even"},
    "withholder_named_on_paper": {"instalments_even", "places_of_the_method"},
    "withholder_in_force": {"later_instalments_cut", "instalments_even", "places_of_the_method"},
    "paper_used_once": {
        "paper_is_ones_own", "paper_names_the_person", "paper_named_as_the_person", "salary_as_papers",
        "pension_as_papers", "social_as_papers", "donation_as_papers", "business_as_papers",
    },
    "paper_is_ones_own": {"paper_named_as_the_person"},
    "nobody_twice": {"paper_names_the_person", "age_65_as_register", "minor_as_register", "paper_named_as_the_person"},
    "everybody_with_papers": set(),
}  # fmt: skip

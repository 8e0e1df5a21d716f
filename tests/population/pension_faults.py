"""Planted faults of the withholding from pensions: each by itself, in the rows of one pensioner of the run."""

from datetime import date

from assessment.models import AssessmentRun, CollectionShare, ResidentFacts, ResidentResult
from assessment.pensions.models import ProvisionalLevy
from taxsys.platform import clock

APRIL = date(2026, 4, 1)
SPRING = [1_000, 1_000, 1_000]


def pension_of(run: AssessmentRun) -> CollectionShare:
    """The pension share of somebody whose bill carries more than the per-capita tax in all terms."""
    bills = CollectionShare.objects.filter(run=run, method="ordinary", instalments__3__gt=0, total_yen__gt=20_000)
    shares = CollectionShare.objects.filter(
        run=run, method="pension", total_yen__gt=6_000, party__in=bills.values("party")
    )
    return shares.order_by("-total_yen", "party__person_no")[0]


def levied(run: AssessmentRun, party_id: object, months: list[int]) -> None:
    """A 仮徴収 of the person stands levied."""
    ProvisionalLevy.objects.create(
        party_id=party_id, tax_year=run.tax_year, base_notice_no="2025-10-0000001", base_version=1,
        base_yen=sum(months) * 2, city_yen=sum(months), prefecture_yen=0, forest_yen=0, instalments=months,
        job_run_id=1, notice_no="2026-10-0900001", levied_on=APRIL, released_by="1002", recorded_at=clock.now(),
    )  # fmt: skip


def continuing(run: AssessmentRun) -> CollectionShare:
    """The share of somebody with a 仮徴収, divided as the law has it: all of the pension's tax is withheld."""
    share = pension_of(run)
    levied(run, share.party_id, SPRING)
    bill = CollectionShare.objects.get(run=run, party=share.party_id, method="ordinary")
    rest = share.pension_tax_yen - sum(SPRING)
    each = rest // 300 * 100
    _moved(bill, share, share.pension_tax_yen - share.total_yen)
    left = bill.total_yen // 4 // 1000 * 1000
    bill.instalments = [bill.total_yen - left * 3, left, left, left]
    bill.save()
    share.instalments = [*SPRING, rest - 2 * each, each, each]
    share.save()
    return share


def _moved(bill: CollectionShare, share: CollectionShare, yen: int) -> None:
    """So much of the bill, the other half of the tax on the pension, goes to the pension."""
    prefecture = min(share.prefecture_yen, yen)
    for one, sign in ((bill, -1), (share, 1)):
        one.prefecture_yen += sign * prefecture
        one.city_yen += sign * (yen - prefecture)
        one.total_yen += sign * yen


def spring_overlooked(run: AssessmentRun) -> None:
    """The 仮徴収 is levied, the split does not know of it."""
    levied(run, pension_of(run).party_id, SPRING)


def spring_of_nobody(run: AssessmentRun) -> None:
    """Months in spring though nothing was levied."""
    share = pension_of(run)
    share.instalments = [*SPRING, share.instalments[3] - sum(SPRING), *share.instalments[4:]]
    share.save()


def autumn_uneven(run: AssessmentRun) -> None:
    share = continuing(run)
    share.instalments[4] += 100
    share.instalments[5] -= 100
    share.save()


def autumn_after_too_much_spring(run: AssessmentRun) -> None:
    """Spring withheld more than the year's tax, autumn goes on all the same."""
    share = continuing(run)
    ProvisionalLevy.objects.filter(party=share.party_id).update(instalments=[share.pension_tax_yen, 0, 100])


def first_year_not_half(run: AssessmentRun) -> None:
    """A third of the tax on the pension is withheld instead of its half."""
    share = pension_of(run)
    CollectionShare.objects.filter(pk=share.pk).update(pension_tax_yen=share.total_yen * 3 // 100 * 100)


def first_year_bill_over_four_terms(run: AssessmentRun) -> None:
    bill = CollectionShare.objects.get(run=run, party=pension_of(run).party_id, method="ordinary")
    each = bill.total_yen // 4 // 1000 * 1000
    bill.instalments = [bill.total_yen - 3 * each, each, each, each]
    bill.save()


def spring_without_result(run: AssessmentRun) -> None:
    """仮徴収 of somebody of whom no paper has come this year."""
    share = pension_of(run)
    levied(run, share.party_id, SPRING)
    for table in (CollectionShare, ResidentFacts, ResidentResult):
        table.objects.filter(run=run, party=share.party_id).delete()

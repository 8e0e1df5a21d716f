"""Further planted faults, one for each way a run can go wrong: how it is planted, and which checks must name it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from addressbook.models import Party
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
from taxsys.kernel.rates import Rate
from tests.population import pension_faults
from tests.population.computing_wrongly import (
    adopt,
    computed_wrongly,
    paper_again,
    paper_of,
    person,
    with_facts,
    with_law,
)
from tests.population.plants import Plant, one, share_of


@dataclass(frozen=True, slots=True)
class Fault:
    """A way to go wrong in the words of the office, and the checks that stop it (exactly these)."""

    way_ja: str
    plant: Plant
    found_by: frozenset[str]


def fault(way_ja: str, plant: Plant, *found_by: str) -> Fault:
    return Fault(way_ja, plant, frozenset(found_by))


def stored(**columns: Any) -> Plant:
    """Result columns of one taxed person overwritten after the calculation."""
    return lambda run: ResidentResult.objects.filter(pk=one(run).pk).update(**columns)


def raised(**columns: int) -> Plant:
    """Result columns of one person without separate income raised by so much."""

    def plant(run: AssessmentRun) -> None:
        row = ResidentResult.objects.get(run=run, party=person(run))
        for name, value in columns.items():
            setattr(row, name, getattr(row, name) + value)
        row.save()

    return plant


def dependants_amount(run: AssessmentRun) -> None:
    """A dependant (that no paper names) deducted with another amount than the law's."""

    def change(built: Any) -> None:
        built.batch["dependants_elderly"][:] = 1

    computed_wrongly(run, [person(run)], facts=change, law={"resident.deduction.dependant_elderly": 410_000})


def disabled_but_taxed(run: AssessmentRun) -> None:
    """The slip of a person of little income says disabled; the calculation overlooked it."""
    result = ResidentResult.objects.filter(
        run=run, total_income_yen__lte=1_350_000, annual_tax_yen__gt=0
    ).order_by("-total_income_yen", "party__person_no").first()  # fmt: skip
    assert result is not None
    ResidentFacts.objects.filter(run=run, party=result.party_id).update(disability_code=1)


def exchanged_results(run: AssessmentRun) -> None:
    first, second = ResidentResult.objects.filter(run=run).order_by("-annual_tax_yen", "party__person_no")[:2]
    first.party_id, second.party_id = second.party_id, first.party_id
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM assessment_residentresult WHERE id IN (%s, %s)", [first.pk, second.pk])
    first.save(force_insert=True)
    second.save(force_insert=True)


def exchanged_facts(run: AssessmentRun) -> None:
    """The papers of two people exchanged in the consolidation: each is computed on the other's."""
    ordered = (
        ResidentFacts.objects.filter(run=run)
        .exclude(document_ids=[])
        .order_by("-salary_receipts_yen", "party__person_no")
    )
    first, second = ordered[:2]
    first.document_ids, second.document_ids = second.document_ids, first.document_ids
    first.salary_receipts_yen, second.salary_receipts_yen = second.salary_receipts_yen, first.salary_receipts_yen
    first.save()
    second.save()


def paper_of_a_stranger(run: AssessmentRun) -> None:
    """A machine bound somebody's pay slip to a person of another birth date."""
    who = person(run)
    paper = paper_of(run, who)
    adopt(run, who, paper_again(paper, birth_on=date(1901, 2, 3), match_method="number"))


def paper_of_a_twin(run: AssessmentRun) -> None:
    """The slip of somebody of the same birth date (a twin, a namesake's neighbour) was bound to the person."""
    who = person(run)
    own = Party.objects.get(pk=who)
    other = (
        TaxablePopulation.objects.filter(tax_year=2026).exclude(party=who).order_by("-birth_on", "party__person_no")[0]
    )
    TaxablePopulation.objects.filter(pk=other.pk).update(birth_on=own.birth_on)
    Party.objects.filter(pk=other.party_id).update(birth_on=own.birth_on)
    paper = paper_of(run, who)
    adopt(run, who, paper_again(paper, name=other.party.name, birth_on=own.birth_on, match_method="number"))


def same_slip_twice(run: AssessmentRun) -> None:
    """The same pay slip came by two ways and both count."""
    who = person(run)
    paper_again(paper_of(run, who))
    computed_wrongly(run, [who])


def slip_of_years_ago(run: AssessmentRun) -> None:
    who = person(run)
    paper = paper_of(run, who)
    adopt(run, who, paper_again(paper, arrived_on=date(2024, 1, 20)))


def last_years_file_again(run: AssessmentRun) -> None:
    """A payer's file holds the very amounts of last year."""
    payer = SourceDocument.objects.filter(kind="wage", state="active", withholder__isnull=False, party__isnull=False)
    counted: dict[int, list[SourceDocument]] = {}
    for paper in payer.order_by("pk"):
        counted.setdefault(paper.withholder_id or 0, []).append(paper)
    several = max(counted.values(), key=len)
    assert len(several) >= 3
    for paper in several:
        paper_again(paper, tax_year=2025)


def silent_payer(run: AssessmentRun) -> None:
    """A payer who withheld last year has sent nothing this year (seen in the cut of May)."""
    decision = Decision.objects.filter(run__shares__method="wage", run__kind="initial_wage").order_by(
        "party__person_no"
    )[0]
    share = CollectionShare.objects.filter(run=decision.run, party=decision.party, method="wage")[0]
    payer = share.withholder
    assert payer is not None
    silent = Withholder.objects.create(
        designation_no="99999990", party=payer.party, name="沈黙株式会社", valid_from=date(2020, 1, 1)
    )
    last_year = AssessmentRun.objects.create(
        tax_year=2025, kind="taken_over", state="prepared", business_on=date(2025, 6, 1),
        documents_until=date(2025, 6, 1), requested_by="a", recorded_at=run.recorded_at,
    )  # fmt: skip
    CollectionShare.objects.create(
        run=last_year, party=decision.party, method="wage", withholder=silent, city_yen=1200, prefecture_yen=0,
        forest_yen=0, total_yen=1200, due_keys=["06"], instalments=[1200],
    )  # fmt: skip
    Decision.objects.create(
        party=decision.party, tax_year=2025, version=1, cause="initial", decided_on=date(2025, 6, 1), run=last_year,
        annual_yen=1200, notice_no="2025-10-0000001", released_by="x", recorded_at=run.recorded_at,
    )  # fmt: skip
    AssessmentRun.objects.filter(pk=last_year.pk).update(state="released")
    AssessmentRun.objects.filter(pk=run.pk).update(kind="initial_wage")


def corporation(run: AssessmentRun) -> None:
    Party.objects.filter(pk=person(run)).update(corporate_no="9999999999999")


def merged(run: AssessmentRun) -> None:
    who = person(run)
    other = Party.objects.exclude(pk=who).order_by("person_no").first()
    Party.objects.filter(pk=who).update(merged_into=other)


def died_before(run: AssessmentRun) -> None:
    """The register learned after the freezing that the person had left before 1 January."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE addressbook_partyversion SET state = 'dead' WHERE party_id = %s AND superseded_at IS NULL",
            [person(run)],
        )


def decided_a_second_time(run: AssessmentRun) -> None:
    """Somebody of the cut of May stands in the ordinary run without any new paper."""
    done = Decision.objects.filter(run__kind="initial_wage").order_by("party__person_no").first()
    assert done is not None
    computed_wrongly(run, [done.party_id])


def ordinary_in_the_wage_cut(run: AssessmentRun) -> None:
    """The run was asked for as the cut of wages though it holds people who pay by bill."""
    AssessmentRun.objects.filter(pk=run.pk).update(kind="initial_wage")


def lost_withholder(run: AssessmentRun) -> None:
    """The slip names a withholder, the calculation lost it and bills the person."""
    who = person(run)
    paper = paper_of(run, who)
    items = {key: value for key, value in paper.items.items()
             if key not in {"is_ordinary_collection", "left_on", "is_secondary"}}  # fmt: skip
    payer = Withholder.objects.filter(valid_to__isnull=True).order_by("designation_no").first()
    SourceDocument.objects.filter(party=who, kind="wage", tax_year=2026).update(state="cancelled")
    adopt(run, who, paper_again(paper, withholder=payer, items=items, state="active"))


def bill_with_withholder(run: AssessmentRun) -> None:
    CollectionShare.objects.filter(pk=share_of(run).pk).update(withholder=Withholder.objects.order_by("pk").first())


def employees_exchanged(run: AssessmentRun) -> None:
    """A withheld share carries the number of a colleague."""
    who = person(run)
    paper = paper_of(run, who)
    payer = Withholder.objects.filter(valid_to__isnull=True).order_by("designation_no").first()
    adopt(run, who, paper_again(paper, withholder=payer, items={**paper.items, "employee_no": "A-001"}))
    share = CollectionShare.objects.get(run=run, party=who, method="ordinary")
    share.method, share.withholder, share.employee_no = "wage", payer, "A-002"
    share.due_keys = ["06", "07", "08", "09", "10", "11", "12", "01", "02", "03", "04", "05"]
    share.instalments = [share.total_yen - 11 * (share.total_yen // 1200 * 100), *[share.total_yen // 1200 * 100] * 11]
    share.save()


def as_pension(run: AssessmentRun, who: Any) -> CollectionShare:
    share = CollectionShare.objects.get(run=run, party=who, method="ordinary")
    share.method, share.due_keys = "pension", ["04", "06", "08", "10", "12", "02"]
    each = share.total_yen // 300 * 100
    share.instalments = [0, 0, 0, share.total_yen - 2 * each, each, each]
    share.pension_tax_yen = share.total_yen * 2
    share.save()
    return share


def young_pensioner(run: AssessmentRun) -> None:
    who = person(run)
    share = as_pension(run, who)
    forest = share.forest_yen
    assert forest == 1_000


def pension_above_levy(run: AssessmentRun) -> None:
    """A pension share that holds more than the income levy on the pension (I3)."""
    share = CollectionShare.objects.filter(run=run, method="pension", total_yen__gt=300).order_by("-total_yen").first()
    assert share is not None
    result = ResidentResult.objects.get(run=run, party=share.party_id)
    bill = CollectionShare.objects.filter(run=run, party=share.party_id, method="ordinary").first()
    assert bill is not None
    moved = result.income_levy_city_yen + 100 - share.city_yen
    share.city_yen, share.total_yen = share.city_yen + moved, share.total_yen + moved
    share.instalments[3] += moved
    share.save()


def unknown_place(run: AssessmentRun) -> None:
    CollectionShare.objects.filter(pk=share_of(run).pk).update(due_keys=["1", "2", "3", "5"])


def uneven(run: AssessmentRun) -> None:
    share = share_of(run)
    share.instalments = [share.instalments[0], share.instalments[1] - 1000, share.instalments[2],
                         share.instalments[3] + 1000]  # fmt: skip
    share.save()


def share_of_nobody(run: AssessmentRun) -> None:
    share = share_of(run)
    ResidentFacts.objects.filter(run=run, party=share.party_id).delete()
    ResidentResult.objects.filter(run=run, party=share.party_id).delete()


def dues(**changed: str) -> Plant:
    found = {key.replace("_", ":"): value for key, value in changed.items()}
    return lambda run: AssessmentRun.objects.filter(pk=run.pk).update(due_dates=found)


def of_run(**columns: Any) -> Plant:
    return lambda run: AssessmentRun.objects.filter(pk=run.pk).update(**columns)


def empty_trial(run: AssessmentRun) -> None:
    for model in (CollectionShare, ResidentFacts, ResidentResult):
        model.objects.filter(run=run).delete()
    AssessmentRun.objects.filter(pk=run.pk).update(kind="trial")


def aid_forgotten(run: AssessmentRun) -> None:
    TaxablePopulation.objects.filter(tax_year=2026, party=person(run)).update(is_on_livelihood_aid=True)


def born_anew(run: AssessmentRun) -> None:
    """The birth date in the address book is another person's since the freezing (identities exchanged)."""
    who = person(run)
    born = Party.objects.get(pk=who).birth_on
    assert born is not None
    TaxablePopulation.objects.filter(tax_year=2026, party=who).update(birth_on=born.replace(day=1, year=born.year - 1))


def a_digit_too_many(run: AssessmentRun) -> None:
    """The payer wrote one digit too many; the calculation follows the paper."""
    who = person(run)
    paper = paper_of(run, who)
    SourceDocument.objects.filter(party=who, tax_year=2026).update(state="cancelled")
    paper_again(paper, items={**paper.items, "wage_yen": 420_000_000}, state="active")
    computed_wrongly(run, [who])


def too_many_children(run: AssessmentRun) -> None:
    who = person(run)
    paper = paper_of(run, who)
    SourceDocument.objects.filter(party=who, tax_year=2026).update(state="cancelled")
    paper_again(paper, items={**paper.items, "dependants_under_16": 22}, state="active")
    computed_wrongly(run, [who])


def single_with_spouse(run: AssessmentRun) -> None:
    """A paper that names a spouse and calls the person a single parent."""
    who = person(run)
    paper = paper_of(run, who)
    SourceDocument.objects.filter(party=who, tax_year=2026).update(state="cancelled")
    items = {**paper.items, "has_named_spouse": 1, "is_single_parent": 1}
    paper_again(paper, items=items, state="active")
    computed_wrongly(run, [who])


def child_lost(run: AssessmentRun) -> None:
    """A dependant listed on the return is not in the facts."""
    listed = SourceDocument.objects.filter(
        tax_year=2026, state="active", kind__in=["return", "resident_return"], relatives__0__isnull=False,
        party__in=ResidentFacts.objects.filter(run=run).values("party"),
    )  # fmt: skip
    paper = next(one for one in listed.order_by("pk") if any(r["role"] == "dependant" for r in one.relatives))

    def change(built: Any) -> None:
        for name in ("dependants_general", "dependants_specific", "dependants_elderly",
                     "dependants_elderly_coresident", "dependants_under_16"):  # fmt: skip
            built.batch[name][:] = 0

    computed_wrongly(run, [paper.party_id], facts=change)


def business_reversed(run: AssessmentRun) -> None:
    facts = ResidentFacts.objects.filter(run=run, business_income_yen__gt=0).order_by("-business_income_yen").first()
    assert facts is not None

    def change(built: Any) -> None:
        built.batch["business_income_yen"][:] *= -1

    computed_wrongly(run, [facts.party_id], facts=change)


def times(name: str, factor: int) -> Callable[[AssessmentRun], None]:
    """A fact of one person counted several times (or not at all)."""

    def plant(run: AssessmentRun) -> None:
        facts = (
            ResidentFacts.objects.filter(run=run, **{f"{name}__gt": 0}).order_by(f"-{name}", "party__person_no").first()
        )
        assert facts is not None

        def change(built: Any) -> None:
            built.batch[name][:] *= factor

        computed_wrongly(run, [facts.party_id], facts=change)

    return plant


def premises_taxed_on_income(run: AssessmentRun) -> None:
    """The person is frozen by premises alone, and the levy of a resident stands."""
    who = person(run)
    TaxablePopulation.objects.filter(tax_year=2026, party=who).update(basis="premises")
    ResidentFacts.objects.filter(run=run, party=who).update(is_domiciled=False, has_local_premises=True)


def premises_of_a_resident(run: AssessmentRun) -> None:
    """Registered as a person of his own, the holder of premises is a resident of the same name and birth."""
    who = person(run)
    TaxablePopulation.objects.filter(tax_year=2026, party=who).update(basis="premises")
    computed_wrongly(run, [who])
    twin = Party.objects.get(pk=who)
    twin.pk, twin.person_no = None, "R99999999999999"
    twin.save(force_insert=True)
    TaxablePopulation.objects.create(tax_year=2026, party=twin, birth_on=twin.birth_on)


def no_paper(run: AssessmentRun) -> None:
    ResidentFacts.objects.filter(run=run, party=person(run)).update(document_ids=[])


FACTS = (
    fault("同じ給与を二度合算した", times("salary_receipts_yen", 2), "salary_as_papers"),
    fault("年金を二度合算した", times("pension_receipts_yen", 2), "pension_as_papers"),
    fault("社会保険料を引かなかった", times("social_insurance_yen", 0), "social_as_papers"),
    fault("事業所得の符号を逆にした", business_reversed, "business_as_papers"),
    fault("ふるさと納税を二度数えた", times("hometown_donation_yen", 2), "donation_as_papers"),
    fault("資料にない扶養親族を引いた", with_facts(dependants_general=1), "dependants_on_paper"),
    fault("申告書の扶養親族を落とした", child_lost, "dependants_not_lost"),
    fault("資料にない障害者控除を引いた", with_facts(disability_code=1), "status_on_paper"),
    fault("65歳以上の判定を誤った", with_facts(is_age_65=1), "age_65_as_register"),
    fault("未成年者の判定を誤った", with_facts(is_minor=1), "minor_as_register"),
    fault("生活扶助を見落とした", aid_forgotten, "livelihood_aid_as_population"),
    fault(
        "住所のある者を家屋敷課税にもした",
        with_facts(has_local_premises=1),
        "here_or_elsewhere",
        "premises_as_registered",
    ),
    fault("登録のない者を家屋敷課税にした", with_facts(is_domiciled=0, has_local_premises=1), "premises_as_registered"),
    fault("家屋敷課税の者に所得割を課した", premises_taxed_on_income, "premises_per_capita_only", "results_again"),
    fault("家屋敷課税の者を市内の住民としても課税した", premises_of_a_resident, "premises_of_no_resident"),
    fault("配偶者のある者をひとり親にした", single_with_spouse, "spouse_and_single_parent"),
    fault("給与の桁を誤って入力した", a_digit_too_many, "amounts_of_one_person"),
    fault("扶養親族の数を誤って入力した", too_many_children, "dependants_of_one_person"),
    fault("資料のない者に所得を計算した", no_paper, "facts_from_papers"),
)
PEOPLE = (
    fault(
        "二人の事実を取り違えた",
        exchanged_facts,
        "paper_is_ones_own",
        "paper_named_as_the_person",
        "paper_names_the_person",
        "results_again",
        "social_as_papers",
    ),
    fault(
        "二人の計算結果を取り違えた",
        exchanged_results,
        "deductions_add_up",
        "family_heads_add_up",
        "results_again",
        "shares_make_the_year",
    ),
    fault("別人の資料を突合した(生年月日が違う)", paper_of_a_stranger, "paper_names_the_person"),
    fault("同じ生年月日の別人の資料を突合した", paper_of_a_twin, "paper_named_as_the_person"),
    fault("宛名の生年月日を取り違えた", born_anew, "born_as_frozen"),
    fault("法人を個人として課税した", corporation, "only_people"),
    fault("統合された宛名に課税した", merged, "merged_party"),
    fault("賦課期日前に転出した者に課税した", died_before, "population_as_register"),
    fault("決定済の者をもう一度決定した", decided_a_second_time, "decided_already"),
    fault("普通徴収の者を給与特別徴収の当初課税に入れた", ordinary_in_the_wage_cut, "wage_cut_only_wage"),
)
PAPERS = (
    fault("同じ給与支払報告書を二通とも数えた", same_slip_twice, "paper_twice"),
    fault("前々年に届いた資料を使った", slip_of_years_ago, "paper_before_its_year"),
    fault("前年のファイルを取り込んだ", last_years_file_again, "same_as_last_year"),
    fault("前年の特別徴収義務者の報告が届いていない", silent_payer, "payer_silent", "wage_cut_only_wage"),
)
LAW = (
    fault(
        "均等割額が改正前の額のまま",
        with_law("resident.per_capita.city", 3500),
        "per_capita_as_ordinance",
        "results_again",
    ),
    fault("森林環境税を課さなかった", with_law("resident.per_capita.forest", 0), "forest_tax_as_law", "results_again"),
    fault("税率を誤って設定した", with_law("resident.rate.city", Rate(7, 100)), "levy_at_the_rate", "results_again"),
    fault(
        "扶養控除の額を誤って設定した", dependants_amount, "dependants_as_law", "dependants_on_paper", "results_again"
    ),
    fault(
        "調整控除の率を誤って設定した",
        with_law("resident.credit.adjustment_rate_city", Rate(4, 100)),
        "adjustment_credit_as_law",
        "results_again",
    ),
    fault(
        "調整控除の下限を誤って設定した",
        with_law("resident.credit.adjustment_floor", 25000),
        "adjustment_credit_as_law",
        "results_again",
    ),
    fault(
        "非課税限度額の加算額を誤って設定した",
        with_law("resident.exemption.income_levy_add", 0),
        "levy_limit_as_law",
        "results_again",
    ),
    fault("計算の後に法定値を差し替えた", of_run(parameter_hash="0" * 64), "law_unchanged"),
    fault("計算の後に計算式を差し替えた", of_run(pipeline_version="resident-1"), "law_unchanged"),
)
AMOUNTS = (
    fault(
        "別年度の定額減税を引いた",
        raised(fixed_reduction_entitled_yen=10000),
        "fixed_reduction_of_the_year",
        "results_again",
    ),
    fault(
        "基礎控除を前の区分の額にした",
        raised(basic_deduction_yen=-140000),
        "basic_deduction_as_law",
        "deductions_add_up",
        "results_again",
    ),
    fault(
        "生命保険料控除が限度を超えた",
        raised(life_insurance_deduction_yen=100000),
        "deductions_add_up",
        "deductions_within_caps",
        "results_again",
    ),
    fault(
        "所得控除の一部を合計に入れなかった",
        raised(total_deduction_yen=-30000),
        "base_is_income_less_deductions",
        "deductions_add_up",
        "results_again",
    ),
    fault(
        "税額控除を二度引いた",
        raised(donation_credit_city_yen=50000),
        "credits_subtracted",
        "donation_credit_needs_donation",
        "results_again",
    ),
    fault(
        "合計所得金額に一部の所得を入れなかった",
        raised(total_income_yen=-10000),
        "gross_not_above_total",
        "incomes_add_up",
        "results_again",
    ),
    fault(
        "総所得金額等が合計所得金額を超えた",
        raised(gross_income_yen=1000),
        "base_is_income_less_deductions",
        "gross_not_above_total",
        "results_again",
    ),
    fault("前年にない損失を繰り越した", raised(net_loss_used_yen=500000), "losses_not_above_carried", "results_again"),
    fault(
        "分離課税の課税標準額の端数を残した",
        raised(taxable_long_land_yen=1234),
        "results_again",
        "separate_bases_in_thousands",
    ),
    fault("配当割額の還付を二重にした", raised(withheld_refund_yen=5000), "refund_adds_up", "results_again"),
    fault(
        "年金所得が年金収入を超えた", raised(pension_income_yen=9000000), "pension_not_above_receipts", "results_again"
    ),
    fault(
        "配偶者控除と配偶者特別控除を両方引いた",
        raised(spouse_deduction_yen=330000, spouse_special_deduction_yen=330000),
        "deductions_add_up",
        "results_again",
        "spouse_deduction_once",
    ),
    fault(
        "所得限度を超える者に寡婦控除を引いた",
        raised(widow_deduction_yen=260000),
        "deductions_add_up",
        "results_again",
        "status_deductions_as_law",
    ),
    fault(
        "障害者の非課税を見落とした",
        disabled_but_taxed,
        "disability_as_law",
        "exemption_not_overlooked",
        "results_again",
        "status_on_paper",
    ),
    fault(
        "ふるさと納税の特例控除が所得割の2割を超えた",
        raised(donation_special_city_yen=900000),
        "donation_within_cap",
        "results_again",
    ),
    fault(
        "寄附のない者に寄附金税額控除をした",
        raised(donation_one_stop_city_yen=1000),
        "donation_credit_needs_donation",
        "results_again",
    ),
    fault(
        "住宅ローン控除が限度額を超えた",
        raised(housing_credit_yen=200000),
        "housing_credit_within_cap",
        "results_again",
    ),
    fault(
        "非課税限度額の人数を誤った",
        raised(family_heads=1),
        "family_heads_add_up",
        "levy_limit_as_law",
        "results_again",
    ),
    fault(
        "限度額以下の者を課税にした",
        raised(income_levy_limit_yen=90000000),
        "levy_limit_as_law",
        "levy_only_above_limit",
        "results_again",
    ),
    fault(
        "均等割だけを誤って課した",
        raised(per_capita_limit_yen=90000000),
        "per_capita_only_above_limit",
        "results_again",
    ),
    fault(
        "調整控除前の額より所得割が大きい",
        raised(income_levy_city_yen=900000),
        "credits_subtracted",
        "levy_not_above_adjusted",
        "parts_of_city_and_prefecture",
        "results_again",
    ),
    fault(
        "障害者控除を別の区分の額で引いた",
        raised(disability_deduction_yen=40000),
        "deductions_add_up",
        "disability_as_law",
        "results_again",
    ),
    fault(
        "市民税と所得割・均等割の内訳が違う",
        raised(city_tax_yen=100, prefectural_tax_yen=-100),
        "parts_of_city_and_prefecture",
        "results_again",
        "shares_make_the_year",
    ),
)
COLLECTION = (
    fault("特別徴収義務者を落とした", lost_withholder, "withholder_kept"),
    fault("普通徴収に特別徴収義務者が付いた", bill_with_withholder, "withholder_by_method"),
    fault("従業員の受給者番号を取り違えた", employees_exchanged, "employee_no_on_paper"),
    fault("65歳未満の者を年金特別徴収にした", young_pensioner, "pension_share_entitled", "pension_share_within_levy"),
    fault(
        "年金特別徴収の税額に他の所得の分が混じった",
        pension_above_levy,
        "pension_first_year_half",
        "pension_first_year_bills",
        "pension_share_within_levy",
        "shares_make_the_year",
    ),
    fault(
        "仮徴収を見落として割った",
        pension_faults.spring_overlooked,
        "pension_provisional_as_levied",
        "pension_regular_is_the_rest",
    ),
    fault("調定のない仮徴収を入れた", pension_faults.spring_of_nobody, "pension_provisional_as_levied"),
    fault("本徴収の12月と2月が違う", pension_faults.autumn_uneven, "pension_regular_is_the_rest"),
    fault(
        "仮徴収が年金分を上回るのに本徴収を続けた",
        pension_faults.autumn_after_too_much_spring,
        "pension_below_provisional",
    ),
    fault(
        "初年度に半分でない額を年金から徴収した",
        pension_faults.first_year_not_half,
        "pension_first_year_half",
        "pension_first_year_bills",
    ),
    fault(
        "初年度の普通徴収分を4期に割った", pension_faults.first_year_bill_over_four_terms, "pension_first_year_bills"
    ),
    fault(
        "仮徴収をした人の今年の資料がない",
        pension_faults.spring_without_result,
        "provisional_has_result",
        "nobody_forgotten",
    ),
    fault("存在しない期別を作った", unknown_place, "places_of_the_method"),
    fault("期別の額が揃っていない", uneven, "instalments_even"),
    fault("計算結果のない者に期別額がある", share_of_nobody, "nobody_forgotten", "share_without_result"),
    fault("納期限が休日になった", dues(ordinary_1="2026-06-28"), "due_dates_sound"),
    fault("納期限の順が入れ替わった", dues(ordinary_2="2026-06-29"), "due_dates_sound"),
    fault("納期限が前の年度のまま", dues(ordinary_1="2025-06-30"), "due_dates_sound", "notice_ten_days_before_due"),
    fault("資料の締切日が業務日の後になった", of_run(documents_until=date(2026, 6, 10)), "dates_sound"),
    fault("対象者が一人もいない", empty_trial, "nobody_forgotten", "somebody_computed"),
)
FAULTS: tuple[Fault, ...] = (*FACTS, *PEOPLE, *PAPERS, *LAW, *AMOUNTS, *COLLECTION)

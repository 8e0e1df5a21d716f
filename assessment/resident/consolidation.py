"""資料合算: the papers of one person become the facts of one year (pure; no database).

Rules, in order:
- A return is the person's own statement of everything (地方税法317条の2・317条の3): the newest return decides incomes,
  deductions and relatives; reports beside it only tell who withholds, and a difference is reported.
- Without a return wages and pensions of all reports are added (317条の6); deductions and relatives come from the main
  pay slip (not 乙欄, highest pay), else from the pension report; social insurance is added up.
- Losses of earlier years are what the paper states, else what the ledger has (only beside a return: 連年の申告).
- A previous payer's pay written on the main slip counts unless that payer's own report is here too.
- One-stop notices count only without any return and with at most five donees (附則7条).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from assessment.resident.pension_split import PensionKnown
from assessment.resident.separate_boxes import SELF_MEDICATION_FLOOR_YEN, CarriedLoss, separate_facts

ONE_STOP_DONEES_MAX = 5
# 特定親族特別控除の表の段階 (upper ends of total income, yen): 地方税法314条の2第1項12号.
SPECIFIC_RELATIVE_BANDS_YEN = (950_000, 1_000_000, 1_050_000, 1_100_000, 1_150_000, 1_200_000, 1_230_000)
# National earthquake deduction: whole premium up to 50,000 yen (所得税法77条); the premium is read back from it.
_ASCENDANTS = frozenset({"父", "母", "親", "祖父", "祖母"})
_PREMIUMS = frozenset((
    "life_general_new_yen", "life_general_old_yen", "life_care_yen", "life_annuity_new_yen", "life_annuity_old_yen",
    "old_long_insurance_yen",
))  # fmt: skip
_RELATIVE_COUNTS = frozenset((
    "dependants_specific", "dependants_general", "dependants_under_16", "dependants_abroad", "disabled_relatives",
))  # fmt: skip
_RETURN_INCOMES = frozenset((
    "business_income_yen", "farm_income_yen", "real_estate_income_yen", "interest_income_yen", "dividend_income_yen",
    "misc_business_income_yen", "misc_other_income_yen", "hometown_donation_yen", "city_donation_yen",
    "prefecture_donation_yen", "withheld_dividend_tax_yen",
))  # fmt: skip


_FLAGS = frozenset(("is_widow", "is_working_student"))


@dataclass(frozen=True, slots=True)
class Paper:
    """One document as the consolidation sees it."""

    id: int
    kind: str
    content: Mapping[str, Any]
    arrived_on: date
    withholder_id: int | None = None
    relatives: Sequence[Mapping[str, Any]] = ()
    # The paper's own key (payer, employee, year): which of two equal papers counts must not hang on who came in first.
    key: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """The person on 1 January of the tax year."""

    birth_on: date | None
    sex: str
    tax_year: int
    is_domiciled: bool = True
    # 家屋敷等 (294条1項2号) of somebody who lives elsewhere, and whether that municipality exempts him.
    has_local_premises: bool = False
    is_exempt_at_domicile: bool = False
    # 繰越損失の台帳: what is there to set off this year, by kind.
    losses: Mapping[str, CarriedLoss] = field(default_factory=dict)
    receives_livelihood_aid: bool = False

    @property
    def income_year(self) -> int:
        """The calendar year whose income is taxed (地方税法32条・313条)."""
        return self.tax_year - 1


@dataclass(slots=True)
class Consolidated:
    """Facts by column name (absent = 0), how they were found, and how the tax may be collected."""

    facts: dict[str, int]
    adopted: list[int]
    excluded: list[tuple[int, str]] = field(default_factory=list)
    differences: list[tuple[str, int, int]] = field(default_factory=list)
    withholder_id: int | None = None
    employee_no: str = ""
    wants_ordinary: bool = False
    has_return: bool = False
    # What is known of the withholding from the pension: 仮徴収 levied, a stop.
    pension: PensionKnown = field(default_factory=PensionKnown)


def age_at_year_end(birth_on: date, year: int) -> int:
    """Age on 31 December; a 1 January child reaches the next age the day before (年齢計算ニ関スル法律)."""
    return year - birth_on.year + (birth_on.month == 1 and birth_on.day == 1)


def is_minor_on_assessment_date(birth_on: date, tax_year: int) -> bool:
    """未成年者 on 1 January of the tax year: under 18, born on 3 January of the year or later (地方税法295条1項2号)."""
    return birth_on >= date(tax_year - 18, 1, 3)


def consolidate(subject: Subject, papers: Sequence[Paper]) -> Consolidated:
    """One person's facts from the papers (any order; the result does not depend on it)."""
    ordered = sorted(papers, key=lambda paper: (paper.arrived_on, paper.key, paper.id))
    returns = [paper for paper in ordered if paper.kind in {"return", "resident_return"}]
    wages = [paper for paper in ordered if paper.kind == "wage"]
    result = Consolidated(facts=_person_facts(subject), adopted=[])
    main = _main_slip(wages)
    if returns:
        _take_return(result, subject, returns[-1], wages, [p for p in ordered if p.kind == "pension"])
        result.excluded += [(paper.id, "later_return") for paper in returns[:-1]]
        result.excluded += [(p.id, "return_filed") for p in ordered if p.kind in {"wage", "pension"}]
    else:
        _take_wages(result, wages, main, subject)
        _take_pensions(result, [p for p in ordered if p.kind == "pension"], is_main=main is None, subject=subject)
    _take_one_stop(result, [p for p in ordered if p.kind == "onestop"])
    _choose_collection(result, wages, main)
    result.adopted.sort()
    result.facts = {name: value for name, value in result.facts.items() if value}
    return result


def _person_facts(subject: Subject) -> dict[str, int]:
    birth = subject.birth_on
    facts = {
        "is_domiciled": int(subject.is_domiciled),
        "has_local_premises": int(subject.has_local_premises),
        "is_exempt_at_domicile": int(subject.is_exempt_at_domicile),
        "receives_livelihood_aid": int(subject.receives_livelihood_aid),
    }
    if birth is not None:
        facts["is_minor"] = int(is_minor_on_assessment_date(birth, subject.tax_year))
        facts["is_age_65"] = int(age_at_year_end(birth, subject.income_year) >= 65)
    return facts


def _main_slip(wages: Sequence[Paper]) -> Paper | None:
    """The pay slip that carries deductions and relatives: not 乙欄, adjusted at year end, highest pay."""
    candidates = [paper for paper in wages if not paper.content.get("is_secondary")]
    if not candidates:
        return None
    return min(
        candidates,
        key=lambda p: ("wage_after_deduction_yen" not in p.content, -int(p.content.get("wage_yen", 0)), p.key, p.id),
    )


def _take_wages(result: Consolidated, wages: Sequence[Paper], main: Paper | None, subject: Subject) -> None:
    facts = result.facts
    paid = [int(paper.content.get("wage_yen", 0)) for paper in wages]
    facts["salary_receipts_yen"] = sum(paid)
    facts["social_insurance_yen"] = sum(_own_social(paper.content) for paper in wages)
    facts["small_business_mutual_yen"] = sum(int(paper.content.get("small_mutual_yen", 0)) for paper in wages)
    result.adopted += [paper.id for paper in wages]
    if main is None:
        return
    content = main.content
    previous = int(content.get("previous_wage_yen", 0))
    if previous and previous not in paid:
        # 前職分 is written inside 支払金額 of an adjusted slip, beside it on one that is not.
        if "wage_after_deduction_yen" not in content:
            facts["salary_receipts_yen"] += previous
            facts["social_insurance_yen"] += int(content.get("previous_social_yen", 0))
    elif previous and "wage_after_deduction_yen" in content:
        facts["salary_receipts_yen"] -= previous
        facts["social_insurance_yen"] -= int(content.get("previous_social_yen", 0))
    _carry(facts, content, _PREMIUMS)
    facts["earthquake_yen"] = _earthquake_premium(content)
    _take_report_relatives(facts, content, subject)


def _carry(facts: dict[str, int], content: Mapping[str, Any], names: frozenset[str]) -> None:
    """Boxes that the paper has filled in and the facts know by the same name."""
    for name in names & content.keys():
        facts[name] = int(content[name])


def _own_social(content: Mapping[str, Any]) -> int:
    """社会保険料 without the small-business instalments that the slip includes in it (内書)."""
    return max(0, int(content.get("social_insurance_yen", 0)) - int(content.get("small_mutual_yen", 0)))


def _earthquake_premium(content: Mapping[str, Any]) -> int:
    """The earthquake premium behind the national deduction (the old long-term share taken off first)."""
    deduction = int(content.get("earthquake_deduction_yen", 0))
    old_long = int(content.get("old_long_insurance_yen", 0))
    if old_long <= 10_000:
        share = old_long
    else:
        share = min(15_000, -(-old_long // 2) + 5_000)
    return max(0, deduction - share)


def _take_pensions(result: Consolidated, pensions: Sequence[Paper], *, is_main: bool, subject: Subject) -> None:
    facts = result.facts
    facts["pension_receipts_yen"] = sum(int(paper.content.get("pension_yen", 0)) for paper in pensions)
    social = sum(int(paper.content.get("social_insurance_yen", 0)) for paper in pensions)
    facts["social_insurance_yen"] = facts.get("social_insurance_yen", 0) + social
    result.adopted += [paper.id for paper in pensions]
    if is_main and pensions:
        highest = min(pensions, key=lambda p: (-int(p.content.get("pension_yen", 0)), p.key, p.id))
        _take_report_relatives(facts, highest.content, subject)


def _take_report_relatives(facts: dict[str, int], content: Mapping[str, Any], subject: Subject) -> None:
    """Relatives and the payer's own status as counted on a wage or pension report."""
    _carry(facts, content, _RELATIVE_COUNTS)
    _take_within(facts, content, "dependants_elderly", "dependants_elderly_coresident")
    _take_within(facts, content, "special_disabled_relatives", "special_disabled_coresident_relatives")
    if content.get("has_named_spouse") or content.get("spouse_code") in {"1", "3"}:
        facts["has_spouse"] = 1
        facts["spouse_income_yen"] = int(content.get("spouse_income_yen", 0))
        facts["is_spouse_elderly"] = int(bool(content.get("is_spouse_elderly")))
    for income_yen in content.get("specific_relative_incomes_yen", ()):
        _add_specific_relative(facts, int(income_yen))
    facts["has_dependant_under_23"] = int(
        bool(
            facts.get("dependants_under_16") or facts.get("dependants_specific") or content.get("income_adjustment_yen")
        )
    )
    _take_status(facts, content, subject)


def _take_within(facts: dict[str, int], content: Mapping[str, Any], whole: str, within: str) -> None:
    """A number of relatives of whom some live together (内書): the two become numbers beside each other."""
    if whole in content:
        together = min(int(content[whole]), int(content.get(within, 0)))
        facts[whole], facts[within] = int(content[whole]) - together, together


def _take_status(facts: dict[str, int], content: Mapping[str, Any], subject: Subject) -> None:
    facts["disability_code"] = int(content.get("disability_code", 0))
    for name in _FLAGS & content.keys():
        facts[name] = int(bool(content[name]))
    if content.get("is_single_parent"):
        facts["single_parent_code"] = 2 if subject.sex == "1" else 1


def _add_specific_relative(facts: dict[str, int], income_yen: int) -> None:
    for band, upper in enumerate(SPECIFIC_RELATIVE_BANDS_YEN, start=1):
        if income_yen <= upper:
            name = f"specific_relatives_{band}"
            facts[name] = facts.get(name, 0) + 1
            return


def _take_return(
    result: Consolidated, subject: Subject, paper: Paper, wages: Sequence[Paper], pensions: Sequence[Paper]
) -> None:
    facts, content = result.facts, paper.content
    result.has_return = True
    result.adopted.append(paper.id)
    facts["salary_receipts_yen"] = int(content.get("wage_yen", 0))
    facts["pension_receipts_yen"] = int(content.get("pension_yen", 0))
    _carry(facts, content, _RETURN_INCOMES)
    apart, contradictions = separate_facts(content, subject.losses)
    facts.update(apart)
    result.differences += contradictions
    _carry(facts, content, _PREMIUMS)
    facts["earthquake_yen"] = int(content.get("earthquake_yen", 0))
    facts["social_insurance_yen"] = int(content.get("social_insurance_yen", 0))
    facts["small_business_mutual_yen"] = int(content.get("small_mutual_yen", 0))
    _take_medical(facts, content)
    _take_status(facts, content, subject)
    _take_listed_relatives(facts, paper, subject)
    for name, reports in (("wage_yen", wages), ("pension_yen", pensions)):
        reported = sum(int(report.content.get(name, 0)) for report in reports)
        if reports and reported != int(content.get(name, 0)):
            result.differences.append((name, int(content.get(name, 0)), reported))


def _take_medical(facts: dict[str, int], content: Mapping[str, Any]) -> None:
    """医療費控除, or the self-medication scheme where the paper chooses it (法附則4条の5)."""
    deduction = int(content.get("medical_deduction_yen", 0))
    if content.get("chooses_self_medication"):
        facts["chooses_self_medication"] = 1
        facts["self_medication_yen"] = deduction + SELF_MEDICATION_FLOOR_YEN if deduction else 0
    else:
        facts["medical_paid_yen"] = _medical_paid(content)


def _medical_paid(content: Mapping[str, Any]) -> int:
    """The medical bill behind the deduction of the return: deduction + min(5 % of income, 100,000) (法314条の2①2)."""
    deduction = int(content.get("medical_deduction_yen", 0))
    if not deduction:
        return 0
    return deduction + min(100_000, max(int(content.get("total_income_yen", 0)), 0) * 5 // 100)


def _take_listed_relatives(facts: dict[str, int], paper: Paper, subject: Subject) -> None:
    """Relatives listed one by one with their birth dates (second table of the return)."""
    for name in (*_RELATIVE_COUNTS, "dependants_elderly", "dependants_elderly_coresident"):
        facts.setdefault(name, 0)
    for relative in paper.relatives:
        birth = relative.get("birth_on")
        age = age_at_year_end(date.fromisoformat(birth), subject.income_year) if birth else 30
        if relative["role"] == "spouse":
            facts["has_spouse"] = 1
            facts["spouse_income_yen"] = int(paper.content.get("spouse_income_yen", 0))
            facts["is_spouse_elderly"] = int(age >= 70)
        elif relative["role"] == "specific_relative":
            _add_specific_relative(facts, int(relative.get("income_yen", 0)))
            continue
        else:
            facts[dependant_class(age, str(relative.get("relation", "")))] += 1
            if age < 23:
                facts["has_dependant_under_23"] = 1
        if relative.get("disability") == "special":
            facts["special_disabled_relatives"] = facts.get("special_disabled_relatives", 0) + 1
        elif relative.get("disability") == "ordinary":
            facts["disabled_relatives"] += 1


def dependant_class(age: int, relation: str) -> str:
    """The class of a dependant by age on 31 December (法314条の2①11・④)."""
    if age < 16:
        return "dependants_under_16"
    if age >= 70:
        return "dependants_elderly_coresident" if relation in _ASCENDANTS else "dependants_elderly"
    return "dependants_specific" if 19 <= age <= 22 else "dependants_general"


def _take_one_stop(result: Consolidated, notices: Sequence[Paper]) -> None:
    if not notices:
        return
    donees = sum(int(paper.content.get("applications", 1)) for paper in notices)
    if result.has_return or donees > ONE_STOP_DONEES_MAX:
        reason = "return_filed" if result.has_return else "more_than_five_donees"
        result.excluded += [(paper.id, reason) for paper in notices]
        return
    result.facts["hometown_donation_yen"] = sum(int(paper.content.get("hometown_donation_yen", 0)) for paper in notices)
    result.facts["is_one_stop"] = 1
    result.adopted += [paper.id for paper in notices]


def _choose_collection(result: Consolidated, wages: Sequence[Paper], main: Paper | None) -> None:
    """Who withholds: the payer of the main slip, unless it reports 普通徴収 or the employee has left (法321条の3)."""
    if main is None or main.withholder_id is None:
        return
    if main.content.get("is_ordinary_collection") or main.content.get("left_on"):
        return
    result.withholder_id = main.withholder_id
    result.employee_no = str(main.content.get("employee_no", ""))

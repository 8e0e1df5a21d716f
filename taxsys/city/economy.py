"""Employers, pay, pensions, businesses and donations of the synthetic city for the income year.

Figures on a pay slip are the employer's own arithmetic for 令和7年分: wage income by 所得税法別表第五, the basic
deduction as the employer reports it. They are inputs of the tax office, not its rules.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from random import Random

from taxsys.city.names import PLACE_WORDS, TRADE_KANA, TRADES
from taxsys.city.people import CHILD, PARENT, WIFE, CityPeople, Household, Person
from taxsys.kernel.checkdigits import corporate_no_check

DEPENDANT_INCOME_LIMIT_YEN = 580_000
SPECIFIC_RELATIVE_LIMIT_YEN = 1_230_000


@dataclass(slots=True)
class Employer:
    index: int
    designation_no: str
    corporate_no: str
    name: str
    kana: str
    address: str
    weight: float
    withholds: bool
    is_small: bool
    headcount: int = 0


@dataclass(slots=True)
class WagePay:
    """One employment in the income year: what a 給与支払報告書 will say."""

    employer: Employer
    person: Person
    paid_yen: int
    social_yen: int
    withheld_yen: int
    is_main: bool
    employee_no: str
    left_on: date | None = None
    previous: "WagePay | None" = None


@dataclass(slots=True)
class Claim:
    """Relatives a person claims (on the pay slip or the return)."""

    spouse: Person | None = None
    spouse_income_yen: int = 0
    dependants: list[Person] = field(default_factory=list)
    specific_relatives: list[tuple[Person, int]] = field(default_factory=list)
    under16: list[Person] = field(default_factory=list)


@dataclass(slots=True)
class Means:
    """Everything one person earned, paid and claims in the income year."""

    person: Person
    wages: list[WagePay] = field(default_factory=list)
    pension_yen: int = 0
    pension_social_yen: int = 0
    business_revenue_yen: int = 0
    business_income_yen: int = 0
    real_estate_revenue_yen: int = 0
    real_estate_income_yen: int = 0
    dividend_yen: int = 0
    misc_revenue_yen: int = 0
    misc_income_yen: int = 0
    new_life_yen: int = 0
    old_life_yen: int = 0
    care_medical_yen: int = 0
    quake_yen: int = 0
    medical_yen: int = 0
    small_mutual_yen: int = 0
    national_health_yen: int = 0
    hometown_donation_yen: int = 0
    files_return: bool = False
    claim: Claim = field(default_factory=Claim)
    is_single_parent: bool = False

    @property
    def wage_yen(self) -> int:
        return sum(pay.paid_yen for pay in self.wages)

    @property
    def wage_income_yen(self) -> int:
        return wage_income(self.wage_yen)

    @property
    def pension_income_yen(self) -> int:
        return pension_income(self.pension_yen, is_65=self.person.birth_on <= date(1961, 1, 1))

    @property
    def total_income_yen(self) -> int:
        return max(0, self.wage_income_yen + self.pension_income_yen + self.business_income_yen
                   + self.real_estate_income_yen + self.dividend_yen + self.misc_income_yen)  # fmt: skip


def wage_income(revenue_yen: int) -> int:
    """給与所得控除後の金額 as the employer reads it off the 令和7年分 table (yen)."""
    if revenue_yen < 651_000:
        return 0
    if revenue_yen < 1_900_000:
        return revenue_yen - 650_000
    step = revenue_yen // 4000 * 1000
    if revenue_yen < 3_600_000:
        return step * 28 // 10 - 80_000
    if revenue_yen < 6_600_000:
        return step * 32 // 10 - 440_000
    if revenue_yen < 8_500_000:
        return revenue_yen * 9 // 10 - 1_100_000
    return revenue_yen - 1_950_000


def pension_income(revenue_yen: int, *, is_65: bool) -> int:
    """公的年金等に係る雑所得 while other income is 10,000,000 yen or less (yen)."""
    flat_to, flat = (3_300_000, 1_100_000) if is_65 else (1_300_000, 600_000)
    if revenue_yen <= flat_to:
        return max(0, revenue_yen - flat)
    if revenue_yen <= 4_100_000:
        return revenue_yen * 75 // 100 - 275_000
    if revenue_yen <= 7_700_000:
        return revenue_yen * 85 // 100 - 685_000
    return revenue_yen * 95 // 100 - 1_455_000


class CityEconomy:
    """Means of every resident, and the employers that pay them."""

    def __init__(self, people: CityPeople) -> None:
        self.people = people
        self.income_year = people.tax_year - 1
        self.random = Random(f"economy/{people.seed}/{people.size}/{people.tax_year}")
        self.employers = self._employers(max(12, people.size // 26))
        self._employer_lots = list(accumulate(employer.weight for employer in self.employers))
        self.means: dict[int, Means] = {}
        for person in people.persons:
            self.means[person.index] = self._means(person)
        for household in people.households:
            self._claims(household)

    def all_means(self) -> Iterator[Means]:
        return iter(self.means.values())

    # -- employers -------------------------------------------------------------------------------------------------

    def _employers(self, count: int) -> list[Employer]:
        draw = self.random
        employers = []
        for index in range(1, count + 1):
            place, trade = draw.choice(PLACE_WORDS), draw.choice(TRADES)
            body = f"{index + 100000:012d}"
            town = draw.choice(self.people.households).head.town
            employers.append(
                Employer(
                    index=index,
                    designation_no=f"{index:07d}",
                    corporate_no=f"{corporate_no_check(body)}{body}",
                    name=f"株式会社{place[0]}{trade}{index}",
                    kana=f"カブシキガイシャ{place[1]}{TRADE_KANA[trade]}{index}",
                    address=f"北海道旭川市{town[1]}{draw.randint(1, 30)}番{draw.randint(1, 20)}号",
                    weight=1.0 / index**0.55,
                    withholds=draw.random() < 0.9,
                    is_small=index > count * 0.7,
                )
            )
        return employers

    def _pay(self, person: Person, paid_yen: int, *, is_main: bool) -> WagePay:
        draw = self.random
        employer = draw.choices(self.employers, cum_weights=self._employer_lots)[0]
        employer.headcount += 1
        social = paid_yen * draw.randint(1400, 1530) // 10000 if is_main and paid_yen > 1_060_000 else 0
        return WagePay(
            employer=employer,
            person=person,
            paid_yen=paid_yen,
            social_yen=social,
            withheld_yen=max(0, (wage_income(paid_yen) - social - 950_000)) // 20,
            is_main=is_main,
            employee_no=f"E{employer.headcount:06d}",
        )

    # -- means -----------------------------------------------------------------------------------------------------

    def _means(self, person: Person) -> Means:
        draw = self.random
        means = Means(person)
        age = person.age_on(date(self.income_year, 12, 31))
        if age < 15:
            return means
        self._earn(means, age)
        if age >= 65 and draw.random() < 0.97:
            means.pension_yen = max(200_000, int(draw.gauss(1_650_000, 650_000)))
            means.pension_social_yen = means.pension_yen * 6 // 100
        elif 60 <= age < 65 and draw.random() < 0.12:
            means.pension_yen = max(100_000, int(draw.gauss(900_000, 300_000)))
        if means.total_income_yen > 1_500_000:
            self._thrift(means)
        means.files_return = self._must_file(means)
        return means

    def _earn(self, means: Means, age: int) -> None:
        draw = self.random
        person = means.person
        works = {True: 0.02 if age < 18 else 0.45, False: 0.0}[age < 22]
        if 22 <= age < 60:
            works = 0.86 if person.sex == "1" else 0.74
        elif 60 <= age < 70:
            works = 0.5
        elif age >= 70:
            works = 0.12
        lot = draw.random()
        if lot < works:
            if age < 22:
                paid = draw.randint(200_000, 1_700_000)
            else:
                median = 4_100_000 if person.sex == "1" else 2_700_000
                paid = int(draw.lognormvariate(0, 0.48) * median * (0.7 if age < 27 or age >= 60 else 1.0))
                paid = min(paid, 42_000_000)
            means.wages.append(self._pay(person, max(60_000, paid), is_main=True))
            if draw.random() < 0.05:
                means.wages.append(self._pay(person, draw.randint(80_000, 900_000), is_main=False))
                if draw.random() < 0.15:
                    means.wages.append(self._pay(person, draw.randint(50_000, 300_000), is_main=False))
            if draw.random() < 0.06:
                means.wages[0].left_on = date(self.income_year, draw.randint(2, 11), 28)
        elif lot < works + 0.08 and age >= 22:
            means.business_revenue_yen = draw.randint(800_000, 30_000_000)
            means.business_income_yen = int(means.business_revenue_yen * draw.uniform(-0.05, 0.45))
            means.national_health_yen = draw.randint(150_000, 700_000)
        if age >= 40 and draw.random() < 0.025:
            means.real_estate_revenue_yen = draw.randint(300_000, 6_000_000)
            means.real_estate_income_yen = int(means.real_estate_revenue_yen * draw.uniform(-0.1, 0.6))
        if age >= 30 and draw.random() < 0.01:
            means.dividend_yen = draw.randint(20_000, 1_500_000)
        if age >= 20 and draw.random() < 0.02:
            means.misc_revenue_yen = draw.randint(100_000, 900_000)
            means.misc_income_yen = means.misc_revenue_yen // 2

    def _thrift(self, means: Means) -> None:
        draw = self.random
        if draw.random() < 0.55:
            means.new_life_yen = draw.randint(5_000, 160_000)
        if draw.random() < 0.2:
            means.old_life_yen = draw.randint(5_000, 140_000)
        if draw.random() < 0.4:
            means.care_medical_yen = draw.randint(5_000, 100_000)
        if draw.random() < 0.3:
            means.quake_yen = draw.randint(3_000, 60_000)
        if draw.random() < 0.08:
            means.medical_yen = draw.randint(60_000, 900_000)
        if draw.random() < 0.06:
            means.small_mutual_yen = draw.choice((60_000, 144_000, 276_000))
        if draw.random() < 0.13:
            means.hometown_donation_yen = draw.choice((10_000, 15_000, 20_000, 30_000, 50_000, 80_000))

    def _must_file(self, means: Means) -> bool:
        draw = self.random
        if means.business_revenue_yen or means.real_estate_revenue_yen or means.wage_yen > 20_000_000:
            return True
        if means.medical_yen > 100_000 or means.misc_income_yen > 200_000 or means.dividend_yen:
            return draw.random() < 0.85
        if len(means.wages) > 1 or (means.wages and means.wages[0].left_on):
            return draw.random() < 0.45
        if means.wages and means.pension_yen:
            return draw.random() < 0.6
        return means.hometown_donation_yen > 0 and draw.random() < 0.4

    # -- claims ----------------------------------------------------------------------------------------------------

    def _claims(self, household: Household) -> None:
        """The best earner claims the family; now and then two claim the same child (a fault the office must find)."""
        draw = self.random
        adults = [person for person in household.members if self.means[person.index].total_income_yen > 0]
        if not adults:
            return
        claimant = max(adults, key=lambda person: (self.means[person.index].total_income_yen, -person.index))
        means = self.means[claimant.index]
        for member in household.members:
            if member is not claimant:
                self._claim_member(means, member)
        has_children = bool(means.claim.dependants or means.claim.under16)
        means.is_single_parent = (
            has_children and means.claim.spouse is None and len(household.members) >= 2
            and not any(member.relation == WIFE for member in household.members)
            and means.total_income_yen <= 5_000_000
        )  # fmt: skip
        others = [person for person in adults if person is not claimant and person.relation in {"02", WIFE}]
        if others and has_children and draw.random() < 0.01:
            shared = (means.claim.dependants + means.claim.under16)[0]
            second = self.means[others[0].index].claim
            (second.dependants if shared in means.claim.dependants else second.under16).append(shared)
            shared.notes.add("claimed_twice")

    def _claim_member(self, means: Means, member: Person) -> None:
        income = self.means[member.index].total_income_yen
        age = member.age_on(date(self.income_year, 12, 31)) + (member.birth_on.month == member.birth_on.day == 1)
        couple = {means.person.relation, member.relation} == {"02", WIFE}
        if couple and member.relation != CHILD:
            if income <= 1_330_000 and means.total_income_yen <= 10_000_000:
                means.claim.spouse, means.claim.spouse_income_yen = member, income
            return
        if member.relation not in {CHILD, PARENT}:
            return
        if income <= DEPENDANT_INCOME_LIMIT_YEN:
            (means.claim.under16 if age < 16 else means.claim.dependants).append(member)
        elif 19 <= age <= 22 and income <= SPECIFIC_RELATIVE_LIMIT_YEN:
            means.claim.specific_relatives.append((member, income))

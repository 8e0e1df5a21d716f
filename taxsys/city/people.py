"""Households and persons of the synthetic city on 1 January of the tax year, and what happens to them in the year."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from taxsys.city.names import BUILDINGS, FEMALE_NAMES, MALE_NAMES, SURNAMES, TOWNS
from taxsys.kernel.checkdigits import my_number_check

# 続柄コード (two digits a step): head, husband, wife, child, parent, grandchild.
HEAD, HUSBAND, WIFE, CHILD, PARENT = "02", "11", "12", "20", "51"

# Household shapes and how often they occur (of 1,000 households).
HOUSEHOLD_SHAPES: tuple[tuple[str, int], ...] = (
    ("single_young", 190), ("single_middle", 120), ("single_elderly", 170), ("couple_young", 90),
    ("couple_elderly", 160), ("couple_children", 170), ("single_parent", 45), ("three_generations", 35),
    ("adult_child", 20),
)  # fmt: skip


@dataclass(slots=True)
class Person:
    """住民一人. Dates are plain; `number` is the person's My Number as issued, kept only inside the city."""

    index: int
    person_no: str
    household_no: str
    relation: str
    surname: tuple[str, str]
    given: tuple[str, str]
    sex: str
    birth_on: date
    number: str
    town: tuple[str, str, str]
    lot: str
    building: str
    is_protected: bool = False
    is_disabled: bool = False
    is_widowed: bool = False
    died_on: date | None = None
    left_on: date | None = None
    moved_within_on: date | None = None
    since_on: date = date(2010, 4, 1)
    next_address: str = ""
    notes: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        return f"{self.surname[0]}　{self.given[0]}"

    @property
    def kana(self) -> str:
        return f"{self.surname[1]}　{self.given[1]}"

    @property
    def address(self) -> str:
        return f"北海道旭川市{self.town[1]}{self.lot}" + (f"　{self.building}" if self.building else "")

    def age_on(self, day: date) -> int:
        """満年齢 as people count it (birthday on the day itself counts)."""
        return day.year - self.birth_on.year - ((day.month, day.day) < (self.birth_on.month, self.birth_on.day))


@dataclass(slots=True)
class Household:
    household_no: str
    members: list[Person]

    @property
    def head(self) -> Person:
        return self.members[0]


class CityPeople:
    """All residents on 1 January of `tax_year`, drawn household by household until `size` persons live here."""

    def __init__(self, *, size: int, seed: int, tax_year: int = 2026) -> None:
        self.size = size
        self.seed = seed
        self.tax_year = tax_year
        self.day = date(tax_year, 1, 1)
        self.random = Random(f"people/{seed}/{size}/{tax_year}")
        self.households: list[Household] = []
        self.persons: list[Person] = []
        self._numbers = _NumberIssuer(Random(f"numbers/{seed}"))
        self._shapes = [shape for shape, _ in HOUSEHOLD_SHAPES]
        self._shape_weights = [weight for _, weight in HOUSEHOLD_SHAPES]
        self._surname_weights = [weight for *_, weight in SURNAMES]
        while len(self.persons) < size:
            self._add_household()
        self._plant_rarities()
        self._plant_events()

    # -- households ------------------------------------------------------------------------------------------------

    def _add_household(self) -> None:
        draw = self.random
        number = len(self.households) + 1
        household = Household(f"S{number:010d}", [])
        town = draw.choice(TOWNS)
        lot = f"{draw.randint(1, 40)}番{draw.randint(1, 30)}号"
        building = f"{draw.choice(BUILDINGS)}{draw.randint(1, 9)}0{draw.randint(1, 9)}号" if draw.random() < 0.3 else ""
        surname = draw.choices(SURNAMES, self._surname_weights)[0][:2]
        shape = draw.choices(self._shapes, self._shape_weights)[0]
        for relation, sex, age in self._members(shape):
            if len(self.persons) >= self.size:
                break
            person = self._person(household.household_no, relation, surname, sex, age, (town, lot, building))
            household.members.append(person)
            self.persons.append(person)
        if household.members:
            household.members[0].relation = HEAD
            self.households.append(household)

    def _members(self, shape: str) -> list[tuple[str, str, int]]:
        draw = self.random
        if shape.startswith("single_") and shape != "single_parent":
            low, high = {"single_young": (18, 39), "single_middle": (40, 64), "single_elderly": (65, 96)}[shape]
            return [(HEAD, draw.choice("12"), draw.randint(low, high))]
        if shape == "couple_young":
            age = draw.randint(24, 60)
            return [(HEAD, "1", age), (WIFE, "2", max(20, age - draw.randint(-3, 8)))]
        if shape == "couple_elderly":
            age = draw.randint(65, 92)
            return [(HEAD, "1", age), (WIFE, "2", max(58, age - draw.randint(-2, 7)))]
        if shape == "couple_children":
            age = draw.randint(27, 58)
            wife = max(22, age - draw.randint(-2, 6))
            return [(HEAD, "1", age), (WIFE, "2", wife), *self._children(wife)]
        if shape == "single_parent":
            sex = "2" if draw.random() < 0.85 else "1"
            age = draw.randint(24, 55)
            return [(HEAD, sex, age), *self._children(age)]
        if shape == "three_generations":
            age = draw.randint(35, 58)
            wife = max(26, age - draw.randint(0, 5))
            parent = age + draw.randint(22, 32)
            return [(HEAD, "1", age), (WIFE, "2", wife), *self._children(wife), (PARENT, "2", parent)]
        age = draw.randint(50, 80)
        return [(HEAD, "1", age), (WIFE, "2", age - draw.randint(0, 5)), (CHILD, draw.choice("12"), age - 27)]

    def _children(self, mother_age: int) -> list[tuple[str, str, int]]:
        draw = self.random
        count = draw.choices((1, 2, 3, 4), (40, 42, 15, 3))[0]
        eldest = max(0, min(24, mother_age - draw.randint(20, 34)))
        ages = [eldest - gap for gap in (0, 2, 5, 8)[:count]]
        return [(CHILD, draw.choice("12"), age) for age in ages if age >= 0]

    def _person(
        self, household_no: str, relation: str, surname: tuple[str, str], sex: str, age: int, home: tuple
    ) -> Person:
        draw = self.random
        index = len(self.persons) + 1
        # Nobody of the file is born after 1 January itself.
        birth = self.day.replace(year=self.tax_year - age - 1) + timedelta(days=draw.randint(1, 364))
        if draw.random() < 0.01:
            birth = date(self.tax_year - age, 1, 1)
        town, lot, building = home
        return Person(
            index=index,
            person_no=f"R{index:014d}",
            household_no=household_no,
            relation=relation,
            surname=surname,
            given=draw.choice(MALE_NAMES if sex == "1" else FEMALE_NAMES),
            sex=sex,
            birth_on=birth,
            number=self._numbers.next(),
            town=town,
            lot=lot,
            building=building,
            since_on=max(date(2010, 4, 1), birth),
            is_disabled=draw.random() < 0.035,
            is_widowed=sex == "2" and age >= 60 and relation == HEAD and draw.random() < 0.4,
        )

    # -- rarities and events ---------------------------------------------------------------------------------------

    def _plant_rarities(self) -> None:
        """Same name and same birthday pairs, and protected persons: at least three of each, else one in a thousand."""
        draw = self.random
        adults = [person for person in self.persons if person.age_on(self.day) >= 20]
        pairs = max(3, self.size // 1000)
        for first, second in zip(
            draw.sample(adults, min(pairs, len(adults))), draw.sample(adults, min(pairs, len(adults))), strict=True
        ):
            if first.household_no != second.household_no and first.sex == second.sex:
                second.surname, second.given, second.birth_on = first.surname, first.given, first.birth_on
                second.notes.add("namesake")
        for person in draw.sample(adults, min(max(3, self.size // 1000), len(adults))):
            person.is_protected = True

    def _plant_events(self) -> None:
        """Deaths, moves away and moves inside the city between 1 January and autumn of the tax year."""
        draw = self.random
        for person in self.persons:
            lot = draw.random()
            day = self.day + timedelta(days=draw.randint(10, 300))
            risk = 0.0004 + max(0, person.age_on(self.day) - 60) * 0.0006
            if lot < risk:
                person.died_on = day
            elif lot < risk + 0.008:
                person.left_on = day
                person.next_address = "東京都千代田区（架空町）1番1号"
            elif lot < risk + 0.02:
                person.moved_within_on = day


class _NumberIssuer:
    """Issues fictional My Numbers with a right check digit, never the same one twice."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._issued: set[int] = set()

    def next(self) -> str:
        while True:
            body = self._random.randrange(10**10, 10**11)
            if body not in self._issued:
                self._issued.add(body)
                return f"{body:011d}{my_number_check(f'{body:011d}')}"

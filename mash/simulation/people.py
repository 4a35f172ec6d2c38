"""The people of a simulated month: nobody. NHS numbers of the synthetic range, streets that are nowhere."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

GIVEN = (
    "Alder", "Amber", "Ash", "Aspen", "Bay", "Birch", "Briar", "Brook", "Cedar", "Clay", "Clover", "Coral", "Cove",
    "Dale", "Elm", "Ember", "Fern", "Flint", "Glen", "Hazel", "Heath", "Holly", "Iris", "Ivy", "Jay", "Juniper", "Lake",
    "Lark", "Linden", "Lyric", "Maple", "Marlow", "Meadow", "Moss", "Myrtle", "Oak", "Olive", "Pearl", "Quill", "Rain",
    "Reed", "River", "Robin", "Rowan", "Rush", "Sage", "Sky", "Slate", "Sorrel", "Star", "Storm", "Tansy", "Teal",
    "Thorn", "Vale", "Willow", "Wren", "Yarrow", "Yew", "Zephyr",
)  # fmt: skip
FAMILY = (
    "Example", "Sample", "Specimen", "Placeholder", "Testwell", "Mockford", "Dummersby", "Fictonby", "Inventley",
    "Madeupton", "Noname", "Pretendham", "Proforma", "Protowell", "Sandbox", "Shamwick", "Simulham", "Stubbins",
    "Synthwood", "Trialby", "Unrealby", "Voidham", "Whatsit", "Anonby", "Blankley", "Draftley", "Exemplar", "Fauxton",
)  # fmt: skip
STREETS = ("Sample Street", "Example Road", "Specimen Lane", "Placeholder Avenue", "Testing Close", "Invented Walk")
SYNTHETIC_RANGE = 999
"""NHS numbers that begin so are given to nobody."""
DAYS_A_YEAR = 365.25
FIRST_OF_ADULTS = 19


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A child or an adult."""

    given_name: str
    family_name: str
    birth_date: date
    sex: str
    nhs_number: str | None

    def age_on(self, day: date) -> int:
        """Whole years."""
        return day.year - self.birth_date.year - ((day.month, day.day) < (self.birth_date.month, self.birth_date.day))


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A mother, her children, eldest first, and where they live."""

    number: int
    mother: Person
    children: tuple[Person, ...]
    street: str


class Town:
    """Everybody in it. `month` is the first day of the simulated one: nobody has a birthday in it."""

    def __init__(self, chance: Random, month: date) -> None:
        """Draw everything from `chance`."""
        self._chance = chance
        self._month = month
        self._numbers = 0
        self.families: list[Family] = []

    def new_family(self, *, eldest: tuple[int, int], children: int, known: bool = False) -> Family:
        """A family whose eldest child is of an age between the two years of `eldest`, both included.

        With `known` every child's NHS number is known; else of 85 in 100.
        """
        chance, name = self._chance, self._chance.choice(FAMILY)
        first = chance.randint(*eldest)
        ages = sorted([first, *(chance.randint(0, first) for _ in range(children - 1))], reverse=True)
        family = Family(
            number=len(self.families) + 1,
            mother=self._person(name, chance.randint(first + FIRST_OF_ADULTS, first + 40), sex="F", known=False),
            children=tuple(self._person(name, age, known=known) for age in ages),
            street=f"{len(self.families) + 1} {chance.choice(STREETS)}",
        )
        self.families.append(family)
        return family

    def _person(self, family_name: str, age: int, *, sex: str | None = None, known: bool) -> Person:
        given, own_sex = self._chance.choice(GIVEN), self._chance.choice("FM")
        told = self._chance.random() < 0.85 or known  # noqa: PLR2004
        return Person(
            given_name=given,
            family_name=family_name,
            birth_date=self._birth_date(age),
            sex=sex or own_sex,
            nhs_number=self._nhs_number() if told else None,
        )

    def _birth_date(self, age: int) -> date:
        """Of somebody who is `age` years old all through the month, and was before it for weeks."""
        youngest = 100 if age == 0 else 45
        days = self._chance.randint(youngest, 300)
        return date(self._month.year - age, self._month.month, 1) - timedelta(days=days)

    def _nhs_number(self) -> str:
        while True:
            self._numbers += 1
            digits = f"{SYNTHETIC_RANGE}{(self._numbers * 7919 + 500_000) % 1_000_000:06}"
            check = (11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True))) % 11
            if check != 10:  # noqa: PLR2004 (the number that has no check digit is left out)
                return f"{digits}{check}"

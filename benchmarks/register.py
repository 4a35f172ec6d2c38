"""A synthetic register of children: families by origin, siblings, twins, shared homes; and how a record comes altered.

Nobody in it exists: names are put together from lists and syllables, NHS numbers are of the range given to nobody.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

Told = dict[str, Any]
TODAY = date(2026, 11, 20)
_YEARS, _TWINS, _SHARED, _NUMBERED = 18, 0.02, 0.03, 0.4

_ORIGINS: tuple[tuple[float, str, str, str], ...] = (
    # share, given names, family names, endings that lengthen the tail of family names
    (
        0.55,
        (
            "Oliver George Arthur Noah Leo Harry Oscar Archie Jack Henry Charlie Freddie Theodore Alexander"
            " William James Thomas Joshua Samuel Benjamin Daniel Joseph Edward Jacob Isaac Lucas Ethan Logan"
            " Finley Harrison Jayden Hayden Dylan Connor Callum Liam Ryan Kieran Tyler Michael Olivia Amelia Isla"
            " Ava Ivy Freya Lily Florence Mia Willow Rosie Sophia Isabella Grace Daisy Evelyn Poppy Ella Bella"
            " Evie Charlotte Jessica Sophie Matilda Phoebe Emily Alice Ruby Sienna Maisie Millie Hannah Abigail"
            " Chloe Megan Caitlin Elizabeth Katherine Rebecca Victoria Emma"
        ),
        (
            "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White"
            " Roberts Green Hall Wood Jackson Clarke Harris Clark Cooper King Lee Baker Harrison Morgan Allen"
            " James Scott Phillips Watson Davis Parker Price Bennett Young Griffiths Mitchell Kelly Cook Carter"
            " Richardson Bailey Collins Bell Shaw Murphy Miller Cox Richards Khan Marshall Simpson Ellis Adams"
            " Mason O'Brien McDonald Macleod"
        ),
        "ley ton ford well worth ham field wick bury by brook combe hurst stead man son",
    ),
    (
        0.16,
        (
            "Muhammad|Ali Muhammad|Omar Muhammad|Hassan Muhammad Ahmed Yusuf Ibrahim Ismail Zain Hamza Bilal Omar"
            " Usman Khalid Abdullah Abdul|Rahman Abdul|Karim Tariq Imran Faisal Haider Aisha Fatima Khadija Zaynab"
            " Maryam Zahra Safiya Amina Hafsa Noor Layla Yasmin Aaliyah Sara Iqra Sumaya Halima"
        ),
        (
            "Khan Ahmed Hussain Ali Begum Akhtar Malik Shah Iqbal Hassan Rahman Chowdhury Islam Uddin Miah"
            " Mahmood Aziz Rashid Sheikh Qureshi Mirza Butt Chaudhry Bibi Al-Hussaini El-Sayed Abdi Mohamed"
            " Warsame"
        ),
        "i ani uddin zai ullah pour bakhsh awi",
    ),
    (
        0.09,
        (
            "Jan Piotr Jakub Antoni Filip Mateusz Aleksander Mikolaj Andrei Stefan Ivan Oleksandr Dmytro Zuzanna"
            " Julia Zofia Hanna Maja Lena Katarzyna Ekaterina Natalia Oksana Svitlana Ioana Andreea Marija"
        ),
        (
            "Nowak Kowalski Wiśniewski Wójcik Kamiński Popescu Ionescu Petrov Ivanov Shevchenko Bondarenko Horvat"
            " Novák Dąbrowska Lewandowska"
        ),
        "ski ska wicz czyk enko escu ov ova iuk",
    ),
    (
        0.12,
        (
            "Kwame Kofi Adebayo Oluwaseun Chukwuemeka Temitope Ayodele Emmanuel Samuel David Grace Blessing"
            " Esther Ama Abena Ngozi Chioma Folake Amara Zuri Isaac Joshua Michelle Deborah Ruth"
        ),
        "Mensah Owusu Boateng Okafor Adeyemi Okonkwo Balogun Eze Nwosu Osei Asante Diallo Traoré Kamau Mwangi Banda",
        "wale funmi chukwu eze ogu amu ola ade",
    ),
    (
        0.08,
        (
            "Priya Pooja Lakshmi Deepak Sanjay Vijay Jaspreet Gurpreet Harpreet Arjun Krishna Anjali Wei Jun Li"
            " Mei Ling Hui Xin Minh Linh Thanh Aarav Diya"
        ),
        "Patel Singh Kaur Sharma Gupta Nair Reddy Das Chen Wang Zhang Liu Nguyen Tran Pham Le",
        "an esh ani kar war anti",
    ),
)
_STREETS = (
    *("Sample", "Orchard", "Station", "Church", "Mill", "Victoria", "Harbour"),
    *("Chapel", "Meadow", "Priory", "Elm", "Castle", "Derby", "Forest"),
)
_ONSETS = (
    *("Ash", "Bar", "Bel", "Cal", "Cran", "Dar", "Dun", "El", "Far", "Gil", "Had", "Hol", "In"),
    *("Kel", "Lan", "Mar", "Nor", "Os", "Pel", "Quen", "Rad", "Sel", "Tor", "Ul", "Ver", "Wes"),
)


@dataclass(frozen=True, slots=True)
class Family:
    """Who lives together."""

    origin: int
    name: str
    address: Told
    parents: tuple[Told, ...]


@dataclass(slots=True)
class Register:
    """The children as told, each with their family; ``chance`` makes everything, so that a seed makes it again."""

    chance: random.Random
    children: list[Told] = field(default_factory=list[Told])
    families: list[Family] = field(default_factory=list[Family])
    of_family: list[int] = field(default_factory=list[int])

    def fill(self, size: int) -> None:
        """Adds families until ``size`` children are there."""
        while len(self.children) < size:
            family = self.new_family()
            self.families.append(family)
            for child in list(self.siblings(family))[: size - len(self.children)]:
                self.children.append(child)
                self.of_family.append(len(self.families) - 1)

    def names_in(self, family: int) -> set[str]:
        """The given names of a family's children."""
        return {told["given_name"] for told, of in zip(self.children, self.of_family, strict=True) if of == family}

    def new_family(self) -> Family:
        """A family of one origin; one in thirty lives where others do as well."""
        origin = self.chance.choices(range(len(_ORIGINS)), [one[0] for one in _ORIGINS])[0]
        name = self._family_name(origin)
        shared = bool(self.families) and self.chance.random() < _SHARED
        address = self.chance.choice(self.families).address if shared else self._address()
        parents = tuple(self._parent(origin, name, who) for who in ("mother", "father")[: self.chance.randint(1, 2)])
        return Family(origin, name, address, parents)

    def siblings(self, family: Family) -> Iterator[Told]:
        """One to four children, no two of one given name; two in a hundred births are of twins."""
        names: set[str] = set()
        born = None
        for _ in range(self.chance.choices((1, 2, 3, 4), (40, 35, 17, 8))[0]):
            twin = born is not None and self.chance.random() < _TWINS
            born = born if twin and born else TODAY - timedelta(days=self.chance.randrange(1, _YEARS * 365))
            yield self.child(family, born, names)

    def child(self, family: Family, born: date, names: set[str]) -> Told:
        """One child of a family, called otherwise than ``names``."""
        given = next(name for name in iter(lambda: self._given(family.origin), None) if name not in names)
        names.add(given)
        told: Told = {
            "kind": "child",
            "given_name": given,
            "family_name": family.name,
            "birth_date": born.isoformat(),
            "sex": self.chance.choice("FM"),
            "address": family.address,
            "relationships": list(family.parents),
        }
        if self.chance.random() < _NUMBERED:
            told["nhs_number"] = nhs_number(self.chance)
        return told

    def _given(self, origin: int) -> str:
        names = _ORIGINS[origin][1].split()
        rank = min(int(self.chance.expovariate(3 / len(names))), len(names) - 1)  # some names are far more common
        return names[rank].replace("|", " ")

    def _family_name(self, origin: int) -> str:
        _, _, names, endings = _ORIGINS[origin]
        known, tail = names.split(), endings.split()
        if self.chance.random() < 0.45:
            name = known[min(int(self.chance.expovariate(3 / len(known))), len(known) - 1)]
        else:
            middle = self.chance.choice(("", "e", "a", "er", "in"))
            name = self.chance.choice(_ONSETS) + middle + self.chance.choice(tail)
        return f"{name}-{self.chance.choice(known)}" if self.chance.random() < 0.04 else name

    def _parent(self, origin: int, family: str, relationship: str) -> Told:
        return {"given_name": self._given(origin), "family_name": family, "relationship": relationship}

    def _address(self) -> Told:
        street = (
            f"{self.chance.randint(1, 220)} {self.chance.choice(_STREETS)} {self.chance.choice(('Street', 'Road'))}"
        )
        lines = [f"Flat {self.chance.randint(1, 30)}", street] if self.chance.random() < 0.3 else [street]
        letters = "ABDEFGHJLNPQRSTUWXYZ"
        inward = f"{self.chance.randint(1, 9)}{self.chance.choice(letters)}{self.chance.choice(letters)}"
        return {"lines": lines, "postcode": f"SO{self.chance.randint(14, 19)} {inward}"}


def nhs_number(chance: random.Random) -> str:
    """A number of the 999 range whose check digit holds."""
    while True:
        digits = "999" + f"{chance.randrange(10**6):06d}"
        check = (11 - sum(int(one) * weight for one, weight in zip(digits, range(10, 1, -1), strict=True)) % 11) % 11
        if check < 10:
            return digits + str(check)


Alteration = Callable[[Told, Register], bool]
"""Changes a copy; False where this child's record cannot be altered so."""

"""Whom each contact is about, and how it ends: referrals, late ones, families that come again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from mash.simulation.arrivals import Arrival
from mash.simulation.mix import ENDS, REFERRALS, S17, S47, S47_OF_REFERRALS, SIBLINGS
from mash.simulation.people import Family, Person, Town
from mash.simulation.worries import ADULT, NOBODY_NAMED, UNBORN, Worry, worry_for

COMES_AGAIN = 0.10
APART = timedelta(days=3)
CHILDREN_PER_CONTACT = 4


class About(StrEnum):
    """Whom a contact names."""

    CHILDREN = "children"
    UNBORN = "unborn"
    ADULT = "adult"
    """An adult at high risk, and no child."""
    NOBODY = "nobody"


class Turn(StrEnum):
    """What happens beside the usual way from open to decided."""

    NONE = "none"
    DUPLICATE = "duplicate"
    """Another sender tells of the same; a person links the two."""
    WITHDRAWN = "withdrawn"
    """Taken back, and closed without a decision."""
    IN_ERROR = "in_error"
    """Closed without a decision."""
    RAISED = "raised"
    """Decided as less first; after a challenge it becomes a referral."""
    LOWERED = "lowered"
    """Decided as a referral first, and revised: it is none."""


@dataclass(slots=True, kw_only=True)
class Story:
    """One contact, from its first try to its end. `received` is the first try where there was one."""

    number: int
    arrival: Arrival
    received: datetime
    about: About
    family: Family
    children: tuple[Person, ...]
    worry: Worry
    turn: Turn = Turn.NONE
    same_as: int | None = None
    """Of a duplicate: the story of the contact that tells the same."""
    late: bool = False
    comes_again: bool = False
    """The family was told of before."""

    @property
    def subjects(self) -> int:
        """How many subjects count: each child, else one."""
        return max(1, len(self.children))

    @property
    def decided(self) -> bool:
        """Is it decided on by itself?"""
        return self.turn not in (Turn.DUPLICATE, Turn.WITHDRAWN, Turn.IN_ERROR)

    @property
    def refers(self) -> bool:
        """Does it end as a referral?"""
        return self.decided and self.turn is not Turn.LOWERED and self.worry.outcome in REFERRALS


class Cast:
    """Gives each contact its people."""

    def __init__(self, chance: Random, town: Town) -> None:
        """Draw everything from `chance`."""
        self._chance = chance
        self._town = town
        self._last_told: dict[int, datetime] = {}
        """When a family was last told of, by its number."""

    def story(self, number: int, arrival: Arrival, outcome: str, about: About) -> Story:
        """One contact about a family that is new, or has come before."""
        chance = self._chance
        family = self._again(arrival.at) if about is About.CHILDREN else None
        comes_again = family is not None
        if family is None:
            worry = worry_for(chance, outcome)
            count = chance.choices(range(1, CHILDREN_PER_CONTACT + 1), SIBLINGS)[0]
            family = self._town.new_family(eldest=worry.ages, children=count)
        else:
            worry = worry_for(chance, outcome, [child.age_on(arrival.at.date()) for child in family.children])
        self._last_told[family.number] = arrival.at
        children = family.children if about is About.CHILDREN else ()
        others = {About.UNBORN: UNBORN, About.ADULT: ADULT, About.NOBODY: NOBODY_NAMED}
        return Story(
            number=number,
            arrival=arrival,
            received=arrival.at,
            about=about,
            family=family,
            children=children,
            worry=others.get(about, worry),
            comes_again=comes_again,
        )

    def _again(self, at: datetime) -> Family | None:
        if self._chance.random() >= COMES_AGAIN:
            return None
        fit = [one for one in self._town.families if at - self._last_told.get(one.number, at) >= APART]
        return self._chance.choice(fit) if fit else None


def outcomes_for(chance: Random, arrivals: Sequence[Arrival], referrals: float) -> list[str]:
    """An outcome for each contact: this share of them a referral, the rest as such contacts end."""
    wanted = round(len(arrivals) * referrals)
    s47 = round(wanted * S47_OF_REFERRALS)
    found = [S47] * s47 + [S17] * (wanted - s47)
    found += chance.choices(list(ENDS), list(ENDS.values()), k=len(arrivals) - wanted)
    chance.shuffle(found)
    return found


def fit_referrals(chance: Random, stories: Sequence[Story], referrals: float) -> None:
    """Make referrals of as many subjects as the share says, by changing how some contacts end."""
    wanted = round(sum(one.subjects for one in stories) * referrals)
    fixed = [one for one in stories if one.about is not About.CHILDREN or not one.decided or one.turn is not Turn.NONE]
    free = [one for one in stories if one not in fixed]
    chance.shuffle(free)
    have = sum(one.subjects for one in stories if one.refers)
    for story in free:
        missing = wanted - have
        if missing < 0 and story.refers and story.subjects <= -missing:
            _end_as(chance, story, "signpost")
            have -= story.subjects
        elif missing > 0 and not story.refers and story.subjects <= missing:
            _end_as(chance, story, S17)
            have += story.subjects


def _end_as(chance: Random, story: Story, outcome: str) -> None:
    story.worry = worry_for(chance, outcome, [child.age_on(story.arrival.at.date()) for child in story.children])


def make_late(chance: Random, stories: Iterable[Story], in_time: float) -> None:
    """Let as many subjects be decided too late as the share in time leaves; nobody who is urgent."""
    decided = [one for one in stories if one.decided]
    left = round(sum(one.subjects for one in decided) * (1 - in_time))
    free = [one for one in decided if not one.worry.urgent and one.turn is Turn.NONE]
    chance.shuffle(free)
    for story in free:
        if story.subjects <= left:
            story.late = True
            left -= story.subjects

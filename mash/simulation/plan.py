"""The whole month as a list of acts by time: the same seed, the same plan, to the byte."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from zlib import crc32

from mash.simulation.acts import WORKER, Act, Do
from mash.simulation.arrivals import Arrival, arrivals, days_of
from mash.simulation.hours import DAY, Hours
from mash.simulation.mix import RE_REFERRED, S17
from mash.simulation.people import Town
from mash.simulation.schedule import AHEAD, HOUR, ROUND, Schedule, schedule, up_to
from mash.simulation.stories import About, Cast, Story, Turn, fit_referrals, make_late, outcomes_for
from mash.simulation.telling import contact_of
from mash.simulation.working import Working
from mash.simulation.worries import worry_for

UNBORN, ADULT, NOBODY = 0.02, 0.02, 0.006
TURNS = ((Turn.WITHDRAWN, 0.006), (Turn.IN_ERROR, 0.004))
REVISED = ((Turn.RAISED, 0.04), (Turn.LOWERED, 0.03))
"""Of the referrals."""
FIRST_TRY_FAILED = 0.02
DUPLICATES = 0.02
YEAR_BEFORE = (400, 330, 240, 150, 75, 30)
"""Days before the month on which children were referred who come again; the first is too long ago to count."""
AFTERWARDS = 6 * DAY
"""The plan ends so long after the month: everything is decided by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the month is to be."""

    contacts: int
    month: date
    seed: int = 1
    referrals: float = 0.16
    in_time: float = 0.99

    @property
    def label(self) -> str:
        """By which one month is told from another: its seed, and a digest of everything wished."""
        return f"{self.seed}-{crc32(repr(self).encode()):08x}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All acts, by time."""

    wishes: Wishes
    acts: tuple[Act, ...]

    def lines(self) -> Iterator[str]:
        """One JSON object an act: the same for the same wishes."""
        for act in self.acts:
            yield json.dumps(act.line(), sort_keys=True, ensure_ascii=False)


def make_plan(wishes: Wishes, hours: Hours) -> Plan:
    """Plan a month, with a few days before it on which some of its children were referred."""
    chance = Random(f"mash simulate {wishes.seed} {wishes.month:%Y-%m} {wishes.contacts}")
    town = Town(chance, wishes.month)
    stories = _stories(chance, town, wishes, hours)
    fit_referrals(chance, stories, wishes.referrals)
    _link_duplicates(chance, stories, hours, wishes.seed)
    make_late(chance, stories, wishes.in_time)
    stories += _history(chance, stories, hours, wishes)
    ends = hours.at(days_of(wishes.month)[-1] + AFTERWARDS, 18)
    acts = [act for story in stories for act in _acts_of(story, hours, wishes) if act.at <= ends]
    return Plan(wishes=wishes, acts=tuple(sorted(acts, key=lambda act: (act.at, act.contact))))


def _stories(chance: Random, town: Town, wishes: Wishes, hours: Hours) -> list[Story]:
    coming = arrivals(chance, hours, wishes.month, wishes.contacts)
    ends = outcomes_for(chance, coming, wishes.referrals)
    cast = Cast(chance, town)
    first = hours.at(wishes.month, 0)
    found: list[Story] = []
    for number, (arrival, outcome) in enumerate(zip(coming, ends, strict=True), 1):
        story = cast.story(number, arrival, outcome, _about(chance, outcome))
        story.turn = _turn(chance, story)
        if story.turn in (Turn.RAISED, Turn.LOWERED):
            story.worry = worry_for(chance, S17, name="neglect")
        if chance.random() < FIRST_TRY_FAILED and not arrival.in_batch:
            story.received = max(first, arrival.at - timedelta(minutes=chance.randint(10, 700)))
        found.append(story)
    return found


def _about(chance: Random, outcome: str) -> About:
    drawn = chance.random()
    if outcome == S17:
        return About.UNBORN if drawn < UNBORN / 0.1 else About.CHILDREN
    if outcome == "signpost" and drawn < (ADULT + NOBODY) / 0.5:
        return About.ADULT if drawn < ADULT / 0.5 else About.NOBODY
    return About.CHILDREN


def _turn(chance: Random, story: Story) -> Turn:
    if story.about is not About.CHILDREN or story.worry.urgent:
        return Turn.NONE
    drawn, shares = chance.random(), REVISED if story.worry.outcome == S17 else TURNS
    for turn, share in shares:
        if drawn < share:
            return turn
        drawn -= share
    return Turn.NONE


def _link_duplicates(chance: Random, stories: Sequence[Story], hours: Hours, seed: int) -> None:
    """Let some contacts tell the same as an earlier one that is still open: about its children, linked to it."""
    left = round(len(stories) * DUPLICATES)
    later = [one for one in stories if _plain(one) and not one.refers and one.received == one.arrival.at]
    chance.shuffle(later)
    taken: set[int] = set()
    for story in later:
        if left == 0:
            return
        for earlier in reversed(stories[max(0, story.number - 60) : story.number - 1]):
            if earlier.number not in taken and _may_be_same(earlier, story, hours, seed):
                story.turn, story.same_as = Turn.DUPLICATE, earlier.number
                story.family, story.children, story.worry = earlier.family, earlier.children, earlier.worry
                taken |= {story.number, earlier.number}
                left -= 1
                break


def _plain(story: Story) -> bool:
    return story.about is About.CHILDREN and story.turn is Turn.NONE and not story.worry.urgent


def _may_be_same(earlier: Story, story: Story, hours: Hours, seed: int) -> bool:
    if not _plain(earlier) or earlier.subjects != story.subjects or earlier.arrival.source == story.arrival.source:
        return False
    times = schedule(earlier, hours, _own(seed, earlier.number))
    linked = _linked_at(story, hours)
    return earlier.arrival.at < story.arrival.at and times.opened <= linked and linked + HOUR <= times.decided


def _linked_at(story: Story, hours: Hours) -> datetime:
    return up_to(hours.after(story.arrival.at + 2 * ROUND, timedelta()), ROUND)


def _history(chance: Random, stories: Sequence[Story], hours: Hours, wishes: Wishes) -> list[Story]:
    """Contacts of the year before, that became referrals, about some of the children who are referred in the month."""
    youngest = 2
    fit = [
        one
        for one in stories
        if one.refers
        and one.about is About.CHILDREN
        and all(child.nhs_number and child.age_on(wishes.month) > youngest for child in one.children)
    ]
    chance.shuffle(fit)
    wanted, found, known = (
        round(RE_REFERRED * sum(one.subjects for one in stories if one.refers)),
        list[Story](),
        set[int](),
    )
    for story in fit:
        if wanted <= 0:
            break
        if story.family.number not in known:
            known.add(story.family.number)
            when = YEAR_BEFORE[len(found) % len(YEAR_BEFORE)]
            wanted -= story.subjects if when < 365 else 0  # noqa: PLR2004
            found.append(_earlier(story, len(stories) + len(found) + 1, hours, wishes.month - when * DAY))
    return found


def _earlier(story: Story, number: int, hours: Hours, day: date) -> Story:
    day = day if hours.is_working_day(day) else hours.next_working_day(day)
    arrival = Arrival(at=hours.at(day, 9, 5), source=story.arrival.source)
    worry = worry_for(Random(number), S17, name="domestic abuse, high")
    return Story(
        number=number,
        arrival=arrival,
        received=arrival.at,
        about=About.CHILDREN,
        family=story.family,
        children=story.children,
        worry=worry,
    )


def _acts_of(story: Story, hours: Hours, wishes: Wishes) -> Iterator[Act]:
    own = _own(wishes.seed, story.number)
    times = schedule(story, hours, own)
    if story.turn is Turn.DUPLICATE:
        linked = _linked_at(story, hours)
        times = Schedule(opened=linked, discussions=(), decided=linked, in_force=linked)
    yield Act(
        at=story.arrival.at,
        contact=story.number,
        do=Do.TELL,
        by=story.arrival.source.organisation or WORKER,
        fields=contact_of(story, hours, own, label=wishes.label),
        in_batch=story.arrival.in_batch,
    )
    yield from Working(story, times, hours, own).acts()


def _own(seed: int, number: int) -> Random:
    """A story's own chance, so that it is worked out alike whenever it is asked for."""
    return Random(f"{seed} {number}")


__all__ = ["AHEAD", "Plan", "Wishes", "make_plan"]

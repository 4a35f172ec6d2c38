"""Whatever happens, in whatever order it is heard: what is open and not decided has a clock, unless it is linked."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.envelope import Event
from shared.contracts.parts import ReferrerKind
from tests.support.builders_front_half import WorkedLife
from tests.support.examples import examples
from tests.unit.deadlines.conftest import Desk
from tests.unit.deadlines.test_any_order import interleavings

RANK = {"green": 0, "amber": 1, "red-abuse": 2}
LONG_AFTER = timedelta(days=60)


class Story:
    """A contact's life as triage and intake may lead it, and what is open in it at the end."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.life = WorkedLife("always", subjects=draw(st.integers(1, 2)), referrer=ReferrerKind.ANONYMOUS)
        self.intake: list[Event[Any]] = [self.life.received()]
        self.triage: list[Event[Any]] = []
        self.closed = self.linked = False
        self.links = self.ratings = 0
        self.decided: dict[int, int] = {}
        self.elsewhere: set[int] = set()
        self.versions: dict[int, int] = {}
        self.routes: dict[int, str] = {}
        self.minute = 0

    @property
    def next_minute(self) -> int:
        self.minute += self.draw(st.integers(1, 700))
        return self.minute

    def numbers(self) -> range:
        return range(1, self.life.subjects + 1)

    def rate(self) -> None:
        subjects = self.life.subjects
        routes = self.draw(st.lists(st.sampled_from(sorted(RANK)), min_size=subjects, max_size=subjects))
        self.ratings += 1
        for number, route in zip(self.numbers(), routes, strict=True):
            if RANK[route] > RANK[self.routes.get(number, route)] and self.decided.pop(number, None):
                self.reopen_if_closed()
            self.routes[number] = route
        self.triage.append(self.life.rated(*routes, version=self.ratings, minutes=self.next_minute))

    def reopen_if_closed(self) -> None:
        if self.closed:
            self.reopen()

    def decide(self) -> None:
        number = self.draw(st.sampled_from(list(self.routes)))  # nothing is decided before it is rated
        self.versions[number] = self.decided[number] = self.versions.get(number, 0) + 1
        version, left = self.versions[number], self.life.subjects - len(self.decided)
        minutes, outcome = self.next_minute, self.draw(st.sampled_from(["signpost", "early_help"]))
        (self.elsewhere.add if self.linked else self.elsewhere.discard)(number)
        made_on = self.life.item("the other") if self.linked else None
        if version == 1:
            self.triage.append(self.life.decided(number, outcome=outcome, minutes=minutes, left=left, made_on=made_on))
        else:
            again = self.life.revised(
                number, outcome=outcome, minutes=minutes, version=version, left=left, made_on=made_on
            )
            self.triage.append(again)

    def close(self) -> None:
        self.closed = True
        self.triage.append(self.life.closed(self.next_minute))

    def reopen(self) -> None:
        self.closed, self.decided = False, {}
        self.triage.append(self.life.reopened(self.next_minute))

    def link(self) -> None:
        self.links += 1
        self.linked = not self.linked
        told = [self.routes[number].partition("-")[0] for number in self.routes]
        made = self.life.linked(self.next_minute, *told, version=self.links)
        self.intake.append(made if self.linked else self.life.unlinked(self.minute))
        if not self.linked:
            self.stand_alone()

    def stand_alone(self) -> None:
        """What was decided on the other contact does not hold any more."""
        foreign = {number for number in self.elsewhere if self.decided.pop(number, None)}
        self.elsewhere.clear()
        if foreign:
            self.reopen_if_closed()

    def more(self) -> None:
        if self.life.subjects < 3:
            self.intake.append(self.life.added(self.next_minute, subjects=self.life.subjects + 1))
            self.reopen_if_closed()

    @property
    def open(self) -> bool:
        """Whether somebody must still decide."""
        return not self.closed and len(self.decided) < self.life.subjects


@st.composite
def stories(draw: st.DrawFn) -> Story:
    story = Story(draw)
    story.rate()
    for _ in range(draw(st.integers(0, 10))):
        moves = [story.rate, story.decide, story.close, story.link, story.more]
        draw(st.sampled_from([story.reopen] if story.closed else moves))()
    return story


@settings(max_examples=examples(200), deadline=None)
@given(st.data())
def test_what_is_open_has_a_live_clock_unless_it_is_a_duplicate(data: st.DataObject) -> None:
    story = data.draw(stories())
    desk = Desk()
    asyncio.run(desk.hear(*data.draw(interleavings([story.intake, story.triage]))))
    contact = desk.contacts.get(story.life.id)
    contact.fire(story.life.at(story.minute) + LONG_AFTER)
    assert (contact.closed_at is not None) == story.closed
    assert contact.live_clocks or contact.linked_at or not story.open
    assert not contact.linked_at or story.linked

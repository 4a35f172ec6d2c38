"""Producers are unordered among each other, and everything may come twice: the months count the same in the end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.deadlines.adapters.repositories.measured_rows import fill, measured_row
from services.deadlines.domain.model.tally import Tally
from services.deadlines.domain.policy.counting import count
from shared.contracts.envelope import Event
from tests.support.builders_measures import CountedLife, Named
from tests.unit.deadlines.conftest import RULEBOOKS, Desk
from tests.unit.deadlines.test_any_order import interleavings

OUTCOMES = ["s17_assessment", "s47_strategy_discussion", "early_help", "signpost"]
MILESTONES = ["s47_started", "plan_opened", "stepped_up", "child_seen"]


@st.composite
def people(draw: st.DrawFn) -> Named:
    return Named(
        kind=draw(st.sampled_from(["child", "unborn", "adult", "unknown"])),
        years=draw(st.sampled_from([None, 3, 12, 13, 16])),
        child_id=draw(st.sampled_from([None, "A" * 20, "B" * 20])),
        facts=draw(st.sampled_from([{}, {"exploitation_score": "high"}])),
    )


@st.composite
def counted_lives(draw: st.DrawFn, name: str = "counted", **of: Any) -> list[list[Event[Any]]]:
    """A contact's events, a list for each producer, each in its own order."""
    life = CountedLife(name, *draw(st.lists(people(), min_size=1, max_size=3)), **of)
    minutes = iter(sorted(draw(st.lists(st.integers(1, 60_000), min_size=24, max_size=24, unique=True))))
    intake: list[Event[Any]] = [life.received()]
    triage: list[Event[Any]] = [life.rated(*["amber"] * life.subjects)]
    if draw(st.booleans()):
        life.named[0] = draw(people())
        intake.append(life.added(next(minutes)))
    if draw(st.booleans()):
        intake.append(life.linked(next(minutes), *["amber"] * life.subjects))
        intake += [life.unlinked(next(minutes))] if draw(st.booleans()) else []
    triage += draw(decisions(life, minutes))
    for code in draw(st.lists(st.sampled_from(MILESTONES), max_size=4)):
        triage.append(life.reached(code, next(minutes), draw(st.integers(1, life.subjects))))
    if draw(st.booleans()):
        triage.append(life.closed(next(minutes)))
        triage += [life.reopened(next(minutes))] if draw(st.booleans()) else []
    if draw(st.booleans()):
        intake.append(life.restated_contact(next(minutes)))
    return [intake, triage]


@st.composite
def decisions(draw: st.DrawFn, life: CountedLife, minutes: Iterator[int]) -> list[Event[Any]]:
    """Some of the subjects, each perhaps decided anew, perhaps on another contact."""
    made: list[Event[Any]] = []
    for number in range(1, draw(st.integers(0, life.subjects)) + 1):
        for version in range(1, draw(st.integers(1, 3)) + 1):
            elsewhere = life.item("primary") if draw(st.integers(0, 4)) == 0 else None
            outcome = draw(st.sampled_from(OUTCOMES))
            said: dict[str, Any] = {
                "outcome": outcome,
                "minutes": next(minutes),
                "version": version,
                "made_on": elsewhere,
            }
            made.append(life.decided(number, **said) if version == 1 else life.revised(number, **said))
    return made


def rows_of(order: list[Event[Any]]) -> list[dict[str, Any]]:
    """The rows after these events."""
    desk = Desk()
    asyncio.run(desk.hear(*order))
    [tally] = desk.tallies.known.values()
    return _rows(tally)


def _rows(tally: Tally) -> list[dict[str, Any]]:
    active = RULEBOOKS.active
    rows = [measured_row(tally, one) for one in count(tally, active.pack, active.calendar)]
    return sorted(rows, key=lambda row: str(row["id"]))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_order_and_any_duplication_end_in_the_same_rows(data: st.DataObject) -> None:
    producers = data.draw(counted_lives())
    told = [event for events in producers for event in events]
    assert rows_of(data.draw(interleavings(producers))) == rows_of(told)


@settings(max_examples=60, deadline=None)
@given(counted_lives())
def test_a_row_holds_all_that_is_known(producers: list[list[Event[Any]]]) -> None:
    """Read back, the rows count the same: nothing of a contact is kept in memory only."""
    desk = Desk()
    asyncio.run(desk.hear(*(event for events in producers for event in events)))
    [tally] = desk.tallies.known.values()
    again = Tally(contact_id=tally.contact_id)
    for row in _rows(tally):
        fill(again, row)
    again.stand(closed=tally.closed, linked=tally.linked)
    assert _rows(again) == _rows(tally)

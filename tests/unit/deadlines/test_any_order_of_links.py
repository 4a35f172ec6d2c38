"""Links come from intake, the ratings they must tell from triage: whatever is heard first, the same clocks end.

Not compared are a clock's epoch, which counts what happened to it, and when it was breached: where its ending was heard
of late it may have been missed meanwhile, and a breach made is never undone.
"""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.envelope import Event
from tests.support.builders_front_half import WorkedLife
from tests.support.examples import examples
from tests.unit.deadlines.conftest import Desk
from tests.unit.deadlines.test_any_order import LONG_AFTER, interleavings

CODES = [None, "green", "amber", "red"]
ROUTES = ["green", "amber", "red-abuse", "red-immediate"]


@st.composite
def linked_lives(draw: st.DrawFn) -> list[list[Event[Any]]]:
    """A duplicate: linked, said again, unlinked, linked again; rated, decided, closed and reopened meanwhile."""
    life = WorkedLife("linked in any order")
    minutes = sorted(draw(st.lists(st.integers(1, 3000), min_size=8, max_size=8, unique=True)))
    triage: list[Event[Any]] = []
    for version, minute in enumerate(minutes, 1):
        what = draw(st.sampled_from(["rate", "rate", "decide", "close", "reopen", "nothing"]))
        if what == "rate" or not triage:
            triage.append(life.rated(draw(st.sampled_from(ROUTES)), version=version, minutes=minute))
        elif what == "decide":
            triage.append(life.decided(minutes=minute, version=version))
        elif what != "nothing":
            triage.append(life.closed(minute) if what == "close" else life.reopened(minute))
    intake: list[Event[Any]] = [life.received()]
    for number, minute in enumerate(sorted(draw(st.sets(st.integers(1, 3000), min_size=1, max_size=4))), 1):
        if number == 1 or draw(st.booleans()):
            intake.append(life.linked(minute, draw(st.sampled_from(CODES)), version=number))
        else:
            intake.append(life.unlinked(minute))
    return [intake, triage]


def end_of(order: list[Event[Any]]) -> dict[str, Any]:
    desk = Desk()
    asyncio.run(desk.hear(*order))
    [contact] = desk.contacts.known.values()
    contact.fire(max(event.time for event in order) + LONG_AFTER)
    return {
        "linked": (contact.linked_at, contact.stage, contact.live_clocks),
        "clocks": {
            str(clock.terms.id): (
                clock.terms.kind,
                clock.state,
                clock.terms.due_at,
                clock.met_at,
                clock.cancelled_at,
                clock.reason if clock.state == "cancelled" else None,
            )
            for clock in contact.deadlines.values()
        },
    }


@settings(max_examples=examples(200), deadline=None)
@given(st.data())
def test_whatever_is_heard_first_the_same_clocks_end(data: st.DataObject) -> None:
    producers = data.draw(linked_lives())
    told = sorted((event for events in producers for event in events), key=lambda event: event.time)
    assert end_of(data.draw(interleavings(producers))) == end_of(told)

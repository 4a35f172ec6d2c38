"""A rating that pages again, after one that did not: duty is alerted anew, and the ladder climbed anew."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.notify.application.commands.duty import climb_ladders
from services.notify.domain.model import Kind, State
from services.notify.entrypoints.worker import WHEN_PARKED
from shared.contracts.envelope import Cause, Event
from shared.messaging.parking import ParkedEvent
from tests.support.builders_notify import NOON, Life
from tests.support.fakes_notify import MemoryWork
from tests.support.orders import in_any_order

from .test_handlers import hear, messages

AGAIN = NOON + timedelta(minutes=40)
LOWERED = NOON + timedelta(minutes=30)


def lowered(life: Life, version: int = 2, at: datetime = LOWERED) -> Event[Any]:
    return life.rated("amber", pages=False, version=version, at=at)


def unsent(work: MemoryWork, life: Life) -> list[int]:
    return sorted(each.rung or 0 for each in messages(work, life, Kind.ALERT) if each.state is State.WAITING)


async def climb(work: MemoryWork, *, since: datetime) -> None:
    for minutes in (10, 20, 60):
        work.now = since + timedelta(minutes=minutes)
        await climb_ladders(work, most=10)


async def test_the_second_red_alerts_duty_at_once_and_climbs_every_rung_again() -> None:
    life, work = Life(), MemoryWork()
    await hear(work, [life.received(), life.rated()])
    await climb(work, since=NOON)
    for alert in messages(work, life, Kind.ALERT):
        alert.state = State.SENT
    work.now = AGAIN
    await hear(work, [lowered(life), life.rated(version=3, at=AGAIN), life.rated(version=4, at=AGAIN)])
    assert unsent(work, life) == [0]
    await climb(work, since=AGAIN)
    assert unsent(work, life) == [0, 1, 2]
    assert {each.purpose for each in messages(work, life, Kind.ALERT)} == {"rated-and-pages"}


async def test_a_first_alert_that_never_left_does_not_stand_in_the_way_of_the_second() -> None:
    life, work = Life(), MemoryWork()
    await hear(work, [life.received(), life.rated(), lowered(life), life.rated(version=3, at=AGAIN)])
    states = [(each.rung, each.state) for each in messages(work, life, Kind.ALERT)]
    assert states == [(0, State.SUPERSEDED), (0, State.WAITING)]


async def test_without_any_time_between_them_the_second_still_alerts() -> None:
    life, work = Life(), MemoryWork()
    await hear(work, [life.rated(), lowered(life, at=NOON), life.rated(version=3)])
    assert unsent(work, life) == [0]
    await climb(work, since=NOON)
    assert unsent(work, life) == [0, 1, 2]


async def test_opened_and_lowered_and_raised_duty_is_alerted_without_a_ladder() -> None:
    life, work = Life(), MemoryWork()
    await hear(work, [life.received(), life.rated(), life.opened(), lowered(life), life.rated(version=3, at=AGAIN)])
    assert unsent(work, life) == [0]
    await hear(work, [life.case_restated(version=3)])
    assert unsent(work, life) == [0]
    await climb(work, since=AGAIN)
    assert unsent(work, life) == [0]


async def test_raised_in_a_restatement_of_what_was_opened_duty_is_alerted() -> None:
    life, work = Life(), MemoryWork()
    await hear(work, [life.received(), life.rated(), life.opened(), lowered(life), life.case_restated(version=3)])
    assert unsent(work, life) == [0]


async def test_a_case_first_heard_of_when_it_was_opened_long_since_alerts_nobody() -> None:
    life, work = Life(), MemoryWork()
    await hear(work, [life.received(), life.case_restated(version=3)])
    assert unsent(work, life) == []


async def test_an_old_rating_said_once_more_changes_nothing() -> None:
    life, work = Life(), MemoryWork()
    first = life.rated()
    await hear(work, [life.received(), first, lowered(life), first])
    assert unsent(work, life) == []
    await hear(work, [life.rated(version=3, at=AGAIN), first, lowered(life)])
    assert unsent(work, life) == [0]


async def test_a_clock_of_the_first_red_heard_late_takes_no_rung_of_the_second() -> None:
    life, work = Life(), MemoryWork()
    work.now = AGAIN
    await hear(work, [life.received(), life.rated(), lowered(life), life.breached("opened_by_duty")])
    assert unsent(work, life) == []
    await hear(work, [life.rated(version=3, at=AGAIN), life.breached("opened_by_manager")])
    assert unsent(work, life) == [0]
    await climb(work, since=AGAIN)
    assert unsent(work, life) == [0, 1, 2]


async def test_what_could_not_be_read_and_its_replay_alert_once_and_a_later_red_anew() -> None:
    life, work = Life(), MemoryWork()
    event = life.rated()
    await WHEN_PARKED(_parked(event), work)
    await WHEN_PARKED(_parked(event), work)
    await hear(work, [event])
    assert unsent(work, life) == [0]
    await hear(work, [lowered(life), life.rated(version=3, at=AGAIN)])
    assert unsent(work, life) == [0]
    assert len(messages(work, life, Kind.ALERT)) == 2


async def test_what_could_not_be_read_and_turns_out_lower_does_not_stand_in_the_way() -> None:
    life, work = Life(), MemoryWork()
    event = lowered(life, version=1)
    await WHEN_PARKED(_parked(event), work)
    assert unsent(work, life) == [0]
    await hear(work, [event])
    assert unsent(work, life) == []
    await hear(work, [life.rated(version=2, at=AGAIN)])
    assert unsent(work, life) == [0]


async def test_what_was_never_read_at_all_does_not_stand_in_the_way() -> None:
    for between in ([], ["opened"]):
        life, work = Life(), MemoryWork()
        await hear(work, [life.received()])
        await WHEN_PARKED(_parked(lowered(life, version=1)), work)
        for alert in messages(work, life, Kind.ALERT):
            alert.state = State.SENT
        await hear(work, [life.opened() for _ in between])
        await hear(work, [life.rated(version=2, at=AGAIN)])
        assert unsent(work, life) == [0]
        assert sum(ladder.next_at is not None for ladder in work.climbs.values()) == 1 - len(between)


@given(data=st.data())
async def test_each_rung_is_alerted_once_in_the_second_red_however_the_clocks_come_between(data: st.DataObject) -> None:
    life, work = Life(), MemoryWork()
    clocks = [
        life.breached(kind, starts_at=at) for at in (NOON, AGAIN) for kind in ("opened_by_duty", "opened_by_manager")
    ]
    ratings = [
        life.rated("amber", pages=False, at=NOON - timedelta(minutes=2)),
        life.rated("amber", pages=False, version=2, at=NOON - timedelta(minutes=1)),
        life.rated(version=3),
        lowered(life, 4),
        lowered(life, 5),
        life.rated(version=6, at=AGAIN),
        life.rated(version=7, at=AGAIN + timedelta(minutes=1)),
    ]
    await hear(work, in_any_order(data, [ratings, clocks]))
    await climb(work, since=work.now)
    assert unsent(work, life) == [0, 1, 2]


def _parked(event: Event[Any]) -> ParkedEvent:
    return ParkedEvent(
        id=event.id,
        contact_id=event.contact_id,
        producer=event.producer,
        time=event.time,
        reason="x",
        cause=Cause.of(event),
        event=event,
    )

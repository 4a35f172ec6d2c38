"""Who on duty is alerted, by the rating and by the clocks, and when that ends."""

from __future__ import annotations

from datetime import timedelta

from services.notify.application.commands.duty import climb_ladders
from services.notify.domain.model import Kind, State
from tests.support.builders_notify import NOON, Life
from tests.support.fakes_notify import MemoryWork

from .test_handlers import hear, messages


async def test_a_paging_rating_alerts_duty_once_and_climbs_until_opened() -> None:
    life, work = Life(), MemoryWork()
    await hear(work, [life.received(), life.rated(), life.rated(version=2)])
    assert [each.rung for each in messages(work, life, Kind.ALERT)] == [0]
    work.now = NOON + timedelta(minutes=9, seconds=59)
    await climb_ladders(work, most=10)
    assert len(messages(work, life, Kind.ALERT)) == 1
    work.now = NOON + timedelta(minutes=10)
    await climb_ladders(work, most=10)
    assert [each.rung for each in messages(work, life, Kind.ALERT)] == [0, 1]
    await hear(work, [life.opened()])
    work.now = NOON + timedelta(hours=1)
    await climb_ladders(work, most=10)
    alerts = messages(work, life, Kind.ALERT)
    assert [(each.rung, each.state) for each in alerts] == [(0, State.SUPERSEDED), (1, State.SUPERSEDED)]


async def test_the_ladder_and_the_clocks_that_watch_opening_alert_a_rung_once() -> None:
    life, work = Life(), MemoryWork()
    await hear(work, [life.received(), life.rated(), life.breached("opened_by_duty")])
    work.now = NOON + timedelta(minutes=10)
    await climb_ladders(work, most=10)
    assert [each.rung for each in messages(work, life, Kind.ALERT)] == [0, 1]


async def test_siblings_clocks_due_at_once_alert_once() -> None:
    life, work = Life(subjects=3), MemoryWork()
    clocks = [life.approaching("strategy_discussion", 0.8, number=number) for number in (1, 2, 3)]
    await hear(work, [life.received(), life.rated("amber", pages=False), *clocks])
    (alert,) = messages(work, life, Kind.ALERT)
    assert (alert.template, alert.rung, alert.purpose) == ("duty-reminder", 0, "nearly-due")


async def test_a_rating_that_no_longer_pages_ends_the_ladder() -> None:
    life, work = Life(), MemoryWork()
    await hear(work, [life.received(), life.rated(), life.rated("amber", pages=False, version=2)])
    (alert,) = messages(work, life, Kind.ALERT)
    assert (alert.state, alert.reason) == (State.SUPERSEDED, "rated_lower")
    assert not any(ladder.due(NOON + timedelta(days=1)) for ladder in work.climbs.values())


async def test_raised_to_paging_after_it_was_opened_duty_is_alerted_still() -> None:
    life, work = Life(), MemoryWork()
    await hear(work, [life.received(), life.rated("amber", pages=False), life.opened(), life.rated(version=2)])
    (alert,) = messages(work, life, Kind.ALERT)
    assert alert.state is State.WAITING
    assert not work.climbs

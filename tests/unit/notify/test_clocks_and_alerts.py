"""A clock's warnings, breach and escalations alert rung after rung, and no longer once the clock has ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from services.notify.domain.model import Kind, State
from services.notify.domain.policy import alerts
from shared.contracts.envelope import Event
from shared.policy.model import Pack
from tests.support.builders_notify import NOON, Life
from tests.support.every_pack import every_pack
from tests.support.fakes_notify import MemoryWork

from .test_handlers import hear, messages


def rungs(work: MemoryWork, life: Life) -> list[tuple[int | None, State]]:
    return [(each.rung, each.state) for each in messages(work, life, Kind.ALERT)]


async def test_a_breach_alerts_duty_and_each_escalation_the_next_rung() -> None:
    life, work = Life(), MemoryWork()
    await hear(work, [life.received(), life.breached("amber_decision")])
    assert rungs(work, life) == [(0, State.WAITING)]
    await hear(work, [life.escalated("amber_decision", 1), life.escalated("amber_decision", 2)])
    assert rungs(work, life) == [(rung, State.WAITING) for rung in (0, 1, 2)]
    assert {each.template for each in messages(work, life, Kind.ALERT)} == {"duty-reminder"}


async def test_a_rung_is_alerted_once_to_what_is_late_whichever_of_the_two_says_it_first() -> None:
    life, work = Life(), MemoryWork()
    await hear(work, [life.received(), life.escalated("amber_decision", 0), life.breached("amber_decision")])
    assert rungs(work, life) == [(0, State.WAITING)]


async def test_an_escalation_past_the_last_rung_alerts_the_last() -> None:
    life, work = Life(), MemoryWork()
    await hear(work, [life.received(), life.escalated("amber_decision", 9)])
    assert rungs(work, life) == [(2, State.WAITING)]


@pytest.mark.parametrize("end", [Life.met, Life.cancelled])
async def test_what_has_ended_is_not_alerted_to_any_more(end: Callable[[Life, str], Event[Any]]) -> None:
    life, work = Life(), MemoryWork()
    await hear(work, [life.received(), life.breached("amber_decision"), life.escalated("amber_decision", 1)])
    await hear(work, [end(life, "amber_decision")])
    assert rungs(work, life) == [(0, State.SUPERSEDED), (1, State.SUPERSEDED)]
    assert {each.reason for each in messages(work, life, Kind.ALERT)} == {"clock_ended"}


async def test_siblings_share_an_alert_until_the_last_clock_has_ended() -> None:
    life, work = Life(subjects=2), MemoryWork()
    both = [life.breached("amber_decision", number=number) for number in (1, 2)]
    await hear(work, [life.received(), *both, life.met("amber_decision", number=1)])
    assert rungs(work, life) == [(0, State.WAITING)]
    await hear(work, [life.met("amber_decision", number=2)])
    assert rungs(work, life) == [(0, State.SUPERSEDED)]


async def test_a_clock_that_runs_again_alerts_again() -> None:
    life, work = Life(), MemoryWork()
    await hear(work, [life.received(), life.breached("amber_decision"), life.cancelled("amber_decision")])
    await hear(work, [life.escalated("amber_decision", 0)])
    assert [state for _, state in rungs(work, life)] == [State.SUPERSEDED, State.WAITING]


async def test_an_alert_on_its_way_when_its_clock_ended_is_pointless_afterwards() -> None:
    life, work = Life(), MemoryWork()
    await hear(work, [life.received(), life.breached("amber_decision")])
    (alert,) = messages(work, life, Kind.ALERT)
    assert not alerts.pointless(alert)
    alert.lease(uuid4(), NOON)
    await hear(work, [life.met("amber_decision")])
    assert (alert.state, alerts.pointless(alert)) == (State.LEASED, True)


async def test_alerts_to_look_do_not_wait_for_a_clock() -> None:
    life, work = Life(), MemoryWork()
    await hear(work, [life.received(), life.rated(), life.breached("opened_by_duty"), life.met("opened_by_duty")])
    found = messages(work, life, Kind.ALERT)
    assert [each.state for each in found] == [State.WAITING] * 2
    assert not any(alerts.pointless(each) for each in found)


@pytest.mark.parametrize("pack", every_pack(), ids=lambda pack: pack.ref)
def test_every_pack_alerts_the_rung_that_an_escalation_names(pack: Pack) -> None:
    rules = [rule for rule in pack.alerts if rule.on.event == "DeadlineEscalated"]
    assert [rule.rung for rule in rules] == [None]

"""Closed or linked unopened and then back again: what still pages is alerted anew, from the first rung."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.application.commands.duty import climb_ladders
from services.notify.domain.model import Kind, State
from services.notify.entrypoints.worker import WHEN_PARKED
from shared.contracts.envelope import Cause
from shared.messaging.parking import ParkedEvent
from tests.support.builders_asking import AskedLife
from tests.support.builders_notify import NOON
from tests.support.fakes_notify import MemoryWork
from tests.support.orders import in_any_order

from .test_handlers import hear, messages
from .test_paging_again import climb, unsent

BACK = NOON + timedelta(minutes=30)
AWAY_AND_BACK = {"closed": ("closed", "reopened"), "linked": ("linked", "unlinked")}


async def alerted_in_vain(life: AskedLife) -> MemoryWork:
    """Every rung was alerted, and nobody has opened it."""
    work = MemoryWork()
    await hear(work, [life.received(), life.rated()])
    await climb(work, since=NOON)
    await hear(work, [life.breached("opened_by_duty"), life.breached("opened_by_manager")])
    for alert in messages(work, life, Kind.ALERT):
        alert.state = State.SENT
    work.now = BACK
    return work


@pytest.mark.parametrize("way", AWAY_AND_BACK.values(), ids=AWAY_AND_BACK)
async def test_every_rung_is_alerted_anew(way: Sequence[str]) -> None:
    life = AskedLife()
    work = await alerted_in_vain(life)
    for said in way:
        event = getattr(life, said)()
        await hear(work, [event, event])
    assert unsent(work, life) == [0]
    await climb(work, since=BACK)
    assert unsent(work, life) == [0, 1, 2]
    await hear(work, [life.breached("opened_by_duty", starts_at=BACK)])
    await hear(work, [life.breached("opened_by_manager", starts_at=BACK)])
    assert unsent(work, life) == [0, 1, 2]


async def test_reopened_in_a_restatement_it_is_alerted_anew() -> None:
    life = AskedLife()
    work = await alerted_in_vain(life)
    await hear(work, [life.closed()])
    restated = life.case_restated(opened=False)
    await hear(work, [restated, restated])
    assert unsent(work, life) == [0]
    await climb(work, since=BACK)
    assert unsent(work, life) == [0, 1, 2]


async def test_a_link_taken_back_unheard_is_told_by_the_restatement() -> None:
    life = AskedLife()
    work = await alerted_in_vain(life)
    await hear(work, [life.linked(), life.restated(), life.restated()])
    assert unsent(work, life) == [0]


async def test_unlinked_as_the_primary_a_duplicate_stays_one() -> None:
    life = AskedLife()
    work = await alerted_in_vain(life)
    unlinked = life.unlinked()
    other = life._event(unlinked.data.model_copy(update={"role": "primary"}))
    await hear(work, [life.linked(), other])
    assert unsent(work, life) == []
    assert work.contacts.of(life.id).attended


@pytest.mark.parametrize("way", AWAY_AND_BACK.values(), ids=AWAY_AND_BACK)
async def test_opened_before_or_no_longer_paging_nobody_is_alerted(way: Sequence[str]) -> None:
    for before in ("opened", "lowered"):
        life = AskedLife(before)
        work = await alerted_in_vain(life)
        lowered = life.rated("amber", pages=False, version=2, at=NOON + timedelta(minutes=25))
        await hear(work, [life.opened() if before == "opened" else lowered])
        await hear(work, [getattr(life, said)() for said in way])
        await climb(work, since=BACK)
        assert unsent(work, life) == []


async def test_reopened_while_it_is_a_duplicate_it_waits_for_the_unlinking() -> None:
    life = AskedLife()
    work = await alerted_in_vain(life)
    await hear(work, [life.closed(), life.linked(), life.reopened()])
    assert unsent(work, life) == []
    await hear(work, [life.unlinked()])
    assert unsent(work, life) == [0]


async def test_opened_after_its_reopening_the_climb_ends() -> None:
    life = AskedLife()
    work = await alerted_in_vain(life)
    await hear(work, [life.closed(), life.reopened(), life.opened()])
    await climb(work, since=BACK)
    assert unsent(work, life) == []


async def test_what_could_not_be_read_stays_so_when_unlinked_and_a_red_alerts_anew() -> None:
    life, work = AskedLife(), MemoryWork()
    await hear(work, [life.received()])
    event = life.rated("amber", pages=False)
    parked = ParkedEvent(
        id=event.id,
        contact_id=life.id,
        producer=event.producer,
        time=NOON,
        reason="x",
        cause=Cause.of(event),
        event=event,
    )
    await WHEN_PARKED(parked, work)
    await hear(work, [life.linked(), life.unlinked()])
    assert unsent(work, life) == [0]
    for alert in messages(work, life, Kind.ALERT):
        alert.state = State.SENT
    await hear(work, [life.rated(version=2, at=BACK)])
    assert unsent(work, life) == [0]


async def test_a_clock_heard_before_the_reopening_and_the_red_takes_no_rung_of_theirs() -> None:
    life, work = AskedLife(), MemoryWork()
    await hear(work, [life.received(), life.rated("amber", pages=False), life.closed()])
    await hear(work, [life.breached("opened_by_duty", starts_at=BACK)])
    work.now = BACK
    await hear(work, [life.reopened(), life.rated(version=2, at=BACK)])
    await climb(work, since=BACK)
    assert unsent(work, life) == [0, 1, 2]


@given(data=st.data())
async def test_in_any_order_of_the_producers_everybody_is_alerted_after_the_last_of_them(data: st.DataObject) -> None:
    life, work = AskedLife(), MemoryWork()
    clocks = [
        life.breached(kind, starts_at=at) for at in (NOON, BACK) for kind in ("opened_by_duty", "opened_by_manager")
    ]
    cases = [life.rated("amber", pages=False), life.rated(version=2), life.closed(), life.reopened()]
    links = [life.received(), life.linked(), life.unlinked()]
    await hear(work, in_any_order(data, [cases, links, clocks]))
    contact = work.contacts.of(life.id)
    assert not contact.attended
    await climb(work, since=work.now)
    standing = {
        each.rung
        for each in messages(work, life, Kind.ALERT)
        if each.because == f"ladder|{contact.paging.number}" and each.state is State.WAITING
    }
    assert standing == {0, 1, 2}
    before = len(messages(work, life, Kind.ALERT))
    await climb_ladders(work, most=10)
    assert len(messages(work, life, Kind.ALERT)) == before

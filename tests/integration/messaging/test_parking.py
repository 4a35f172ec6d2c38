"""What is set aside: once, whatever is in it, never released twice, given up or filled without losing the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from mash import dead_letters
from shared.contracts.envelope import Cause
from shared.contracts.intake import ContactErased
from shared.database.faults import NotYet
from shared.database.unit_of_work import UnitOfWork
from shared.messaging.bus import Delivered
from shared.messaging.outbox import read_outbox, republish
from shared.messaging.parking import MOST_FAILED
from shared.service import Platform
from tests.support.deliveries import delivered, event_of, with_headers

from .listener import OPENED, RESTATED, Listener, opened


async def set_all(service: Listener, assignment: str, where: str) -> None:
    async with service.platform.engine.begin() as connection:
        await connection.execute(text(f"UPDATE parked SET {assignment} WHERE {where}"))


async def test_two_workers_release_the_same_event_once(service: Listener) -> None:
    contacts = [uuid4() for _ in range(10)]
    bad = [event_of(OPENED, contact_id=contact, sequence=1) for contact in contacts]
    service.poison.update(event.id for event in bad)
    await service.applier.process([delivered(event) for event in bad])
    await service.applier.process([opened(contact, 2) for contact in contacts])
    service.poison.clear()
    await set_all(service, "state = 'replay'", "state = 'failed'")
    await asyncio.gather(*(service.applier.release_ready() for _ in range(4)))
    for contact in contacts:
        assert await service.handled(contact) == ["1", "2"]
        said = await service.said(contact)
        assert [sequence for sequence, _ in said] == [1, 2, 3]
        assert len({event_id for _, event_id in said}) == 3


async def test_what_cannot_be_read_is_told_once_however_often_it_comes(service: Listener) -> None:
    broken = delivered(event_of(OPENED, contact_id=uuid4(), sequence=1), value=b"{not json")
    keyless = replace(broken, record=replace(broken.record, key="?", headers=()))
    for _ in range(3):
        await service.applier.process([broken, keyless])
    assert await service.rows("SELECT count(*) FROM parked") == [(2,)]
    assert await service.rows("SELECT count(*) FROM event_log") == [(1,)]
    assert await service.rows("SELECT count(*) FROM outbox WHERE topic LIKE '%dead-letters%'") == [(2,)]


HOSTILE: dict[str, Callable[[Delivered], Delivered]] = {
    "zero in the producer": lambda one: with_headers(one, ce_source="/mash/tri\0age"),
    "zero in the key": lambda one: replace(one, record=replace(one.record, key="\0", headers=())),
    "endless sequence": lambda one: with_headers(one, ce_sequence="9" * 30),
    "sequence below one": lambda one: with_headers(one, ce_sequence="-5"),
    "no zone": lambda one: with_headers(one, ce_time="2026-11-20T12:00:00"),
    "before time began": lambda one: with_headers(one, ce_time="0001-01-01T00:00:00+14:00"),
    "no characters": lambda one: replace(one, record=replace(one.record, headers=(("ce_id", b"\xff\xfe\0"),))),
    "half a character": lambda one: replace(one, record=replace(one.record, key="\ud800", headers=())),
    "deep": lambda one: replace(one, record=replace(one.record, value=b"[" * 100_000)),
    "no value": lambda one: replace(one, record=replace(one.record, value=b"")),
}


@pytest.mark.parametrize("spoil", HOSTILE.values(), ids=HOSTILE)
async def test_no_record_stops_those_behind_it(service: Listener, spoil: Callable[[Delivered], Delivered]) -> None:
    other, contact = uuid4(), uuid4()
    await service.applier.process([spoil(opened(other, 1)), opened(contact, 1)])
    assert await service.handled(contact) == ["1"]
    assert [state for _, state, _ in await service.parked()] == ["failed"]
    await service.applier.release_ready()


async def test_an_odd_trace_is_left_out_and_the_event_applied(service: Listener) -> None:
    contact = uuid4()
    one = opened(contact, 1)
    traced = replace(one, record=replace(one.record, headers=(*one.record.headers, ("ce_traceparent", b"a\0b"))))
    await service.applier.process([traced])
    assert await service.handled(contact) == ["1"]


async def test_an_event_that_defeats_its_own_parking_is_parked_without_its_data(service: Listener) -> None:
    service.parking_needs_no_data = False
    contact = uuid4()
    first, second = (event_of(OPENED, contact_id=contact, sequence=n) for n in (1, 2))
    service.poison.update({first.id, second.id})
    await service.applier.process([delivered(second)])
    await service.applier.process([delivered(first)])
    assert [row[:2] for row in await service.parked()] == [(1, "failed"), (2, "waiting")]
    service.poison.discard(first.id)
    await set_all(service, "state = 'replay'", "state = 'failed'")
    await service.applier.release_ready()  # the first follows; the second fails for the first time here
    assert [row[:2] for row in await service.parked()] == [(1, "replayed"), (2, "failed")]
    assert len(await service.said(contact)) == 3


async def test_too_many_failures_stop_the_draining(service: Listener) -> None:
    bad = [event_of(OPENED, contact_id=uuid4(), sequence=1) for _ in range(MOST_FAILED + 5)]
    good = uuid4()
    service.poison.update(event.id for event in bad)
    batch = [*(delivered(event) for event in bad), opened(good, 1)]
    with pytest.raises(NotYet):
        await service.applier.process(batch)
    assert len(await service.parked()) == MOST_FAILED
    await set_all(service, "parked_at = parked_at - interval '11 minutes'", "true")
    await service.applier.process(batch)
    assert len(await service.parked()) == MOST_FAILED + 5
    assert await service.handled(good) == ["1"]


async def test_a_dropped_event_lets_those_behind_it_go_on(service: Listener) -> None:
    contact = uuid4()
    bad = event_of(OPENED, contact_id=contact, sequence=1)
    service.poison.add(bad.id)
    await service.applier.process([delivered(bad), opened(contact, 2)])
    await dead_letters.drop(service.platform.engine, bad.id)
    await service.applier.release_ready()
    await service.applier.process([opened(contact, 3), delivered(bad)])
    assert await service.handled(contact) == ["2", "3"]
    assert [row[:2] for row in await service.parked()] == [(1, "dropped"), (2, "replayed")]


async def test_a_restatement_while_another_fails_leaves_nothing_behind(service: Listener) -> None:
    contact = uuid4()
    bad = event_of(OPENED, contact_id=contact, sequence=2)
    service.poison.add(bad.id)
    batch = [opened(contact, 1), delivered(bad), opened(contact, 3), opened(contact, 5)]
    await service.applier.process([*batch, delivered(event_of(RESTATED, contact_id=contact, sequence=4))])
    assert await service.handled(contact) == ["1", "4", "5"]
    assert {row[0]: row[1] for row in await service.parked()} == {2: "superseded", 3: "superseded", 5: "replayed"}


async def test_an_erased_contact_keeps_no_poison(service: Listener) -> None:
    contact = uuid4()
    await service.applier.process([delivered(event_of(ContactErased(reason_code="x"), contact_id=contact, sequence=1))])
    await service.applier.process([delivered(event_of(OPENED, contact_id=contact, sequence=1), value=b"{")])
    assert await service.parked() == []
    assert await service.said(contact) == []


async def test_what_was_said_before_an_erasure_leaves_but_is_not_kept(service: Listener) -> None:
    contact = uuid4()
    erased = delivered(event_of(ContactErased(reason_code="x"), contact_id=contact, sequence=1))
    await service.applier.process([opened(contact, 1), erased])
    assert [sequence for sequence, _ in await service.said(contact)] == [1]
    assert await service.rows("SELECT count(*) FROM event_log") == [(0,)]


async def test_republishing_fills_a_gap(service: Listener, platform_for: Callable[[str], Awaitable[Platform]]) -> None:
    triage, contact = await platform_for("triage"), uuid4()
    async with UnitOfWork(triage.database) as work:
        await work.lock([contact])
        for n in range(3):
            cause = Cause(id=UUID(int=n), correlation_id=uuid4())
            work.announce(OPENED, contact_id=contact, cause=cause)
        await work.commit()

    async def outbox() -> list[Delivered]:
        async with triage.engine.begin() as connection:
            rows = await read_outbox(connection, most=100)
            await connection.execute(text("DELETE FROM outbox"))
        return [Delivered(row.record, 0, row.id) for row in rows]

    first, second, third = await outbox()
    await service.applier.process([first, third])
    assert await service.handled(contact) == ["1"]
    async with triage.engine.begin() as connection:
        assert await republish(connection, contact, first=2) == 2
    again = await outbox()
    assert [one.record for one in again] == [second.record, third.record]
    await service.applier.process(again)
    assert await service.handled(contact) == ["1", "2", "3"]

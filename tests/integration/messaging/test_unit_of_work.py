"""One transaction over one database: all or nothing, no deadlocks, no gaps in the sequence, one key a contact."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from shared.contracts.envelope import Cause
from shared.database.faults import NotYet
from shared.security.encryption import WrongKey

from .listener import OPENED, Listener


def cause() -> Cause:
    return Cause(id=uuid4(), correlation_id=uuid4())


async def test_without_a_commit_nothing_is_kept(service: Listener) -> None:
    contact = uuid4()
    async with service.open_work() as work:
        await work.lock([contact])
        work.cipher(contact)
        work.contacts.heard(contact, event_id=uuid4(), what="opened", at=work.now)
        work.announce(OPENED, contact_id=contact, cause=cause())
    for table in ("contact_stream", "contact_keys", "outbox", "event_log", "progress"):
        assert await service.rows(f"SELECT count(*) FROM {table}") == [(0,)]


async def fail(service: Listener) -> None:
    async with service.open_work() as work:
        await work.lock([uuid4()])
        raise ZeroDivisionError


async def test_an_error_undoes_everything_and_frees_the_connection(service: Listener) -> None:
    for _ in range(20):  # more often than the pool has connections
        with pytest.raises(ZeroDivisionError):
            await fail(service)
    assert await service.rows("SELECT count(*) FROM contact_stream") == [(0,)]


async def test_opposite_orders_do_not_block_each_other(service: Listener) -> None:
    contacts = [uuid4() for _ in range(20)]

    async def turn(order: list[UUID]) -> None:
        for _ in range(10):
            async with service.open_work() as work:
                await work.lock(order)
                for contact in order:
                    work.announce(OPENED, contact_id=contact, cause=cause())
                await work.commit()

    orders = [contacts, contacts[::-1], contacts[10:] + contacts[:10], sorted(contacts)]
    await asyncio.wait_for(asyncio.gather(*map(turn, orders)), 60)
    assert await service.rows("SELECT DISTINCT sent FROM contact_stream") == [(40,)]


async def test_twenty_writers_leave_no_gap(service: Listener) -> None:
    contact = uuid4()

    async def write() -> None:
        async with service.open_work() as work:
            await work.lock([contact])
            for _ in range(5):
                work.announce(OPENED, contact_id=contact, cause=cause())
            await work.commit()

    await asyncio.gather(*(write() for _ in range(20)))
    said = await service.said(contact)
    assert [sequence for sequence, _ in said] == list(range(1, 101))
    assert len({event_id for _, event_id in said}) == 100


async def test_two_first_keys_at_once_are_one_and_whoever_came_second_is_told_to_try_again(service: Listener) -> None:
    contact = uuid4()
    place = {"table": "contacts", "column": "body"}
    async with service.open_work() as work:  # known, and without a key
        await work.lock([contact])
        work.announce(OPENED, contact_id=contact, cause=cause())
        await work.commit()

    async def seal() -> bytes:
        while True:
            async with service.open_work() as work:
                await work.lock([contact])
                sealed = work.cipher(contact).encrypt("Rowan", **place, row_id=contact)
                try:
                    await work.commit()
                except NotYet:
                    continue
                return sealed

    sealed = await asyncio.gather(*(seal() for _ in range(5)))
    async with service.open_work() as work:
        await work.lock([contact])
        assert [work.cipher(contact).decrypt(one, **place, row_id=contact) for one in sealed] == ["Rowan"] * 5


async def test_each_contact_has_one_key_of_its_own_and_never_in_clear(service: Listener) -> None:
    first, second = uuid4(), uuid4()
    place = {"table": "contacts", "column": "body"}

    async def seal(contact: UUID) -> bytes:
        async with service.open_work() as work:
            await work.lock([contact])
            sealed = work.cipher(contact).encrypt("Rowan", **place, row_id=contact)
            await work.commit()
            return sealed

    sealed = await asyncio.gather(*(seal(contact) for contact in [first] * 5 + [second] * 5))
    assert await service.rows("SELECT count(*) FROM contact_keys") == [(2,)]
    async with service.open_work() as work:
        await work.lock([first, second])
        opened = [work.cipher(first).decrypt(one, **place, row_id=first) for one in sealed[:5]]
        assert opened == ["Rowan"] * 5
        with pytest.raises(WrongKey):
            work.cipher(second).decrypt(sealed[0], **place, row_id=first)
        masters, wrapped = work.database.master_keys, work.stream(first).wrapped_key
        assert wrapped is not None
        with pytest.raises(WrongKey):
            masters.unwrap(wrapped, service="intake", owner=second)
        with pytest.raises(WrongKey):
            masters.unwrap(wrapped, service="triage", owner=first)
        assert masters.unwrap(wrapped, service="intake", owner=first) not in wrapped


async def test_a_contact_must_be_locked_before_anything_is_said_of_it(service: Listener) -> None:
    async with service.open_work() as work:
        with pytest.raises(KeyError):
            work.announce(OPENED, contact_id=uuid4(), cause=cause())


async def test_the_same_work_says_the_same_ids(service: Listener) -> None:
    contact, one = uuid4(), cause()
    ids: list[UUID] = []
    for _ in range(2):
        async with service.open_work() as work:
            await work.lock([contact])
            ids.append(work.announce(OPENED, contact_id=contact, cause=one, discriminator="1"))
            ids.append(work.announce(OPENED, contact_id=contact, cause=one, discriminator="2"))
    assert ids[:2] == ids[2:]
    assert ids[0] != ids[1]


WINTER = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("speed", [1, 60, 86_400])
async def test_business_time_runs_from_its_anchor_at_its_speed(service: Listener, speed: int) -> None:
    async with service.platform.engine.begin() as connection:
        await connection.execute(
            text("UPDATE clock SET anchor_real = now() - interval '10 s', anchor_business = :at, speed = :speed"),
            {"at": WINTER, "speed": speed},
        )
    async with service.open_work() as work:
        elapsed = (work.now - WINTER).total_seconds() / speed
        assert 10 <= elapsed < 40
        assert work.now.utcoffset() == timedelta(0)
        again = (await work.connection.execute(text("SELECT mash_now()"))).scalar_one()
        assert again == work.now


async def test_business_time_crosses_the_clock_change_in_seconds(service: Listener) -> None:
    """Half a year at any speed is that many seconds: an interval with days in it would be an hour wrong in summer."""
    half_a_year = timedelta(days=182)
    async with service.platform.engine.begin() as connection:
        await connection.execute(text("SET LOCAL timezone = 'Europe/London'"))
        await connection.execute(
            text("UPDATE clock SET anchor_real = now() - interval '182 s', anchor_business = :at, speed = 86400"),
            {"at": WINTER},
        )
        found = (await connection.execute(text("SELECT mash_now()"))).scalar_one()
    assert found == WINTER + half_a_year

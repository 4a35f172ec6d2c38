"""Forgetting a contact, whatever order and company the word of it arrives in."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from shared.contracts.envelope import Event
from tests.integration.access.conftest import OpenDoor
from tests.integration.access.door import Door
from tests.support import builders_deadlines, builders_notify, builders_triage
from tests.support.deliveries import delivered

pytestmark = pytest.mark.asyncio(loop_scope="package")

LEDGER = "breaches"
HEARERS = ("triage", "deadlines", "notify")


def life(service: str) -> tuple[UUID, Sequence[Event], Event]:  # type: ignore[type-arg]
    """A contact's first events as a service hears them, and its erasure."""
    if service == "triage":
        contact = uuid4()
        subject = builders_triage.told(contact, facts=builders_triage.RED)
        return contact, [builders_triage.received(contact, subject)], builders_triage.erased(contact)
    if service == "deadlines":
        timed = builders_deadlines.Life(uuid4().hex)
        return timed.id, [timed.received(), timed.rated("red-abuse")], timed.erased()
    told = builders_notify.Life(uuid4().hex)
    return told.id, [told.received(), told.rated()], told.erased()


async def kept(door: Door, contact: UUID) -> set[str]:
    """The tables that still hold something of a contact."""
    tables = await door.rows(
        "SELECT table_name AS name FROM information_schema.columns WHERE column_name = 'contact_id'"
    )
    found: set[str] = set()
    for table in {row.name for row in tables} - {"contact_stream", LEDGER}:
        if await door.rows(f'SELECT 1 FROM "{table}" WHERE contact_id = :contact', contact=contact):
            found.add(table)
    return found


@pytest.mark.parametrize("service", HEARERS)
async def test_erased_later(door_of: OpenDoor, service: str) -> None:
    door = await door_of(service)
    contact, events, erasure = life(service)
    await door.hear(*map(delivered, events))
    assert await kept(door, contact)
    await door.hear(delivered(erasure))
    assert await kept(door, contact) == set()
    await door.hear(*map(delivered, events))
    assert await kept(door, contact) == set()


@pytest.mark.parametrize("service", HEARERS)
async def test_erased_in_the_very_batch_that_brought_it(door_of: OpenDoor, service: str) -> None:
    """A worker that was away finds both at once: what it says of the first must not be kept either."""
    door = await door_of(service)
    contact, events, erasure = life(service)
    await door.hear(*map(delivered, [*events, erasure]))
    assert await kept(door, contact) == set()


@pytest.mark.parametrize("service", HEARERS)
async def test_erased_before_anything_was_heard(door_of: OpenDoor, service: str) -> None:
    """The erasure waits for what came before it, and holds nothing once that is there."""
    door = await door_of(service)
    contact, events, erasure = life(service)
    await door.hear(delivered(erasure))
    await door.hear(*map(delivered, events))
    assert await kept(door, contact) == set()

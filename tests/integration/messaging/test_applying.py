"""One message, one effect: duplicates, gaps, poison, restatements and erasure, on real PostgreSQL."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import event as sa_event
from sqlalchemy import text

from shared.contracts.intake import ContactErased
from tests.support.deliveries import delivered, event_of, with_headers

from .listener import OPENED, RESTATED, Listener


async def test_delivered_twice_has_one_effect(service: Listener) -> None:
    contact = uuid4()
    one = delivered(event_of(OPENED, contact_id=contact, sequence=1))
    await service.applier.process([one, one])
    await service.applier.process([one])
    assert await service.handled(contact) == ["1"]
    assert await service.rows("SELECT count(*) FROM outbox") == [(1,)]


async def test_a_gap_waits_and_is_filled_in_order(service: Listener) -> None:
    contact = uuid4()
    first, second, third = (delivered(event_of(OPENED, contact_id=contact, sequence=n)) for n in (1, 2, 3))
    await service.applier.process([third, second])
    assert await service.handled(contact) == []
    assert await service.parked() == [(2, "waiting", "behind"), (3, "waiting", "gap")]
    await service.applier.process([first])
    assert await service.handled(contact) == ["1", "2", "3"]
    assert {state for _, state, _ in await service.parked()} == {"replayed"}


@pytest.mark.parametrize("place", range(5))
async def test_one_bad_message_parks_alone_wherever_it_stands(service: Listener, place: int) -> None:
    events = [event_of(OPENED, contact_id=uuid4(), sequence=1) for _ in range(5)]
    service.poison.add(events[place].id)
    await service.applier.process([delivered(event) for event in events])
    for at, event in enumerate(events):
        assert await service.handled(event.contact_id) == ([] if at == place else ["1"])
    assert await service.parked() == [(1, "failed", "ValueError:handler")]
    copies = await service.rows("SELECT topic FROM outbox WHERE topic LIKE '%dead-letters%'")
    assert copies == [("mash.intake.dead-letters.v1",)]


async def test_later_events_wait_behind_a_failed_one_and_follow_when_it_is_replayed(service: Listener) -> None:
    contact = uuid4()
    bad, later = (event_of(OPENED, contact_id=contact, sequence=n) for n in (1, 2))
    service.poison.add(bad.id)
    await service.applier.process([delivered(bad), delivered(later)])
    assert await service.handled(contact) == []
    await service.applier.release_ready()
    assert await service.handled(contact) == []
    service.poison.clear()
    async with service.platform.engine.begin() as connection:
        await connection.execute(text("UPDATE parked SET state = 'replay' WHERE state = 'failed'"))
    await service.applier.release_ready()
    assert await service.handled(contact) == ["1", "2"]


async def test_what_cannot_be_read_is_parked_and_told(service: Listener) -> None:
    contact = uuid4()
    broken = delivered(event_of(OPENED, contact_id=contact, sequence=1), value=b"{not json")
    no_id = with_headers(delivered(event_of(OPENED, contact_id=contact, sequence=1)), ce_id="?")
    await service.applier.process([broken, no_id])
    parked = await service.parked()
    assert [state for _, state, _ in parked] == ["failed", "failed"]
    said = await service.rows("SELECT count(*) FROM event_log")
    assert said == [(2,)]


async def test_an_event_newer_than_this_reader_still_advances_the_sequence(service: Listener) -> None:
    contact = uuid4()
    newer = with_headers(
        delivered(event_of(OPENED, contact_id=contact, sequence=1)), ce_type="uk.mash.triage.NotYetInvented.v1"
    )
    await service.applier.process([newer, delivered(event_of(OPENED, contact_id=contact, sequence=2))])
    assert await service.handled(contact) == ["2"]


async def test_a_restatement_is_applied_over_a_gap_and_closes_what_waited(service: Listener) -> None:
    contact = uuid4()
    await service.applier.process([delivered(event_of(OPENED, contact_id=contact, sequence=3))])
    await service.applier.process([delivered(event_of(RESTATED, contact_id=contact, sequence=5))])
    await service.applier.process([delivered(event_of(OPENED, contact_id=contact, sequence=6))])
    assert await service.handled(contact) == ["5", "6"]
    assert await service.parked() == [(3, "superseded", "gap")]


async def test_an_erased_contact_swallows_what_comes_later(service: Listener) -> None:
    contact = uuid4()
    await service.applier.process([delivered(event_of(OPENED, contact_id=contact, sequence=1))])
    await service.applier.process([delivered(event_of(ContactErased(reason_code="x"), contact_id=contact, sequence=1))])
    await service.applier.process([delivered(event_of(OPENED, contact_id=contact, sequence=2))])
    assert await service.handled(contact) == []
    assert await service.rows("SELECT count(*) FROM event_log") == [(0,)]
    assert await service.rows("SELECT count(*) FROM contact_keys") == [(0,)]


async def test_a_thousand_contacts_are_a_handful_of_statements(service: Listener) -> None:
    events = [delivered(event_of(OPENED, contact_id=uuid4(), sequence=1)) for _ in range(500)]
    statements: list[str] = []
    sa_event.listen(
        service.platform.engine.sync_engine, "before_cursor_execute", lambda *args: statements.append(args[2])
    )
    await service.applier.process(events)
    assert await service.rows("SELECT count(*) FROM progress") == [(500,)]
    assert len(statements) < 20


async def test_an_erasure_is_applied_whatever_was_missed_and_takes_along_what_waits(service: Listener) -> None:
    contact = uuid4()
    await service.applier.process([delivered(event_of(ContactErased(reason_code="x"), contact_id=contact, sequence=4))])
    await service.applier.process([delivered(event_of(ContactErased(reason_code="x"), contact_id=contact, sequence=5))])
    assert await service.rows("SELECT erased_at IS NOT NULL FROM contact_stream") == [(True,)]
    assert await service.parked() == []

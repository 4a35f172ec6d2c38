"""One message, one effect: duplicates, gaps, poison, restatements and erasure, on real PostgreSQL."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event as sa_event
from sqlalchemy import text

from services.intake.adapters.repositories.contacts import IntakeUnitOfWork
from shared.contracts.envelope import Cause, Event
from shared.contracts.intake import ContactErased
from shared.contracts.parts import ContactKept, PolicyVersion, Referrer, ReferrerKind
from shared.contracts.triage import CaseRestated, ContactOpened
from shared.messaging.apply import Applier
from shared.messaging.parking import ParkedEvent
from shared.service import Platform
from tests.support.deliveries import NOON, delivered, event_of, with_headers

KEPT = ContactKept(
    reference="MASH-0000-0000-0",
    received_at=NOON,
    accepted_at=NOON,
    referrer=Referrer(kind=ReferrerKind.PROFESSIONAL, source_code="2A", has_address=True),
)
OPENED = ContactOpened(contact=KEPT, opened_at=NOON)


class Service:
    """A service whose handlers note what they handled, and refuse what the test marks as poison."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.poison: set[UUID] = set()
        self.applier = Applier(
            service="intake",
            open_work=self.open_work,
            handlers={ContactOpened: self.note, CaseRestated: self.note, ContactErased: self.forget},
            when_parked=self.say_parked,
        )

    def open_work(self) -> IntakeUnitOfWork:
        return IntakeUnitOfWork(self.platform.database)

    async def note(self, event: Event[Any], work: IntakeUnitOfWork) -> None:
        if event.id in self.poison:
            raise ValueError("poison")
        work.contacts.heard(event.contact_id, event_id=event.id, what=str(event.sequence), at=event.time)
        work.announce(
            ContactErased(reason_code="heard"), contact_id=event.contact_id, cause=Cause.of(event), discriminator="note"
        )

    async def forget(self, event: Event[Any], work: IntakeUnitOfWork) -> None:
        await work.forget(event.contact_id)

    async def say_parked(self, parked: ParkedEvent, work: IntakeUnitOfWork) -> None:
        work.announce(
            ContactErased(reason_code="parked"),
            contact_id=parked.contact_id,
            cause=parked.cause,
            discriminator="|parked",
        )

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        async with self.platform.engine.connect() as connection:
            return [tuple(row) for row in (await connection.execute(text(sql))).all()]

    async def handled(self, contact_id: UUID) -> list[str]:
        found = await self.rows(f"SELECT what FROM progress WHERE contact_id = '{contact_id}' ORDER BY what")
        return [row[0] for row in found]

    async def parked(self) -> list[tuple[Any, ...]]:
        return await self.rows("SELECT sequence, state, reason FROM parked ORDER BY sequence")


@pytest.fixture
async def service(platform_for: Callable[[str], Awaitable[Platform]]) -> Service:
    return Service(await platform_for("intake"))


async def test_delivered_twice_has_one_effect(service: Service) -> None:
    contact = uuid4()
    one = delivered(event_of(OPENED, contact_id=contact, sequence=1))
    await service.applier.process([one, one])
    await service.applier.process([one])
    assert await service.handled(contact) == ["1"]
    assert await service.rows("SELECT count(*) FROM outbox") == [(1,)]


async def test_a_gap_waits_and_is_filled_in_order(service: Service) -> None:
    contact = uuid4()
    first, second, third = (delivered(event_of(OPENED, contact_id=contact, sequence=n)) for n in (1, 2, 3))
    await service.applier.process([third, second])
    assert await service.handled(contact) == []
    assert await service.parked() == [(2, "waiting", "behind"), (3, "waiting", "gap")]
    await service.applier.process([first])
    assert await service.handled(contact) == ["1", "2", "3"]
    assert {state for _, state, _ in await service.parked()} == {"replayed"}


@pytest.mark.parametrize("place", range(5))
async def test_one_bad_message_parks_alone_wherever_it_stands(service: Service, place: int) -> None:
    events = [event_of(OPENED, contact_id=uuid4(), sequence=1) for _ in range(5)]
    service.poison.add(events[place].id)
    await service.applier.process([delivered(event) for event in events])
    for at, event in enumerate(events):
        assert await service.handled(event.contact_id) == ([] if at == place else ["1"])
    assert await service.parked() == [(1, "failed", "ValueError:handler")]
    copies = await service.rows("SELECT topic FROM outbox WHERE topic LIKE '%dead-letters%'")
    assert copies == [("mash.intake.dead-letters.v1",)]


async def test_later_events_wait_behind_a_failed_one_and_follow_when_it_is_replayed(service: Service) -> None:
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


async def test_what_cannot_be_read_is_parked_and_told(service: Service) -> None:
    contact = uuid4()
    broken = delivered(event_of(OPENED, contact_id=contact, sequence=1), value=b"{not json")
    no_id = with_headers(delivered(event_of(OPENED, contact_id=contact, sequence=1)), ce_id="?")
    await service.applier.process([broken, no_id])
    parked = await service.parked()
    assert [state for _, state, _ in parked] == ["failed", "failed"]
    said = await service.rows("SELECT count(*) FROM event_log")
    assert said == [(2,)]


async def test_an_event_newer_than_this_reader_still_advances_the_sequence(service: Service) -> None:
    contact = uuid4()
    newer = with_headers(
        delivered(event_of(OPENED, contact_id=contact, sequence=1)), ce_type="uk.mash.triage.NotYetInvented.v1"
    )
    await service.applier.process([newer, delivered(event_of(OPENED, contact_id=contact, sequence=2))])
    assert await service.handled(contact) == ["2"]


async def test_a_restatement_is_applied_over_a_gap_and_closes_what_waited(service: Service) -> None:
    contact = uuid4()
    restated = CaseRestated(
        contact=KEPT,
        rating_version=1,
        policy=PolicyVersion(id="p", version="1", hash="h"),
        rating="r",
        pages=False,
        unrated=False,
        stage="rated",
        opened_at=None,
        closed_at=None,
        subjects=(),
    )
    await service.applier.process([delivered(event_of(OPENED, contact_id=contact, sequence=3))])
    await service.applier.process([delivered(event_of(restated, contact_id=contact, sequence=5))])
    await service.applier.process([delivered(event_of(OPENED, contact_id=contact, sequence=6))])
    assert await service.handled(contact) == ["5", "6"]
    assert await service.parked() == [(3, "superseded", "gap")]


async def test_an_erased_contact_swallows_what_comes_later(service: Service) -> None:
    contact = uuid4()
    await service.applier.process([delivered(event_of(OPENED, contact_id=contact, sequence=1))])
    await service.applier.process([delivered(event_of(ContactErased(reason_code="x"), contact_id=contact, sequence=1))])
    await service.applier.process([delivered(event_of(OPENED, contact_id=contact, sequence=2))])
    assert await service.handled(contact) == []
    assert await service.rows("SELECT count(*) FROM event_log") == [(0,)]
    assert await service.rows("SELECT count(*) FROM contact_keys") == [(0,)]


async def test_a_thousand_contacts_are_a_handful_of_statements(service: Service) -> None:
    events = [delivered(event_of(OPENED, contact_id=uuid4(), sequence=1)) for _ in range(500)]
    statements: list[str] = []
    sa_event.listen(
        service.platform.engine.sync_engine, "before_cursor_execute", lambda *args: statements.append(args[2])
    )
    await service.applier.process(events)
    assert await service.rows("SELECT count(*) FROM progress") == [(500,)]
    assert len(statements) < 20

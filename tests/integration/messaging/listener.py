"""A service for the tests of messaging: it notes what it hears, says something about it, and refuses what is marked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.intake.adapters.repositories.contacts import IntakeUnitOfWork
from shared.contracts.envelope import Cause, Event
from shared.contracts.intake import ContactErased
from shared.contracts.parts import ContactKept, PolicyVersion, Referrer, ReferrerKind
from shared.contracts.triage import CaseRestated, ContactOpened
from shared.messaging.apply import Applier
from shared.messaging.bus import Delivered
from shared.messaging.parking import ParkedEvent
from shared.service import Platform
from tests.support.deliveries import NOON, delivered, event_of

KEPT = ContactKept(
    reference="MASH-0000-0000-0",
    received_at=NOON,
    accepted_at=NOON,
    referrer=Referrer(kind=ReferrerKind.PROFESSIONAL, source_code="2A", has_address=True),
)
OPENED = ContactOpened(contact=KEPT, opened_at=NOON)
RESTATED = CaseRestated(
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


def opened(contact_id: UUID, sequence: int) -> Delivered:
    """An event of triage as the bus delivers it."""
    return delivered(event_of(OPENED, contact_id=contact_id, sequence=sequence))


class Listener:
    """A service whose handlers note what they handled, and refuse what the test marks as poison."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.poison: set[UUID] = set()
        self.parking_needs_no_data = True
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
        if parked.event is not None and not self.parking_needs_no_data:
            raise ValueError("the data defeats its parking too")
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

    async def said(self, contact_id: UUID) -> list[tuple[int, str]]:
        """Sequence number and event id of what this service has queued about a contact, oldest first."""
        found = await self.rows(
            "SELECT (SELECT h ->> 1 FROM jsonb_array_elements(headers) h WHERE h ->> 0 = 'ce_sequence')::int,"
            f" event_id::text FROM outbox WHERE key = '{contact_id}' AND topic = 'mash.intake.v1' ORDER BY id"
        )
        return [(row[0], row[1]) for row in found]

    async def parked(self) -> list[tuple[Any, ...]]:
        return await self.rows("SELECT sequence, state, reason FROM parked ORDER BY sequence")

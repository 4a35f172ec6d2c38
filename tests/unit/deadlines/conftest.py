"""The handlers over one contact in memory: no database, the order and the time are the test's."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from services.deadlines.adapters.repositories.rulebooks import Rulebooks
from services.deadlines.domain.model.contact import Contact
from services.deadlines.domain.model.deadline import Deadline
from services.deadlines.domain.model.tally import Tally
from services.deadlines.entrypoints.worker import HANDLERS, WHEN_PARKED
from shared.contracts.envelope import Cause, Event, EventData
from shared.messaging.parking import ParkedEvent
from tests.support.builders_deadlines import NOON, POLICIES, southampton

RULEBOOKS = Rulebooks(southampton(), POLICIES)


class Contacts:
    """Makes a contact where it is first asked for."""

    def __init__(self) -> None:
        self.known: dict[UUID, Contact] = {}

    def get(self, contact_id: UUID) -> Contact:
        return self.known.setdefault(contact_id, Contact(contact_id=contact_id))


class Tallies:
    """The same contacts as the measures count them."""

    def __init__(self) -> None:
        self.known: dict[UUID, Tally] = {}

    def get(self, contact_id: UUID) -> Tally:
        return self.known.setdefault(contact_id, Tally(contact_id=contact_id))


class Desk:
    """A unit of work that lasts, and remembers what was said."""

    def __init__(self, rulebooks: Rulebooks = RULEBOOKS) -> None:
        self.now = NOON
        self.contacts = Contacts()
        self.tallies = Tallies()
        self.rulebooks = rulebooks
        self.said: list[EventData] = []
        self.ids: list[UUID] = []

    def announce(self, data: EventData, *, contact_id: UUID, cause: Cause, discriminator: str = "") -> UUID:  # noqa: ARG002
        self.said.append(data)
        self.ids.append(cause.event_id(data, discriminator))
        return self.ids[-1]

    async def forget(self, contact_id: UUID) -> None:
        self.contacts.known.pop(contact_id, None)

    async def hear(self, *events: Event[Any]) -> None:
        for event in events:
            self.now = max(self.now, event.time)
            await HANDLERS[type(event.data)](event, self)

    async def park(self, event: Event[Any], *, readable: bool = True) -> None:
        about = ParkedEvent(
            id=event.id,
            contact_id=event.contact_id,
            producer=event.producer,
            time=event.time,
            reason="test",
            cause=Cause.of(event),
            event=event if readable else None,
        )
        await WHEN_PARKED(about, self)

    def clock(self, event: Event[Any], kind: str) -> Deadline:
        [found] = [one for one in self.contacts.get(event.contact_id).deadlines.values() if one.terms.kind == kind]
        return found

    def names(self) -> list[str]:
        return [type(data).__name__ for data in self.said]

    def fire(self, now: datetime) -> list[tuple[str, str]]:
        self.now = now
        return [
            (change.transition.value, change.deadline.terms.kind)
            for contact in self.contacts.known.values()
            for change in contact.fire(now)
        ]

"""Triage's unit of work over memory, with the applier's rule: each producer's events once, in order."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID

from services.triage.domain.model import Case
from services.triage.entrypoints.worker import HANDLERS
from shared.contracts.envelope import Cause, Event, EventData
from shared.policy.model import Pack
from tests.support.deliveries import NOON


class Cases:
    def __init__(self) -> None:
        self.kept: dict[UUID, Case] = {}

    def get(self, contact_id: UUID) -> Case | None:
        return self.kept.get(contact_id)

    def get_or_new(self, contact_id: UUID) -> Case:
        return self.kept.setdefault(contact_id, Case(contact_id=contact_id))


class PlainCipher:
    """Shows what was written where; never used outside of tests."""

    def encrypt(self, text: str, *, table: str, column: str, row_id: UUID | str) -> bytes:
        return f"{table}.{column}.{row_id}:{text}".encode()

    def decrypt(self, sealed: bytes, *, table: str, column: str, row_id: UUID | str) -> str:
        return sealed.decode().removeprefix(f"{table}.{column}.{row_id}:")


class MemoryWork:
    """Everything is kept; ``said`` is what was announced."""

    def __init__(self, pack: Pack, now: datetime = NOON) -> None:
        self.pack = pack
        self.now = now
        self.cases = Cases()
        self.said: list[tuple[UUID, EventData]] = []
        self._seen: dict[str, int] = {}

    def cipher(self, contact_id: UUID) -> PlainCipher:
        assert contact_id in self.cases.kept
        return PlainCipher()

    def announce(self, data: EventData, *, contact_id: UUID, cause: Cause, discriminator: str = "") -> UUID:
        assert contact_id in self.cases.kept
        event_id = cause.event_id(data, discriminator)
        assert event_id not in {said for said, _ in self.said}
        self.said.append((event_id, data))
        return event_id

    async def forget(self, contact_id: UUID) -> None:
        self.cases.kept.pop(contact_id, None)

    def hear(self, *events: Event[EventData]) -> None:
        for event in events:
            if event.sequence == self._seen.get(event.producer, 0) + 1:
                self._seen[event.producer] = event.sequence
                asyncio.run(_handle(event, self))

    def names(self) -> list[str]:
        return [type(data).__name__ for _, data in self.said]


async def _handle(event: Event[EventData], work: MemoryWork) -> None:
    handler = HANDLERS.get(type(event.data))
    if handler is not None:
        await handler(event, work)

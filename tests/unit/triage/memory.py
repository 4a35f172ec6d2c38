"""Triage's unit of work over memory, with the applier's rule: each producer's events once, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
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

    def duplicates_of(self, contact_id: UUID) -> Sequence[Case]:
        found = [case for case in self.kept.values() if case.heard.duplicate_of == contact_id]
        return sorted(found, key=lambda case: case.contact_id)


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
        self.about: list[UUID] = []
        self._seen: dict[tuple[UUID, str], int] = {}

    def cipher(self, contact_id: UUID) -> PlainCipher:
        assert contact_id in self.cases.kept
        return PlainCipher()

    def announce(self, data: EventData, *, contact_id: UUID, cause: Cause, discriminator: str = "") -> UUID:
        assert contact_id in self.cases.kept
        event_id = cause.event_id(data, discriminator)
        assert event_id not in {said for said, _ in self.said}
        self.said.append((event_id, data))
        self.about.append(contact_id)
        return event_id

    async def lock(self, contact_ids: Iterable[UUID]) -> None:
        """Everything is here already."""

    async def lock_duplicates(self, contact_id: UUID) -> None:
        """Everything is here already."""

    async def forget(self, contact_id: UUID) -> None:
        self.cases.kept.pop(contact_id, None)

    def hear(self, *events: Event[EventData]) -> None:
        for event in events:
            stream = (event.contact_id, event.producer)
            if event.sequence == self._seen.get(stream, 0) + 1:
                self._seen[stream] = event.sequence
                asyncio.run(_handle(event, self))

    def names(self, contact_id: UUID | None = None) -> list[str]:
        return [
            type(data).__name__
            for (_, data), about in zip(self.said, self.about, strict=True)
            if contact_id is None or about == contact_id
        ]


async def _handle(event: Event[EventData], work: MemoryWork) -> None:
    handler = HANDLERS.get(type(event.data))
    if handler is not None:
        await handler(event, work)

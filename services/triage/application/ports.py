"""What triage's handlers and commands need of the outside, as they see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.triage.domain.model import Case
from shared.contracts.envelope import Cause, EventData
from shared.policy.model import Pack


class Cipher(Protocol):
    """Seals what people write, bound to its place."""

    def encrypt(self, text: str, *, table: str, column: str, row_id: UUID | str) -> bytes: ...

    def decrypt(self, sealed: bytes, *, table: str, column: str, row_id: UUID | str) -> str: ...


class Cases(Protocol):
    """The cases of the locked contacts."""

    def get(self, contact_id: UUID) -> Case | None: ...

    def get_or_new(self, contact_id: UUID) -> Case: ...

    def duplicates_of(self, contact_id: UUID) -> Sequence[Case]:
        """Those of them that are linked to this contact as its duplicates, in the order of their ids."""
        ...


class TriageWork(Protocol):
    """One transaction. Whoever opened it commits it."""

    @property
    def now(self) -> datetime: ...

    @property
    def pack(self) -> Pack: ...

    @property
    def cases(self) -> Cases: ...

    def cipher(self, contact_id: UUID) -> Cipher: ...

    def announce(self, data: EventData, *, contact_id: UUID, cause: Cause, discriminator: str = "") -> UUID: ...

    async def lock(self, contact_ids: Iterable[UUID]) -> None:
        """Locks these contacts too. Two of us that wait for each other are told so by the database, and try again."""
        ...

    async def lock_duplicates(self, contact_id: UUID) -> None:
        """Locks the contact and all that are linked to it as duplicates, in the order of their ids."""
        ...

    async def forget(self, contact_id: UUID) -> None: ...

"""Messages, their tries, and what staff attest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from services.notify.adapters.tables import ATTEMPT, MESSAGE, TOLD
from services.notify.application.ports import Attempt, Attested
from services.notify.domain.model import Kind, Message, Receipt, State
from shared.database.batch import insert
from shared.database.unit_of_work import UnitOfWork

from .kept import Kept, Row

AT_ONCE: Final = datetime(2000, 1, 1, tzinfo=UTC)
_FIELDS: Final = tuple(field.name for field in fields(Message))
_LISTS: Final = ("codes", "ways", "refused")

_END_ATTEMPT = sa.text(
    "UPDATE attempts SET ended_at = :at, outcome = :outcome, code = :code,"
    " provider_id = CAST(:provider_id AS text) WHERE message_id = :message_id AND number = :number"
)
_RECEIVE = sa.text(
    "UPDATE attempts SET receipt = :code, receipt_at = :at WHERE message_id = :message_id"
    " AND provider_id = :provider_id AND receipt IS DISTINCT FROM :code"
)


class MessageRepository(Kept[Message]):
    """All messages about the locked contacts."""

    def __init__(self, work: UnitOfWork) -> None:
        super().__init__(work, MESSAGE)

    def of(self, contact_id: UUID) -> Mapping[UUID, Message]:
        """The messages about a locked contact, by id."""
        return {message.id: message for message in self._objects[contact_id].values()}

    def add(self, message: Message) -> bool:
        """Keeps a new message. False where one with its id was there: then nothing changes."""
        objects = self._objects[message.contact_id]
        if (message.id,) in objects:
            return False
        objects[(message.id,)] = message
        return True

    def to_row(self, kept: Message) -> Row:
        """The row of a message."""
        row = {name: getattr(kept, name) for name in _FIELDS}
        row["kind"], row["state"] = kept.kind.value, kept.state.value
        row["tells"] = {str(subject_id): version for subject_id, version in kept.tells.items()}
        row |= {name: list(getattr(kept, name)) for name in _LISTS}
        row["clocks"] = [str(deadline_id) for deadline_id in kept.clocks]
        row["due_at"] = _due_at(kept)
        return row

    def from_row(self, row: Row) -> Message:
        """The message of a row."""
        kept = {name: row[name] for name in _FIELDS}
        kept["kind"], kept["state"] = Kind(row["kind"]), State(row["state"])
        kept["tells"] = {UUID(subject_id): version for subject_id, version in row["tells"].items()}
        kept |= {name: tuple(row[name]) for name in _LISTS}
        kept["clocks"] = tuple(UUID(deadline_id) for deadline_id in row["clocks"])
        return Message(**kept)


def _due_at(message: Message) -> datetime | None:
    if message.state is State.LEASED:
        return message.lease_until
    if message.state in (State.WAITING, State.RETRYING):
        return message.next_try_at or AT_ONCE
    return None


class AttemptRepository:
    """The record of tries: begun before the call, ended after it."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._begun: list[Row] = []
        self._ended: list[Row] = []
        self._received: list[Row] = []

    def begin(self, attempt: Attempt) -> None:
        """Notes a try that is about to be made."""
        self._begun.append(asdict(attempt))

    def end(
        self,
        message_id: UUID,
        number: int,
        *,
        outcome: str,
        code: str | None,
        at: datetime,
        provider_id: str | None = None,
    ) -> None:
        """Notes how a try ended, and the provider's own name for it."""
        ended = {"message_id": message_id, "number": number, "outcome": outcome, "code": code, "at": at}
        self._ended.append(ended | {"provider_id": provider_id})

    def receive(self, message_id: UUID, receipt: Receipt) -> None:
        """Notes what a provider said later of a try; said again it keeps its first time."""
        heard = {"message_id": message_id, "provider_id": receipt.provider_id, "code": receipt.code, "at": receipt.at}
        self._received.append(heard)

    async def load(self, contact_ids: Sequence[UUID]) -> None:
        """Nothing needs to be known to note a try."""
        del contact_ids

    async def flush(self) -> None:
        """Writes it."""
        await insert(self._work.connection, ATTEMPT, self._begun)
        for ended in self._ended:
            await self._work.connection.execute(_END_ATTEMPT, ended)
        for received in self._received:
            await self._work.connection.execute(_RECEIVE, received)

    async def forget(self, contact_id: UUID) -> None:
        """Deletes the tries of an erased contact."""
        await self._work.connection.execute(sa.delete(ATTEMPT).where(ATTEMPT.c.contact_id == contact_id))


class ToldRepository:
    """What staff attest."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._added: list[Row] = []

    def add(self, attested: Attested) -> None:
        """Keeps it."""
        self._added.append(asdict(attested))

    async def load(self, contact_ids: Sequence[UUID]) -> None:
        """Nothing needs to be known to keep it."""
        del contact_ids

    async def flush(self) -> None:
        """Writes it."""
        await insert(self._work.connection, TOLD, self._added)

    async def forget(self, contact_id: UUID) -> None:
        """Deletes what was attested about an erased contact."""
        await self._work.connection.execute(sa.delete(TOLD).where(TOLD.c.contact_id == contact_id))

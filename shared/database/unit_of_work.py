"""One transaction over one service's database: lock, load, let handlers work, write each table once, commit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncTransaction

from shared.contracts.envelope import Cause, Event, EventData
from shared.database.faults import NotYet
from shared.messaging.outbox import add_events
from shared.messaging.streams import Stream, lock_streams, save_streams
from shared.security.encryption import ContactCipher, MasterKeys, new_data_key

_NOW = text("SELECT mash_now()")
_KEEP_KEYS = text(
    "INSERT INTO contact_keys (contact_id, wrapped)"
    " SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:wrapped AS bytea[])) ON CONFLICT DO NOTHING"
)
_FORGET = [
    text(f"DELETE FROM {table} WHERE contact_id = :contact_id") for table in ("contact_keys", "event_log", "parked")
]


class Repository(Protocol):
    """One kind of thing in the database: loaded for many contacts at once, written once at the end."""

    async def load(self, contact_ids: Sequence[UUID]) -> None:
        """Reads what is kept of these contacts, in one query a table. They are locked already."""
        ...

    async def flush(self) -> None:
        """Writes what has changed, in one statement a table."""
        ...

    async def forget(self, contact_id: UUID) -> None:
        """Deletes what is kept of a contact that is to be erased."""
        ...


@dataclass(kw_only=True)
class Database:
    """What a unit of work needs of its process; made once, in bootstrap."""

    engine: AsyncEngine
    service: str
    master_keys: MasterKeys
    on_commit: Callable[[], None] = field(default=lambda: None)
    """Called after each commit that said something: wakes the relay of this process."""


class UnitOfWork:
    """``async with`` it; nothing is kept unless ``commit`` was called. Not for use by two tasks at once."""

    connection: AsyncConnection
    now: datetime
    """Business time, aware UTC, read once."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._repositories: list[Repository] = []
        self._streams: dict[UUID, Stream] = {}
        self._unread: set[UUID] = set()
        self._ciphers: dict[UUID, ContactCipher] = {}
        self._new_keys: dict[UUID, bytes] = {}
        self._said: list[Event[EventData]] = []
        self._spoke = False
        self._transaction: AsyncTransaction | None = None

    def enlist(self, repository: Repository) -> None:
        """Makes ``repository`` part of ``lock`` and ``commit``."""
        self._repositories.append(repository)

    async def __aenter__(self) -> Self:
        self.connection = await self.database.engine.connect()
        try:
            self._transaction = await self.connection.begin()
            self.now = (await self.connection.execute(_NOW)).scalar_one()
        except BaseException:
            await self.connection.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._transaction is not None and self._transaction.is_active:
                await self._transaction.rollback()
        finally:
            await self.connection.close()

    async def lock(self, contact_ids: Iterable[UUID], *, unread: Collection[UUID] = ()) -> None:
        """Locks these contacts for this transaction and loads what the repositories keep of them.

        Of those in ``unread`` nothing is loaded: only their sequence will change, unless they are asked for later.
        """
        wanted = list(dict.fromkeys(contact_ids))
        new = {contact_id for contact_id in wanted if contact_id not in self._streams}
        if new:
            self._streams |= await lock_streams(self.connection, list(new))
        read = [one for one in wanted if one not in unread and (one in new or one in self._unread)]
        self._unread = (self._unread - set(read)) | (new & set(unread))
        for repository in self._repositories if read else ():
            await repository.load(read)

    async def adopt(self, streams: Sequence[Stream]) -> None:
        """Takes over contacts that a claim of the service's own has locked and read; loads what is kept of them."""
        self._streams |= {stream.contact_id: stream for stream in streams}
        for repository in self._repositories if streams else ():
            await repository.load([stream.contact_id for stream in streams])

    def stream(self, contact_id: UUID) -> Stream:
        """The locked contact's standing. Raises KeyError for one that was not locked."""
        return self._streams[contact_id]

    def erased(self, contact_id: UUID) -> bool:
        """True where the locked contact has been forgotten."""
        return self._streams[contact_id].erased_at is not None

    def cipher(self, contact_id: UUID) -> ContactCipher:
        """Encrypts and decrypts the locked contact's columns; makes its data key at first use."""
        if contact_id not in self._ciphers:
            wrapped = self._streams[contact_id].wrapped_key
            keys, service = self.database.master_keys, self.database.service
            if wrapped is None:
                data_key = new_data_key()
                self._new_keys[contact_id] = keys.wrap(data_key, service=service, owner=contact_id)
            else:
                data_key = keys.unwrap(wrapped, service=service, owner=contact_id)
            self._ciphers[contact_id] = ContactCipher(data_key)
        return self._ciphers[contact_id]

    def announce(self, data: EventData, *, contact_id: UUID, cause: Cause, discriminator: str = "") -> UUID:
        """Says ``data`` about a locked contact with the commit; returns its id, which follows from the cause."""
        event = Event(
            id=cause.event_id(data, discriminator),
            producer=self.database.service,
            contact_id=contact_id,
            sequence=self._streams[contact_id].next_sequence(),
            time=self.now,
            correlation_id=cause.correlation_id,
            causation_id=cause.id,
            traceparent=cause.traceparent,
            data=data,
        )
        self._said.append(event)
        return event.id

    async def forget(self, contact_id: UUID) -> None:
        """Erases a locked contact: its data key, facts, event copies and parked events. A tombstone stays.

        What was said of it before leaves all the same: others count on every number of the sequence.
        """
        await add_events(self.connection, [event for event in self._said if event.contact_id == contact_id])
        self._said = [event for event in self._said if event.contact_id != contact_id]
        self._spoke = True
        for repository in self._repositories:
            await repository.forget(contact_id)
        for statement in _FORGET:
            await self.connection.execute(statement, {"contact_id": contact_id})
        self._ciphers.pop(contact_id, None)
        self._new_keys.pop(contact_id, None)
        self._streams[contact_id].erase(self.now)

    async def commit(self) -> None:
        """Writes everything, each table once, and commits. What was said leaves with it."""
        for repository in self._repositories:
            await repository.flush()
        if self._new_keys:
            keys = {"ids": list(self._new_keys), "wrapped": list(self._new_keys.values())}
            if (await self.connection.execute(_KEEP_KEYS, keys)).rowcount < len(self._new_keys):
                # Somebody made this contact's first key while we waited for its lock: what we sealed nobody could open.
                raise NotYet("a contact's key was made by another transaction just now: do it again")
        await save_streams(self.connection, list(self._streams.values()))
        await add_events(self.connection, self._said)
        if self._transaction is None:
            message = "commit() outside of `async with`"
            raise RuntimeError(message)
        await self._transaction.commit()
        if self._said or self._spoke:
            self.database.on_commit()

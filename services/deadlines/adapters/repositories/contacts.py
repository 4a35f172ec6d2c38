"""Contacts with their clocks, in the database: read for many at once, written once a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Self
from uuid import UUID

import sqlalchemy as sa

from services.deadlines.adapters.repositories import claims, rows
from services.deadlines.adapters.repositories.calendar_versions import CalendarVersions
from services.deadlines.adapters.repositories.explanations import ExplanationRepository
from services.deadlines.adapters.repositories.rulebooks import Rulebooks
from services.deadlines.adapters.repositories.tallies import TallyRepository
from services.deadlines.adapters.tables import BREACHES, CALENDAR_MOVES, CONTACTS, DEADLINES, OCCURRENCES
from services.deadlines.domain.model.contact import Contact
from services.deadlines.domain.model.occurrence import PARKED
from shared.database.batch import insert, save, upsert
from shared.database.faults import NotYet
from shared.database.unit_of_work import Database, UnitOfWork
from shared.logging import get_logger
from shared.messaging.streams import stream_from
from shared.security.encryption import TableCipher

log = get_logger()


@cache
def _of_contacts(table: sa.Table) -> sa.Select[Any]:
    return sa.select(table).where(table.c.contact_id == sa.any_(sa.cast(sa.bindparam("ids"), sa.ARRAY(sa.UUID))))


class ContactRepository:
    """The contacts of one unit of work, by id; a contact nobody has heard of yet is a new one."""

    def __init__(self, work: DeadlinesUnitOfWork) -> None:
        self._work = work
        self._contacts: dict[UUID, Contact] = {}
        self._loaded: dict[UUID, dict[str, Any]] = {}
        self._clocks: dict[UUID, dict[str, Any]] = {}

    def get(self, contact_id: UUID) -> Contact:
        """The contact. Raises KeyError for one that was not locked."""
        return self._contacts[contact_id]

    async def load(self, contact_ids: Sequence[UUID]) -> None:
        """Reads the contacts with their clocks and, unless the work only fires, what was heard of them."""
        for contact_id in contact_ids:
            self._contacts[contact_id] = Contact(contact_id=contact_id)
        for row in await self._read(CONTACTS, contact_ids):
            rows.fill(self._contacts[row["contact_id"]], row)
            self._loaded[row["contact_id"]] = row
        for row in await self._read(DEADLINES, contact_ids):
            self._contacts[row["contact_id"]].deadlines[row["id"]] = rows.deadline_from(row)
            self._clocks[row["id"]] = row
        if not self._work.fires_only:
            for row in await self._read(OCCURRENCES, contact_ids):
                self._contacts[row["contact_id"]].occurrences[row["id"]] = rows.occurrence_from(row)

    async def _read(self, table: sa.Table, contact_ids: Sequence[UUID]) -> Iterable[dict[str, Any]]:
        found = await self._work.connection.execute(_of_contacts(table), {"ids": list(contact_ids)})
        return [dict(row) for row in found.mappings()]

    async def flush(self) -> None:
        """Writes what has changed, in one statement a table."""
        connection, work = self._work.connection, self._work
        contacts = [
            rows.contact_row(contact, self._loaded.get(contact.contact_id), work.rulebooks, work.now)
            for contact in self._contacts.values()
            if not work.erased(contact.contact_id)
        ]
        await save(connection, CONTACTS, [row for row in contacts if row is not None], self._loaded)
        touched = [
            (contact, item)
            for contact in self._contacts.values()
            if not work.erased(contact.contact_id)
            for item in sorted(contact.touched)
        ]
        clocks = [rows.deadline_row(contact.deadlines[item]) for contact, item in touched if item in contact.deadlines]
        heard = [
            rows.occurrence_row(contact.contact_id, contact.occurrences[item])
            for contact, item in touched
            if item in contact.occurrences
        ]
        await save(connection, DEADLINES, clocks, self._clocks)
        await upsert(connection, OCCURRENCES, heard)
        breaches = [
            rows.breach_row(contact, breach, work.now)
            for contact in self._contacts.values()
            for breach in contact.breaches
        ]
        await insert(connection, BREACHES, breaches, conflict="ON CONFLICT DO NOTHING")

    async def forget(self, contact_id: UUID) -> None:
        """Deletes what was heard of a contact and its clocks. The ledger keeps its entries: ids, kinds and times."""
        contact = self._contacts[contact_id]
        found = [rows.breach_row(contact, breach, self._work.now) for breach in contact.breaches]
        await insert(self._work.connection, BREACHES, found, conflict="ON CONFLICT DO NOTHING")  # it has been said
        for table in (CALENDAR_MOVES, OCCURRENCES, DEADLINES, CONTACTS):
            await self._work.connection.execute(sa.delete(table).where(table.c.contact_id == contact_id))
        self._contacts[contact_id] = Contact(contact_id=contact_id)
        self._loaded.pop(contact_id, None)
        for clock_id in [clock_id for clock_id, row in self._clocks.items() if row["contact_id"] == contact_id]:
            del self._clocks[clock_id]


class DeadlinesUnitOfWork(UnitOfWork):
    """The unit of work of this service; ``fires_only`` leaves out what only computing needs."""

    def __init__(
        self,
        database: Database,
        rulebooks: Rulebooks,
        *,
        fires_only: bool = False,
        calendar_cipher: TableCipher | None = None,
    ) -> None:
        super().__init__(database)
        self.rulebooks = rulebooks
        self.fires_only = fires_only
        self._calendar_cipher = calendar_cipher
        self.contacts = ContactRepository(self)
        self.explanations = ExplanationRepository(self)
        self.enlist(self.contacts)
        self.enlist(self.explanations)
        self.tallies = TallyRepository(self, rulebooks)
        if not fires_only:
            self.enlist(self.tallies)

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        try:
            if not self.fires_only:
                await self.rulebooks.refresh(self.connection)
        except BaseException:
            await self.connection.close()
            raise
        return self

    @property
    def calendars(self) -> CalendarVersions:
        """The versions of the calendars."""
        return CalendarVersions(self.connection, self._calendar_cipher)

    async def claim_outdated(self, most: int) -> list[Contact]:
        """Locks and loads up to ``most`` contacts that wait for something and whose clocks count by a version of their
        calendar that is no longer in force; none that others have just now (see ``claim_due``).
        """
        outdated = self.rulebooks.superseded
        if not outdated:
            return []
        claimed = list((await self.connection.execute(claims.OUTDATED, {"most": most, "outdated": outdated})).scalars())
        await self.lock(claimed)
        return [contact for contact in map(self.contacts.get, claimed) if self._can_be_computed(contact)]

    async def claim_given_up(self) -> list[tuple[Contact, UUID]]:
        """Locks and loads contacts with parked events that a person has dropped while one of theirs still counts as
        unknown; each with such an event's id.
        """
        found = list(await self.connection.execute(claims.GIVEN_UP, {"parked": PARKED}))
        await self.lock({row.contact_id for row in found})
        pairs = [(self.contacts.get(row.contact_id), row.event_id) for row in found]
        return [(contact, event_id) for contact, event_id in pairs if self._can_be_computed(contact)]

    async def find_switched(self, most: int) -> list[UUID]:
        """Up to ``most`` contacts with clocks that are watched although nothing watches them here any more, or the
        other way round. A look at every clock that is waited for: not for each transaction.
        """
        parameters = await self._feeds()
        kinds = {one.partition("|")[2] for name in ("watched", "unwatched") for one in parameters[name]}
        return list(
            (
                await self.connection.execute(claims.SWITCHED, parameters | {"kinds": list(kinds), "most": most})
            ).scalars()
        )

    async def claim_switched(self, contact_ids: Sequence[UUID]) -> list[Contact]:
        """Locks and loads those of them that still have such clocks; none that others have now (see ``claim_due``)."""
        parameters = await self._feeds() | {"ids": list(contact_ids)}
        claimed = list((await self.connection.execute(claims.STILL_SWITCHED, parameters)).scalars())
        await self.lock(claimed)
        return [self.contacts.get(contact_id) for contact_id in claimed]

    async def _feeds(self) -> dict[str, Any]:
        policies = list((await self.connection.execute(sa.select(CONTACTS.c.policy).distinct())).scalars())
        kinds = {policy: self.rulebooks.fed(policy) for policy in policies}
        watched, unwatched = ([f"{ref or ''}|{kind}" for ref in kinds for kind in kinds[ref][part]] for part in (0, 1))
        return {"now": self.now, "watched": watched, "unwatched": unwatched}

    def _can_be_computed(self, contact: Contact) -> bool:
        """False where the contact's policy is not installed: loudly, and it is not claimed again before it is."""
        try:
            self.rulebooks.of(contact.policy)
        except NotYet:
            log.exception("a contact's policy is not installed", contact_id=str(contact.contact_id))
            contact.calendar = ""
            return False
        return True

    async def claim_due(self, most: int) -> list[Contact]:
        """Locks and loads up to ``most`` contacts with something due, the most urgent first; none that others have.

        Lock order: whoever changes a contact holds its contact_stream row first, and takes several in contact_id order.
        This claim takes the same rows but never waits for one (SKIP LOCKED), so that no circle of waiting can close
        through it; what a consumer holds just now is claimed at the next look. The rows of ``contacts`` are written
        only under that lock and never locked by themselves.
        """
        parameters = {"most": most, "most_urgent": claims.MOST_URGENT}
        claimed = [stream_from(row) for row in await self.connection.execute(claims.CLAIM, parameters)]
        await self.adopt(claimed)
        return [self.contacts.get(stream.contact_id) for stream in claimed]

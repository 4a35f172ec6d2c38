"""A work in memory for notify's handlers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from services.notify.application.ports import (
    Attempt,
    Attested,
)
from services.notify.domain.model import Contact, Ladder, Message, Receipt, Rota, Turn
from services.notify.domain.model.webhook_delivery import PartnerEvent
from shared.contracts.envelope import Cause, EventData
from shared.policy.model import Pack
from shared.security.encryption import ContactCipher
from tests.support.builders_notify import NOON, southampton


@dataclass
class MemoryWork:
    """A work over dictionaries: what handlers decide, without a database. It keeps what it said."""

    now: datetime = NOON
    kept: dict[UUID, Contact] = field(default_factory=dict[UUID, Contact])
    letters: dict[UUID, dict[UUID, Message]] = field(default_factory=dict[UUID, dict[UUID, Message]])
    climbs: dict[tuple[UUID, str], Ladder] = field(default_factory=dict[tuple[UUID, str], Ladder])
    said: list[tuple[UUID, EventData]] = field(default_factory=list[tuple[UUID, EventData]])
    gone: set[UUID] = field(default_factory=set[UUID])
    noted: list[tuple[str | None, PartnerEvent]] = field(default_factory=list[tuple[str | None, PartnerEvent]])
    duty: Rota = field(default_factory=Rota)
    written_to: dict[tuple[bytes, bool], Turn] = field(default_factory=dict[tuple[bytes, bool], Turn])
    days_off: frozenset[date] = frozenset()
    reaches: frozenset[str] = frozenset({"email"})

    @property
    def contacts(self) -> _Contacts:
        return _Contacts(self)

    @property
    def messages(self) -> _Messages:
        return _Messages(self)

    @property
    def ladders(self) -> _Ladders:
        return _Ladders(self)

    @property
    def packs(self) -> _Packs:
        return _Packs()

    @property
    def attempts(self) -> _Notes:
        return _Notes()

    @property
    def told(self) -> _Notes:
        return _Notes()

    @property
    def rota(self) -> _Rota:
        return _Rota(self)

    @property
    def turns(self) -> _Turns:
        return _Turns(self)

    @property
    def due(self) -> _Due:
        return _Due(self)

    @property
    def partner_events(self) -> _PartnerEvents:
        return _PartnerEvents(self)

    async def lock(self, contact_ids: Iterable[UUID]) -> None:
        del contact_ids

    def erased(self, contact_id: UUID) -> bool:
        return contact_id in self.gone

    async def forget(self, contact_id: UUID) -> None:
        self.gone.add(contact_id)
        self.kept.pop(contact_id, None)
        self.letters.pop(contact_id, None)

    def cipher(self, contact_id: UUID) -> ContactCipher:
        del contact_id
        return ContactCipher(bytes(32))

    def announce(self, data: EventData, *, contact_id: UUID, cause: Cause, discriminator: str = "") -> UUID:
        del contact_id
        event_id = cause.event_id(data, discriminator)
        self.said.append((event_id, data))
        return event_id


class _Contacts:
    def __init__(self, work: MemoryWork) -> None:
        self._work = work

    def of(self, contact_id: UUID) -> Contact:
        return self._work.kept.setdefault(contact_id, Contact(contact_id=contact_id))

    def known(self, contact_id: UUID) -> bool:
        return contact_id in self._work.kept


class _Messages:
    def __init__(self, work: MemoryWork) -> None:
        self._work = work

    def of(self, contact_id: UUID) -> Mapping[UUID, Message]:
        return dict(self._work.letters.get(contact_id, {}))

    def add(self, message: Message) -> bool:
        return self._work.letters.setdefault(message.contact_id, {}).setdefault(message.id, message) is message


class _Ladders:
    def __init__(self, work: MemoryWork) -> None:
        self._work = work

    def of(self, contact_id: UUID) -> Sequence[Ladder]:
        return [ladder for ladder in self._work.climbs.values() if ladder.contact_id == contact_id]

    def add(self, ladder: Ladder) -> None:
        self._work.climbs.setdefault((ladder.contact_id, ladder.cause), ladder)


class _Packs:
    @property
    def active(self) -> Pack:
        return southampton()

    def exactly(self, policy_id: str, version: str, content_hash: str) -> Pack:
        del policy_id, version, content_hash
        return southampton()

    def named(self, ref: str) -> Pack:
        del ref
        return southampton()


class _Notes:
    def begin(self, attempt: Attempt) -> None:
        del attempt

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
        del message_id, number, outcome, code, at, provider_id

    def receive(self, message_id: UUID, receipt: Receipt) -> None:
        del message_id, receipt

    def add(self, attested: Attested) -> None:
        del attested


class _PartnerEvents:
    def __init__(self, work: MemoryWork) -> None:
        self._work = work

    def note(self, event: PartnerEvent, *, organisation: str | None) -> None:
        if all(event.id != known.id for _, known in self._work.noted):
            self._work.noted.append((organisation, event))


class _Rota:
    def __init__(self, work: MemoryWork) -> None:
        self._work = work

    async def read(self) -> tuple[int, Rota]:
        return 1, self._work.duty

    async def write(self, rota: Rota, *, version: int, by: str) -> None:
        del version, by
        self._work.duty = rota


class _Turns:
    def __init__(self, work: MemoryWork) -> None:
        self._work = work

    async def lock(self, keys: Collection[tuple[bytes, bool]]) -> dict[tuple[bytes, bool], Turn]:
        return {key: self._work.written_to.setdefault(key, Turn(mark=key[0], pages=key[1])) for key in keys}

    async def save(self, turns: Iterable[Turn]) -> None:
        del turns


class _Due:
    def __init__(self, work: MemoryWork) -> None:
        self._work = work

    async def messages(self, now: datetime, *, first: Collection[str], most: int) -> list[UUID]:
        del now, first
        return list(self._work.kept)[:most]

    async def alerts(self, now: datetime, business_now: datetime, *, most: int) -> list[UUID]:
        del now, business_now
        return list(self._work.kept)[:most]

    async def ladders(self, now: datetime, *, most: int) -> list[UUID]:
        del now
        return list(self._work.kept)[:most]

    async def unreceipted(self, now: datetime, *, most: int) -> list[UUID]:
        del now
        return list(self._work.kept)[:most]

    async def undelivered(self, *, person: datetime, page: datetime, most: int) -> list[UUID]:
        del person, page
        return list(self._work.kept)[:most]

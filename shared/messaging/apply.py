"""Applying events: a polled batch is one transaction, and each message in it has one effect.

Each event is applied only directly after the one before it (per producer and contact); a gap parks what follows. A
batch that fails is halved until the bad message stands alone: the good ones commit, the bad one is parked, and what the
service does about a parked event happens in the same transaction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from shared.contracts.envelope import Event, EventData, read_event
from shared.contracts.topics import EVENTS
from shared.database.faults import NotYet, is_infrastructure
from shared.database.unit_of_work import UnitOfWork
from shared.logging import bound, get_logger
from shared.metrics import Metrics

from . import parking
from .bus import Delivered
from .inbox import take_new
from .parking import ParkedEvent

log = get_logger()

Handler = Callable[[Event[Any], Any], Awaitable[None]]
ParkedHandler = Callable[[ParkedEvent, Any], Awaitable[None]]


class Applier:
    """Applies deliveries to one service: ``handlers`` by event type, ``when_parked`` says what parking one does.

    ``when_parked`` must be idempotent by the state it finds: an event may fail, be replayed, and fail again.
    """

    def __init__(
        self,
        *,
        service: str,
        open_work: Callable[[], UnitOfWork],
        handlers: Mapping[type[EventData], Handler],
        when_parked: ParkedHandler,
        metrics: Metrics | None = None,
    ) -> None:
        self._service = service
        self._open_work = open_work
        self._handlers = handlers
        self._when_parked = when_parked
        self._metrics = metrics or Metrics()

    async def process(self, batch: Sequence[Delivered]) -> None:
        """Deals with every delivery of ``batch``, for good. Raises only what is the infrastructure's."""
        try:
            touched = await self._apply(batch)
        except Exception as error:
            if is_infrastructure(error):
                raise
            if len(batch) > 1:
                middle = len(batch) // 2
                await self.process(batch[:middle])
                await self.process(batch[middle:])
            else:
                await self._park(batch[0], reason_of(error))
            return
        for contact_id, producer in sorted(touched):
            await self.release(contact_id, producer)

    async def _apply(self, batch: Sequence[Delivered]) -> set[tuple[UUID, str]]:
        """One transaction over the batch; returns the (contact, producer) pairs that had parked events."""
        pairs = [(one, read_event(one.record.headers, one.record.value, EVENTS)) for one in batch]
        async with self._open_work() as work:
            new = await take_new(work.connection, [event.id for _, event in pairs])
            contacts = {event.contact_id for _, event in pairs}
            handled = {event.contact_id for _, event in pairs if type(event.data) in self._handlers}
            await work.lock(contacts, unread=contacts - handled)
            parked = await parking.contacts_with_parked(work.connection, contacts)
            for delivered, event in pairs:
                if event.id in new:
                    new.discard(event.id)
                    await self._take(work, delivered, event, parked)
                else:
                    self._metrics.duplicates(delivered.record.topic)
            await work.commit()
        return parked

    async def _take(
        self, work: UnitOfWork, delivered: Delivered, event: Event[EventData], parked: set[tuple[UUID, str]]
    ) -> None:
        stream = work.stream(event.contact_id)
        last = stream.last_seen(event.producer)
        follows = event.sequence == last + 1 or (event.data.restates and event.sequence > last)
        if event.sequence <= last:
            self._metrics.duplicates(delivered.record.topic)
            log.info("stale event passed over", event_id=str(event.id))
        elif stream.erased_at is not None:
            stream.advance(event.producer, event.sequence)
        elif follows:
            await self._handle(work, event)
        else:
            pair = (event.contact_id, event.producer)
            reason = "behind" if pair in parked else "gap"
            parked.add(pair)
            self._metrics.parked(delivered.record.topic, reason)
            about = parking.describe(delivered, reason, now=work.now)
            await parking.park(work.connection, delivered, about, reason=reason, state="waiting", service=self._service)

    async def _handle(self, work: UnitOfWork, event: Event[EventData]) -> None:
        handler = self._handlers.get(type(event.data))
        if handler is not None:
            with bound(contact_id=event.contact_id, event_id=event.id, correlation_id=event.correlation_id):
                await handler(event, work)
        work.stream(event.contact_id).advance(event.producer, event.sequence)
        if event.data.restates:
            await parking.supersede(work.connection, event.contact_id, event.producer, event.sequence)

    async def _park(self, delivered: Delivered, reason: str) -> None:
        """Parks one event and does, in the same transaction, what the service does about it."""

        async def once(*, with_data: bool) -> None:
            async with self._open_work() as work:
                if await parking.too_many_failed(work.connection):
                    message = "too many events failed within ten minutes: the release is at fault, not the messages"
                    raise NotYet(message)
                about = parking.describe(delivered, reason, now=work.now)
                if about is not None and not await take_new(work.connection, [about.id]):
                    return  # delivered again: it is parked already
                if about is None or await self._tell(about, work, with_data=with_data):
                    await parking.park(
                        work.connection, delivered, about, reason=reason, state="failed", service=self._service
                    )
                    self._metrics.parked(delivered.record.topic, reason)
                    log.error("event parked", event_id=str(about.id) if about else None, reason=reason)
                await work.commit()

        await _with_or_without_data(once)

    async def _tell(self, about: ParkedEvent, work: UnitOfWork, *, with_data: bool) -> bool:
        """False where the tombstone swallows it: what it holds must not be kept again."""
        await work.lock([about.contact_id])
        if work.erased(about.contact_id):
            return False
        await self._when_parked(about if with_data else parking.without_data(about), work)
        return True

    async def release(self, contact_id: UUID, producer: str) -> None:
        """Applies parked events that now follow on what was applied, one transaction each, until one does not."""
        while True:
            async with self._open_work() as work:
                await work.lock([contact_id])
                found = await parking.next_released(work.connection, contact_id, producer)
                if found is None:
                    return
                row_id, delivered = found
                try:
                    event = read_event(delivered.record.headers, delivered.record.value, EVENTS)
                    await self._handle(work, event)
                    await parking.settle(work.connection, row_id, "replayed")
                    await work.commit()
                    continue
                except Exception as error:
                    if is_infrastructure(error):
                        raise
                    reason = reason_of(error)
            await self._fail_again(delivered, row_id, reason)
            return

    async def _fail_again(self, delivered: Delivered, row_id: UUID, reason: str) -> None:
        async def once(*, with_data: bool) -> None:
            async with self._open_work() as work:
                about = parking.describe(delivered, reason, now=work.now)
                if about is not None:
                    await self._tell(about, work, with_data=with_data)
                await parking.failed_again(work.connection, row_id, reason)
                await work.commit()
            log.error("parked event failed again", event_id=str(row_id), reason=reason)

        await _with_or_without_data(once)

    async def release_ready(self) -> None:
        """The timed sweep: replays a person asked for, and what a crash left unreleased."""
        async with self._open_work() as work:
            ready = await parking.ready_to_release(work.connection)
        for contact_id, producer in ready:
            await self.release(contact_id, producer)


def reason_of(error: Exception) -> str:
    """A code for why an event failed: the error's kind and its own code, never its text, which may quote the event."""
    return f"{type(error).__name__}:{getattr(error, 'reason', '') or 'handler'}"


async def _with_or_without_data(once: Callable[..., Awaitable[None]]) -> None:
    """Where the event itself defeats even its parking, what is known without its data must do."""
    try:
        await once(with_data=True)
    except Exception as error:
        if is_infrastructure(error):
            raise
        log.exception("parking with the event's data failed")
        await once(with_data=False)

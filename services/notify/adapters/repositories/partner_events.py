"""What happened, written for whoever listens: one statement a batch, and none of it where nobody does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from services.notify.domain.model.webhook_delivery import DeliveryState, PartnerEvent
from shared.database.unit_of_work import UnitOfWork

# An organisation listens where it has a webhook, whether or not we send to it just now: what happens while one is
# disabled is there when it is enabled again. Sequence numbers are safe: the contacts are locked.
_WRITE = sa.text(
    f"""
    WITH noted AS (
        SELECT n.*, coalesce(n.organisation, (
            SELECT e.organisation FROM webhook_events e
            WHERE e.contact_id = n.contact_id ORDER BY e.sequence DESC LIMIT 1
        )) AS listener
        FROM unnest(
            CAST(:ids AS uuid[]), CAST(:contacts AS uuid[]), CAST(:organisations AS text[]), CAST(:kinds AS text[]),
            CAST(:references AS text[]), CAST(:at AS timestamptz[]), CAST(:about AS text[]),
            CAST(:correlations AS uuid[]), CAST(:traces AS text[])
        ) WITH ORDINALITY
            AS n(id, contact_id, organisation, kind, reference, occurred_at, about, correlation_id, traceparent, place)
    ), fresh AS (
        SELECT n.*, row_number() OVER (PARTITION BY n.contact_id ORDER BY n.place) + (
            SELECT coalesce(max(e.sequence), 0) FROM webhook_events e WHERE e.contact_id = n.contact_id
        ) AS sequence
        FROM noted n
        WHERE EXISTS (SELECT 1 FROM webhooks w WHERE w.organisation = n.listener)
        AND NOT EXISTS (SELECT 1 FROM webhook_events e WHERE e.id = n.id)
    ), kept AS (
        INSERT INTO webhook_events (id, contact_id, organisation, kind, reference, sequence, occurred_at, made_at,
            about, correlation_id, traceparent)
        SELECT id, contact_id, listener, kind, reference, sequence, occurred_at, now(), about::jsonb, correlation_id,
            traceparent
        FROM fresh
    )
    INSERT INTO webhook_deliveries (event_id, webhook_id, contact_id, sequence, state, attempts, armed_at, due_at)
    SELECT f.id, w.id, f.contact_id, f.sequence, '{DeliveryState.WAITING}', 0, now(), now()
    FROM fresh f JOIN webhooks w ON w.organisation = f.listener AND f.kind = ANY(w.events)
    """
)
# Deliveries first: a sender that holds one writes its attempt before we go on.
_FORGET: Final = [
    sa.text(f"DELETE FROM {table} WHERE contact_id = :contact_id")
    for table in ("webhook_deliveries", "webhook_attempts", "webhook_events")
]


class PartnerEventTable:
    """Noted while handlers work, written once with the commit."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._noted: dict[UUID, tuple[PartnerEvent, str | None]] = {}

    def note(self, event: PartnerEvent, *, organisation: str | None) -> None:
        """Notes it for the organisation's webhooks; of whichever organisation the contact is where that is not said."""
        self._noted.setdefault(event.id, (event, organisation))

    async def load(self, contact_ids: Sequence[UUID]) -> None:
        """Nothing needs to be known to note an event."""
        del contact_ids

    async def flush(self) -> None:
        """Writes what is new."""
        if not self._noted:
            return
        events = [event for event, _ in self._noted.values()]
        rows = {
            "ids": [event.id for event in events],
            "contacts": [event.contact_id for event in events],
            "organisations": [organisation for _, organisation in self._noted.values()],
            "kinds": [event.kind for event in events],
            "references": [event.reference for event in events],
            "at": [event.occurred_at for event in events],
            "about": [json.dumps(dict(event.about)) for event in events],
            "correlations": [event.correlation_id for event in events],
            "traces": [event.traceparent for event in events],
        }
        await self._work.connection.execute(_WRITE, rows)
        self._noted.clear()

    async def forget(self, contact_id: UUID) -> None:
        """Deletes what partners were, or were to be, told of an erased contact."""
        self._noted = {key: noted for key, noted in self._noted.items() if noted[0].contact_id != contact_id}
        for statement in _FORGET:
            await self._work.connection.execute(statement, {"contact_id": contact_id})

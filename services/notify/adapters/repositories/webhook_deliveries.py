"""Events on their way to webhooks: leased a few at a time, put off, given up, sent again."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from services.notify.adapters.tables import WEBHOOK_ATTEMPT, WEBHOOK_DELIVERY
from services.notify.application.ports.webhooks import Parcel
from services.notify.domain.model.webhook import Webhook
from services.notify.domain.model.webhook_delivery import DeliveryState, PartnerEvent, WebhookDelivery
from shared.database.batch import insert, upsert
from shared.database.unit_of_work import UnitOfWork

from . import webhook_sql as sql

_FIELDS: Final = tuple(field.name for field in fields(WebhookDelivery))


class WebhookDeliveryTable:
    """Deliveries and the record of tries."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    async def due(self, now: datetime, *, besides: Collection[UUID], most: int) -> Sequence[UUID]:
        """Active webhooks for which something is due, the longest waiting first."""
        values = {"now": now, "besides": list(besides), "most": most}
        return list((await self._work.connection.execute(sql.DUE, values)).scalars())

    async def lease(self, webhook: Webhook, *, now: datetime, token: UUID, most: int) -> Sequence[Parcel]:
        """Takes what is due to one webhook, and notes each attempt."""
        values = {"webhook_id": webhook.id, "now": now, "most": most}
        rows = [dict(row) for row in (await self._work.connection.execute(sql.TAKE, values)).mappings()]
        parcels: list[Parcel] = []
        changed: list[dict[str, Any]] = []
        for row in rows:
            delivery = _delivery(row)
            number = delivery.lease(token, now)
            changed.append({**_row(delivery), **{name: row[name] for name in ("contact_id", "sequence", "armed_at")}})
            parcels.append(Parcel(webhook=webhook, event=_event(row), number=number, token=token))
        await upsert(self._work.connection, WEBHOOK_DELIVERY, changed)
        await insert(self._work.connection, WEBHOOK_ATTEMPT, [_attempt(parcel, now) for parcel in parcels])
        return parcels

    async def delay(self, webhook_id: UUID, *, now: datetime, until: datetime) -> None:
        """Puts off what is due; no attempt is spent."""
        values = {"webhook_id": webhook_id, "now": now, "until": until}
        await self._work.connection.execute(sql.DELAY, values)

    async def one(self, event_id: UUID, webhook_id: UUID) -> WebhookDelivery | None:
        """One delivery, locked."""
        table = WEBHOOK_DELIVERY.c
        wanted = sa.select(WEBHOOK_DELIVERY).where((table.event_id == event_id) & (table.webhook_id == webhook_id))
        row = (await self._work.connection.execute(wanted.with_for_update())).mappings().one_or_none()
        return None if row is None else _delivery(dict(row))

    async def keep(self, delivery: WebhookDelivery) -> None:
        """Writes it."""
        table = WEBHOOK_DELIVERY.c
        same = (table.event_id == delivery.event_id) & (table.webhook_id == delivery.webhook_id)
        await self._work.connection.execute(sa.update(WEBHOOK_DELIVERY).where(same).values(_row(delivery)))

    async def end_attempt(self, parcel: Parcel, *, at: datetime, outcome: str, code: str) -> None:
        """Notes how an attempt ended."""
        values = {"event_id": parcel.event.id, "webhook_id": parcel.webhook.id, "number": parcel.number}
        await self._work.connection.execute(sql.END_ATTEMPT, {**values, "at": at, "outcome": outcome, "code": code})

    async def add(self, event: PartnerEvent, webhook: Webhook, *, now: datetime) -> None:
        """An event for this one webhook alone: a ping."""
        values = {
            "id": event.id,
            "organisation": webhook.organisation,
            "kind": event.kind,
            "at": event.occurred_at,
            "about": json.dumps(dict(event.about)),
            "webhook_id": webhook.id,
            "now": now,
        }
        for statement in sql.ADD:
            await self._work.connection.execute(statement, values)

    async def replay(
        self, webhook: Webhook, *, since: datetime, now: datetime, most: int
    ) -> tuple[int, datetime | None]:
        """Sends again what was made since then; how many, and from when on there is more."""
        values = {
            "webhook_id": webhook.id,
            "organisation": webhook.organisation,
            "kinds": list(webhook.events),
            "since": since,
            "now": now,
            "most": most,
        }
        row = (await self._work.connection.execute(sql.REPLAY, values)).one()
        return row.replayed, row.more

    async def give_up(self, *, before: datetime, now: datetime, most: int) -> int:
        """Ends those that were made (or replayed) before this moment and never accepted. How many."""
        values = {"before": before, "now": now, "most": most}
        return (await self._work.connection.execute(sql.GIVE_UP, values)).rowcount

    async def prune(self, *, before: datetime) -> None:
        """Deletes what was made before this moment: events, deliveries, tries."""
        for statement in sql.PRUNE:
            await self._work.connection.execute(statement, {"before": before})

    async def waiting(self) -> tuple[int, datetime | None, int]:
        """How many are on their way, since when the oldest, and how many are given up."""
        row = (await self._work.connection.execute(sql.WAITING)).one()
        return row.waiting, row.oldest, row.given_up


def _attempt(parcel: Parcel, now: datetime) -> dict[str, Any]:
    return {
        "event_id": parcel.event.id,
        "webhook_id": parcel.webhook.id,
        "number": parcel.number,
        "contact_id": parcel.event.contact_id,
        "kind": parcel.event.kind,
        "started_at": now,
    }


def _row(delivery: WebhookDelivery) -> dict[str, Any]:
    return {name: getattr(delivery, name) for name in _FIELDS} | {"state": delivery.state.value}


def _delivery(row: dict[str, Any]) -> WebhookDelivery:
    values: dict[str, Any] = {name: row[name] for name in _FIELDS} | {"state": DeliveryState(row["state"])}
    return WebhookDelivery(**values)


def _event(row: dict[str, Any]) -> PartnerEvent:
    return PartnerEvent(
        id=row["event_id"],
        kind=row["kind"],
        occurred_at=row["occurred_at"],
        contact_id=row["contact_id"],
        reference=row["reference"],
        sequence=row["sequence"],
        about=row["about"],
        correlation_id=row["correlation_id"],
        traceparent=row["traceparent"],
    )

"""Partners' registrations. Address and secrets are sealed, bound to their row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.notify.adapters.tables import WEBHOOK
from services.notify.domain.model.webhook import Webhook, WebhookState, WhyDisabled
from shared.database.batch import upsert
from shared.database.unit_of_work import UnitOfWork
from shared.security.encryption import TableCipher

_SEALED = ("url", "secret", "old_secret")
_PLAIN = tuple(column.name for column in WEBHOOK.columns if column.name not in {*_SEALED, "events", "state", "reason"})
_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtext('mash webhooks of'), hashtext(:organisation))")
_REMOVE = [
    sa.text(f"DELETE FROM {table} WHERE {column} = :webhook_id")
    for table, column in (
        ("webhooks", "id"),
        ("webhook_deliveries", "webhook_id"),
        ("webhook_attempts", "webhook_id"),
    )
]


class WebhookTable:
    """Read and written one by one: an organisation has a handful."""

    def __init__(self, work: UnitOfWork, cipher: TableCipher) -> None:
        self._work = work
        self._cipher = cipher

    async def of(self, organisation: str | None) -> Sequence[Webhook]:
        """An organisation's, or all, in the order they were made."""
        wanted = sa.select(WEBHOOK).order_by(WEBHOOK.c.created_at, WEBHOOK.c.id)
        return await self._read(
            wanted if organisation is None else wanted.where(WEBHOOK.c.organisation == organisation)
        )

    async def one(self, webhook_id: UUID, *, lock: bool = False) -> Webhook | None:
        """One of them, whoever's it is."""
        wanted = sa.select(WEBHOOK).where(WEBHOOK.c.id == webhook_id)
        found = await self._read(wanted.with_for_update() if lock else wanted)
        return found[0] if found else None

    async def some(self, webhook_ids: Sequence[UUID]) -> dict[UUID, Webhook]:
        """Several, by id."""
        return {each.id: each for each in await self._read(sa.select(WEBHOOK).where(WEBHOOK.c.id.in_(webhook_ids)))}

    async def lock_organisation(self, organisation: str) -> None:
        """Makes a second registration of the same organisation wait for the first."""
        await self._work.connection.execute(_LOCK, {"organisation": organisation})

    async def keep(self, webhook: Webhook) -> None:
        """Writes it."""
        row: dict[str, Any] = {name: getattr(webhook, name) for name in _PLAIN}
        row |= {name: self._seal(webhook, name) for name in _SEALED}
        row["events"] = list(webhook.events)
        row["state"], row["reason"] = webhook.state.value, webhook.reason and webhook.reason.value
        await upsert(self._work.connection, WEBHOOK, [row])

    async def remove(self, webhook_id: UUID) -> None:
        """Deletes it with everything that was on its way to it."""
        for statement in _REMOVE:
            await self._work.connection.execute(statement, {"webhook_id": webhook_id})

    async def failing_since(self, before: datetime, *, most: int) -> Sequence[Webhook]:
        """Active ones that have accepted nothing since before this moment, locked."""
        failing = (WEBHOOK.c.state == WebhookState.ACTIVE.value) & (WEBHOOK.c.failing_since <= before)
        return await self._read(sa.select(WEBHOOK).where(failing).limit(most).with_for_update(skip_locked=True))

    async def states(self) -> dict[str, int]:
        """How many there are in each state, for the metric."""
        wanted = sa.select(WEBHOOK.c.state, sa.func.count()).group_by(WEBHOOK.c.state)
        counted = dict.fromkeys((state.value for state in WebhookState), 0)
        return counted | {row[0]: row[1] for row in await self._work.connection.execute(wanted)}

    async def _read(self, wanted: sa.Select[Any]) -> list[Webhook]:
        return [self._webhook(dict(row)) for row in (await self._work.connection.execute(wanted)).mappings()]

    def _webhook(self, row: dict[str, Any]) -> Webhook:
        values = {name: row[name] for name in _PLAIN}
        values |= {name: self._open(row, name) for name in _SEALED}
        values["events"], values["state"] = tuple(row["events"]), WebhookState(row["state"])
        values["reason"] = WhyDisabled(row["reason"]) if row["reason"] else None
        return Webhook(**values)

    def _seal(self, webhook: Webhook, column: str) -> bytes | None:
        text: str | None = getattr(webhook, column)
        return None if text is None else self._cipher.encrypt(text, column=column, row_id=webhook.id)

    def _open(self, row: dict[str, Any], column: str) -> str | None:
        sealed = row[column]
        return None if sealed is None else self._cipher.decrypt(bytes(sealed), column=column, row_id=row["id"])

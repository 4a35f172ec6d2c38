"""One request about webhooks: its key, whose the webhook is, its audit row, its commit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from services.notify.adapters.repositories import NotifyUnitOfWork
from services.notify.application.commands.webhooks import NoSuchWebhook, own
from services.notify.bootstrap import Notify
from services.notify.domain.model.webhook import Webhook
from shared.web import Caller, begin_once, not_found, note_look

Show = Callable[[NotifyUnitOfWork, Webhook], Awaitable[Response]]
Make = Callable[[NotifyUnitOfWork, UUID], Awaitable[Response]]
Change = Callable[[NotifyUnitOfWork, Webhook, UUID], Awaitable[Response]]


def organisation_of(caller: Caller) -> str | None:
    """Whose webhooks the caller sees: a partner its own organisation's; staff (None) everybody's."""
    return caller.organisation if "partner" in caller.roles else None


class Turn:
    """Another organisation's webhook is as absent as one that is not there, and the audit knows who asked."""

    def __init__(self, notify: Notify, request: Request, caller: Caller) -> None:
        self._notify = notify
        self._request = request
        self._caller = caller

    async def read(
        self, webhook_id: UUID, action: str, show: Show, *, lock: bool = False, outcome: str = "shown"
    ) -> Response:
        """Shows (or deletes) one. Problem 404."""
        async with self._notify.work() as work:
            webhook = await self._find(work, webhook_id, action, lock=lock, outcome=outcome)
            answer = None if webhook is None else await show(work, webhook)
            await work.commit()
        if answer is None:
            raise not_found()
        return answer

    async def make(self, action: str, make: Make) -> Response:
        """Makes something new, once for each key."""
        async with self._notify.work() as work:
            cipher = self._notify.platform.idempotency_cipher
            once = await begin_once(work.connection, self._request, self._caller, cipher=cipher)
            if once.answer is not None:
                return once.answer
            answer = await make(work, once.id)
            await note_look(work, self._request, self._caller, action=action, contact_ids=[], outcome="done")
            await once.keep(answer)
            await work.commit()
        return answer

    async def write(self, webhook_id: UUID, action: str, change: Change) -> Response:
        """Changes one, once for each key. Problem 404."""
        async with self._notify.work() as work:
            cipher = self._notify.platform.idempotency_cipher
            once = await begin_once(work.connection, self._request, self._caller, cipher=cipher)
            if once.answer is not None:
                return once.answer
            webhook = await self._find(work, webhook_id, action, lock=True, outcome="done")
            answer = JSONResponse(None, 404) if webhook is None else await change(work, webhook, once.id)
            await once.keep(answer)
            await work.commit()
        if webhook is None:
            raise not_found()
        return answer

    async def _find(
        self, work: NotifyUnitOfWork, webhook_id: UUID, action: str, *, lock: bool, outcome: str
    ) -> Webhook | None:
        try:
            webhook = await own(work, webhook_id, organisation_of(self._caller), lock=lock)
        except NoSuchWebhook:
            webhook, outcome = None, "refused"
        await note_look(work, self._request, self._caller, action=action, contact_ids=[], outcome=outcome)
        return webhook

"""Webhooks and attempts as they are answered, in pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx2
from fastapi import Request, Response
from fastapi.responses import JSONResponse

from services.notify.adapters.repositories import NotifyUnitOfWork
from services.notify.adapters.repositories.webhook_reading import Position, attempts_of, counts_of
from services.notify.bootstrap import Notify
from services.notify.domain.model.webhook import Webhook
from services.notify.entrypoints.schemas.webhooks import (
    WebhookAttemptList,
    WebhookAttemptOut,
    WebhookList,
    WebhookOut,
)
from shared.web import Caller, FieldError, Problem, decode_cursor, encode_cursor, next_link, note_look

from .webhook_turn import organisation_of

MOST_NUMBER = 2**31 - 1
_PLAIN = WebhookOut.model_fields.keys() - {"url", "waiting", "given_up"}


async def listing(notify: Notify, request: Request, caller: Caller) -> Response:
    """An organisation's webhooks (a handful); staff see everybody's."""
    async with notify.work() as work:
        found = await work.webhooks.of(organisation_of(caller))
        body = WebhookList(webhooks=await shown(work, found, caller))
        await note_look(work, request, caller, action="webhooks.list", contact_ids=[], outcome="shown")
        await work.commit()
    return JSONResponse(body.model_dump(mode="json"))


async def shown(work: NotifyUnitOfWork, webhooks: Sequence[Webhook], caller: Caller) -> list[WebhookOut]:
    """Webhooks with how much is on its way; staff see the host alone, because an address may hold a token."""
    counts = await counts_of(work.connection, [each.id for each in webhooks])
    own = organisation_of(caller) is not None
    return [_shown(each, counts.get(each.id, (0, 0)), whole_url=own) for each in webhooks]


def _shown(webhook: Webhook, counts: tuple[int, int], *, whole_url: bool) -> WebhookOut:
    plain: dict[str, Any] = {name: getattr(webhook, name) for name in _PLAIN}
    url = webhook.url if whole_url else f"https://{httpx2.URL(webhook.url).host}"
    return WebhookOut.model_validate(plain | {"url": url, "waiting": counts[0], "given_up": counts[1]})


async def attempts_page(
    work: NotifyUnitOfWork, request: Request, webhook: Webhook, *, cursor: str | None, limit: int
) -> Response:
    """Attempts, newest first, by keyset."""
    rows = await attempts_of(work.connection, webhook.id, most=limit + 1, after=_after(cursor))
    page = rows[:limit]
    body = WebhookAttemptList(attempts=[WebhookAttemptOut(**row, type=row["kind"]) for row in page])
    headers = next_link(request, _cursor(page[-1])) if len(rows) > limit else {}
    return JSONResponse(body.model_dump(mode="json"), headers=headers)


def _cursor(row: Mapping[str, Any]) -> str:
    return encode_cursor({"at": row["started_at"].isoformat(), "event": str(row["event_id"]), "number": row["number"]})


def _after(cursor: str | None) -> Position | None:
    if cursor is None:
        return None
    position = decode_cursor(cursor, keys={"at", "event", "number"})
    try:
        at = datetime.fromisoformat(str(position["at"])).astimezone(UTC)
        return at, UUID(str(position["event"])), min(int(position["number"]), MOST_NUMBER)
    except (ValueError, OverflowError):
        error = FieldError("/cursor", "cursor_invalid", "Use the link of the page before, unchanged.", "query")
        raise Problem(400, "cursor_invalid", detail="This cursor is not one of ours.", errors=[error]) from None

"""What a partner does with a webhook that is there: test it, change its secret, ask for what was missed, go on."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from services.notify.adapters.channels.webhook_words import new_secret
from services.notify.adapters.repositories import NotifyUnitOfWork
from services.notify.application.commands import webhooks as commands
from services.notify.bootstrap import Notify
from services.notify.domain.model.webhook import Webhook, WebhookNotAllowed
from services.notify.entrypoints.schemas.webhooks import PingOut, ReplayIn, ReplayOut, SecretOut, WebhookOut
from shared.web import IDEMPOTENT, Caller, Problem, allow

from .webhook_answers import shown
from .webhook_turn import Turn

Partner = Annotated[Caller, allow("partner")]


def add(routes: APIRouter, notify: Notify) -> None:
    """Adds the routes under /v1/webhooks/{webhook_id}."""
    _testing(routes, notify)
    _going_on(routes, notify)


def _testing(routes: APIRouter, notify: Notify) -> None:
    @routes.post("/{webhook_id}/ping", status_code=202, response_model=PingOut, summary="Test it",
                 openapi_extra=IDEMPOTENT)  # fmt: skip
    async def ping(webhook_id: UUID, request: Request, caller: Partner) -> Response:
        async def send(work: NotifyUnitOfWork, webhook: Webhook, once_id: UUID) -> Response:
            try:
                event = await commands.ping(work, webhook, request_id=once_id, now=notify.platform.clock.now())
            except WebhookNotAllowed as error:
                raise _refusal(error) from None
            return JSONResponse(PingOut(event_id=event.id).model_dump(mode="json"), 202)

        return await Turn(notify, request, caller).write(webhook_id, "webhook.ping", send)

    @routes.post("/{webhook_id}/secret", status_code=201, response_model=SecretOut, summary="A new secret",
                 description="Both secrets sign for a day.", openapi_extra=IDEMPOTENT)  # fmt: skip
    async def rotate(webhook_id: UUID, request: Request, caller: Partner) -> Response:
        async def change(work: NotifyUnitOfWork, webhook: Webhook, once_id: UUID) -> Response:
            del once_id
            await commands.rotate(work, webhook, secret=new_secret(), now=notify.platform.clock.now())
            answer = SecretOut.model_validate({"secret": webhook.secret, "old_secret_until": webhook.old_secret_until})
            return JSONResponse(answer.model_dump(mode="json"), 201)

        return await Turn(notify, request, caller).write(webhook_id, "webhook.secret", change)


def _going_on(routes: APIRouter, notify: Notify) -> None:
    @routes.post("/{webhook_id}/replay", status_code=202, response_model=ReplayOut, summary="Send again",
                 openapi_extra=IDEMPOTENT)  # fmt: skip
    async def replay(webhook_id: UUID, body: ReplayIn, request: Request, caller: Partner) -> Response:
        async def send(work: NotifyUnitOfWork, webhook: Webhook, once_id: UUID) -> Response:
            del once_id
            now = notify.platform.clock.now()
            count, more = await commands.replay(work, webhook, since=body.since, now=now)
            return JSONResponse(ReplayOut(replayed=count, more_since=more).model_dump(mode="json"), 202)

        return await Turn(notify, request, caller).write(webhook_id, "webhook.replay", send)

    @routes.post("/{webhook_id}/enable", response_model=WebhookOut, summary="Send to it again",
                 openapi_extra=IDEMPOTENT)  # fmt: skip
    async def enable(webhook_id: UUID, request: Request, caller: Partner) -> Response:
        async def change(work: NotifyUnitOfWork, webhook: Webhook, once_id: UUID) -> Response:
            del once_id
            try:
                await commands.enable(work, webhook)
            except WebhookNotAllowed as error:
                raise _refusal(error) from None
            return JSONResponse((await shown(work, [webhook], caller))[0].model_dump(mode="json"))

        return await Turn(notify, request, caller).write(webhook_id, "webhook.enabled", change)


def _refusal(error: WebhookNotAllowed) -> Problem:
    detail = f"The webhook is {error.state.value}; what can be done now: {error.allowed}."
    return Problem(409, error.code, detail=detail)

"""Partners register where they listen, test it, and ask for what they have missed."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from services.notify.adapters.channels.webhook_guard import NameUnknown
from services.notify.adapters.channels.webhook_words import new_secret
from services.notify.adapters.repositories import NotifyUnitOfWork
from services.notify.application.commands import webhooks as commands
from services.notify.bootstrap import Notify
from services.notify.domain.model.webhook import Webhook
from services.notify.domain.policy.webhook_answers import MOST_WEBHOOKS
from services.notify.domain.policy.webhook_urls import WebhookRefused
from services.notify.entrypoints.schemas.webhooks import (
    WebhookAttemptList,
    WebhookIn,
    WebhookList,
    WebhookMade,
    WebhookOut,
)
from shared.web import IDEMPOTENT, Caller, FieldError, Problem, allow

from . import webhook_actions
from .webhook_answers import attempts_page, listing, shown
from .webhook_turn import Turn

Partner = Annotated[Caller, allow("partner")]
Reader = Annotated[Caller, allow("partner", "manager", "admin")]
PATH = "/v1/webhooks"


def router(notify: Notify) -> APIRouter:
    """The routes of /v1/webhooks: those that read, and those that write."""
    routes = APIRouter(prefix=PATH, tags=["webhooks"])
    _reading(routes, notify)
    _registering(routes, notify)
    webhook_actions.add(routes, notify)
    return routes


def _reading(routes: APIRouter, notify: Notify) -> None:
    @routes.get("", response_model=WebhookList, summary="Your webhooks")
    async def list_webhooks(request: Request, caller: Reader) -> Response:
        return await listing(notify, request, caller)

    @routes.get("/{webhook_id}", response_model=WebhookOut, summary="One webhook, and how it is doing")
    async def get_webhook(webhook_id: UUID, request: Request, caller: Reader) -> Response:
        async def show(work: NotifyUnitOfWork, webhook: Webhook) -> Response:
            return JSONResponse((await shown(work, [webhook], caller))[0].model_dump(mode="json"))

        return await Turn(notify, request, caller).read(webhook_id, "webhook.read", show)

    @routes.get("/{webhook_id}/attempts", response_model=WebhookAttemptList, summary="Every attempt, newest first")
    async def get_attempts(
        webhook_id: UUID,
        request: Request,
        caller: Reader,
        *,
        cursor: str | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Response:
        async def show(work: NotifyUnitOfWork, webhook: Webhook) -> Response:
            return await attempts_page(work, request, webhook, cursor=cursor, limit=limit)

        return await Turn(notify, request, caller).read(webhook_id, "webhook.attempts", show)


def _registering(routes: APIRouter, notify: Notify) -> None:
    @routes.post(
        "",
        status_code=201,
        response_model=WebhookMade,
        summary="Be told as it happens",
        description="The secret that signs is in this answer and in no other.",
        openapi_extra=IDEMPOTENT,
    )
    async def post_webhook(body: WebhookIn, request: Request, caller: Partner) -> Response:
        url = await _checked(notify, body.url)  # before the transaction: names are looked up

        async def make(work: NotifyUnitOfWork, once_id: UUID) -> Response:
            webhook = await _made(work, notify, body, caller, url=url, once_id=once_id)
            answer = (await shown(work, [webhook], caller))[0]
            made = WebhookMade(**answer.model_dump(), secret=webhook.secret)
            return JSONResponse(made.model_dump(mode="json"), 201, {"Location": f"{PATH}/{webhook.id}"})

        return await Turn(notify, request, caller).make("webhook.registered", make)

    @routes.delete("/{webhook_id}", status_code=204, summary="Be told no more")
    async def delete_webhook(webhook_id: UUID, request: Request, caller: Partner) -> Response:
        async def remove(work: NotifyUnitOfWork, webhook: Webhook) -> Response:
            await work.webhooks.remove(webhook.id)
            return Response(status_code=204)

        turn = Turn(notify, request, caller)
        return await turn.read(webhook_id, "webhook.deleted", remove, lock=True, outcome="done")


async def _checked(notify: Notify, text: str) -> str:
    """The address as it is kept. Problem 422 for one that we would not send to."""
    guard = notify.webhook_post.guard
    try:
        place = guard.read(text)
        await guard.addresses(place)
    except WebhookRefused as refused:
        raise _bad_url(refused.code, refused.detail) from None
    except NameUnknown:
        raise _bad_url("name_unknown", "Nobody answers to this name: check it, or try again.") from None
    return str(place.url)


def _bad_url(code: str, detail: str) -> Problem:
    return Problem(422, code, detail=detail, errors=[FieldError("/url", code, detail)])


async def _made(
    work: NotifyUnitOfWork, notify: Notify, body: WebhookIn, caller: Caller, *, url: str, once_id: UUID
) -> Webhook:
    try:
        return await commands.register(
            work,
            request_id=once_id,
            organisation=caller.organisation or "",
            url=url,
            events=body.events,
            secret=new_secret(),
            by=caller.subject,
            now=notify.platform.clock.now(),
        )
    except commands.AlreadyRegistered:
        detail = "You have a webhook to this address: delete it first, or use it."
        raise Problem(409, "already_registered", detail=detail) from None
    except commands.TooManyWebhooks:
        detail = f"An organisation has {MOST_WEBHOOKS} webhooks at most: delete one first."
        raise Problem(409, "too_many_webhooks", detail=detail) from None

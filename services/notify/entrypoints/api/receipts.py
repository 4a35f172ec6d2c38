"""Receipts that providers send us of what they have delivered, or could not."""

from __future__ import annotations

import hmac
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.notify.adapters import queries
from services.notify.adapters.channels.govuk_notify import verdict_of
from services.notify.application.commands.receipts import hear_receipt
from services.notify.bootstrap import Notify
from services.notify.domain.model import Receipt
from services.notify.entrypoints.schemas import GovukReceiptIn
from shared.logging import bound, get_logger
from shared.web import documented_problem, not_found, problem_for, public

log = get_logger()


def router(notify: Notify) -> APIRouter:
    """The routes of /v1/receipts."""
    routes = APIRouter(prefix="/v1/receipts", tags=["receipts"])

    async def proven(request: Request) -> None:
        """Lets in whoever brings the token that we gave the provider."""
        if not _brings_token(notify, request):
            raise problem_for(401, {"WWW-Authenticate": "Bearer"})

    answers: dict[int | str, dict[str, Any]] = {401: documented_problem(401), 404: documented_problem(404)}

    @routes.post(
        "/govuk-notify",
        status_code=204,
        summary="A receipt of GOV.UK Notify (the provider only)",
        dependencies=[public("the provider proves itself by a token that we gave it"), Depends(proven)],
        responses=answers,
    )
    async def post_receipt(body: GovukReceiptIn) -> Response:
        receipt = Receipt(
            provider_id=body.id,
            verdict=verdict_of(body.status),
            code=body.status,
            at=notify.platform.clock.now(),
            channel=body.notification_type,
        )
        if not await _heard(notify, _message_id(body.reference), receipt):
            raise not_found()  # what is not ours, or erased; the provider does not ask again after a 404
        return Response(status_code=204)

    return routes


def _brings_token(notify: Notify, request: Request) -> bool:
    govuk = notify.settings.govuk_notify
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if govuk is None or govuk.callback_token is None or scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(token.strip().encode(), govuk.callback_token.reveal().encode())


async def _heard(notify: Notify, message_id: UUID | None, receipt: Receipt) -> bool:
    if message_id is None:
        return False
    async with notify.work() as work:
        row = await queries.one_message(work.connection, message_id)
        if row is None:
            return False
        contact_id = row["contact_id"]
        message = await hear_receipt(work, contact_id, message_id, receipt, chance=0.5)
        await work.commit()
    with bound(contact_id=contact_id, notification_id=message_id):
        log.info("receipt heard", code=receipt.code)
    return message is not None


def _message_id(reference: str | None) -> UUID | None:
    try:
        return UUID(reference or "")
    except ValueError:
        return None

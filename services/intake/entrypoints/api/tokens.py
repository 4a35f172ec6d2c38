"""Tokens for partner systems and our own services; in development also for staff."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import parse_qs, unquote
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field

from services.intake.adapters.repositories import clients
from services.intake.bootstrap import Intake
from services.intake.entrypoints.schemas.answers import TokenOut
from shared.security.tokens import STAFF_ROLES, Kind
from shared.web import Problem, StrictBody, documented_problem, public

_TOKEN_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "properties": {
                        "grant_type": {"type": "string", "const": "client_credentials"},
                        "client_id": {"type": "string"},
                        "client_secret": {"type": "string", "format": "password"},
                    },
                }
            }
        },
    }
}
_DUTY_WORKER: dict[str, Any] = {"role": "practitioner", "subject": "duty.worker"}
_UNKNOWN_CLIENT = "Client id or secret is wrong, or the client is disabled."


class DevelopmentTokenIn(StrictBody):
    """Which member of staff to be."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, json_schema_extra={"examples": [_DUTY_WORKER]})

    role: Annotated[str, Field(examples=["practitioner"])]
    subject: Annotated[str, Field(pattern=r"^[a-z][a-z0-9.-]{1,40}$", examples=["duty.worker"])] = "duty.worker"


def routers(intake: Intake) -> list[APIRouter]:
    """The token routes; the development issuer's only where no council issuer is set."""
    found = [_tokens(intake)]
    if intake.platform.settings.oidc_issuer is None:
        found.append(_development(intake))
    return found


def _tokens(intake: Intake) -> APIRouter:
    routes = APIRouter(tags=["tokens"])
    settings = intake.platform.settings

    @routes.post(
        "/v1/token",
        response_model=TokenOut,
        summary="Client credentials for a ten-minute token",
        dependencies=[public("a client proves itself here", limited=True)],
        responses={401: documented_problem(401)},
        openapi_extra=_TOKEN_FORM,
    )
    async def post_token(request: Request) -> TokenOut:
        client_id, secret = _credentials(request, await _form(request))
        async with intake.autocommit() as connection:
            client = await clients.authenticate(connection, client_id=client_id, secret=secret)
        if client is None:
            raise Problem(401, "invalid_client", detail=_UNKNOWN_CLIENT, headers={"WWW-Authenticate": "Basic"})
        kind: Kind = "partner" if client.role == "partner" else "service"
        return await _issue(intake, settings.token_issuer, client, kind=kind)

    @routes.get(
        "/.well-known/jwks.json",
        summary="The keys that check our tokens",
        dependencies=[public("public keys are public")],
    )
    async def get_jwks() -> dict[str, Any]:
        return await intake.token_keys.public(settings.token_issuer)

    return routes


def _development(intake: Intake) -> APIRouter:
    routes = APIRouter(
        prefix="/development",
        tags=["development"],
        dependencies=[public("development only: absent where MASH_OIDC_ISSUER is set, which production demands")],
    )
    settings = intake.platform.settings

    @routes.post("/token", response_model=TokenOut, summary="Be a member of staff (development only)")
    async def post_development_token(body: DevelopmentTokenIn) -> TokenOut:
        if body.role not in STAFF_ROLES:
            raise Problem(422, "unknown_role", detail=f"Use one of: {', '.join(sorted(STAFF_ROLES))}.")
        member = clients.Client(client_id=body.subject, organisation=None, role=body.role)
        return await _issue(intake, settings.staff_issuer, member, kind="staff")

    @routes.get("/jwks.json", summary="The development issuer's keys")
    async def get_development_jwks() -> JSONResponse:
        return JSONResponse(await intake.token_keys.public(settings.staff_issuer))

    return routes


async def _issue(intake: Intake, issuer: str, client: clients.Client, *, kind: Kind) -> TokenOut:
    keys = await intake.token_keys.of(issuer)
    token = keys.issue(
        issuer=issuer,
        audience=intake.platform.settings.audience,
        subject=client.client_id,
        organisation=client.organisation,
        roles=[client.role],
        kind=kind,
        now=datetime.now(UTC),
        token_id=str(uuid4()),
    )
    return TokenOut(access_token=token)


async def _form(request: Request) -> dict[str, str]:
    try:
        parsed = parse_qs((await request.body()).decode(), strict_parsing=True, max_num_fields=10)
    except (ValueError, UnicodeDecodeError):
        raise Problem(400, "invalid_request", detail="Send grant_type=client_credentials as a form.") from None
    form = {name: values[0] for name, values in parsed.items()}
    if form.get("grant_type") != "client_credentials":
        raise Problem(400, "unsupported_grant_type", detail="Only grant_type=client_credentials is served here.")
    return form


def _credentials(request: Request, form: dict[str, str]) -> tuple[str, str]:
    """Client id and secret from the Authorization header (RFC 6749, 2.3.1) or the form."""
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(sent, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            client_id, secret = "", ""
        return unquote(client_id), unquote(secret)
    return form.get("client_id", ""), form.get("client_secret", "")

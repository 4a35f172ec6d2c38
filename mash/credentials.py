"""Tokens for commands and examples: a partner's by its client's secret, staff's by the development issuer."""

from collections.abc import Mapping

import httpx2
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from mash.refusal import Refused
from mash.system import address_of, settings_of
from services.intake.adapters.repositories import clients

TOKEN_SECONDS = 10.0


async def add_client(
    engine: AsyncEngine, *, client_id: str, organisation: str | None, name: str, role: str, environment: str
) -> str:
    """Add a client to intake and return its secret, which nobody can read again; it names the environment.

    Raises:
        Refused: the client is there already.
    """
    try:
        async with engine.begin() as connection:
            secret = await clients.add_client(
                connection,
                client_id=client_id,
                organisation=organisation,
                name=name,
                role=role,
                environment=environment,
            )
    except IntegrityError:
        raise Refused(f"there is a client {client_id} already: `mash partner rotate` gives it a new secret") from None
    return secret.text


async def rotate_client(engine: AsyncEngine, *, client_id: str, environment: str) -> str:
    """Give the client one more secret and return it; the two newest stay live.

    Raises:
        Refused: there is no such client.
    """
    try:
        async with engine.begin() as connection:
            return (await clients.rotate_secret(connection, client_id=client_id, environment=environment)).text
    except IntegrityError:
        raise Refused(f"there is no client {client_id}: `mash partner list` shows them") from None


async def secret_for(
    engine: AsyncEngine, *, client_id: str, organisation: str | None, name: str, role: str, environment: str
) -> str:
    """Return a live secret of a client of our own, which is made at its first use."""
    try:
        return await add_client(
            engine, client_id=client_id, organisation=organisation, name=name, role=role, environment=environment
        )
    except Refused:
        return await rotate_client(engine, client_id=client_id, environment=environment)


async def client_token(http: httpx2.AsyncClient, settings: Mapping[str, str], *, client_id: str, secret: str) -> str:
    """Prove a client at intake and return its token.

    Raises:
        Refused: intake does not accept it.
    """
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    answer = await http.post(f"{address_of(settings, 'intake')}/v1/token", data=form, timeout=TOKEN_SECONDS)
    return _token(answer)


async def staff_token(http: httpx2.AsyncClient, settings: Mapping[str, str], *, role: str, subject: str) -> str:
    """Be a member of staff, by the development issuer.

    Raises:
        Refused: staff come from a real issuer here, or there is no such role.
    """
    if settings_of(settings, "intake").oidc_issuer is not None:
        raise Refused("staff tokens come from MASH_OIDC_ISSUER here: there is no development issuer")
    body = {"role": role, "subject": subject}
    address = f"{address_of(settings, 'intake')}/development/token"
    return _token(await http.post(address, json=body, timeout=TOKEN_SECONDS))


def _token(answer: httpx2.Response) -> str:
    if answer.is_success:
        return answer.json()["access_token"]
    kind = answer.headers.get("content-type", "")
    said = answer.json().get("detail", "") if "json" in kind else ""
    raise Refused(f"intake gives no token ({answer.status_code}): {said}")

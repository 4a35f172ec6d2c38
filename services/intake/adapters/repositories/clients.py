"""Partner and service clients with their secrets (two live while rotating), and the keys that sign tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.security.client_secrets import ClientSecret, digest_of, matches, new_client_secret, secret_id_of
from shared.security.encryption import MasterKeys
from shared.security.signing import SigningKey, SigningKeys, generate_signing_key, unwrap_signing_key, wrap_signing_key

LIVE_SECRETS = 2

_ADD = text(
    "INSERT INTO partner_clients (client_id, organisation, name, role) VALUES (:id, :organisation, :name, :role)"
)
_SECRET = text("INSERT INTO client_secrets (secret_id, client_id, digest) VALUES (:secret_id, :client_id, :digest)")
_RETIRE = text(
    "UPDATE client_secrets SET retired_at = now() WHERE client_id = :client_id AND retired_at IS NULL"
    " AND secret_id NOT IN (SELECT secret_id FROM client_secrets WHERE client_id = :client_id AND retired_at IS NULL"
    " ORDER BY created_at DESC, secret_id LIMIT :keep)"
)
_KNOWN = text(
    "SELECT c.client_id, c.organisation, c.role, s.digest"
    " FROM client_secrets s JOIN partner_clients c USING (client_id)"
    " WHERE c.client_id = :client_id AND s.secret_id = :secret_id AND s.retired_at IS NULL AND c.disabled_at IS NULL"
)
_LIST = text(
    "SELECT c.client_id, c.organisation, c.name, c.role, c.created_at, c.disabled_at,"
    " count(s.secret_id) FILTER (WHERE s.retired_at IS NULL) AS live_secrets"
    " FROM partner_clients c LEFT JOIN client_secrets s USING (client_id) GROUP BY c.client_id ORDER BY c.client_id"
)
_KEYS = text("SELECT kid, wrapped, created_at FROM signing_keys WHERE issuer = :issuer AND retired_at IS NULL")
_KEEP_KEY = text(
    "INSERT INTO signing_keys (kid, issuer, wrapped, created_at) VALUES (:kid, :issuer, :wrapped, :created_at)"
)
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('signing keys'))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client that has proved itself."""

    client_id: str
    organisation: str | None
    role: str


async def add_client(
    connection: AsyncConnection, *, client_id: str, organisation: str | None, name: str, role: str, environment: str
) -> ClientSecret:
    """Adds a client and returns its first secret, to be shown once. Raises IntegrityError for a client id in use."""
    row = {"id": client_id, "organisation": organisation, "name": name, "role": role}
    await connection.execute(_ADD, row)
    return await rotate_secret(connection, client_id=client_id, environment=environment)


async def rotate_secret(connection: AsyncConnection, *, client_id: str, environment: str) -> ClientSecret:
    """Gives the client one more secret; the newest two stay live, so that it can change over without a gap."""
    secret = new_client_secret(environment)
    row = {"secret_id": secret.secret_id, "client_id": client_id, "digest": secret.digest}
    await connection.execute(_SECRET, row)
    await connection.execute(_RETIRE, {"client_id": client_id, "keep": LIVE_SECRETS})
    return secret


async def register_secret(connection: AsyncConnection, *, client_id: str, name: str, secret: str) -> None:
    """Makes a secret that was made elsewhere one of a service's live ones; does nothing where it is already.

    Raises ValueError for a secret that has not the form of ours.
    """
    secret_id = secret_id_of(secret)
    if secret_id is None:
        raise ValueError("the secret must have the form mash_<environment>_<8 characters>_<43 characters>")
    service = {"id": client_id, "organisation": None, "name": name, "role": "service"}
    await connection.execute(text(f"{_ADD.text} ON CONFLICT DO NOTHING"), service)
    row = {"secret_id": secret_id, "client_id": client_id, "digest": digest_of(secret)}
    await connection.execute(text(f"{_SECRET.text} ON CONFLICT DO NOTHING"), row)
    await connection.execute(_RETIRE, {"client_id": client_id, "keep": LIVE_SECRETS})


async def authenticate(connection: AsyncConnection, *, client_id: str, secret: str) -> Client | None:
    """The client whose live secret this is, or None."""
    secret_id = secret_id_of(secret)
    row = (await connection.execute(_KNOWN, {"client_id": client_id, "secret_id": secret_id or ""})).one_or_none()
    if not matches(secret, [bytes(row.digest)] if row else []) or row is None:
        return None
    return Client(client_id=row.client_id, organisation=row.organisation, role=row.role)


async def list_clients(connection: AsyncConnection) -> list[dict[str, Any]]:
    """All clients with how many secrets of theirs are live; never a secret."""
    return [dict(row) for row in (await connection.execute(_LIST)).mappings()]


async def signing_keys(engine: AsyncEngine, masters: MasterKeys, *, issuer: str, now: datetime) -> SigningKeys:
    """The issuer's live keys; the first is made at first use. Two processes that start together end with the same."""
    async with engine.begin() as connection:
        await connection.execute(_ONE_AT_A_TIME)
        rows = (await connection.execute(_KEYS, {"issuer": issuer})).all()
        keys = [unwrap_signing_key(row.kid, row.created_at, bytes(row.wrapped), masters) for row in rows]
        if not keys:
            keys = [await add_signing_key(connection, masters, issuer=issuer, now=now)]
    return SigningKeys(keys)


async def add_signing_key(
    connection: AsyncConnection, masters: MasterKeys, *, issuer: str, now: datetime
) -> SigningKey:
    """Makes one more key; it signs as soon as everybody has had time to fetch it."""
    key = generate_signing_key(now)
    wrapped = wrap_signing_key(key, masters)
    await connection.execute(
        _KEEP_KEY, {"kid": key.kid, "issuer": issuer, "wrapped": wrapped, "created_at": key.created_at}
    )
    return key

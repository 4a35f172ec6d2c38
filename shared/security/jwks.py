"""Public keys of token issuers: fetched seldom, kept for ever, never at the wish of an unknown caller.

Whoever sends a token chooses its key id, so an unknown id must not make us fetch each time: one fetch in 30 seconds at
most, and the last good set stays in use, across restarts too, when the issuer is away.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol, cast

import httpx2
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry

from shared.clock import Clock
from shared.logging import get_logger
from shared.security.tokens import KeysUnavailable, PublicKey, UnknownKeyId

COOLDOWN_SECONDS: Final = 30.0
FIRST_KEYS_COOLDOWN_SECONDS: Final = 1.0  # while we have no key at all nobody is served: try more often
MAX_AGE_SECONDS: Final = 300.0
FETCH_TIMEOUT_SECONDS: Final = 5.0
MAX_DOCUMENT_BYTES: Final = 256 * 1024
MAX_KEYS: Final = 50

log = get_logger()
Keys = dict[str, PublicKey]


class JwksStore(Protocol):
    """Keeps each issuer's last good set, so that a restart without the issuer still knows its keys."""

    async def load(self, issuer: str) -> str | None:
        """The set as JSON text, or None."""
        ...

    async def save(self, issuer: str, jwks: str) -> None:
        """Replace the issuer's set."""
        ...


class UnusableJwks(Exception):
    """The document has no key that can check a signature."""


def read_keys(document: str) -> Keys:
    """The usable public keys of a JWKS by id, keys for encryption and shared secrets left out; raises UnusableJwks."""
    try:
        entries: object = json.loads(document)["keys"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UnusableJwks("not a JWKS") from None
    keys: Keys = {}
    for entry in cast("list[object]", entries)[:MAX_KEYS] if isinstance(entries, list) else []:
        jwk = cast("dict[str, Any]", entry) if isinstance(entry, dict) else {}
        kid = jwk.get("kid")
        if not isinstance(kid, str) or jwk.get("use", "sig") != "sig" or jwk.get("kty") == "oct":
            continue
        try:
            keys[kid] = JWKRegistry.import_key(jwk)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    if not keys:
        raise UnusableJwks("no usable key")
    return keys


class LocalJwks:
    """Keys of the issuer that is this very service, read from its own database; a miss reads once in 30 seconds."""

    def __init__(self, load: Callable[[], Awaitable[dict[str, Any]]], clock: Clock) -> None:
        """`load` gives the public set, as served at the JWKS route."""
        self._cache = _Cache(self._read, clock)
        self._load = load

    async def key(self, kid: str) -> PublicKey:
        """The key of this id; raises UnknownKeyId or KeysUnavailable."""
        return await self._cache.key(kid)

    async def _read(self) -> Keys:
        return read_keys(json.dumps(await self._load()))


class RemoteJwks:
    """Keys of an issuer elsewhere, by its JWKS address or, where none is given, by OpenID discovery."""

    def __init__(
        self, *, issuer: str, url: str | None, client: httpx2.AsyncClient, store: JwksStore, clock: Clock
    ) -> None:
        """Fetches nothing yet."""
        self._issuer = issuer
        self._url = url
        self._client = client
        self._store = store
        self._cache = _Cache(self._fetch, clock, fallback=self._stored)

    async def key(self, kid: str) -> PublicKey:
        """The key of this id; raises UnknownKeyId or KeysUnavailable."""
        return await self._cache.key(kid)

    async def _stored(self) -> Keys | None:
        document = await self._store.load(self._issuer)
        return None if document is None else read_keys(document)

    async def _fetch(self) -> Keys:
        async with asyncio.timeout(FETCH_TIMEOUT_SECONDS):
            url = self._url or await self._discover()
            document = await self._get(url)
        keys = read_keys(document)
        try:
            await self._store.save(self._issuer, document)
        except Exception:
            log.warning("issuer keys not kept", exc_info=True)
        return keys

    async def _discover(self) -> str:
        document = json.loads(await self._get(self._issuer.rstrip("/") + "/.well-known/openid-configuration"))
        if document.get("issuer") != self._issuer:
            raise UnusableJwks("the discovery document speaks for another issuer")
        return str(document["jwks_uri"])

    async def _get(self, url: str) -> str:
        async with self._client.stream("GET", url, headers={"Accept": "application/json"}) as response:
            response.raise_for_status()
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_DOCUMENT_BYTES:
                    raise UnusableJwks("the document is too large")
        return body.decode()


class _Cache:
    """One issuer's keys in memory. Only one task refreshes; the others go on with what there is."""

    def __init__(
        self,
        refresh: Callable[[], Awaitable[Keys]],
        clock: Clock,
        *,
        fallback: Callable[[], Awaitable[Keys | None]] | None = None,
    ) -> None:
        self._refresh = refresh
        self._clock = clock
        self._fallback = fallback
        self._lock = asyncio.Lock()
        self._keys: Keys = {}
        self._tried_at: float | None = None
        self._good_until = 0.0

    async def key(self, kid: str) -> PublicKey:
        known = self._keys.get(kid)
        if known is not None and (self._clock.monotonic() < self._good_until or self._lock.locked()):
            return known
        async with self._lock:
            await self._renew(kid)
        if not self._keys:
            raise KeysUnavailable
        if kid not in self._keys:
            raise UnknownKeyId
        return self._keys[kid]

    async def _renew(self, kid: str) -> None:
        now = self._clock.monotonic()
        if kid in self._keys and now < self._good_until:
            return  # another task has just fetched it
        if not self._may_try(now):
            return
        self._tried_at = now
        try:
            self._keys = await self._refresh()
            self._good_until = now + MAX_AGE_SECONDS
        except Exception:
            log.warning("issuer keys not refreshed", exc_info=True)
            self._good_until = now + COOLDOWN_SECONDS
            if not self._keys and self._fallback is not None:
                await self._recall(self._fallback)

    def _may_try(self, now: float) -> bool:
        if self._tried_at is None:
            return True
        return now - self._tried_at >= (COOLDOWN_SECONDS if self._keys else FIRST_KEYS_COOLDOWN_SECONDS)

    async def _recall(self, fallback: Callable[[], Awaitable[Keys | None]]) -> None:
        try:
            self._keys = await fallback() or {}
        except Exception:
            log.warning("stored issuer keys not readable", exc_info=True)

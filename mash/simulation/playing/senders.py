"""Who sends: partners' systems, staff and the case system, each with a token of their own role."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import httpx2
from sqlalchemy.ext.asyncio import AsyncEngine

from mash.credentials import client_token, secret_for, staff_token
from mash.simulation.acts import CASE_SYSTEM, STAFF
from mash.system import address_of, settings_of

RENEWED_SECONDS = 300.0
"""Half of a token's life."""
NOT_NOW = frozenset({429, 503})
TRIES = 8
AGAIN_SECONDS = 0.25


class NoAnswer(Exception):
    """A service did not answer, however often it was asked."""


class Senders:
    """Sends requests as whoever makes them; what is not answered is sent again under the same key."""

    def __init__(self, settings: Mapping[str, str], http: httpx2.AsyncClient, intake: AsyncEngine) -> None:
        """`intake` is intake's database, where development makes the partners' clients."""
        self._settings = settings
        self._http = http
        self._intake = intake
        self._tokens: dict[str, tuple[str, float]] = {}
        self._secrets: dict[str, str] = {}
        self._one_at_a_time = asyncio.Lock()

    async def send(
        self,
        method: str,
        path: str,
        *,
        by: str,
        service: str = "triage",
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """Ask once, and again where the answer is that it cannot be given now.

        Raises:
            NoAnswer: there was none.
        """
        address = f"{address_of(self._settings, service)}{path}"
        for tries_left in reversed(range(TRIES)):
            token = {"Authorization": f"Bearer {await self._token(by)}"}
            try:
                answer = await self._http.request(method, address, headers={**token, **(headers or {})}, json=body)
            except httpx2.TransportError:
                answer = None
            if answer is not None and answer.status_code not in NOT_NOW:
                return answer
            if not tries_left:
                raise NoAnswer(f"{service} gives no answer")
            await asyncio.sleep(AGAIN_SECONDS)
        raise NoAnswer(f"{service} gives no answer")

    async def _token(self, by: str) -> str:
        async with self._one_at_a_time:
            token, until = self._tokens.get(by, ("", 0.0))
            if time.monotonic() > until:
                token = await self._new_token(by)
                self._tokens[by] = token, time.monotonic() + RENEWED_SECONDS
            return token

    async def _new_token(self, by: str) -> str:
        if by in STAFF:
            return await staff_token(self._http, self._settings, role=STAFF[by], subject=by)
        client_id = f"simulation-{by}"
        if by not in self._secrets:
            service = by == CASE_SYSTEM
            self._secrets[by] = await secret_for(
                self._intake,
                client_id=client_id,
                organisation=None if service else by,
                name=f"{by} (simulation)",
                role="service" if service else "partner",
                environment=settings_of(self._settings, "intake").environment,
            )
        return await client_token(self._http, self._settings, client_id=client_id, secret=self._secrets[by])

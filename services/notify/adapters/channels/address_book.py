"""The referrer's address, asked of intake at the moment of sending: notify keeps none."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final, cast
from uuid import UUID

import httpx2

from services.notify.application.ports import AddressAway, Recipient
from shared.clock import Clock
from shared.settings import Secret

REQUEST_SECONDS: Final = 5
RENEW_BEFORE_SECONDS: Final = 60
MOST_REFERENCE_CHARACTERS: Final = 60
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


class IntakeAddressBook:
    """Asks ``GET /v1/contacts/{id}/recipient`` with a service token of our own."""

    def __init__(
        self, http: httpx2.AsyncClient, *, intake_url: str, client_id: str, client_secret: Secret, clock: Clock
    ) -> None:
        self._http = http
        self._url = intake_url.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        self._clock = clock
        self._token: str | None = None
        self._token_until = 0.0

    async def recipient(self, contact_id: UUID) -> Recipient | None:
        """The referrer; None where intake does not know the contact (any more). Raises AddressAway."""
        answer = await self._ask(contact_id)
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            self._token = None  # intake may have lost the key that signed it: once more with a new one
            answer = await self._ask(contact_id)
        if answer.status_code in _GONE:
            return None
        return _recipient(_json(answer))

    async def _ask(self, contact_id: UUID) -> httpx2.Response:
        token = await self._fresh_token()
        return await self._send(
            "GET", f"/v1/contacts/{contact_id}/recipient", headers={"Authorization": f"Bearer {token}"}
        )

    async def _fresh_token(self) -> str:
        if self._token is None or self._clock.monotonic() >= self._token_until:
            form = {
                "grant_type": "client_credentials",
                "client_id": self._client_id,
                "client_secret": self._client_secret.reveal(),
            }
            content = _json(await self._send("POST", "/v1/token", data=form))
            token, seconds = content.get("access_token"), content.get("expires_in", 0)
            if not isinstance(token, str) or not isinstance(seconds, int | float):
                raise AddressAway("token_answer_unreadable")
            self._token, self._token_until = token, self._clock.monotonic() + seconds - RENEW_BEFORE_SECONDS
        return self._token

    async def _send(self, method: str, path: str, **request: Any) -> httpx2.Response:
        try:
            return await self._http.request(method, self._url + path, timeout=REQUEST_SECONDS, **request)
        except httpx2.HTTPError as failure:
            raise AddressAway(f"intake_{type(failure).__name__}") from None


def _json(answer: httpx2.Response) -> dict[str, Any]:
    if answer.status_code != HTTPStatus.OK:
        raise AddressAway(f"intake_{answer.status_code}")
    try:
        content: Any = answer.json()
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise AddressAway("intake_answer_unreadable")
    return cast("dict[str, Any]", content)


def _recipient(content: dict[str, Any]) -> Recipient:
    addresses: Any = content.get("addresses")
    if not isinstance(addresses, list):
        raise AddressAway("intake_answer_unreadable")
    found: dict[str, str] = {}
    for entry in cast("list[Any]", addresses):
        if isinstance(entry, dict):
            channel, address = (cast("dict[str, Any]", entry).get(name) for name in ("channel", "address"))
            if isinstance(channel, str) and isinstance(address, str):
                found.setdefault(channel, address)
    return Recipient(
        email=found.get("email"), mobile=found.get("sms"), sender_reference=_one_line(content.get("sender_reference"))
    )


def _one_line(reference: object) -> str | None:
    """The sender's own reference goes back to them as they gave it, but as one short line."""
    if not isinstance(reference, str):
        return None
    line = " ".join("".join(character if character.isprintable() else " " for character in reference).split())
    return line[:MOST_REFERENCE_CHARACTERS] or None

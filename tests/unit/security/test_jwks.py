from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from shared.clock import FixedClock
from shared.security.jwks import LocalJwks, RemoteJwks, UnusableJwks, read_keys
from shared.security.signing import SigningKeys, generate_signing_key
from shared.security.tokens import KeysUnavailable, UnknownKeyId
from tests.support.issuers import NOW

ISSUER = "https://login.example.org/tenant"
URL = "https://login.example.org/keys"


class MemoryStore:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def load(self, issuer: str) -> str | None:
        return self.kept.get(issuer)

    async def save(self, issuer: str, jwks: str) -> None:
        self.kept[issuer] = jwks


class Provider:
    """An issuer's web server: what it says, and how often it was asked."""

    def __init__(self) -> None:
        self.keys = [generate_signing_key(NOW)]
        self.asked: list[str] = []
        self.away = False
        self.issuer = ISSUER

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(str(request.url))
        await asyncio.sleep(0)
        if self.away:
            raise httpx2.ConnectError("away")
        if request.url.path.endswith("openid-configuration"):
            return httpx2.Response(200, json={"issuer": self.issuer, "jwks_uri": URL})
        return httpx2.Response(200, json=self.jwks())

    def jwks(self) -> dict[str, Any]:
        return SigningKeys(self.keys).jwks()


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
async def client(provider: Provider) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(provider.answer)) as client:
        yield client


@pytest.fixture
def remote(client: httpx2.AsyncClient, store: MemoryStore, clock: FixedClock) -> RemoteJwks:
    return RemoteJwks(issuer=ISSUER, url=URL, client=client, store=store, clock=clock)


async def test_one_fetch_serves_many(remote: RemoteJwks, provider: Provider) -> None:
    keys = await asyncio.gather(*(remote.key(provider.keys[0].kid) for _ in range(50)))
    assert {key.kid for key in keys} == {provider.keys[0].kid}
    assert provider.asked == [URL]


async def test_a_flood_of_unknown_ids_fetches_once_in_thirty_seconds(
    remote: RemoteJwks, provider: Provider, clock: FixedClock
) -> None:
    for number in range(200):
        with pytest.raises(UnknownKeyId):
            await remote.key(f"made-up-{number}")
        clock.advance(0.1)
    assert len(provider.asked) == 1
    clock.advance(11)
    with pytest.raises(UnknownKeyId):
        await remote.key("made-up")
    assert len(provider.asked) == 2


async def test_a_new_key_is_found(remote: RemoteJwks, provider: Provider, clock: FixedClock) -> None:
    await remote.key(provider.keys[0].kid)
    provider.keys.append(generate_signing_key(NOW))
    clock.advance(31)
    assert (await remote.key(provider.keys[1].kid)).kid == provider.keys[1].kid


async def test_a_withdrawn_key_is_forgotten_after_five_minutes(
    remote: RemoteJwks, provider: Provider, clock: FixedClock
) -> None:
    old = provider.keys[0]
    await remote.key(old.kid)
    provider.keys = [generate_signing_key(NOW)]
    clock.advance(299)
    await remote.key(old.kid)
    clock.advance(2)
    with pytest.raises(UnknownKeyId):
        await remote.key(old.kid)


async def test_an_issuer_away_stops_nobody(remote: RemoteJwks, provider: Provider, clock: FixedClock) -> None:
    kid = provider.keys[0].kid
    await remote.key(kid)
    provider.away = True
    for _ in range(10):
        clock.advance(3600)
        assert (await remote.key(kid)).kid == kid


async def test_the_last_good_set_survives_a_restart(
    remote: RemoteJwks, provider: Provider, store: MemoryStore, client: httpx2.AsyncClient, clock: FixedClock
) -> None:
    await remote.key(provider.keys[0].kid)
    provider.away = True
    restarted = RemoteJwks(issuer=ISSUER, url=URL, client=client, store=store, clock=clock)
    assert (await restarted.key(provider.keys[0].kid)).kid == provider.keys[0].kid


async def test_with_no_key_at_all_nobody_is_judged_and_we_try_again_soon(
    remote: RemoteJwks, provider: Provider, clock: FixedClock
) -> None:
    provider.away = True
    for _ in range(5):
        with pytest.raises(KeysUnavailable):
            await remote.key(provider.keys[0].kid)
    assert len(provider.asked) == 1
    provider.away = False
    clock.advance(1)
    assert (await remote.key(provider.keys[0].kid)).kid == provider.keys[0].kid


async def test_openid_discovery(
    provider: Provider, store: MemoryStore, client: httpx2.AsyncClient, clock: FixedClock
) -> None:
    discovered = RemoteJwks(issuer=ISSUER, url=None, client=client, store=store, clock=clock)
    await discovered.key(provider.keys[0].kid)
    assert provider.asked == [f"{ISSUER}/.well-known/openid-configuration", URL]


async def test_a_discovery_document_of_another_issuer_is_not_believed(
    provider: Provider, store: MemoryStore, client: httpx2.AsyncClient, clock: FixedClock
) -> None:
    provider.issuer = "https://evil.example.org"
    discovered = RemoteJwks(issuer=ISSUER, url=None, client=client, store=store, clock=clock)
    with pytest.raises(KeysUnavailable):
        await discovered.key(provider.keys[0].kid)
    assert not store.kept


async def test_a_huge_document_is_not_read(store: MemoryStore, clock: FixedClock) -> None:
    async def answer(_request: httpx2.Request) -> httpx2.Response:
        await asyncio.sleep(0)
        return httpx2.Response(200, content=b" " * 1_000_000)

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as client:
        remote = RemoteJwks(issuer=ISSUER, url=URL, client=client, store=store, clock=clock)
        with pytest.raises(KeysUnavailable):
            await remote.key("any")


async def test_a_service_that_issues_tokens_reads_its_own_keys(provider: Provider, clock: FixedClock) -> None:
    async def load() -> dict[str, Any]:
        await asyncio.sleep(0)
        return provider.jwks()

    assert (await LocalJwks(load, clock).key(provider.keys[0].kid)).kid == provider.keys[0].kid


@pytest.mark.parametrize("document", ["", "[]", "{}", '{"keys": 1}', '{"keys": [1, {}, {"kid": "a", "kty": "EC"}]}'])
def test_what_is_no_key_set_is_refused(document: str) -> None:
    with pytest.raises(UnusableJwks):
        read_keys(document)


def test_shared_secrets_and_encryption_keys_are_left_out(provider: Provider) -> None:
    good = provider.jwks()["keys"][0]
    others = [{"kty": "oct", "k": "c2VjcmV0", "kid": "s"}, {**good, "kid": "e", "use": "enc"}]
    assert set(read_keys(json.dumps({"keys": [*others, good]}))) == {good["kid"]}

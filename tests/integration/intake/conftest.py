"""An intake over a database of its own, and its API as a partner and as staff see it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from uuid import uuid4

import httpx2
import pytest

from services.intake.adapters.repositories import clients
from services.intake.bootstrap import Intake, open_intake
from services.intake.entrypoints.api import make_app
from shared.service import CommonSettings
from tests.integration.intake.people import Front

Token = Callable[..., Awaitable[dict[str, str]]]


@pytest.fixture
async def intake(settings_for: Callable[[str], CommonSettings]) -> AsyncIterator[Intake]:
    async with open_intake(settings_for("intake")) as opened:
        yield opened


@pytest.fixture
async def api(intake: Intake) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(make_app(intake), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://intake") as client:
        yield client


@pytest.fixture
def partner_client(intake: Intake) -> Callable[..., Awaitable[tuple[str, str]]]:
    """Adds a client; returns its id and secret."""

    async def add(organisation: str = "health-visiting", role: str = "partner") -> tuple[str, str]:
        client_id = f"{organisation}-{uuid4().hex[:8]}"
        async with intake.platform.engine.begin() as connection:
            secret = await clients.add_client(
                connection,
                client_id=client_id,
                organisation=organisation,
                name="a test client",
                role=role,
                environment="test",
            )
        return client_id, secret.text

    return add


@pytest.fixture
def token(api: httpx2.AsyncClient, partner_client: Callable[..., Awaitable[tuple[str, str]]]) -> Token:
    """Headers with a token of a role: a partner's of an organisation, a service's, or staff's."""

    async def get(role: str = "partner", organisation: str = "health-visiting") -> dict[str, str]:
        if role in ("partner", "service"):
            client_id, secret = await partner_client(organisation, role)
            form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
            answer = await api.post("/v1/token", data=form)
        else:
            answer = await api.post("/development/token", json={"role": role, "subject": f"a.{role}"})
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    return get


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def front(intake: Intake, api: httpx2.AsyncClient, token: Token) -> Front:
    """Intake with its worker's matching loops."""
    return Front(intake, api, token)

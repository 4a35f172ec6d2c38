"""Commands about who may call, and what every command refuses."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

import pytest

from mash.refusal import Refused
from mash.system import database
from services.intake.adapters.repositories.clients import authenticate
from tests.support.commands import Mash


def test_a_partner_is_added_and_rotated_and_both_secrets_live(mash: Mash, settings: dict[str, str]) -> None:
    first = json.loads(mash("partner", "add", "school-9", "--organisation", "school-9", "--json").output)
    second = json.loads(mash("partner", "rotate", "school-9", "--json").output)

    async def live(secret: str) -> bool:
        async with database(settings, "intake") as engine, engine.connect() as connection:
            return await authenticate(connection, client_id="school-9", secret=secret) is not None

    assert first["client_secret"] != second["client_secret"]
    assert asyncio.run(live(first["client_secret"]))
    assert asyncio.run(live(second["client_secret"]))
    listed = json.loads(mash("partner", "list", "--json").output)
    assert [(one["client_id"], one["organisation"], one["live_secrets"]) for one in listed] == [
        ("school-9", "school-9", 2)
    ]
    assert "school-9" in mash("partner", "list").output
    assert "secret" not in mash("partner", "list").output.replace("live_secrets", "")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("partner", "rotate", "nobody"), "there is no client nobody"),
        (("partner", "add", "Not Good", "--organisation", "x"), "a client id has"),
        (("partner", "add", "no-organisation"), "names its --organisation"),
        (("token", "--role", "partner"), "names its --organisation"),
        (("token", "--role", "manager", "--organisation", "x"), "no other token does"),
        (("dead-letters", "replay", "notify"), "name the dead letters, or say --all"),
        (("dead-letters", "show", "notify", str(uuid4())), "there is no dead letter"),
        (("republish", "intake"), "name the contact, or say --all"),
    ],
)
def test_a_refusal_says_what_to_do(mash: Mash, arguments: tuple[str, ...], reason: str) -> None:
    refused = mash(*arguments, code=1).exception
    assert isinstance(refused, Refused)
    assert reason in str(refused)


def test_nobody_adds_a_client_twice(mash: Mash) -> None:
    mash("partner", "add", "police", "--organisation", "police")
    again = mash("partner", "add", "police", "--organisation", "police", code=1)
    assert "rotate" in str(again.exception)


@pytest.mark.parametrize("arguments", [("token", "--role", "admin"), ("demo",), ("clock", "speed", "60")])
def test_production_is_not_played_with(mash: Mash, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    monkeypatch.setenv("MASH_ENV", "production")
    monkeypatch.setenv("MASH_OIDC_ISSUER", "https://issuer.example.org")
    assert "production" in str(mash(*arguments, code=1).exception)


def test_a_database_that_is_away_is_one_line(mash: Mash, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASH_INTAKE_DATABASE_URL", "postgresql+asyncpg://nobody@127.0.0.1:1/none")
    refused = mash("partner", "list", code=1).exception
    assert isinstance(refused, Refused)
    assert "does not answer" in str(refused)

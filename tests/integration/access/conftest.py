"""The services' doors, opened once for all tests here: opening one takes longer than most of the tests.

What a test changes for good it does to rows of its own, or puts back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio

from mash.postgres import EmbeddedPostgres
from shared.security.client_secrets import new_client_secret
from tests.conftest import environment_for
from tests.integration.access.door import Door, open_door, put_a_contact_in
from tests.support.issuers import Issuers

OpenDoor = Callable[[str], Awaitable[Door]]
Variables = Callable[[str], dict[str, str]]
_numbers = count(1)


@pytest.fixture(scope="package")
def variables(
    postgres_server: EmbeddedPostgres, migrated: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Variables:
    """A service's environment variables over a fresh database; all share one bus, which nobody here starts."""
    folder: Path = tmp_path_factory.mktemp("access")

    def new_database(service: str) -> str:
        template, name = migrated(service), f"access{next(_numbers)}_{service}"
        postgres_server.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return postgres_server.url(name, template)

    def make(service: str) -> dict[str, str]:
        return environment_for(service, new_database, ["postgresql://nobody@/nowhere"]) | {
            "MASH_NOTIFY_CHANNEL": "mailbox",
            "MASH_MAILBOX_DIR": str(folder / "mailbox"),
            "MASH_NOTIFY_CLIENT_ID": "notify",
            "MASH_NOTIFY_CLIENT_SECRET": new_client_secret("test").text,
        }

    return make


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def door_of(variables: Variables) -> AsyncIterator[OpenDoor]:
    """A service with a contact in it, the same one for every test: ``await door_of("triage")``."""
    doors: dict[str, Door] = {}
    async with AsyncExitStack() as closing:

        async def find(service: str) -> Door:
            if service not in doors:
                opened = open_door(service, variables(service), issuers=Issuers())
                doors[service] = await closing.enter_async_context(opened)
                await put_a_contact_in(doors[service])
            return doors[service]

        yield find

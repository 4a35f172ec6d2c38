"""What tests of the commands have in common: the command line as a function, and rows in the services' databases."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Protocol
from uuid import UUID, uuid4

from sqlalchemy import text
from typer.testing import Result

from mash.system import database

SECRET = "what-was-said-in-the-event"  # never to be printed
OPENED = "uk.mash.triage.ContactOpened.v1"


class Mash(Protocol):
    def __call__(self, *arguments: str, code: int = 0) -> Result: ...


def sql(settings: dict[str, str], service: str, statement: str, **values: Any) -> list[Any]:
    async def work() -> list[Any]:
        async with database(settings, service) as engine, engine.begin() as connection:
            done = await connection.execute(text(statement), values)
            return list(done.all()) if done.returns_rows else []

    return asyncio.run(work())


def park(settings: dict[str, str], contact: UUID, sequence: int | None, *, state: str = "failed") -> UUID:
    """A parked event of triage's in notify's database."""
    letter = uuid4()
    headers = json.dumps([["ce_type", OPENED if sequence else SECRET], ["ce_id", str(letter)]])
    sql(
        settings,
        "notify",
        'INSERT INTO parked (id, event_id, contact_id, producer, sequence, topic, partition, "offset", key, headers,'
        " value, reason, state) VALUES (:id, :id, :contact, 'triage', :sequence, 'mash.triage.v1', 0, 0, :key,"
        " CAST(:headers AS jsonb), :value, 'ValueError:handler', :state)",
        id=letter, contact=contact, sequence=sequence, key=str(contact), headers=headers, value=SECRET.encode(),
        state=state,
    )  # fmt: skip
    return letter


def a_contact(settings: dict[str, str], *, children: int = 2) -> UUID:
    """A contact in intake about some children and an adult."""
    contact = uuid4()
    sql(
        settings,
        "intake",
        "INSERT INTO contacts (contact_id, reference, channel, referrer_kind, received_at, accepted_at)"
        " VALUES (:contact, :reference, 'api', 'professional', now(), now())",
        contact=contact, reference=str(contact),
    )  # fmt: skip
    for position in range(1, children + 2):
        sql(
            settings,
            "intake",
            "INSERT INTO subjects (subject_id, contact_id, position, kind) VALUES (:id, :contact, :position, :kind)",
            id=uuid4(), contact=contact, position=position, kind="child" if position <= children else "adult",
        )  # fmt: skip
    return contact

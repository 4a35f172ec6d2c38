"""The command `republish`: a service says again what it has said, from its own record; consumers take it once."""

from collections.abc import AsyncGenerator
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from mash.commands_machine import ServiceName
from mash.environment import current_settings
from mash.output import AsJson, show_json
from mash.refusal import Refused
from mash.system import database, run
from shared.messaging.outbox import republish as queue_again

app = typer.Typer()

AT_ONCE = 100
LATEST = 2**31 - 1

_CONTACTS = text(
    "SELECT DISTINCT contact_id FROM event_log WHERE contact_id > CAST(:after AS uuid) ORDER BY contact_id LIMIT :most"
)
_COUNT = text("SELECT count(DISTINCT contact_id) FROM event_log")


@app.command()
def republish(
    service: Annotated[ServiceName, typer.Argument(help="Who is to say it again.")],
    contact: Annotated[UUID | None, typer.Argument(metavar="CONTACT_ID", help="About which contact.")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="About every contact of the record (14 days).")] = False,
    first: Annotated[int, typer.Option(min=1, help="From this sequence number on.")] = 1,
    last: Annotated[int, typer.Option(min=1, help="Up to this sequence number.")] = LATEST,
    as_json: AsJson = False,
) -> None:
    """Publish recorded events again, with the same ids: fills a gap that the bus has lost. Exit code 1 if none is."""
    if (contact is None) != everything:
        raise Refused("name the contact, or say --all")
    settings = current_settings()

    async def work() -> int:
        async with database(settings, service.value) as engine:
            if contact is None:
                return await _all(engine, first=first, last=last)
            async with engine.begin() as connection:
                return await queue_again(connection, contact, first=first, last=last)

    count = run(work())
    if as_json:
        show_json({"events": count})
    else:
        print(f"{count} events go out again")
    raise typer.Exit(0 if count else 1)


async def _all(engine: AsyncEngine, *, first: int, last: int) -> int:
    """Contact by contact, a hundred a transaction; the bar goes to standard error."""
    queued = 0
    async with engine.connect() as connection:
        total = (await connection.execute(_COUNT)).scalar_one()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("contacts", total=total)
        async for contacts in _contacts(engine):
            async with engine.begin() as connection:
                for one in contacts:
                    queued += await queue_again(connection, one, first=first, last=last)
            progress.advance(bar, len(contacts))
    return queued


async def _contacts(engine: AsyncEngine) -> AsyncGenerator[list[UUID]]:
    after = UUID(int=0)
    while True:
        async with engine.connect() as connection:
            found = list((await connection.execute(_CONTACTS, {"after": after, "most": AT_ONCE})).scalars())
        if not found:
            return
        yield found
        after = found[-1]

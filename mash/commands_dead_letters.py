"""Commands about events that were set aside: `dead-letters list|show|replay|drop`."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

import typer

from mash import dead_letters
from mash.commands_machine import ServiceName
from mash.dead_letters import DeadLetter
from mash.environment import current_settings
from mash.output import AsJson, show_json, show_table
from mash.refusal import Refused
from mash.services import SERVICE_NAMES
from mash.system import database, run

app = typer.Typer()
group = typer.Typer(no_args_is_help=True, help="Events that a service could not apply. Their content is never shown.")
app.add_typer(group, name="dead-letters")

Service = Annotated[ServiceName, typer.Argument(help="Who set it aside.")]
LetterId = Annotated[UUID, typer.Argument(help="As `dead-letters list` shows it.")]


@group.command(name="list")
def list_them(
    service: Annotated[ServiceName | None, typer.Argument(help="All of them by default.")] = None,
    *,
    settled_too: Annotated[bool, typer.Option("--settled-too", help="Also what has been dealt with.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what is set aside; exit code 1 if anything is."""
    settings = current_settings()

    async def work() -> list[tuple[str, DeadLetter]]:
        found: list[tuple[str, DeadLetter]] = []
        for name in [service.value] if service else SERVICE_NAMES:
            async with database(settings, name) as engine:
                found += [(name, one) for one in await dead_letters.list_letters(engine, settled_too=settled_too)]
        return found

    found = run(work())
    if as_json:
        show_json([{"service": name, **asdict(one)} for name, one in found])
    elif found:
        columns = ("service", "id", "state", "reason", "type", "producer", "sequence", "contact_id", "parked_at")
        show_table(columns, [[name, *(getattr(one, each) for each in columns[1:])] for name, one in found])
    else:
        print("nothing is set aside")
    raise typer.Exit(1 if any(one.settled_at is None for _, one in found) else 0)


@group.command()
def show(service: Service, letter: LetterId, *, as_json: AsJson = False) -> None:
    """Show one: its ids and codes, and whether it is the next of its contact."""
    settings = current_settings()

    async def work() -> DeadLetter:
        async with database(settings, service.value) as engine, engine.connect() as connection:
            return await dead_letters.read_letter(connection, letter)

    found = run(work())
    shown = {**asdict(found), "is_next": found.is_next}
    if as_json:
        show_json(shown)
    else:
        show_table(("field", "value"), list(shown.items()))


@group.command()
def replay(
    service: Service,
    letters: Annotated[list[UUID] | None, typer.Argument(help="As `dead-letters list` shows them.")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All that failed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let the worker try failed events again; exit code 1 if one that was named cannot be."""
    if bool(letters) == everything:
        raise Refused("name the dead letters, or say --all")
    settings = current_settings()

    async def work() -> list[UUID]:
        async with database(settings, service.value) as engine:
            return await dead_letters.ask_for_replay(engine, None if everything else letters)

    asked = run(work())
    left = sorted(set(letters or ()) - set(asked), key=str)
    if as_json:
        show_json({"replay": asked, "not_possible": left})
    else:
        print(f"{len(asked)} to be tried again; the worker takes them within a second")
        for one in left:
            print(f"not {one}: not there, not failed, or unreadable (then drop it)")
    raise typer.Exit(1 if left else 0)


@group.command()
def drop(service: Service, letter: LetterId, *, as_json: AsJson = False) -> None:
    """Give an event up for good; what waited behind it goes on."""
    settings = current_settings()

    async def work() -> DeadLetter:
        async with database(settings, service.value) as engine:
            return await dead_letters.drop(engine, letter)

    found = run(work())
    if as_json:
        show_json({"dropped": found.id, "contact_id": found.contact_id, "producer": found.producer})
    else:
        print(f"{found.id} is dropped; what waited behind it goes on within a second")

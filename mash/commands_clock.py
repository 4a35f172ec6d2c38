"""Commands about business time: `clock show|advance|speed`. Not in production."""

import re
from contextlib import AsyncExitStack
from dataclasses import asdict
from typing import Annotated

import typer

from mash import business_time
from mash.bus_progress import bus_progress
from mash.business_time import BusinessTime
from mash.environment import current_settings
from mash.output import AsJson, show_json, show_table
from mash.story import Story
from mash.system import business_now, pack_of, run, settings_of
from mash.telling import Teller, telling

app = typer.Typer()
group = typer.Typer(no_args_is_help=True, help="Business time of all services: for demos and rehearsals.")
app.add_typer(group, name="clock")

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
SPAN = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")


def seconds_in(span: str) -> float:
    """The seconds in "90s", "15m", "6h", "20d", "6w".

    Raises:
        BadParameter: it is none of these.
    """
    read = SPAN.fullmatch(span)
    if read is None:
        raise typer.BadParameter("say a number and s, m, h, d or w, as in 20d")
    return float(read[1]) * UNITS[read[2]]


@group.command()
def show(*, as_json: AsJson = False) -> None:
    """Tell what time it is in each service, and how fast it runs."""
    settings = current_settings()

    async def work() -> dict[str, BusinessTime]:
        async with business_time.service_databases(settings) as engines:
            return {name: await business_time.read(engine) for name, engine in engines.items()}

    found = run(work())
    if as_json:
        show_json({name: asdict(one) for name, one in found.items()})
    else:
        rows = [(name, one.at.isoformat(timespec="milliseconds"), f"{one.speed:g}") for name, one in found.items()]
        show_table(("service", "business time", "speed"), rows)


@group.command()
def advance(
    span: Annotated[str, typer.Argument(help="How far: 90s, 15m, 6h, 20d, 6w.")],
    *,
    quiet: Annotated[bool, typer.Option("--quiet", help="Do not tell what happens on the way.")] = False,
    as_json: AsJson = False,
) -> None:
    """Step forward from one due time to the next, waiting each time until all is done; tell what happens."""
    seconds, settings = seconds_in(span), current_settings()

    async def work() -> tuple[int, BusinessTime]:
        environment = settings_of(settings, "deadlines").environment
        async with AsyncExitStack() as closing:
            engines = await closing.enter_async_context(business_time.service_databases(settings))
            progress = await closing.enter_async_context(bus_progress(settings))
            if not (quiet or as_json):
                since = await business_now(engines["intake"])
                await closing.enter_async_context(telling(settings, Teller(Story(pack_of(settings))), since=since))
            steps = await business_time.advance(engines, seconds, progress=progress, environment=environment)
            return steps, await business_time.read(engines["deadlines"])

    steps, now = run(work())
    if as_json:
        show_json({"steps": steps, **asdict(now)})
    else:
        print(f"{steps} steps; it is {now.at.isoformat(timespec='seconds')}")


@group.command()
def speed(
    times: Annotated[float, typer.Argument(help="Business seconds in a real one; 1 is real time, 0 stands still.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Let business time run faster from now on, without a jump."""
    settings = current_settings()

    async def work() -> BusinessTime:
        environment = settings_of(settings, "deadlines").environment
        async with business_time.service_databases(settings) as engines:
            await business_time.set_speed(engines, times, environment=environment)
            return await business_time.read(engines["deadlines"])

    now = run(work())
    if as_json:
        show_json(asdict(now))
    else:
        print(f"it is {now.at.isoformat(timespec='seconds')}, {now.speed:g} times as fast as real time")

"""The command `simulate`: a month that looks like a real one, on the running hub."""

import json
import re
from contextlib import ExitStack
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mash.environment import current_settings
from mash.output import AsJson, show_json
from mash.simulation.hours import Hours
from mash.simulation.plan import Plan, Wishes, make_plan
from mash.simulation.playing.play import Played, play
from mash.system import pack_of, run, settings_of

app = typer.Typer()
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
Share = typer.Option(min=0.0, max=1.0)


def month_of(text: str) -> date:
    """The first day of "2026-06".

    Raises:
        BadParameter: it is no month.
    """
    if MONTH.fullmatch(text) is None:
        raise typer.BadParameter("say a year and a month, as in 2026-06")
    return date.fromisoformat(f"{text}-01")


@app.command()
def simulate(
    *,
    contacts: Annotated[int, typer.Option(min=1, max=20_000, help="How many come in the month.")],
    month: Annotated[str, typer.Option(help="Which month, as in 2026-06.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed makes the same month.")] = 1,
    referrals: Annotated[float, typer.Option(min=0.0, max=1.0, help="The share that become referrals.")] = 0.16,
    in_time: Annotated[float, typer.Option(min=0.0, max=1.0, help="The share decided in one working day.")] = 0.99,
    write: Annotated[Path | None, typer.Option(help="A file that gets one JSON line for each act.")] = None,
    as_json: AsJson = False,
) -> None:
    """Play a month of made-up contacts through the REST APIs in stepped time; run again, it goes on where it was."""
    settings = current_settings()
    wishes = Wishes(contacts=contacts, month=month_of(month), seed=seed, referrals=referrals, in_time=in_time)
    plan = make_plan(wishes, hours_of(settings))
    with ExitStack() as closing:
        file = closing.enter_context(write.open("w", encoding="utf-8")) if write is not None else None
        bar = closing.enter_context(_bar())
        task = bar.add_task(f"{month}: {contacts} contacts", total=len(plan.acts))

        def keep(line: dict[str, Any]) -> None:
            if file is not None:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")

        played = run(play(settings, plan, write=keep, on_act=lambda count: bar.advance(task, count)))
    show(plan, played, as_json=as_json)
    raise typer.Exit(1 if played.refused else 0)


def hours_of(settings: dict[str, str]) -> Hours:
    """The opening hours that the plan is made by: the policy's in force."""
    return Hours(pack_of(settings), settings_of(settings, "intake").policies_directory / "calendars")


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def show(plan: Plan, played: Played, *, as_json: bool) -> None:
    """Print what came of a month."""
    wishes = plan.wishes
    if as_json:
        show_json({**asdict(wishes), "month": f"{wishes.month:%Y-%m}", **asdict(played)})
        return
    print(
        f"{wishes.contacts} contacts of {wishes.month:%B %Y} (seed {wishes.seed}): {sum(played.done.values())} acts",
        end="",
    )
    print(f", {len(played.refused)} refused; it is {played.ended_at}")
    for what in played.refused:
        print(f"  {what}")

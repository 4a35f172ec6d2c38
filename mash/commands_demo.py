"""The command `demo`: the example contacts and their story, on whatever runs."""

from typing import Annotated

import typer

from mash import demo as examples
from mash.environment import current_settings
from mash.services import SERVICE_NAMES
from mash.system import address_of, run

app = typer.Typer()


@app.command()
def demo(
    *,
    pace: Annotated[
        float, typer.Option(min=0, max=60, help="Seconds between one step and the next.")
    ] = examples.PACE_SECONDS,
) -> None:
    """Post the shipped example contacts through the REST API, let staff work on them, and tell the story."""
    settings = current_settings()
    run(examples.run(settings, pace_seconds=pace))
    for service in SERVICE_NAMES:
        print(f"  {service:10} {address_of(settings, service)}/docs")

"""The command `mash`: only puts the commands together; each group lives in a file of its own."""

import sys

import typer

from mash import (
    commands_access,
    commands_clock,
    commands_dead_letters,
    commands_demo,
    commands_machine,
    commands_policy,
    commands_republish,
    commands_simulate,
    commands_status,
)
from mash.refusal import Refused

REFUSED = 1

app = typer.Typer(
    name="mash",
    help="A safeguarding front door: run it, look into it, keep it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # a traceback with its variables would show keys and people
)

for commands in (
    commands_machine,
    commands_access,
    commands_demo,
    commands_clock,
    commands_simulate,
    commands_status,
    commands_dead_letters,
    commands_republish,
    commands_policy,
):
    app.add_typer(commands.app)


def main() -> None:
    """Run the command line; a refusal is one line for a person, not a traceback."""
    try:
        app()
    except Refused as refusal:
        print(f"mash: {refusal}", file=sys.stderr)
        sys.exit(REFUSED)

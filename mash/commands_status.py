"""The command `status`: what is behind, counted in children."""

from dataclasses import asdict

import typer

from mash.behind import what_is_behind
from mash.environment import current_settings
from mash.output import AsJson, show_json, show_table
from mash.system import run

app = typer.Typer()


@app.command()
def status(*, as_json: AsJson = False) -> None:
    """Tell what is behind: unsent, set aside, not rated, not informed, overdue. Exit code 1 if anything is."""
    behind = run(what_is_behind(current_settings()))
    if as_json:
        show_json({"behind": [asdict(one) for one in behind]})
    elif behind:
        show_table(
            ("children", "contacts", "what is behind", ""),
            [(one.children, one.contacts, one.what, one.detail) for one in behind],
        )
    else:
        print("nothing is behind")
    raise typer.Exit(1 if behind else 0)

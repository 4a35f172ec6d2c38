"""How long a simulated month takes from its first act to its last, through the whole running hub."""

from __future__ import annotations

import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, Options
from mash.commands_simulate import hours_of
from mash.simulation.plan import Wishes, make_plan
from mash.simulation.playing.play import play
from tests.support.hub import running_hub

CONTACTS = 2080


async def run(options: Options) -> list[Figure]:
    """2,080 contacts of June 2026, on the PostgreSQL bus (`--rate` takes another number of contacts)."""
    wishes = Wishes(contacts=options.rate or CONTACTS, month=date(2026, 6, 1))
    lines: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="mash-bench-") as folder:
        async with running_hub(Path(folder)) as hub:
            plan = make_plan(wishes, hours_of(hub.settings))
            began = time.monotonic()
            played = await play(hub.settings, plan, write=lines.append, on_act=lambda _: None)
            took = time.monotonic() - began
    return [
        Figure(name=f"a month of {wishes.contacts} contacts, {len(plan.acts)} acts", value=f"{took:.0f} s"),
        Figure(name="acts a second", value=f"{len(plan.acts) / took:.1f}"),
        Figure(
            name="moves of business time, and waits for what must be heard", value=f"{played.steps}, {played.waits}"
        ),
        Figure(name="acts refused", value=f"{len(played.refused)}", aim="0"),
    ]

"""Commands about policy packs: `policy validate|diff|backtest`."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from mash.environment import current_settings
from mash.output import AsJson, show_json, show_table
from mash.policies import faults_of, pack_named
from mash.system import database, run
from services.triage.adapters.repositories import stored_facts
from services.triage.adapters.repositories.stored_facts import Window
from services.triage.entrypoints.schemas.backtests import BacktestView, HourView, Moved, backtest_view
from shared.policy.backtest import Backtest
from shared.policy.diff import difference
from shared.policy.model import Pack

app = typer.Typer()
group = typer.Typer(
    no_args_is_help=True, help="Policy packs: prove one, compare two, replay old facts under a new one."
)
app.add_typer(group, name="policy")

TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]
Named = Annotated[str, typer.Argument(metavar="PATH-or-REF", help="A folder <id>/<version>, or <id>@<version>.")]
Old = Annotated[str, typer.Argument(metavar="OLD", help="As for validate.")]
New = Annotated[str, typer.Argument(metavar="NEW", help="As for validate.")]


@group.command()
def validate(named: Named, *, as_json: AsJson = False) -> None:
    """Read a pack and run its golden cases; every fault as file:line: field: what. Exit code 1 if there is one."""
    faults, pack = faults_of(named)
    if as_json:
        show_json({"pack": _head(pack) if pack else None, "faults": [asdict(fault) for fault in faults]})
    elif faults or pack is None:
        for fault in faults:
            print(fault)
    else:
        print(f"{pack.ref}: {len(pack.rules)} rules, {len(pack.golden)} golden cases hold; hash {pack.content_hash}")
    raise typer.Exit(1 if faults else 0)


@group.command()
def diff(old: Old, new: New, *, as_json: AsJson = False) -> None:
    """Tell what differs, by section and code: added, removed, changed fields, in words."""
    before, after = pack_named(old), pack_named(new)
    changes = difference(before, after)
    if as_json:
        show_json({"old": _head(before), "new": _head(after), "changes": [asdict(change) for change in changes]})
    elif changes:
        for change in changes:
            print(change)
    else:
        print("nothing differs")


@group.command()
def backtest(
    old: Old,
    new: New,
    *,
    since: Annotated[datetime | None, typer.Option(formats=TIMES, help="Received at or after (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option(formats=TIMES, help="Received before (UTC).")] = None,
    as_json: AsJson = False,
) -> None:
    """Replay the facts that triage keeps under both: ratings, outcomes, every downgrade, the work by the hour."""
    replayed = Backtest(pack_named(old), pack_named(new))
    window = Window(since=_zoned(since), until=_zoned(until))
    run(_replay(current_settings(), replayed, window))
    found = backtest_view(replayed, window, complete=True)
    if as_json:
        show_json(found.model_dump(mode="json"))
    else:
        _show(found)


async def _replay(settings: Mapping[str, str], replayed: Backtest, window: Window) -> None:
    """A thousand contacts at a time; the bar goes to standard error."""
    async with database(settings, "triage") as engine:
        async with engine.connect() as connection:
            total = await stored_facts.count(connection, window)
        with Progress(console=Console(stderr=True), transient=True) as progress:
            bar = progress.add_task("contacts", total=total)
            async for rows in stored_facts.pages(engine, window):
                replayed.replay(stored_facts.contacts_in(rows))
                progress.advance(bar, len(rows))


def _zoned(time: datetime | None) -> datetime | None:
    return time.replace(tzinfo=UTC) if time is not None and time.tzinfo is None else time


def _head(pack: Pack) -> dict[str, str]:
    return {"id": pack.id, "version": pack.version, "hash": pack.content_hash}


def _show(found: BacktestView) -> None:
    unread = f", {found.without_facts} more without facts" if found.without_facts else ""
    print(f"{found.contacts} contacts, {found.subjects} subjects{unread}: ", end="")
    print(f"{len(found.downgrades)} would be lower, {found.raised} higher")
    _cross_table("ratings", found.ratings)
    _cross_table("outcomes", found.outcomes)
    print("\nlower under the new version")
    columns = ("reference", "subject", "lower in", "old", "new")
    rows = [
        (one.reference, one.position, ", ".join(one.lower), _side(one.old.model_dump()), _side(one.new.model_dump()))
        for one in found.downgrades
    ]
    show_table(columns, rows) if rows else print("nobody")
    _hours(found.workload)


def _side(said: Mapping[str, object]) -> str:
    proposed = f" (may be confirmed: {said['proposed_route']})" if said["proposed_route"] else ""
    return f"{said['rating']}, {said['outcome'] or 'no outcome'}{proposed}"


def _cross_table(title: str, moved: list[Moved]) -> None:
    news = sorted({one.new for one in moved})
    counts = {(one.old, one.new): one.subjects for one in moved}
    print(f"\n{title}: subjects, old down and new across")
    show_table(
        ("", *news), [(old, *(counts.get((old, new), 0) for new in news)) for old in sorted({o.old for o in moved})]
    )


def _hours(workload: list[HourView]) -> None:
    codes = sorted({code for hour in workload for code in (*hour.old, *hour.new)})
    print("\ncontacts by local hour of receipt, old and new")
    columns = ("hour", *(f"{code} {side}" for code in codes for side in ("old", "new")))
    show_table(
        columns,
        [
            (f"{one.hour:02}", *(side.get(code, 0) for code in codes for side in (one.old, one.new)))
            for one in workload
            if one.old or one.new
        ],
    )

"""The shipped example contacts: data in `contacts/`, with moments relative to the time they are read.

Everything in them is invented: NHS numbers of the 999 range, addresses of example.org, telephone numbers that Ofcom
keeps for drama.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import yaml

FOLDER = Path(__file__).with_name("contacts")
UNITS = {
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
    "weeks": timedelta(weeks=1),
    "months": timedelta(days=30.5),
    "years": timedelta(days=365.25),
}
NOT_QUITE_TODAY = timedelta(days=3)
"""Whoever is "eight weeks" old was not born eight weeks ago to the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who posts an example: a partner's client of an organisation, or a member of staff who took a call."""

    client: str | None = None
    organisation: str | None = None
    name: str | None = None
    staff: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that is done about it: `do` names it, `by` is who, `fields` are what it says.

    `after` names what the story must have heard first, beside the rating: a flag of its thread, such as informed.
    """

    do: str
    by: str | None
    subject: int | None
    after: str | None
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One example: what is posted, by whom, and what is then done about it."""

    name: str
    title: str
    sender: Sender
    contact: dict[str, Any]
    staff: tuple[Step, ...]


def load_examples(now: datetime, *, folder: Path = FOLDER) -> tuple[Example, ...]:
    """Read all examples in their order, as of `now` (business time).

    Raises:
        ValueError: an example cannot be read; its file is named.
    """
    return tuple(_example(path, now) for path in sorted(folder.glob("*.yaml")))


def _example(path: Path, now: datetime) -> Example:
    try:
        read = yaml.load(path.read_text(encoding="utf-8"), _loader(now))  # noqa: S506  (a SafeLoader of our own)
        return Example(
            name=path.stem,
            title=read["title"],
            sender=Sender(**read["sender"]),
            contact=read["contact"],
            staff=tuple(_step(one) for one in read.get("staff", ())),
        )
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path.name}: {type(error).__name__}: {error}") from error


def _step(written: Mapping[str, Any]) -> Step:
    own = ("do", "by", "subject", "after")
    fields = {name: value for name, value in written.items() if name not in own}
    return Step(
        do=written["do"],
        by=written.get("by"),
        subject=written.get("subject"),
        after=written.get("after"),
        fields=fields,
    )


def _loader(now: datetime) -> type[yaml.SafeLoader]:
    """A safe loader that knows `!ago 40 minutes`, `!born 8 weeks` and `!due_in 14 weeks`."""

    class Loader(yaml.SafeLoader):
        """One reading's."""

    def ago(loader: yaml.SafeLoader, node: yaml.Node) -> str:
        return (now - _span(loader, node)).isoformat().replace("+00:00", "Z")

    def born(loader: yaml.SafeLoader, node: yaml.Node) -> str:
        return _day(now - _span(loader, node) - NOT_QUITE_TODAY)

    def due_in(loader: yaml.SafeLoader, node: yaml.Node) -> str:
        return _day(now + _span(loader, node) + NOT_QUITE_TODAY)

    for tag, construct in (("!ago", ago), ("!born", born), ("!due_in", due_in)):
        Loader.add_constructor(tag, construct)
    return Loader


def _span(loader: yaml.SafeLoader, node: yaml.Node) -> timedelta:
    amount, unit = str(loader.construct_scalar(cast("yaml.ScalarNode", node))).split()
    return int(amount) * UNITS[unit]


def _day(moment: datetime) -> str:
    day: date = moment.date()
    return day.isoformat()

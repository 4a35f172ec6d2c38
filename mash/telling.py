"""Telling a story aloud: listens to the bus from now on, prints one line an event, and a summary at the end."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mash.behind import Behind
from mash.story import Line, Story
from mash.story_thread import Thread
from mash.system import bus_of
from shared.contracts.envelope import Event, EventData, UnreadableEvent, read_event
from shared.contracts.topics import EVENTS, TOPICS
from shared.messaging.bus import Bus, BusUnavailable, Delivered, Subscription
from shared.messaging.postgres import PostgresBus

GROUP = "story-"
MOST = 1000
POLL_SECONDS = 0.2
AGAIN_SECONDS = 0.5
LOOK_SECONDS = 0.05
MISSED = "bold #d4351c"


class Teller:
    """Prints a story; colours by the pack's own, none where the output is no terminal or NO_COLOR is set."""

    def __init__(self, story: Story, console: Console | None = None) -> None:
        """Print to `console`, by default to standard output."""
        self.story = story
        self._console = console or Console(highlight=False)

    def heading(self, words: str) -> None:
        """Say what is about to be played."""
        self._say(Text(f"— {words}", style="bold"))

    def note(self, reference: str, words: str) -> None:
        """Say something about a contact that no event says, such as what its sender was answered."""
        self._say(Text(f"          {reference}          {words}", style="dim"))

    def lines(self, events: Sequence[Event[EventData]]) -> None:
        """Tell the events."""
        for line in self.story.tell(events):
            self._say(self._styled(line))

    def summary(self, behind: Sequence[Behind]) -> None:
        """Close: what came of the contacts of this story, and what is behind anywhere."""
        self._console.print(self._table())
        if not behind:
            self._say(Text("nothing is behind", style="bold"))
        for one in behind:
            detail = f" ({one.detail})" if one.detail else ""
            self._say(Text(f"behind: {one.what}: {one.children} children in {one.contacts} contacts{detail}", MISSED))

    def _say(self, words: Text) -> None:
        self._console.print(words, soft_wrap=True)

    def _styled(self, line: Line) -> Text:
        rating = self.story.pack.ratings.get(line.rating or "")
        colour = rating.colour if rating else ""
        said = Text.assemble(
            f"{line.at}  ", (line.reference, "bold"), "  ", (f"{line.rating or '':<7}", f"bold {colour}".strip()), " "
        )
        return said.append(line.said, style=MISSED if line.missed else colour if "rated" in line.said else "")

    def _table(self) -> Table:
        table = Table(
            box=box.SIMPLE_HEAD,
            title="How it stands (informed: with proof; met, missed, running: clocks)",
            title_justify="left",
            show_footer=True,
        )
        threads = [thread for thread in self.story.threads.values() if thread.told]
        ranked = sorted(self.story.pack.ratings.values(), key=lambda rating: -rating.rank)
        rows = {rating.code: [one for one in threads if one.rating == rating.code] for rating in ranked}
        rows["not rated"] = [one for one in threads if one.rating is None]
        total = _counts(threads)
        table.add_column("rating", footer="all")
        for name, count in total.items():
            table.add_column(name, justify="right", footer=str(count))
        for name, those in rows.items():
            if those:
                rating = self.story.pack.ratings.get(name)
                counts = _counts(those)
                table.add_row(Text(name, rating.colour if rating else ""), *(str(counts[each]) for each in total))
        return table


def _counts(threads: Sequence[Thread]) -> Counter[str]:
    """In the order of the table's columns."""
    return Counter(
        {
            "contacts": len(threads),
            "people": sum(thread.subjects for thread in threads),
            "decided": sum(thread.undecided == 0 for thread in threads),
            "informed": sum(thread.informed for thread in threads),
            "met": sum(thread.met for thread in threads),
            "missed": sum(thread.missed for thread in threads),
            "running": sum(len(thread.running) for thread in threads),
        }
    )


@asynccontextmanager
async def telling(settings: Mapping[str, str], teller: Teller, *, since: datetime) -> AsyncGenerator[None]:
    """While the block runs, tell whatever is said on the bus after `since` (business time).

    Raises:
        BusUnavailable: the bus does not answer at the start; later it is waited for.
    """
    bus = bus_of(settings)
    subscription = bus.subscription(group=f"{GROUP}{secrets.token_hex(4)}", topics=[topic.name for topic in TOPICS])
    try:
        await subscription.start()
        listening = asyncio.create_task(_listen(subscription, teller, since))
        try:
            yield
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
    finally:
        await subscription.stop()
        await _forget_groups(bus)
        await bus.close()


async def _listen(subscription: Subscription, teller: Teller, since: datetime) -> None:
    while True:
        try:
            batch = await subscription.poll(max_records=MOST, timeout_seconds=POLL_SECONDS)
            teller.lines([event for one in batch if (event := _read(one, since)) is not None])
            await subscription.commit({(one.record.topic, one.partition): one.offset + 1 for one in batch})
        except BusUnavailable:
            await asyncio.sleep(AGAIN_SECONDS)


def _read(delivered: Delivered, since: datetime) -> Event[EventData] | None:
    """An event of this story; None for an earlier one (its data is not even read) and for one that cannot be read."""
    record = delivered.record
    try:
        if datetime.fromisoformat(dict(record.headers)["ce_time"].decode()) < since:
            return None
        return read_event(record.headers, record.value, EVENTS)
    except (KeyError, ValueError, UnreadableEvent):
        return None


async def _forget_groups(bus: Bus) -> None:
    """A group's positions hold back the pruning of the embedded bus for ever; Kafka forgets idle groups by itself."""
    if isinstance(bus, PostgresBus):
        with suppress(BusUnavailable):
            async with bus.connection() as connection:
                await connection.execute('DELETE FROM bus_offset WHERE starts_with("group", $1)', GROUP)


async def wait_for(ready: Callable[[], bool], *, limit_seconds: float) -> bool:
    """Wait until it is so; False where it is not within the limit."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + limit_seconds
    while not ready():
        if loop.time() >= ends:
            return False
        await asyncio.sleep(LOOK_SECONDS)
    return True

"""A story listens to the real bus from now on, prints one line an event, and leaves nothing behind there."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from rich.console import Console

from mash.behind import Behind
from mash.migrations import create_topics
from mash.story import Story
from mash.system import bus_of
from mash.telling import GROUP, Teller, telling, wait_for
from shared.contracts import intake, triage
from shared.contracts.envelope import EventData
from shared.contracts.parts import ContactKept, Referrer, ReferrerKind
from shared.messaging.bus import Record
from shared.messaging.postgres import PostgresBus
from shared.policy.loader import load_pack
from tests.conftest import environment_for
from tests.support.deliveries import NOON, delivered, event_of

KEPT = ContactKept(
    reference="MASH-7K3P-2QF9-5",
    received_at=NOON,
    accepted_at=NOON,
    referrer=Referrer(kind=ReferrerKind.PROFESSIONAL, source_code="2A", has_address=True),
)
RECEIVED = intake.ContactReceived(
    contact=KEPT, incident_at=None, channel="api", sender_grade=None, subjects=(), follows=None
)
OPENED = triage.ContactOpened(contact=KEPT, opened_at=NOON)


@pytest.fixture
def settings(new_database: Callable[[str], str]) -> dict[str, str]:
    return environment_for("intake", new_database, [])


def a_teller() -> tuple[Teller, io.StringIO]:
    printed = io.StringIO()
    pack = load_pack(Path("policies"), "southampton-pathways-2021@1")
    return Teller(Story(pack), Console(file=printed, highlight=False)), printed


async def test_a_story_begins_now_and_leaves_no_group(settings: dict[str, str]) -> None:
    await asyncio.to_thread(create_topics, settings)
    bus = bus_of(settings)
    assert isinstance(bus, PostgresBus)
    publisher = bus.publisher()

    async def publish(data: EventData, contact: UUID, at_seconds: int) -> None:
        event = event_of(data, contact_id=contact, sequence=1, at=NOON + timedelta(seconds=at_seconds))
        await publisher.publish([delivered(event).record])

    teller, printed = a_teller()
    contact = uuid4()
    await publish(RECEIVED, uuid4(), -1)  # of an earlier run
    await publisher.publish([Record("mash.intake.v1", str(uuid4()), b"not an event")])
    async with telling(settings, teller, since=NOON):
        await publish(RECEIVED, contact, 0)
        await publish(OPENED, contact, 1)
        assert await wait_for(lambda: "opened" in printed.getvalue(), limit_seconds=10)
    lines = printed.getvalue().splitlines()
    assert lines == [
        "12:00:00  MASH-7K3P-2QF9-5          received from school (professional): ",
        "12:00:01  MASH-7K3P-2QF9-5          opened, under 1 s after it came",
    ]
    async with bus.connection() as connection:
        left = await connection.fetchval('SELECT count(*) FROM bus_offset WHERE starts_with("group", $1)', GROUP)
    await bus.close()
    assert left == 0


def test_the_closing_lines_say_how_it_stands_and_what_is_behind() -> None:
    teller, printed = a_teller()
    teller.lines([event_of(RECEIVED, contact_id=uuid4(), sequence=1)])
    teller.summary([Behind(what="received but not rated", children=3, contacts=1)])
    said = printed.getvalue()
    assert "not rated" in said
    assert "behind: received but not rated: 3 children in 1 contacts" in said
    teller.summary([])
    assert "nothing is behind" in printed.getvalue()


@pytest.mark.parametrize(("no_color", "coloured"), [(False, True), (True, False)])
def test_colours_only_where_they_are_wished(*, no_color: bool, coloured: bool) -> None:
    printed = io.StringIO()
    pack = load_pack(Path("policies"), "southampton-pathways-2021@1")
    console = Console(file=printed, force_terminal=True, color_system="truecolor", no_color=no_color, highlight=False)
    Teller(Story(pack), console).lines([event_of(RECEIVED, contact_id=uuid4(), sequence=1)])
    Teller(Story(pack), console).summary([Behind(what="x", children=1, contacts=1)])
    assert ("38;2;212;53;28" in printed.getvalue()) is coloured


async def test_waiting_has_a_limit() -> None:
    assert not await wait_for(lambda: False, limit_seconds=0.01)

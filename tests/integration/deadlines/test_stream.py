"""The stream of clock changes: everything that is committed, each contact's in order, whoever leaves and comes back."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, text

from services.deadlines.adapters.channels import listeners as channel
from services.deadlines.adapters.queries.stream import Position, position_now
from tests.integration.deadlines.conftest import Hub
from tests.integration.deadlines.sse import Api, Sent, say, say_of_each, serving
from tests.support.builders_deadlines import Life
from tests.support.eventually import eventually


@pytest.fixture
async def api(hub: Hub) -> AsyncGenerator[Api]:
    async with serving(hub) as running:
        yield running


async def test_what_happens_to_clocks_is_sent_as_it_is_committed(hub: Hub, api: Api) -> None:
    life = Life("streamed")
    await hub.it_is(life.at(1))
    async with api.listen(role="ops") as stream:
        assert stream.answer.headers["content-type"].startswith("text/event-stream")
        await hub.hear(life.received(), life.rated("red-abuse"))
        await hub.it_is(life.at(361))
        await hub.fire()
        await hub.hear(life.discussed(minutes=362), life.acknowledged(363), life.closed(364))
        said = await hub.said()
        got = await stream.take(len(said))
    assert [one.data["data"] for one in got] == [data for _, data in said]
    assert [one.data["type"] for one in got] == [name for name, _ in said]
    assert [one.data["sequence"] for one in got] == list(range(1, len(said) + 1))
    assert {one.name for one in got} >= {"set", "approaching", "breached", "met"}
    assert {one.data["contact_id"] for one in got} == {str(life.id)}
    audited = await hub.rows("SELECT action, outcome, contact_ids FROM audit")
    assert [(row["action"], row["outcome"], row["contact_ids"]) for row in audited] == [
        ("deadlines.stream", "opened", [])
    ]


async def test_who_commits_late_is_not_passed_over(hub: Hub, api: Api) -> None:
    early, late = uuid4(), uuid4()
    async with api.listen() as stream, hub.deadlines.platform.engine.connect() as slow:
        await say(slow, late, 1)  # an older transaction, with its number drawn
        async with hub.deadlines.platform.engine.begin() as quick:
            await say(quick, early, 1)
        first = await stream.take(1)
        assert first[0].key == (str(early), 1), "one that is still open holds up the others"
        await slow.commit()
        assert [one.key for one in await stream.take(1)] == [(str(late), 1)]
    async with api.listen(after=first[0].id) as again:
        assert [one.key for one in await again.take(1)] == [(str(late), 1)]


async def test_nothing_is_lost_or_doubled_by_those_who_come_and_go(hub: Hub, api: Api) -> None:
    chance = random.Random(5)
    contacts = [UUID(int=chance.getrandbits(128), version=4) for _ in range(8)]
    each, writers = 8, 4

    async def write(mine: list[UUID]) -> None:
        for sequence in range(1, each + 1):
            for contact in mine:
                async with hub.deadlines.platform.engine.connect() as connection:
                    await connection.execute(text("SELECT pg_current_xact_id()"))  # a number long before the commit
                    await connection.execute(text("SELECT pg_sleep(:s)"), {"s": chance.random() / 50})
                    await say(connection, contact, sequence)
                    await connection.commit()

    async def listen(who: str, most: int) -> list[Sent]:
        got: list[Sent] = []
        last = start
        while len(got) < each * len(contacts):
            async with api.listen(after=last, who=who) as stream:
                got += await stream.take(min(most, each * len(contacts) - len(got)))
                last = got[-1].id
        return got

    start = str(await position_now(hub.deadlines.platform.engine))
    listening = [asyncio.create_task(listen(f"listener-{most}", most)) for most in (1000, 7)]
    await asyncio.gather(*(write(contacts[number::writers]) for number in range(writers)))
    for got in await asyncio.gather(*listening):
        assert len({one.key for one in got}) == len(got) == each * len(contacts)
        for contact in contacts:
            own = [one.key[1] for one in got if one.key[0] == str(contact)]
            assert own == list(range(1, each + 1)), "a contact's events are out of order"


async def test_a_batch_of_many_is_left_and_taken_up_in_the_middle(hub: Hub, api: Api) -> None:
    start = str(await position_now(hub.deadlines.platform.engine))
    contacts = sorted(uuid4() for _ in range(1300))
    async with hub.deadlines.platform.engine.begin() as connection:
        await say_of_each(connection, contacts)
    async with api.listen(after=start) as stream:
        first = await stream.take(700)
    async with api.listen(after=first[-1].id) as stream:
        rest = await stream.take(600)
    assert [one.key for one in first + rest] == [(str(contact), 1) for contact in contacts]


async def test_one_reader_serves_all_listeners(hub: Hub, api: Api) -> None:
    pages: list[str] = []
    engine = hub.deadlines.platform.engine.sync_engine
    event.listen(
        engine,
        "before_cursor_execute",
        lambda *arguments: pages.append(arguments[2]) if "pg_visible_in_snapshot" in arguments[2] else None,
    )
    async with (
        api.listen(who="a") as one,
        api.listen(who="b") as two,
        api.listen(who="c") as three,
        api.listen(who="d") as four,
    ):
        pages.clear()
        async with hub.deadlines.platform.engine.begin() as connection:
            await say(connection, uuid4(), 1)
        got = [await stream.take(1) for stream in (one, two, three, four)]
    assert len({found[0].key for found in got}) == 1
    assert len(pages) <= 2, "each listener reads for itself"


async def test_who_does_not_fit_is_told_so_and_a_place_becomes_free(hub: Hub, api: Api) -> None:
    hub.deadlines.listeners._most = 1
    async with api.listen(), api.listen(who="another") as refused:
        assert (refused.answer.status_code, refused.answer.json()["code"]) == (503, "unavailable")
        assert refused.answer.headers["Retry-After"] == "15"

    async def empty() -> bool:
        return len(hub.deadlines.listeners) == 0

    await eventually(empty)
    hub.deadlines.listeners._most = 100
    greedy = [await hub.deadlines.listeners.join("staff::somebody", None) for _ in range(channel.MOST_OF_ONE_CALLER)]
    async with api.listen() as refused:
        assert (refused.answer.status_code, refused.answer.json()["code"]) == (429, "too_many_streams")
    async with api.listen(who="another") as stream:
        assert stream.answer.status_code == 200
    for listener in greedy:
        hub.deadlines.listeners.leave(listener)


async def test_open_streams_do_not_keep_a_process_from_stopping(api: Api) -> None:
    async with api.listen(who="a") as one, api.listen(who="b") as two:
        started = time.monotonic()
        api.stop.set()
        ends = [await stream.take(1) for stream in (one, two)]
        await api.running
        assert time.monotonic() - started < 5
    assert [(found[0].name, found[0].data) for found in ends] == [("end", {"reason": "stopping"})] * 2


REFUSED = {
    "no position of ours": "cursor_invalid",
    "1~5:3:": "cursor_invalid",  # the form holds, PostgreSQL cannot read it
    "9999999999~1:999999999999:": "cursor_outlived",  # another life of the database
    "1700000000~1:1:": "cursor_outlived",  # what followed has been forgotten since
}


async def test_a_position_that_nothing_can_follow_is_refused(api: Api) -> None:
    for last, code in REFUSED.items():
        async with api.listen(after=last) as refused:
            assert (refused.answer.status_code, refused.answer.json()["code"]) == (400, code), last
            assert last not in refused.answer.text


def test_a_position_reads_as_it_was_written() -> None:
    whole = Position(at=5, seen="10:12:11", until="10:12:11")
    assert Position.read(str(whole)) == whole
    later = whole.towards(Position(at=9, seen="13:13:", until="13:13:"))
    assert (later.seen, later.until) == ("10:12:11", "13:13:")
    assert Position.read(str(later)) == later

"""Commands about events that were set aside: seen by codes and ids, tried again, given up."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from uuid import uuid4

from mash import dead_letters
from shared.service import Platform
from tests.integration.messaging.listener import OPENED as SOMETHING
from tests.integration.messaging.listener import Listener
from tests.support.commands import OPENED, Mash, park, sql
from tests.support.deliveries import delivered, event_of


def test_dead_letters_are_listed_by_codes_and_ids(mash: Mash, settings: dict[str, str]) -> None:
    assert "nothing is set aside" in mash("dead-letters", "list").output
    contact = uuid4()
    letter, unreadable = park(settings, contact, 1), park(settings, contact, None)
    listed = {one["id"]: one for one in json.loads(mash("dead-letters", "list", "--json", code=1).output)}
    assert listed[str(letter)]["type"] == OPENED
    assert listed[str(unreadable)]["type"] == "unknown"
    assert listed[str(letter)]["service"] == "notify"
    assert str(letter) in mash("dead-letters", "list", "notify", code=1).output
    assert "nothing is set aside" in mash("dead-letters", "list", "triage").output
    shown = json.loads(mash("dead-letters", "show", "notify", str(letter), "--json").output)
    assert shown["is_next"] is True
    assert "ValueError:handler" in mash("dead-letters", "show", "notify", str(letter)).output


def test_a_failed_one_is_tried_again_and_an_unreadable_one_cannot_be(mash: Mash, settings: dict[str, str]) -> None:
    contact = uuid4()
    letter, unreadable = park(settings, contact, 1), park(settings, contact, None)
    waiting = park(settings, contact, 2, state="waiting")
    some = mash("dead-letters", "replay", "notify", str(letter), str(unreadable), "--json", code=1)
    assert json.loads(some.output) == {"replay": [str(letter)], "not_possible": [str(unreadable)]}
    assert "0 to be tried again" in mash("dead-letters", "replay", "notify", "--all").output
    states = dict(sql(settings, "notify", "SELECT id, state FROM parked"))
    assert states == {letter: "replay", unreadable: "failed", waiting: "waiting"}


def test_dropping_lets_what_waits_behind_go_on(mash: Mash, settings: dict[str, str]) -> None:
    contact = uuid4()
    letter, behind = park(settings, contact, 1), park(settings, contact, 2, state="waiting")
    early = mash("dead-letters", "drop", "notify", str(behind), code=1)
    assert "event 1 about this contact comes first" in str(early.exception)
    mash("dead-letters", "drop", "notify", str(letter))
    assert sql(settings, "notify", "SELECT seen FROM contact_stream") == [({"triage": 1},)]
    assert dict(sql(settings, "notify", "SELECT id, state FROM parked")) == {letter: "dropped", behind: "waiting"}
    assert json.loads(mash("dead-letters", "show", "notify", str(behind), "--json").output)["is_next"] is True
    again = mash("dead-letters", "drop", "notify", str(letter), code=1)
    assert "settled already: dropped" in str(again.exception)


def test_an_unreadable_one_can_be_dropped(mash: Mash, settings: dict[str, str]) -> None:
    letter = park(settings, uuid4(), None)
    mash("dead-letters", "drop", "notify", str(letter))
    assert "nothing is set aside" in mash("dead-letters", "list").output
    assert str(letter) in mash("dead-letters", "list", "--settled-too").output


async def test_the_worker_goes_on_behind_what_was_dropped(
    platform_for: Callable[[str], Awaitable[Platform]],
) -> None:
    service, contact = Listener(await platform_for("intake")), uuid4()
    events = [event_of(SOMETHING, contact_id=contact, sequence=number) for number in (1, 2, 3)]
    service.poison.add(events[0].id)
    await service.applier.process([delivered(event) for event in events])
    assert await service.handled(contact) == []
    failed = [one for one in await dead_letters.list_letters(service.platform.engine) if one.state == "failed"]
    await dead_letters.drop(service.platform.engine, failed[0].id)
    await service.applier.release_ready()
    assert await service.handled(contact) == ["2", "3"]


async def test_the_worker_tries_again_what_was_asked_for(
    platform_for: Callable[[str], Awaitable[Platform]],
) -> None:
    service, contact = Listener(await platform_for("intake")), uuid4()
    events = [event_of(SOMETHING, contact_id=contact, sequence=number) for number in (1, 2)]
    service.poison.add(events[0].id)
    await service.applier.process([delivered(event) for event in events])
    service.poison.clear()
    assert len(await dead_letters.ask_for_replay(service.platform.engine, None)) == 1
    await service.applier.release_ready()
    assert await service.handled(contact) == ["1", "2"]

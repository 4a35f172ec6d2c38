"""A closure or one-off bank holiday: proposed with what it would move, approved by another, then counted by."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from services.deadlines.application.commands.calendars import count_anew
from services.deadlines.bootstrap import wire
from services.deadlines.entrypoints.api import make_app
from services.deadlines.entrypoints.worker import HANDLERS, follow_calendar
from services.deadlines.settings import DeadlinesSettings
from tests.integration.deadlines.conftest import Hub
from tests.support.builders_deadlines import NOON, Life
from tests.support.issuers import Issuers

THURSDAY = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)  # when a decision about what came at NOON is due
FRIDAY = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
CLOSURE = {"add": [{"date": "2026-11-19", "name": "Burst pipe", "kind": "closure", "one_off": True}]}


class People:
    """Anna proposes, Ben approves."""

    def __init__(self, client: httpx2.AsyncClient, issuers: Issuers) -> None:
        self._client, self._issuers = client, issuers
        self._keys = count(1)

    async def ask(
        self, method: str, path: str, body: Any = None, *, who: str = "ben", seen: str | None = None, **query: Any
    ) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self._issuers.staff('manager', subject=who)}"}
        headers |= {"Idempotency-Key": str(next(self._keys))} | ({"If-Match": seen} if seen else {})
        return await self._client.request(method, path, json=body, headers=headers, params=query or None)

    async def propose(self, body: dict[str, Any] = CLOSURE) -> httpx2.Response:
        answer = await self.ask("POST", "/v1/calendars", body, who="anna")
        assert answer.status_code == 201, answer.text
        return answer

    async def approve(self, seen: str | None, *, who: str = "ben", version: int = 2) -> httpx2.Response:
        return await self.ask("POST", f"/v1/calendars/england-and-wales@{version}/approval", who=who, seen=seen)


@pytest.fixture
async def people(hub: Hub) -> AsyncGenerator[People]:
    await hub.deadlines.keep_shipped_calendars()
    issuers = Issuers()
    hub.deadlines.platform.verifier = issuers.verifier
    transport = httpx2.ASGITransport(make_app(hub.deadlines))
    async with httpx2.AsyncClient(transport=transport, base_url="http://deadlines") as client:
        yield People(client, issuers)


async def received(hub: Hub, name: str) -> Life:
    life = Life(name)
    await hub.it_is(life.at(2))
    await hub.hear(life.received(), life.rated("amber"), life.acknowledged())
    return life


async def decision(hub: Hub, life: Life) -> Any:
    [row] = await hub.rows("SELECT * FROM deadlines WHERE kind = 'mash_decision' AND contact_id = :id", id=life.id)
    return row


async def test_a_closure_moves_what_was_listed_once_another_person_has_approved_it(hub: Hub, people: People) -> None:
    life = await received(hub, "moved")
    proposed = await people.propose()
    shown = proposed.json()
    assert (shown["calendar"]["ref"], shown["calendar"]["state"]) == ("england-and-wales@2", "proposed")
    [move] = shown["moves"]
    assert (move["kind"], move["reference"], shown["would_move"]) == ("mash_decision", "MASH-moved", 1)
    assert move["old_due_at"] == "2026-11-19T17:00:00Z"
    assert move["new_due_at"] == "2026-11-20T16:30:00Z"
    await follow_calendar(hub.deadlines)
    assert (await decision(hub, life))["due_at"] == THURSDAY  # nothing counts by a proposal
    answer = await people.approve(proposed.headers["etag"])
    assert (answer.status_code, answer.json()["calendar"]["state"]) == (200, "approved")
    assert answer.json()["calendar"]["in_force"]
    await follow_calendar(hub.deadlines)
    moved = await decision(hub, life)
    assert (moved["due_at"], moved["epoch"], moved["calendar"]) == (FRIDAY, 2, "england-and-wales@2")
    name, said = (await hub.said())[-1]
    assert (name, said["clock"]["epoch"], said["clock"]["kind"]) == ("DeadlineSet", 2, "mash_decision")
    assert not await follow_calendar(hub.deadlines)
    audited = await hub.rows("SELECT caller, action, outcome FROM audit ORDER BY occurred_at")
    assert [tuple(row.values()) for row in audited] == [
        ("anna", "calendar.proposed", "done"),
        ("ben", "calendar.approved", "done"),
    ]


async def test_every_process_counts_by_it_without_a_restart(hub: Hub, people: People) -> None:
    platform = hub.deadlines.platform
    settings = DeadlinesSettings(common=platform.settings, milestone_feeds=frozenset(), fire_batch=500)
    other = Hub(wire(platform, settings))
    await received(other, "before")
    await people.approve((await people.propose()).headers["etag"])
    after = Life("after")
    await other.hear(after.received())
    assert (await decision(hub, after))["due_at"] == FRIDAY
    preview = {"route": "amber", "received_at": NOON.isoformat()}
    due = {
        row["kind"]: row["due_at"]
        for row in (await people.ask("GET", "/v1/deadlines/preview", **preview)).json()["deadlines"]
    }
    assert due["mash_decision"] == "2026-11-20T16:30:00Z"


async def test_a_crash_or_a_late_commit_leaves_nobody_behind(hub: Hub, people: People) -> None:
    lives = [await received(hub, f"one of {number}") for number in range(3)]
    late = Life("late commit")
    async with hub.deadlines.work() as work:  # begins before the approval and ends after it
        await people.approve((await people.propose()).headers["etag"])
        await work.lock([late.id])
        await HANDLERS[type((event := late.received()).data)](event, work)
        await work.commit()
    assert (await decision(hub, late))["due_at"] == THURSDAY
    async with hub.deadlines.work() as work:
        assert (await count_anew(work, most=2)).contacts == 2
        await work.commit()
    async with hub.deadlines.work() as work:
        assert (await count_anew(work, most=2)).contacts == 2  # and the process dies before its commit
    await follow_calendar(hub.deadlines)
    assert {(await decision(hub, life))["due_at"] for life in [*lives, late]} == {FRIDAY}
    said = [data["clock"]["deadline_id"] for name, data in await hub.said() if name == "DeadlineSet"]
    assert max(said.count(one) for one in said) == 2


async def test_a_breach_that_was_made_stays(hub: Hub, people: People) -> None:
    life = await received(hub, "missed")
    seen = (await people.propose()).headers["etag"]
    await hub.it_is(THURSDAY + timedelta(minutes=5))
    await hub.fire()
    await people.approve(seen)
    await follow_calendar(hub.deadlines)
    row = await decision(hub, life)
    assert (row["state"], row["due_at"], row["breached_at"]) == ("breached", THURSDAY, THURSDAY)
    assert len(await hub.rows("SELECT 1 FROM breaches WHERE deadline_id = :id", id=row["id"])) == 1


async def test_what_a_calendar_had_taken_away_in_time_was_never_missed(hub: Hub, people: People) -> None:
    life = await received(hub, "approved in time, found late")
    await people.approve((await people.propose()).headers["etag"])
    await hub.it_is(THURSDAY + timedelta(minutes=5))
    await hub.fire()  # a worker that comes back before the calendar's own loop has gone round
    assert (await decision(hub, life))["state"] == "running"
    await follow_calendar(hub.deadlines)
    await hub.fire()
    row = await decision(hub, life)
    assert (row["state"], row["due_at"], row["breached_at"]) == ("running", FRIDAY, None)
    assert not await hub.rows("SELECT 1 FROM breaches WHERE deadline_id = :id", id=row["id"])


async def test_a_later_change_found_first_hides_no_earlier_one(hub: Hub, people: People) -> None:
    life = await received(hub, "two approvals")
    await people.approve((await people.propose()).headers["etag"])
    await hub.it_is(THURSDAY + timedelta(hours=1))  # the next approval, while no worker runs
    june = {"add": [{"date": "2027-06-04", "name": "Training"}]}
    await people.approve((await people.propose(june)).headers["etag"], version=3)
    await follow_calendar(hub.deadlines)
    await hub.fire()
    row = await decision(hub, life)
    assert (row["state"], row["due_at"], row["calendar"]) == ("running", FRIDAY, "england-and-wales@3")
    assert not await hub.rows("SELECT 1 FROM breaches WHERE deadline_id = :id", id=row["id"])


async def test_a_change_does_not_wait_for_the_date_of_the_one_before(hub: Hub, people: People) -> None:
    life = await received(hub, "need not wait")
    later = {"add": [{"date": "2027-06-04", "name": "Training"}], "effective_from": "2027-01-04T09:00:00Z"}
    await people.approve((await people.propose(later)).headers["etag"])
    proposed = await people.propose()
    assert [move["kind"] for move in proposed.json()["moves"]] == ["mash_decision"]
    answer = await people.approve(proposed.headers["etag"], version=3)
    assert answer.json()["calendar"]["in_force"]
    await follow_calendar(hub.deadlines)
    assert (await decision(hub, life))["due_at"] == FRIDAY


async def test_what_is_due_before_a_change_counts_is_not_listed_as_moving(hub: Hub, people: People) -> None:
    await received(hub, "due before")
    body = CLOSURE | {"effective_from": (THURSDAY + timedelta(hours=1)).isoformat()}
    assert (await people.propose(body)).json()["moves"] == []


async def test_who_counts_by_no_calendar_fires_as_well(hub: Hub) -> None:
    life = await received(hub, "no calendar")
    async with hub.deadlines.platform.engine.begin() as connection:
        await connection.execute(text("UPDATE contacts SET calendar = '' WHERE contact_id = :id"), {"id": life.id})
    await hub.it_is(THURSDAY + timedelta(minutes=5))
    await hub.fire()
    assert (await decision(hub, life))["state"] == "breached"


async def test_two_proposals_at_once_are_one_and_a_refusal(people: People) -> None:
    answers = await asyncio.gather(*(people.ask("POST", "/v1/calendars", CLOSURE, who=who) for who in ("anna", "ben")))
    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_nobody_approves_their_own_proposal_nor_a_list_they_have_not_seen(hub: Hub, people: People) -> None:
    await received(hub, "seen")
    seen = (await people.propose()).headers["etag"]
    own = await people.approve(seen, who="anna")
    assert (own.status_code, own.json()["code"]) == (403, "own_proposal")
    assert (await people.approve(None)).status_code == 428
    later = await received(hub, "came since")
    changed = await people.approve(seen)
    assert (changed.status_code, changed.json()["code"]) == (409, "list_changed")
    assert changed.json()["errors"][0]["pointer"] == f"/moves/{(await decision(hub, later))['id']}"
    assert changed.json()["errors"][0]["code"] == "added"
    again = await people.ask("GET", "/v1/calendars/england-and-wales@2")
    assert (again.headers["etag"], again.json()["would_move"]) == (changed.headers["etag"], 2)
    assert (await people.approve(again.headers["etag"])).status_code == 200
    kept = await people.ask("GET", "/v1/calendars/england-and-wales@2")
    assert kept.json()["would_move"] == 2


async def test_the_list_comes_in_pages(hub: Hub, people: People) -> None:
    for number in range(3):
        await received(hub, f"page {number}")
    await people.propose()
    first = await people.ask("GET", "/v1/calendars/england-and-wales@2", limit=2)
    address = first.headers["link"].split(">")[0].removeprefix("<")
    second = await people.ask("GET", address)
    pages = [answer.json()["moves"] for answer in (first, second)]
    assert [len(page) for page in pages] == [2, 1]
    assert len({move["deadline_id"] for page in pages for move in page}) == 3


async def test_a_proposal_is_withdrawn_or_rejected_and_then_the_next_one_may_come(hub: Hub, people: People) -> None:
    seen = (await people.propose()).headers["etag"]
    second = await people.ask("POST", "/v1/calendars", CLOSURE)
    assert (second.status_code, second.json()["code"]) == (409, "proposal_open")
    withdrawn = await people.ask("POST", "/v1/calendars/england-and-wales@2/rejection", who="anna")
    assert withdrawn.json()["calendar"]["state"] == "withdrawn"
    gone = await people.approve(seen)
    assert (gone.status_code, gone.json()["code"]) == (409, "already_settled")
    assert (await people.propose()).json()["calendar"]["ref"] == "england-and-wales@3"
    rejected = await people.ask("POST", "/v1/calendars/england-and-wales@3/rejection")
    assert rejected.json()["calendar"]["state"] == "rejected"
    listed = (await people.ask("GET", "/v1/calendars")).json()["calendars"]
    assert [(one["version"], one["state"], one["in_force"]) for one in listed] == [
        (3, "rejected", False),
        (2, "withdrawn", False),
        (1, "approved", True),
    ]
    assert await hub.rows("SELECT 1 FROM contacts") == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "nothing_changes"),
        ({"remove": ["2026-11-19"]}, "not_closed"),
        ({"add": [{"date": "2026-12-25", "name": "Again"}]}, "closed_already"),
        ({"add": [{"date": "2031-01-01", "name": "Too far"}]}, "outside_the_calendar"),
        ({"last": "2029-12-31"}, "year_without_days"),
        ({"last": "2027-12-31"}, "ends_earlier"),
        ({**CLOSURE, "effective_from": "2127-09-01T00:00:00Z"}, "counts_too_late"),
    ],
)
async def test_what_cannot_be_is_refused_and_says_why(people: People, body: dict[str, Any], code: str) -> None:
    answer = await people.ask("POST", "/v1/calendars", body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await people.ask("GET", "/v1/calendars/england-and-wales@2")).status_code == 404


async def test_it_counts_from_its_own_date_on(hub: Hub, people: People) -> None:
    life = await received(hub, "from tomorrow")
    body = CLOSURE | {"effective_from": (NOON + timedelta(hours=20)).isoformat()}
    await people.approve((await people.propose(body)).headers["etag"])
    await follow_calendar(hub.deadlines)
    assert (await decision(hub, life))["due_at"] == THURSDAY
    await hub.it_is(NOON + timedelta(hours=21))
    await follow_calendar(hub.deadlines)
    assert (await decision(hub, life))["due_at"] == FRIDAY


async def test_the_names_are_sealed_and_an_erased_contact_leaves_the_list(hub: Hub, people: People) -> None:
    life = await received(hub, "erased")
    await people.propose()
    shown = (await people.ask("GET", "/v1/calendars/england-and-wales@2")).json()["calendar"]["days"]
    assert "Burst pipe" in {day["name"] for day in shown}
    assert "Burst pipe" not in str(await hub.rows("SELECT * FROM calendars"))
    assert len(await hub.rows("SELECT 1 FROM calendar_moves")) == 1
    await hub.hear(life.erased())
    assert await hub.rows("SELECT 1 FROM calendar_moves") == []

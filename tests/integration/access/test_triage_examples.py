"""Every example of triage's API page works when pasted: with the ids of a case that is there, and times of today."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.integration.access.conftest import OpenDoor
from tests.integration.access.door import Door
from tests.integration.access.triage_desk import challenged_case, decided_case, new_case, opened_case, with_ids, write
from tests.support.builders_heard import challenge_id
from tests.support.builders_triage import subject_id

pytestmark = pytest.mark.asyncio(loop_scope="package")

PREFIX = "/v1/triage/{contact_id}/"
SHOWN_SUBJECT = "018f3a52-6f0e-5c1b-9d7a-3d1f1f0a1c01"
SHOWN_DISCUSSION = "018f3a52-6f0e-5c1b-9d7a-3d1f1f0a1d01"
TIMES = re.compile(r"2026-11-22T(\d\d):(\d\d):00Z")
EVERYBODY = ["childrens_services", "police", "health"]
MANAGERS = ("authorisation", "closure", "reopening", "challenges")


def examples(door: Door) -> list[tuple[str, int, dict[str, Any]]]:
    """(what is done, the documented success, one body of the page), for every write that takes a body."""
    document = door.app.openapi()
    found: list[tuple[str, int, dict[str, Any]]] = []
    for path, item in document["paths"].items():
        operation = item.get("post")
        if operation is None or "requestBody" not in operation or not path.startswith(PREFIX):
            continue
        reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        schema = document["components"]["schemas"][reference.rpartition("/")[2]]
        success = max(int(status) for status in operation["responses"] if status.startswith("2"))
        assert schema.get("examples"), f"{path} shows no example"
        found += [(path.removeprefix(PREFIX), success, body) for body in schema["examples"]]
    return found


async def prepared(door: Door, what: str, body: dict[str, Any]) -> tuple[UUID, str, dict[str, str]]:
    """A case on which this can be done, the path of doing it, and the ids to put into the example."""
    contact = await _case_for(door, "revision" if body.get("revises") else what)
    name, made = await _made_on(door, contact, what)
    ids = {SHOWN_SUBJECT: str(subject_id(contact))}
    if what == "decision":
        ids[SHOWN_DISCUSSION] = made
    return contact, what.replace(name, made), ids


async def _case_for(door: Door, what: str) -> UUID:
    match what:
        case "rating" | "assignments":
            return await new_case(door, facts=False)
        case "authorisation":
            return await decided_case(door, authorised=False)
        case "closure" | "revision":
            return await decided_case(door)
        case "challenges/{challenge_id}/answer":
            return await challenged_case(door)
        case "reopening":
            contact = await decided_case(door)
            assert (await write(door, contact, "closure", {"reason": "completed"}, "manager")).status_code == 200
            return contact
        case _:
            return await opened_case(door)


async def _made_on(door: Door, contact: UUID, what: str) -> tuple[str, str]:
    """What the path or the body names of the case: the placeholder, and the id that it stands for."""
    about = [str(subject_id(contact))]
    strategy = {"kind": "strategy", "subject_ids": about}
    if "{check_id}" in what:
        asked = {"agencies": ["health"], "asked": "x", "subjects": [{"subject_id": about[0], "why": "x"}]}
        made = await write(door, contact, "checks", asked)
        return "{check_id}", made.json()["checks"][0]["check_id"]
    if "{discussion_id}" in what:
        made = await write(door, contact, "discussions", strategy | {"decided_at": "2026-11-20T12:30:00Z"})
        return "{discussion_id}", made.json()["made"]
    if what == "decision":
        held = {"held_at": datetime.now(UTC).isoformat(), "attended": EVERYBODY}
        return "{discussion_id}", (await write(door, contact, "discussions", strategy | held)).json()["made"]
    return "{challenge_id}", str(challenge_id(contact))


def on_the_day(body: dict[str, Any], start: datetime) -> dict[str, str]:
    """The example's times, moved to now: in their own order, a millisecond for each minute of their day."""
    times = {found[0]: int(found[1]) * 60 + int(found[2]) for found in TIMES.finditer(str(body))}
    return {time: (start + timedelta(milliseconds=minute)).isoformat() for time, minute in times.items()}


async def test_every_example_works_when_pasted(door_of: OpenDoor) -> None:
    door = await door_of("triage")
    wrong: list[str] = []
    shown = examples(door)
    for what, success, body in shown:
        contact, path, ids = await prepared(door, what, body)
        # checks and discussions made just now cannot be answered or held earlier than they were made
        start = datetime.now(UTC)
        times = on_the_day(body, start)
        pasted = with_ids(body, ids | times)
        while times and datetime.now(UTC) < start + timedelta(milliseconds=24 * 60):
            await door.ask("GET", "/livez")
        who = "manager" if what.startswith(MANAGERS) else "practitioner"
        answer = await write(door, contact, path, pasted, who, name="somebody who had no part in it")
        if answer.status_code != success:
            wrong.append(f"{what}: {answer.status_code}, not {success}: {answer.text}")
    assert len(shown) >= 12
    assert wrong == [], "\n".join(wrong)

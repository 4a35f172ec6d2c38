"""Every example of triage's API page works when pasted: with the ids of a case that is there, and times of today."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.integration.access.conftest import OpenDoor
from tests.integration.access.door import Door
from tests.integration.access.triage_desk import new_case, opened_case, with_ids, write
from tests.support.builders_triage import subject_id

pytestmark = pytest.mark.asyncio(loop_scope="package")

PREFIX = "/v1/triage/{contact_id}/"
SHOWN_SUBJECT = "018f3a52-6f0e-5c1b-9d7a-3d1f1f0a1c01"
SHOWN_DISCUSSION = "018f3a52-6f0e-5c1b-9d7a-3d1f1f0a1d01"
TIMES = re.compile(r"2026-11-22T(\d\d):(\d\d):00Z")
ALL_DAY = ["childrens_services", "police", "health"]
MANAGERS = {"authorisation", "closure"}


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
        success = next(int(status) for status in operation["responses"] if status.startswith("2"))
        assert schema.get("examples"), f"{path} shows no example"
        found += [(path.removeprefix(PREFIX), success, body) for body in schema["examples"]]
    return found


async def prepared(door: Door, what: str) -> tuple[UUID, str, dict[str, str]]:
    """A case on which ``what`` can be done, the path of doing it, and the ids to put into the example."""
    plain = what in {"rating", "assignments"}
    contact = await new_case(door, facts=what != "rating") if plain else await opened_case(door)
    ids = {SHOWN_SUBJECT: str(subject_id(contact))}
    about = {"subject_ids": [str(subject_id(contact))], "kind": "strategy"}
    now = datetime.now(UTC).isoformat()
    if "{check_id}" in what:
        asked = {
            "agencies": ["health"],
            "asked": "x",
            "subjects": [{"subject_id": str(subject_id(contact)), "why": "x"}],
        }
        made = (await write(door, contact, "checks", asked)).json()["checks"][0]["check_id"]
        return contact, what.replace("{check_id}", made), ids
    if "{discussion_id}" in what:
        planned = about | {"decided_at": "2026-11-20T12:30:00Z"}
        made = (await write(door, contact, "discussions", planned)).json()["made"]
        return contact, what.replace("{discussion_id}", made), ids
    if what in {"decision", "authorisation", "closure"}:
        held = await write(door, contact, "discussions", about | {"held_at": now, "attended": ALL_DAY})
        ids[SHOWN_DISCUSSION] = held.json()["made"]
    if what in {"authorisation", "closure"}:
        decision = {"subject_id": str(subject_id(contact)), "outcome": "s47_strategy_discussion", "rationale": "x"}
        decision |= {"inquiry": "joint", "discussion_id": ids[SHOWN_DISCUSSION]}
        assert (await write(door, contact, "decision", decision)).status_code == 201
    if what == "closure":
        agreed = {"subject_id": str(subject_id(contact)), "agreed": True}
        assert (await write(door, contact, "authorisation", agreed, "manager")).status_code == 200
    return contact, what, ids


def on_the_day(body: dict[str, Any], start: datetime) -> dict[str, str]:
    """The example's times, moved to now: in their own order, a millisecond for each minute of their day."""
    times = {found[0]: int(found[1]) * 60 + int(found[2]) for found in TIMES.finditer(str(body))}
    return {time: (start + timedelta(milliseconds=minute)).isoformat() for time, minute in times.items()}


async def test_every_example_works_when_pasted(door_of: OpenDoor) -> None:
    door = await door_of("triage")
    wrong: list[str] = []
    shown = examples(door)
    for what, success, body in shown:
        contact, path, ids = await prepared(door, what)
        # checks and discussions made just now cannot be answered or held earlier than they were made
        start = datetime.now(UTC)
        times = on_the_day(body, start)
        pasted = with_ids(body, ids | times)
        while times and datetime.now(UTC) < start + timedelta(milliseconds=24 * 60):
            await door.ask("GET", "/livez")
        answer = await write(door, contact, path, pasted, "manager" if what in MANAGERS else "practitioner")
        if answer.status_code != success:
            wrong.append(f"{what}: {answer.status_code}, not {success}: {answer.text}")
    assert len(shown) >= 12
    assert wrong == [], "\n".join(wrong)

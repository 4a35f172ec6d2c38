"""A triage door with cases at different points of their way, and ids that make the documented examples true."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx2

from tests.integration.access.door import Door
from tests.support import builders_triage as triage
from tests.support.builders_heard import challenged
from tests.support.deliveries import delivered


async def new_case(door: Door, *, facts: bool = True) -> UUID:
    """A contact about one child, rated and unopened; red where ``facts``."""
    contact = uuid4()
    subject = triage.told(contact, facts=triage.RED if facts else None, consent="given")
    await door.hear(delivered(triage.received(contact, subject)))
    return contact


async def write(
    door: Door,
    contact: UUID,
    what: str,
    body: dict[str, Any] | None = None,
    who: str = "practitioner",
    *,
    name: str | None = None,
) -> httpx2.Response:
    """One write as staff of this role (a person of its own, unless ``name`` says whom), with the ETag just read."""
    etag = (await door.ask("GET", f"/v1/triage/{contact}", who)).headers["ETag"]
    token = door.issuers.staff(who, subject=name or f"a {who}")
    headers = {"Authorization": f"Bearer {token}", "If-Match": etag}
    return await door.ask("POST", f"/v1/triage/{contact}/{what}", headers=headers, json=body)


async def opened_case(door: Door, *, facts: bool = True) -> UUID:
    """A contact that staff have opened."""
    contact = await new_case(door, facts=facts)
    assert (await write(door, contact, "open")).status_code == 200
    return contact


def with_ids(example: dict[str, Any], ids: dict[str, str]) -> dict[str, Any]:
    """A documented example with its ids replaced by those of a prepared case."""
    text = json.dumps(deepcopy(example))
    for before, after in ids.items():
        text = text.replace(before, after)
    replaced: dict[str, Any] = json.loads(text)
    return replaced


async def decided_case(door: Door, *, authorised: bool = True) -> UUID:
    """A contact whose one subject is decided on; without ``authorised`` that waits for a manager."""
    contact = await opened_case(door)
    subject = str(triage.subject_id(contact))
    now = datetime.now(UTC).isoformat()
    everybody = ["childrens_services", "police", "health"]
    held = {"kind": "strategy", "held_at": now, "attended": everybody, "subject_ids": [subject]}
    decision = {
        "subject_id": subject,
        "outcome": "s47_strategy_discussion",
        "rationale": "x",
        "inquiry": "joint",
        "discussion_id": (await write(door, contact, "discussions", held)).json()["made"],
    }
    assert (await write(door, contact, "decision", decision)).status_code == 201
    if authorised:
        agreed = {"subject_id": subject, "agreed": True}
        assert (await write(door, contact, "authorisation", agreed, "manager")).status_code == 200
    return contact


async def challenged_case(door: Door) -> UUID:
    """A contact whose decision the referrer challenges."""
    contact = await decided_case(door)
    await door.hear(delivered(challenged(contact, 1, sequence=2)))
    return contact

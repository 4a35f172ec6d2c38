"""Fifty members of staff write to one contact at once: whoever comes second reads again, and nothing is lost."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.integration.triage.conftest import Desk, Staff
from tests.integration.triage.steps import checks, early_help
from tests.support.builders_triage import subject_id

WRITERS = 50
AT_ONCE = 10
"""Between a read and its write at one moment: a process has eight connections, others would only stand in line."""


def task(contact: UUID, number: int) -> tuple[str, dict[str, Any]]:
    """What the n-th of them does: no two do the same, and each leaves one line in the history."""
    agencies = ("police", "health", "education", "housing", "probation")
    match number % 5:
        case 0:
            return "checks", checks(contact, agencies=[agencies[number // 5 % 5]])
        case 1:
            return "assignments", {"team": "mash", "worker": f"worker-{number}"}
        case 2:
            return "information-requests", {"question_codes": ["consent"]}
        case 3:
            planned = {"kind": "strategy", "decided_at": "2026-11-20T13:00:00Z"}
            return "discussions", planned | {"subject_ids": [str(subject_id(contact))]}
        case _:
            return "decision", early_help(contact, 2, level=2 + number % 2) | {"outcome": "s17_assessment"}


async def write(staff: Staff, contact: UUID, number: int, room: asyncio.Semaphore) -> int:
    """Reads, writes what was read, and reads again for as long as somebody else was first; how often that was."""
    what, body = task(contact, number)
    who, tries, key = f"worker-{number}", 0, str(uuid4())
    while True:
        async with room:
            match = (await staff.get(f"/v1/triage/{contact}/checks", who=who)).headers["ETag"]
            answer = await staff.post(contact, what, body, who=who, if_match=match, key=key)
        if answer.status_code == 201:
            return tries
        assert answer.status_code == 412, answer.text
        tries += 1


@pytest.mark.timeout(300)
async def test_fifty_writers_lose_no_update(desk: Desk, staff: Staff, contact: UUID) -> None:
    await staff.post(contact, "open")
    before = int((await staff.etag(contact)).strip('"'))
    room = asyncio.Semaphore(AT_ONCE)
    refused = await asyncio.gather(*(write(staff, contact, number, room) for number in range(WRITERS)))
    assert sum(refused) > WRITERS, "nobody met anybody: this shows nothing"

    case = (await staff.get(f"/v1/triage/{contact}")).json()
    assert case["version"] == before + WRITERS
    history = (await staff.get(f"/v1/triage/{contact}/history")).json()["entries"]
    assert [one["number"] for one in history] == list(range(1, before + WRITERS + 1))
    done = [one for one in history if one["by"] is not None and one["what"] != "opened"]
    assert sorted(one["by"] for one in done) == sorted(f"worker-{number}" for number in range(WRITERS))
    kept = [case["checks"], case["assignments"], case["information_requests"], case["discussions"], case["decisions"]]
    assert [len(each) for each in kept] == [WRITERS // 5] * 5
    proposed = [one for one in case["decisions"] if one["state"] == "proposed"]
    assert len(proposed) == 1  # the others were replaced, and stay
    said = await desk.rows("SELECT sequence FROM event_log ORDER BY sequence")
    assert [row.sequence for row in said] == list(range(1, len(said) + 1))
    names = ("ChecksRequested", "ContactAssigned", "InformationRequested")
    assert [len(await desk.said(name)) for name in names] == [WRITERS // 5] * 3

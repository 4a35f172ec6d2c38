"""Discussions through the REST API: decided on, held, who was there; and what may follow. Three times, in order."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from tests.integration.triage.conftest import Desk, Staff
from tests.integration.triage.steps import SECRET, code, discussion, missing, s47
from tests.support.builders_triage import subject_id

DECIDED, HELD, STARTED = "2026-11-20T13:00:00Z", "2026-11-20T15:00:00Z", "2026-11-20T16:00:00Z"
EVERYBODY = ["childrens_services", "police", "health"]


def planned(contact: UUID, **changes: Any) -> dict[str, Any]:
    return {"kind": "strategy", "decided_at": DECIDED, "subject_ids": [str(subject_id(contact))]} | changes


def held(**changes: Any) -> dict[str, Any]:
    return {"held_at": HELD, "attended": EVERYBODY, "result": "s47_joint", "minutes": SECRET} | changes


def started(contact: UUID, at: str = STARTED) -> dict[str, Any]:
    return {"subject_id": str(subject_id(contact)), "code": "s47_started", "occurred_at": at}


async def shown(staff: Staff, contact: UUID) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await staff.get(f"/v1/triage/{contact}")).json()["discussions"]
    return found


async def test_decided_on_first_held_later_and_only_then_said(desk: Desk, staff: Staff, contact: UUID) -> None:
    await staff.post(contact, "open")
    made = (await staff.post(contact, "discussions", planned(contact))).json()["made"]
    (one,) = await shown(staff, contact)
    assert (one["state"], one["held_at"], one["quorum_met"], one["quorum_missing"]) == (
        "decided",
        None,
        False,
        EVERYBODY,
    )
    assert not await desk.said("DiscussionHeld")
    lacks = missing(await staff.post(contact, "decision", s47(contact, discussion_id=made)))
    assert {"missing_held_at", "missing_attendance:police"} <= lacks

    done = await staff.post(contact, f"discussions/{made}/held", held())
    assert (done.status_code, done.json()["made"]) == (200, made)
    (said,) = await desk.said("DiscussionHeld")
    assert [said[name] for name in ("discussion_id", "decided_at", "held_at", "result")] == [
        made, DECIDED, HELD, "s47_joint",
    ]  # fmt: skip
    (one,) = await shown(staff, contact)
    assert (one["state"], one["quorum_met"], one["quorum_missing"], one["minutes"]) == ("held", True, [], SECRET)
    assert code(await staff.post(contact, f"discussions/{made}/held", held())) == (409, "held_already")
    assert (await staff.post(contact, "decision", s47(contact, discussion_id=made))).status_code == 201
    history = (await staff.get(f"/v1/triage/{contact}/history")).json()["entries"]
    assert [one["what"] for one in history][2:4] == ["discussion_decided", "discussed"]


async def test_both_at_once_and_who_was_missing(desk: Desk, staff: Staff, contact: UUID) -> None:
    await staff.post(contact, "open")
    both = discussion(contact, kind="priority", decided_at=DECIDED, held_at=HELD, attended=["police"])
    assert (await staff.post(contact, "discussions", both)).status_code == 201
    (one,) = await shown(staff, contact)
    assert (one["decided_at"], one["quorum_met"], one["quorum_missing"]) == (DECIDED, False, ["health"])
    assert len(await desk.said("DiscussionHeld")) == 1


async def test_times_come_in_their_order(staff: Staff, contact: UUID) -> None:
    await staff.post(contact, "open")
    for body, wrong in (
        (planned(contact, decided_at="2999-01-01T00:00:00Z"), "in_the_future"),
        (planned(contact, decided_at="2026-11-20T11:59:59Z"), "before_receipt"),
        (planned(contact, decided_at=None), "missing_held_at"),
        (planned(contact, minutes="Said."), "missing_held_at"),
        (planned(contact, held_at=HELD), "missing_attended"),
        (planned(contact, held_at="2026-11-20T12:59:59Z", attended=["police"]), "before_decided"),
        (discussion(contact, result="shrug"), "unknown_result"),
    ):
        assert missing(await staff.post(contact, "discussions", body)) == {wrong}
    made = (await staff.post(contact, "discussions", planned(contact))).json()["made"]
    for body, wrong in (
        (held(held_at="2999-01-01T00:00:00Z"), "in_the_future"),
        (held(held_at="2026-11-20T12:59:59Z"), "before_decided"),
        (held(attended=["john_smith"]), "unknown_party"),
        (held(result="shrug"), "unknown_result"),
    ):
        assert missing(await staff.post(contact, f"discussions/{made}/held", body)) == {wrong}
    assert (await staff.post(contact, f"discussions/{uuid4()}/held", held())).status_code == 404


async def test_an_enquiry_starts_after_its_strategy_discussion(desk: Desk, staff: Staff, contact: UUID) -> None:
    await staff.post(contact, "open")
    assert missing(await staff.post(contact, "milestones", started(contact))) == {"no_strategy_discussion_held"}
    made = (await staff.post(contact, "discussions", planned(contact))).json()["made"]
    assert missing(await staff.post(contact, "milestones", started(contact))) == {"no_strategy_discussion_held"}
    await staff.post(contact, f"discussions/{made}/held", held())
    early = started(contact, "2026-11-20T14:59:59Z")
    assert missing(await staff.post(contact, "milestones", early)) == {"before_strategy_discussion"}
    assert (await staff.post(contact, "milestones", started(contact, HELD))).status_code == 201
    assert [one["code"] for one in await desk.said("MilestoneRecorded")] == ["s47_started"]

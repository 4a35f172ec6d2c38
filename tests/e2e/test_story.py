"""One contact's whole life, as a partner, staff and the referrer see it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.intake.entrypoints.schemas.contact import EXAMPLE
from tests.support.eventually import eventually
from tests.support.hub import Hub

pytestmark = pytest.mark.timeout(180)


class Staff:
    """A member of staff working on one contact through triage's API."""

    def __init__(self, hub: Hub, contact_id: str, *, role: str, subject: str) -> None:
        self._hub = hub
        self._path = f"{hub.url('triage')}/v1/triage/{contact_id}"
        self._who = {"role": role, "subject": subject}

    async def case(self) -> dict[str, Any] | None:
        headers = await self._hub.token(**self._who)
        answer = await self._hub.http.get(self._path, headers=headers)
        return answer.json() if answer.status_code == 200 else None

    async def does(self, action: str, body: dict[str, Any]) -> dict[str, Any]:
        case = await self.case()
        assert case is not None
        headers = {
            **await self._hub.token(**self._who),
            "If-Match": f'"{case["version"]}"',
            "Idempotency-Key": str(uuid4()),
        }
        answer = await self._hub.http.post(f"{self._path}/{action}", json=body, headers=headers)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()


async def test_from_a_partners_post_to_the_referrer_informed(hub: Hub, tmp_path: Path) -> None:
    told = await hub.tell(EXAMPLE)
    worker = Staff(hub, told["id"], role="practitioner", subject="duty.worker")
    manager = Staff(hub, told["id"], role="manager", subject="duty.manager")
    case = await eventually(worker.case)
    assert case["rating"] == "red"
    assert case["subjects"][0]["reasons"][0]["rule"] == "R-BRUISE-NM"
    subject = case["subjects"][0]["subject_id"]

    await worker.does("open", {})
    held = {"kind": "strategy", "held_at": case["received_at"], "subject_ids": [subject]}
    await worker.does(
        "milestones", {"subject_id": subject, "code": "paediatric_assessment", "occurred_at": held["held_at"]}
    )
    after = await worker.does("discussions", {**held, "attended": ["childrens_services", "police", "health"]})
    discussion = after["discussions"][0]["id"] if after.get("discussions") else after["made"]
    decision = {
        "subject_id": subject,
        "outcome": "s47_strategy_discussion",
        "rationale": "Bruising that nobody can explain.",
        "inquiry": "joint",
        "reason_codes": ["threshold_s47"],
        "discussion_id": discussion,
        "consent_reason": "Asking first could raise the risk.",
    }
    await worker.does("decision", decision)
    await manager.does("authorisation", {"subject_id": subject, "agreed": True})

    async def informed() -> bool:
        case = await worker.case()
        return case is not None and case["stage"] == "informed"

    await eventually(informed)
    await hub.at_rest()
    await _the_referrer_has_two_messages(tmp_path, told["reference"])
    await _the_clocks_are_met(hub, told["id"])
    timeline = await hub.http.get(
        f"{hub.url('intake')}/v1/contacts/{told['id']}/timeline", headers=await hub.token("partner")
    )
    happened = [entry["what"] for entry in timeline.json()["entries"]]
    assert happened[0] == "received"
    assert [what for what in happened if what != "acknowledged"] == ["received", "opened", "decided", "informed"]
    assert happened.count("acknowledged") == 1


async def _the_referrer_has_two_messages(folder: Path, reference: str) -> None:
    letters = [path.read_text() for path in (folder / "mailbox").glob("*.eml")]
    to_referrer = [letter for letter in letters if "priya@example.org" in letter]
    assert len(to_referrer) == 2, "an acknowledgement and an outcome"
    assert all(reference in letter for letter in to_referrer)
    for personal in ("Rowan", "Sample", "2026-09-05", "left cheek"):
        assert not any(personal in letter for letter in letters)


async def _the_clocks_are_met(hub: Hub, contact_id: str) -> None:
    headers = await hub.token("ops")
    answer = await hub.http.get(f"{hub.url('deadlines')}/v1/contacts/{contact_id}/deadlines", headers=headers)
    states = {one["kind"]: one["state"] for one in answer.json()["deadlines"]}
    met = {kind for kind, state in states.items() if state == "met"}
    assert {"acknowledgement", "duty_opened", "strategy_discussion", "paediatric_assessment"} & set(states) <= met
    assert "breached" not in states.values()
    assert met

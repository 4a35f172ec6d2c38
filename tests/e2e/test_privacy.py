"""Nothing personal gets out: not to the bus, a log, a metric, an error, an e-mail or a dump; and forgetting forgets."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from mash.services import SERVICES
from tests.e2e.canary import EMAIL, IN_KEYS, PERSONAL, SENDER_REFERENCE, STAFF_WORDS, contact, odd_requests
from tests.e2e.privacy_steps import (
    decide_and_inform,
    kept_about,
    look_everywhere,
    records_about,
    replay,
    whole_chains,
)
from tests.support.eventually import eventually
from tests.support.hub import Hub, running_hub

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
async def hub(tmp_path: Path) -> Any:
    """On the embedded bus only: what is said does not depend on what carries it."""
    async with running_hub(tmp_path) as running:
        yield running


async def test_canaries_stay_where_they_were_put_and_an_erased_contact_is_forgotten(hub: Hub, tmp_path: Path) -> None:
    """One run for all of it, because starting the hub is what takes the time."""
    told = await hub.tell(contact(), key=IN_KEYS)
    same_child = await hub.tell(contact())
    await odd_requests(hub)
    await decide_and_inform(hub, told["id"])
    await hub.at_rest()
    await _nothing_personal_anywhere(hub, tmp_path, told["reference"])
    await whole_chains(hub)
    await _erase(hub, told["id"])
    other = await hub.http.get(
        f"{hub.url('intake')}/v1/contacts/{same_child['id']}", headers=await _headers(hub, "partner")
    )
    assert other.json()["told"]["narrative"] == contact()["narrative"], "another contact about the same child was lost"


async def _nothing_personal_anywhere(hub: Hub, folder: Path, reference: str) -> None:
    letters = [path.read_text() for path in (folder / "mailbox").glob("*.eml")]
    to_referrer = [letter for letter in letters if f"To: {EMAIL}" in letter and reference in letter]
    assert len(to_referrer) == 2, "an acknowledgement and an outcome"
    assert all(SENDER_REFERENCE in letter for letter in to_referrer)
    sightings = await look_everywhere(hub, folder, [*PERSONAL, *STAFF_WORDS, IN_KEYS])
    allowed = {(EMAIL, "e-mail: To"), (SENDER_REFERENCE, "e-mail: to the referrer")}
    assert {(one.canary, one.place) for one in sightings} == allowed, sightings


async def _erase(hub: Hub, contact_id: str) -> None:
    before = await records_about(hub, contact_id)
    assert {record.topic for record in before} >= {"mash.intake.v1", "mash.triage.v1", "mash.deadlines.v1"}
    headers = {**await hub.token("admin", subject="records.officer"), "Idempotency-Key": str(uuid4())}
    erasure = f"{hub.url('intake')}/v1/contacts/{contact_id}/erasure"
    answer = await hub.http.post(erasure, json={"reason_code": "retention_ended"}, headers=headers)
    assert answer.status_code == 204, answer.text

    async def heard() -> bool:
        tombstone = "SELECT erased_at IS NOT NULL AS erased FROM contact_stream WHERE contact_id = $1::uuid"
        return all([(await hub.rows(one.name, tombstone, contact_id))[0]["erased"] for one in SERVICES])

    await eventually(heard)
    await hub.at_rest()
    await _forgotten(hub, contact_id)
    await replay(hub, before)
    await _forgotten(hub, contact_id)


async def _forgotten(hub: Hub, contact_id: str) -> None:
    assert await kept_about(hub, contact_id) == set()
    for service, role, path in (
        ("intake", "partner", f"/v1/contacts/{contact_id}"),
        ("intake", "partner", f"/v1/contacts/{contact_id}/timeline"),
        ("intake", "manager", f"/v1/contacts/{contact_id}"),
        ("intake", "service", f"/v1/contacts/{contact_id}/recipient"),
        ("triage", "manager", f"/v1/triage/{contact_id}"),
        ("triage", "manager", f"/v1/triage/{contact_id}/history"),
        ("deadlines", "manager", f"/v1/contacts/{contact_id}/deadlines"),
    ):
        answer = await hub.http.get(f"{hub.url(service)}{path}", headers=await _headers(hub, role))
        assert answer.status_code == 404, f"{service} {path}: {answer.text}"
    for service, path in (("triage", "/v1/triage"), ("deadlines", "/v1/deadlines"), ("notify", "/v1/notifications")):
        listed = await hub.http.get(f"{hub.url(service)}{path}", headers=await _headers(hub, "manager"))
        assert contact_id not in listed.text, f"{service} still lists it"


async def _headers(hub: Hub, role: str) -> dict[str, str]:
    if role != "service":
        return await hub.token(role)
    form = {
        "grant_type": "client_credentials",
        "client_id": hub.settings["MASH_NOTIFY_CLIENT_ID"],
        "client_secret": hub.settings["MASH_NOTIFY_CLIENT_SECRET"],
    }
    answer = await hub.http.post(f"{hub.url('intake')}/v1/token", data=form)
    return {"Authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}

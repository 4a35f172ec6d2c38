"""A partner sees its own organisation's contacts only, and every look at a case, or refusal of one, is written down."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from services.intake.domain.model.reference import reference_for
from services.intake.entrypoints.schemas.contact import EXAMPLE
from tests.integration.access.conftest import OpenDoor
from tests.integration.access.door import ABSENT, OTHER, OWN, Door

pytestmark = pytest.mark.asyncio(loop_scope="package")

READS = {
    "triage": {
        "/v1/triage/{contact_id}": "practitioner",
        "/v1/triage/{contact_id}/history": "manager",
        "/v1/triage/{contact_id}/checks": "practitioner",
    },
    "deadlines": {"/v1/contacts/{contact_id}/deadlines": "ops"},
    "notify": {"/v1/notifications/{notification_id}": "practitioner"},
    "intake": {
        "/v1/contacts/{contact_id}": "practitioner",
        "/v1/contacts/{contact_id}/timeline": "manager",
        "/v1/contacts/{contact_id}/recipient": "service",
        "/v1/contacts/{contact_id}/links": "practitioner",
    },
}
LISTS = {
    "triage": ["/v1/triage"],
    "deadlines": ["/v1/deadlines", "/v1/deadlines/next", "/v1/breaches", "/v1/watchdog"],
    "notify": ["/v1/notifications"],
    "intake": ["/v1/contacts"],
}
REFUSED_WRITES = {
    "triage": ("practitioner", "/v1/triage/{absent}/open", None),
    "notify": ("practitioner", "/v1/contacts/{absent}/told", {"how": "phone", "told_at": "2026-11-20T10:00:00Z"}),
    "deadlines": ("practitioner", "/v1/breaches/{absent}/explanation", {"cause": "demand"}),
    "intake": ("admin", "/v1/contacts/{absent}/erasure", {"reason_code": "retention_ended"}),
}


def content(answer: httpx2.Response) -> dict[str, Any]:
    """The body without what differs from request to request."""
    return {name: value for name, value in answer.json().items() if name != "correlation_id"}


def seen(row: Any) -> tuple[str, list[UUID], str]:
    return row.role, list(row.contact_ids), row.outcome


async def test_another_organisations_contact_is_as_absent_as_one_that_is_not_there(door_of: OpenDoor) -> None:
    door = await door_of("intake")
    contact = UUID(door.ids["contact_id"])
    for path in ("/v1/contacts/{contact_id}", "/v1/contacts/{contact_id}/timeline"):
        before = len(await door.audited())
        own = await door.ask("GET", path, "partner")
        foreign = await door.ask("GET", path, "other partner")
        absent = await door.ask("GET", path.replace("{contact_id}", str(ABSENT)), "other partner")
        assert [one.status_code for one in (own, foreign, absent)] == [200, 404, 404]
        assert content(foreign) == content(absent)
        assert _headers(foreign) == _headers(absent)
        rows = (await door.audited())[before:]
        assert [(row.organisation, *seen(row)) for row in rows] == [
            (OWN, "partner", [contact], "shown"),
            (OTHER, "partner", [contact], "refused"),
            (OTHER, "partner", [ABSENT], "refused"),
        ]


def _headers(answer: httpx2.Response) -> set[str]:
    return {name for name in answer.headers if name != "x-correlation-id"}


async def test_a_partners_list_and_follows_stay_within_its_organisation(door_of: OpenDoor) -> None:
    door = await door_of("intake")
    newest = (await door.ask("POST", "/v1/contacts", "partner", json=EXAMPLE)).json()["id"]
    own = (await door.ask("GET", "/v1/contacts", "partner")).json()["contacts"]
    others = (await door.ask("GET", "/v1/contacts", "other partner")).json()["contacts"]
    assert newest == own[0]["id"]
    assert not {one["id"] for one in own} & {one["id"] for one in others}
    followed = {**EXAMPLE, "follows": own[0]["reference"]}
    joined = await door.ask("POST", "/v1/contacts", "partner", json=followed)
    foreign = await door.ask("POST", "/v1/contacts", "other partner", json=followed)
    unknown = await door.ask(
        "POST", "/v1/contacts", "other partner", json={**EXAMPLE, "follows": reference_for(uuid4())}
    )
    assert {one.status_code for one in (joined, foreign, unknown)} == {201}
    assert foreign.json()["warnings"] == unknown.json()["warnings"], "the answer tells whether the reference exists"
    assert joined.json()["received_at"] == own[0]["received_at"]
    assert foreign.json()["received_at"] != own[0]["received_at"], "a foreign contact's clock was joined"


async def test_a_partner_cannot_write_for_another_organisation(door_of: OpenDoor) -> None:
    door = await door_of("intake")
    told = await door.ask("POST", "/v1/contacts", "other partner", json={**EXAMPLE, "on_behalf_of": OWN})
    kept = await door.rows("SELECT organisation FROM contacts WHERE contact_id = :id", id=told.json()["id"])
    assert [row.organisation for row in kept] == [OTHER]


async def test_an_idempotency_key_belongs_to_its_caller(door_of: OpenDoor) -> None:
    """A stranger with the same key and body gets no answer that was kept for somebody else."""
    door = await door_of("intake")
    same = {"json": EXAMPLE, "headers": {"Idempotency-Key": "the-same-key-of-two"}}
    first = await door.ask("POST", "/v1/contacts", "partner", **same)
    other = await door.ask("POST", "/v1/contacts", "other partner", **same)
    assert (first.status_code, other.status_code) == (201, 201)
    assert first.json()["id"] != other.json()["id"]
    assert "Idempotent-Replayed" not in other.headers


@pytest.mark.parametrize("service", READS)
async def test_every_look_at_a_case_and_every_refusal_is_written_down(door_of: OpenDoor, service: str) -> None:
    door = await door_of(service)
    contact = UUID(door.ids["contact_id"])
    for path, role in READS[service].items():
        before = len(await door.audited())
        shown = await door.ask("GET", path, role)
        absent = await door.ask("GET", _absent(path), role)
        assert (shown.status_code, absent.status_code) == (200, 404), path
        first, second = (await door.audited())[before:]
        assert seen(first) == (role, [contact], "shown"), path
        assert (second.role, second.outcome) == (role, "refused"), path
        assert first.caller == second.caller == "somebody"
        assert str(first.correlation_id) == shown.headers["X-Correlation-ID"]


def _absent(path: str) -> str:
    return path.replace("{contact_id}", str(ABSENT)).replace("{notification_id}", str(ABSENT))


@pytest.mark.parametrize("service", LISTS)
async def test_a_list_leaves_one_row_with_what_it_showed(door_of: OpenDoor, service: str) -> None:
    door = await door_of(service)
    contact = UUID(door.ids["contact_id"])
    for path in LISTS[service]:
        before = len(await door.audited())
        answer = await door.ask("GET", path, "manager")
        rows = (await door.audited())[before:]
        assert (answer.status_code, len(rows)) == (200, 1), path
        assert rows[0].outcome == "shown"
        assert (contact in rows[0].contact_ids) == (str(contact) in answer.text), path


async def test_summaries_leave_a_row_with_what_was_shown_and_one_with_what_was_refused(door_of: OpenDoor) -> None:
    door = await door_of("intake")
    contact = UUID(door.ids["contact_id"])
    before = len(await door.audited())
    asked = {"contact_ids": [str(contact), str(ABSENT)]}
    answer = await door.ask("POST", "/v1/contacts/summaries", "practitioner", json=asked)
    assert [one["id"] for one in answer.json()["contacts"]] == [str(contact)]
    rows = [seen(row) for row in (await door.audited())[before:]]
    assert sorted(rows, key=lambda row: row[-1]) == [
        ("practitioner", [ABSENT], "refused"),
        ("practitioner", [contact], "shown"),
    ]


@pytest.mark.parametrize("service", REFUSED_WRITES)
async def test_a_write_to_what_is_not_there_is_refused_and_written_down(door_of: OpenDoor, service: str) -> None:
    door = await door_of(service)
    role, path, body = REFUSED_WRITES[service]
    before = len(await door.audited())
    answer = await door.ask("POST", path.replace("{absent}", str(ABSENT)), role, json=body)
    assert answer.status_code == 404
    assert [seen(row) for row in (await door.audited())[before:]] == [(role, [ABSENT], "refused")]
    assert await door.rows("SELECT 1 FROM idempotency WHERE path LIKE :path", path=f"%{ABSENT}%") == []


async def test_what_is_shown_to_watchers_holds_no_personal_data(door_of: OpenDoor) -> None:
    """`ops` sees clocks and measures: no narrative, no name, no address."""
    for service in ("deadlines", "notify"):
        door: Door = await door_of(service)
        for path in (*LISTS[service], *READS[service]):
            answer = await door.ask("GET", path, "ops")
            assert answer.status_code == 200
            assert "@example.org" not in answer.text.replace("…@example.org", ""), "an address in clear"

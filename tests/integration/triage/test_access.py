"""The work of the hub through the REST API: who may read and write, once, unchanged, audited; the queue."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from shared.contracts.deadlines import DeadlineSet
from shared.contracts.parts import ReferrerKind
from tests.integration.triage.conftest import Desk, Staff
from tests.integration.triage.steps import HELD, code
from tests.support.builders_triage import RED, clock_event, kept, received, subject_id, told
from tests.support.deliveries import NOON, delivered


async def test_a_write_needs_what_was_read(staff: Staff, contact: UUID) -> None:
    assert code(await staff.post(contact, "open", if_match="")) == (428, "if_match_needed")
    assert code(await staff.post(contact, "open", if_match='"7"')) == (412, "changed_since")
    assert code(await staff.post(contact, "open", if_match="*")) == (428, "if_match_needed")


async def test_copies_of_other_services_events_do_not_move_the_etag(desk: Desk, staff: Staff, contact: UUID) -> None:
    before = await staff.etag(contact)
    await desk.applier.process([delivered(clock_event(contact, DeadlineSet, sequence=1))])
    assert await staff.etag(contact) == before


async def test_a_retry_gets_the_same_answer_and_does_nothing(desk: Desk, staff: Staff, contact: UUID) -> None:
    match = await staff.etag(contact)
    first = await staff.post(contact, "open", key="once", if_match=match)
    again = await staff.post(contact, "open", key="once", if_match=match)
    assert (again.status_code, again.json(), again.headers["ETag"]) == (200, first.json(), first.headers["ETag"])
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(await desk.said("ContactOpened")) == 1
    other = {"reason": "withdrawn", "note": "Sent twice."}
    await staff.post(contact, "closure", other, key="two", role="manager")
    reused = await staff.post(contact, "closure", other | {"note": "x"}, key="two", role="manager")
    assert code(reused) == (422, "idempotency_key_reused")
    url = f"/v1/triage/{contact}/open"
    keyless = await staff.client.post(url, headers=staff.headers("ann", "practitioner"))
    assert code(keyless) == (400, "idempotency_key_missing")


async def test_every_look_and_every_refusal_is_written_down(desk: Desk, staff: Staff, contact: UUID) -> None:
    unknown = uuid4()
    await staff.get("/v1/triage", who="bob")
    await staff.get(f"/v1/triage/{contact}", who="bob")
    assert (await staff.get(f"/v1/triage/{unknown}", who="bob")).status_code == 404
    assert (await staff.get(f"/v1/triage/{unknown}/history", who="bob")).status_code == 404
    refused = await staff.post(unknown, "open", who="bob", if_match='"1"')
    assert refused.status_code == 404
    audit = await desk.rows("SELECT * FROM audit WHERE caller = 'bob' ORDER BY occurred_at")
    assert [(row.action, row.outcome, row.contact_ids) for row in audit] == [
        ("queue.read", "shown", [contact]),
        ("case.read", "shown", [contact]),
        ("case.read", "refused", [unknown]),
        ("history.read", "refused", [unknown]),
        ("case.open", "refused", [unknown]),
    ]
    assert len(await desk.rows("SELECT 1 FROM contact_stream")) == 1
    assert not await desk.rows("SELECT 1 FROM idempotency")


@pytest.mark.parametrize("role", ["partner", "ops", "admin"])
async def test_nobody_else_gets_in(staff: Staff, contact: UUID, role: str) -> None:
    token = staff.issuers.partner() if role == "partner" else staff.issuers.staff(role)
    headers = {"Authorization": f"Bearer {token}"}
    for path in ("/v1/triage", f"/v1/triage/{contact}", "/v1/policies"):
        assert (await staff.client.get(path, headers=headers)).status_code == 403
        assert (await staff.client.get(path)).status_code == 401


async def test_the_case_system_records_milestones_without_reading(staff: Staff, contact: UUID) -> None:
    await staff.post(contact, "open")
    body = {"subject_id": str(subject_id(contact)), "code": "paediatric_assessment", "occurred_at": HELD}
    done = await staff.post(contact, "milestones", body, who="case-system", role="service", if_match=" ")
    assert done.status_code == 201
    assert (await staff.get(f"/v1/triage/{contact}", who="case-system", role="service")).status_code == 403


async def test_the_queue_is_in_the_order_of_urgency_and_pages(desk: Desk, staff: Staff) -> None:
    amber, red, soon, later, lost = (uuid4() for _ in range(5))
    whose = kept(kind=ReferrerKind.PUBLIC)
    batch = [received(one, told(one), contact=whose) for one in (amber, soon, later)]
    batch.append(received(red, told(red, facts=RED)))
    for contact, hours in ((soon, 1), (later, 3)):
        due = NOON + timedelta(hours=hours)
        batch.append(clock_event(contact, DeadlineSet, sequence=1, next_due_at=due))
    await desk.applier.process([delivered(event) for event in batch])
    await desk.applier.process([delivered(received(lost, told(lost)), value=b"{")])
    expected = [str(one) for one in (lost, red, amber, soon, later)]
    path: str | None = "/v1/triage?limit=2"
    found: list[str] = []
    while path is not None:
        page = await staff.get(path)
        found += [one["contact_id"] for one in page.json()["contacts"]]
        link = page.headers.get("Link")
        path = link.partition(">")[0].lstrip("<") if link else None
    assert found == expected
    ambers = (await staff.get("/v1/triage?rating=amber")).json()["contacts"]
    assert [one["contact_id"] for one in ambers] == expected[2:]
    assert (await staff.get("/v1/triage?stage=closed")).json()["contacts"] == []
    assert (await staff.get("/v1/triage?rating=pink")).status_code == 422
    assert (await staff.get("/v1/triage?cursor=rubbish")).status_code == 400


async def test_the_policy_is_shown(desk: Desk, staff: Staff) -> None:
    pack = desk.triage.platform.pack
    heads = (await staff.get("/v1/policies")).json()["policies"]
    assert [(one["id"], one["version"], one["hash"]) for one in heads] == [(pack.id, pack.version, pack.content_hash)]
    whole = (await staff.get(f"/v1/policies/{pack.ref}")).json()
    assert {one["code"] for one in whole["outcomes"]} == set(pack.outcomes)
    assert (await staff.get("/v1/policies/other")).status_code == 404


async def test_the_document_describes_every_route(staff: Staff) -> None:
    document = (await staff.client.get("/openapi.json")).json()
    assert {path for path in document["paths"] if path.startswith("/v1/")} == {
        "/v1/triage",
        "/v1/triage/{contact_id}",
        "/v1/triage/{contact_id}/history",
        *(
            f"/v1/triage/{{contact_id}}/{what}"
            for what in (
                "open",
                "rating",
                "discussions",
                "discussions/{discussion_id}/held",
                "decision",
                "authorisation",
                "milestones",
                "closure",
                "assignments",
                "checks",
                "checks/{check_id}/answer",
                "checks/{check_id}/chases",
                "information-requests",
            )
        ),
        "/v1/triage/{contact_id}/reopening",
        "/v1/triage/{contact_id}/challenges/{challenge_id}/answer",
        "/v1/policies",
        "/v1/policies/{policy_id}",
    }

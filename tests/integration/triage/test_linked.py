"""Duplicates through the applier and the API: one piece of work, every referrer told."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from services.triage.entrypoints.worker import HANDLERS, WHEN_PARKED
from shared.contracts.notify import ReferrerInformed
from shared.messaging.apply import Applier
from tests.integration.triage.conftest import Desk, Staff
from tests.integration.triage.steps import code, early_help
from tests.support.builders_heard import linked, unlinked
from tests.support.builders_triage import RED, erased, informed, kept, received, subject_id, told
from tests.support.deliveries import delivered


@pytest.fixture
async def pair(desk: Desk) -> tuple[UUID, UUID]:
    """Two contacts about one child, linked: the second is the first's duplicate."""
    first, second = uuid4(), uuid4()
    events = [received(first, told(first)), received(second, told(second), contact=kept())]
    await desk.applier.process([delivered(event) for event in events])
    for role in ("primary", "duplicate"):
        event = linked(first, second, told(second), role=role, sequence=2)
        await desk.applier.process([delivered(event)])
    return first, second


async def test_the_primary_says_its_rating_with_the_link_and_keeps_it(desk: Desk, pair: tuple[UUID, UUID]) -> None:
    first, second = pair
    said = [one for one in await desk.said("ContactRated") if one["cause"] == "linked"]
    assert [(one["rating_version"], len(one["links"])) for one in said] == [(2, 1)]
    rows = await desk.rows("SELECT contact_id, role, other_contact_id FROM links")
    assert {(row.contact_id, row.role, row.other_contact_id) for row in rows} == {
        (first, "primary", second),
        (second, "duplicate", first),
    }


async def test_the_duplicate_leaves_the_queue_and_is_refused_with_the_way_to_go(
    staff: Staff, pair: tuple[UUID, UUID]
) -> None:
    first, second = pair
    queue = (await staff.get("/v1/triage")).json()["contacts"]
    assert [one["contact_id"] for one in queue] == [str(first)]
    queue = (await staff.get("/v1/triage?duplicates=true")).json()["contacts"]
    assert [(one["contact_id"], one["duplicate_of"]) for one in queue] == [(str(second), str(first))]
    await staff.post(second, "open")
    refused = await staff.post(second, "decision", early_help(second, 1))
    assert code(refused) == (409, "linked_as_duplicate")
    assert str(first) in refused.json()["detail"]
    shown = (await staff.get(f"/v1/triage/{second}")).json()
    assert shown["duplicate_of"] == str(first)
    assert "decide" not in shown["allowed"]
    assert [one["role"] for one in shown["links"]] == ["duplicate"]


async def test_a_decision_is_said_to_each_referrer_in_one_transaction_and_revised_for_each(
    desk: Desk, staff: Staff, pair: tuple[UUID, UUID]
) -> None:
    first, second = pair
    await staff.post(first, "open")
    assert (await staff.post(first, "decision", early_help(first, 1))).status_code == 201
    made = await desk.said("DecisionMade")
    assert {one["made_on"] for one in made} == {None, str(first)}
    assert len({one["contact"]["reference"] for one in made}) == 2
    shown = (await staff.get(f"/v1/triage/{second}")).json()
    assert (shown["stage"], shown["decisions"][0]["made_on"]) == ("decided", str(first))
    assert shown["decisions"][0]["rationale"] == ""

    again = early_help(first, 1, level=3, revises=1, reason="The plan needs more.")
    assert (await staff.post(first, "decision", again)).status_code == 201
    revised = await desk.said("DecisionRevised")
    assert [(one["decision_version"], one["revises_version"], one["level"]) for one in revised] == [(2, 1, 3)] * 2
    for contact in pair:
        await desk.applier.process([delivered(informed(contact, {subject_id(contact): 2}, sequence=1))])
    closed = await staff.post(first, "closure", {"reason": "completed"})
    assert closed.status_code == 200, closed.text
    assert {one["reason_code"] for one in await desk.said("ContactClosed")} == {"completed", "duplicate"}
    rows = await desk.rows("SELECT stage FROM cases")
    assert [row.stage for row in rows] == ["closed", "closed"]


async def test_linked_in_a_batch_with_an_event_that_nobody_handles(desk: Desk) -> None:
    """What was locked unread is read where it turns out to be needed."""
    first, second = uuid4(), uuid4()
    events = [received(first, told(first, facts=RED)), received(second, told(second))]
    await desk.applier.process([delivered(event) for event in events])
    deaf = {event: handler for event, handler in HANDLERS.items() if event is not ReferrerInformed}
    applier = Applier(service="triage", open_work=desk.triage.work, handlers=deaf, when_parked=WHEN_PARKED)
    batch = [
        informed(first, {}, sequence=1),
        linked(first, second, told(second), role="duplicate", sequence=2),
    ]
    await applier.process([delivered(event) for event in batch])
    rows = await desk.rows("SELECT contact_id, rating, stage FROM cases")
    assert {(row.contact_id, row.rating) for row in rows} == {(first, "red"), (second, "amber")}


async def test_unlinked_it_is_back_in_the_queue(desk: Desk, staff: Staff, pair: tuple[UUID, UUID]) -> None:
    first, second = pair
    await staff.post(first, "open")
    await staff.post(first, "decision", early_help(first, 1))
    for role in ("duplicate", "primary"):
        await desk.applier.process([delivered(unlinked(first, second, role=role, sequence=3))])
    queue = (await staff.get("/v1/triage")).json()["contacts"]
    assert (queue[0]["contact_id"], queue[0]["attention"]) == (str(second), ["unlinked"])
    await staff.post(second, "open")
    decided = await staff.post(second, "decision", early_help(second, 1))
    assert (decided.status_code, decided.json()["stage"]) == (201, "decided")


async def test_forgetting_the_primary_leaves_nothing_of_it_and_gives_the_duplicate_back(
    desk: Desk, staff: Staff, pair: tuple[UUID, UUID]
) -> None:
    first, second = pair
    await desk.applier.process([delivered(erased(first, sequence=3))])
    rows = await desk.rows("SELECT contact_id FROM links")
    assert [row.contact_id for row in rows] == [second]
    assert [one["contact_id"] for one in (await staff.get("/v1/triage")).json()["contacts"]] == [str(second)]


async def test_both_at_once_end_the_same(desk: Desk, staff: Staff) -> None:
    """Staff decide on the primary while links arrive from the other side: nobody waits for ever, nothing is lost."""
    pairs = [(uuid4(), uuid4()) for _ in range(6)]
    for first, second in pairs:
        events = [received(first, told(first)), received(second, told(second), contact=kept())]
        events.append(linked(first, second, told(second), role="primary", sequence=2))
        await desk.applier.process([delivered(event) for event in events])
        await staff.post(first, "open")

    async def link(first: UUID, second: UUID) -> None:
        await desk.applier.process([delivered(linked(first, second, told(second), role="duplicate", sequence=2))])

    done = await asyncio.gather(
        *(link(*one) for one in pairs), *(staff.post(first, "decision", early_help(first, 1)) for first, _ in pairs)
    )
    assert len(done) == 12
    rows = await desk.rows("SELECT stage, duplicate_of FROM cases")
    assert {row.stage for row in rows} == {"decided"}
    assert len(await desk.said("DecisionMade")) == 12

"""A contact without a rating is said again: first the same, then anew, until somebody has heard it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlalchemy import text

from services.intake.adapters.repositories.echoes import say_again
from services.intake.bootstrap import Intake
from services.intake.domain.model.stages import Move
from services.intake.entrypoints.schemas.contact import EXAMPLE
from services.intake.entrypoints.worker import HANDLERS, WHEN_PARKED
from shared.contracts.envelope import Event, read_event
from shared.contracts.intake import ContactReceived, ContactRestated
from shared.contracts.parts import PolicyVersion
from shared.contracts.topics import EVENTS
from shared.contracts.triage import ContactRated
from shared.messaging.apply import Applier
from shared.messaging.outbox import headers_from
from tests.integration.intake.steps import send
from tests.integration.intake.test_accepting import post
from tests.support.deliveries import delivered, event_of

Token = Callable[..., Awaitable[dict[str, str]]]


@pytest.fixture
async def contact(api: httpx2.AsyncClient, token: Token) -> UUID:
    return UUID((await post(api, await token(), EXAMPLE)).json()["id"])


async def take_outbox(intake: Intake) -> list[Event[Any]]:
    """What the relay would publish now."""
    async with intake.platform.engine.begin() as connection:
        rows = (await connection.execute(text("SELECT headers, value FROM outbox ORDER BY id"))).all()
        await connection.execute(text("DELETE FROM outbox"))
    return [read_event(headers_from(row.headers), bytes(row.value), EVENTS) for row in rows]


async def minutes_pass(intake: Intake, minutes: float) -> None:
    async with intake.platform.engine.begin() as connection:
        await connection.execute(
            text("UPDATE contacts SET last_said_at = last_said_at - make_interval(secs => :s)"), {"s": minutes * 60}
        )


async def rated(intake: Intake, received: Event[ContactReceived]) -> None:
    rating = ContactRated(
        contact=received.data.contact,
        rating_version=1,
        policy=PolicyVersion(id="p", version="1", hash="h"),
        rating="r",
        pages=False,
        unrated=False,
        cause="received",
        subjects=(),
    )
    applier = Applier(service="intake", open_work=intake.work, handlers=HANDLERS, when_parked=WHEN_PARKED)
    await applier.process([delivered(event_of(rating, contact_id=received.contact_id, sequence=1))])


async def test_first_the_same_then_a_restatement_then_silence_once_rated(intake: Intake, contact: UUID) -> None:
    (first,) = await take_outbox(intake)
    assert not await say_again(intake.work)
    assert await take_outbox(intake) == []
    await minutes_pass(intake, 1.1)
    await say_again(intake.work)
    assert await take_outbox(intake) == [first]
    await minutes_pass(intake, 1.1)
    await say_again(intake.work)
    assert await take_outbox(intake) == []  # it waits twice as long each time
    await minutes_pass(intake, 1)
    await say_again(intake.work)
    (second,) = await take_outbox(intake)
    assert isinstance(second.data, ContactRestated)
    assert second.sequence == 2
    assert second.id != first.id
    assert second.correlation_id == first.correlation_id
    restated, told = json.loads(second.data.model_dump_json()), json.loads(first.data.model_dump_json())
    assert {name: restated[name] for name in told} == told
    assert (restated["withdrawals"], restated["challenges"]) == ([], [])
    await minutes_pass(intake, 5)
    await say_again(intake.work)
    (third,) = await take_outbox(intake)
    assert (third.sequence, third.contact_id) == (3, contact)
    await rated(intake, first)
    await minutes_pass(intake, 600)
    await say_again(intake.work)
    assert await take_outbox(intake) == []


async def test_one_that_nobody_ever_rates_does_not_silence_the_others(intake: Intake, contact: UUID) -> None:
    await take_outbox(intake)
    async with intake.platform.engine.begin() as connection:
        await connection.execute(text("UPDATE contacts SET times_said = 1100"))
    await minutes_pass(intake, 61)
    await say_again(intake.work)
    (again,) = await take_outbox(intake)
    assert (again.contact_id, type(again.data)) == (contact, ContactRestated)


async def test_an_erased_contact_is_not_said_again(
    api: httpx2.AsyncClient, intake: Intake, contact: UUID, token: Token
) -> None:
    headers = {**await token("admin"), "Idempotency-Key": "once"}
    await api.post(f"/v1/contacts/{contact}/erasure", json={"reason_code": "retention_ended"}, headers=headers)
    await take_outbox(intake)
    await minutes_pass(intake, 600)
    assert not await say_again(intake.work)
    assert await take_outbox(intake) == []


async def test_two_workers_say_it_once(intake: Intake, contact: UUID) -> None:
    await take_outbox(intake)
    await minutes_pass(intake, 5)
    await asyncio.gather(*(say_again(intake.work) for _ in range(4)))
    assert len(await take_outbox(intake)) == 1
    await minutes_pass(intake, 5)
    await asyncio.gather(*(say_again(intake.work) for _ in range(4)))
    said = await take_outbox(intake)
    assert [(event.contact_id, event.sequence) for event in said] == [(contact, 2)]


async def test_it_does_not_wait_for_a_worker_that_holds_the_contact(
    intake: Intake, contact: UUID, api: httpx2.AsyncClient, token: Token
) -> None:
    other = UUID((await post(api, await token(), EXAMPLE)).json()["id"])
    (first, _) = await take_outbox(intake)
    await minutes_pass(intake, 5)
    async with intake.work() as work:
        await work.lock([contact])
        await asyncio.wait_for(say_again(intake.work), 5)
        work.contacts.rated(contact, work.now)
        work.contacts.heard(contact, event_id=uuid4(), what="opened", at=work.now, move=Move.OPEN)
        await work.commit()
    assert [event.contact_id for event in await take_outbox(intake)] == [other]
    await say_again(intake.work)
    assert await take_outbox(intake) == []
    assert first.contact_id == contact


async def test_a_restatement_carries_what_was_told_since(
    api: httpx2.AsyncClient, intake: Intake, contact: UUID, token: Token
) -> None:
    headers, path = await token(), f"/v1/contacts/{contact}"
    more = {"facts": {"injury": "yes"}, "subjects": [{"kind": "child"}]}
    for what, body in (
        ("information", more),
        ("withdrawal", {"reason_code": "other"}),
        ("information", {"facts": {"injury": "not_known"}}),
    ):
        assert (await send(api, headers, f"{path}/{what}", body)).status_code == 201
    await minutes_pass(intake, 5)
    await say_again(intake.work)
    await minutes_pass(intake, 5)
    await take_outbox(intake)
    await say_again(intake.work)
    (restated,) = await take_outbox(intake)
    assert isinstance(restated.data, ContactRestated)
    assert [subject.position for subject in restated.data.subjects] == [1, 2]
    assert [subject.facts["injury"] for subject in restated.data.subjects] == ["yes", "yes"]
    assert [one.reason_code for one in restated.data.withdrawals] == ["other"]
    assert restated.sequence == 5

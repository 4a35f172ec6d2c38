"""Contacts about children who are told of again, and a worker that finds them: steps of several tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx2
from sqlalchemy import text

from services.intake.bootstrap import Intake
from services.intake.entrypoints.schemas.contact import EXAMPLE
from services.intake.entrypoints.worker import HANDLERS, WHEN_PARKED
from services.intake.entrypoints.worker.matching import index_once, look_once
from shared.contracts.envelope import Event, EventData, read_event
from shared.contracts.intake import ContactReceived, HistoryFound
from shared.contracts.parts import PolicyVersion, SubjectRef
from shared.contracts.topics import EVENTS
from shared.contracts.triage import ContactClosed, ContactRated, DecisionMade, MilestoneRecorded, SubjectRated
from shared.messaging.apply import Applier
from shared.messaging.outbox import headers_from
from tests.integration.intake.test_accepting import post
from tests.support.deliveries import delivered, event_of

Token = Callable[..., Awaitable[dict[str, str]]]
POLICY = PolicyVersion(id="p", version="1", hash="h")
NHS = "9990000018"
HOME = {"lines": ["Flat 3", "12 Sample Street"], "postcode": "SO14 2AB"}
ROWAN: dict[str, Any] = {
    "kind": "child",
    "given_name": "Rowan",
    "family_name": "Sample-Okafor",
    "birth_date": "2014-03-04",
    "sex": "F",
    "address": HOME,
}


@dataclass
class Front:
    """Intake with its API, its worker's loops, and what it has said so far."""

    intake: Intake
    api: httpx2.AsyncClient
    token: Token
    said: list[Event[Any]] = field(default_factory=list[Event[Any]])
    heard: dict[UUID, int] = field(default_factory=dict[UUID, int])

    async def tell(self, *subjects: dict[str, Any], organisation: str = "health-visiting", **more: Any) -> UUID:
        """A partner's contact about these subjects."""
        body = {**EXAMPLE, "subjects": list(subjects), **more}
        answer = await post(self.api, await self.token(organisation=organisation), body)
        assert answer.status_code == 201, answer.text
        return UUID(answer.json()["id"])

    async def match(self) -> None:
        """The worker's loops, until there is nothing left to do."""
        while await index_once(self.intake):
            pass
        while await look_once(self.intake):
            pass
        self.said += await take_outbox(self.intake)

    async def hear(self, contact_id: UUID, data: EventData) -> None:
        """The next thing triage says of a contact."""
        self.heard[contact_id] = self.heard.get(contact_id, 0) + 1
        applier = Applier(service="intake", open_work=self.intake.work, handlers=HANDLERS, when_parked=WHEN_PARKED)
        event = event_of(data, contact_id=contact_id, sequence=self.heard[contact_id])
        await applier.process([delivered(event)])

    def histories(self, contact_id: UUID) -> list[HistoryFound]:
        """The histories announced of a contact, oldest first."""
        return [one.data for one in self.said if one.contact_id == contact_id and isinstance(one.data, HistoryFound)]

    def received(self, contact_id: UUID) -> ContactReceived:
        """The contact's first announcement."""
        return next(one.data for one in self.said if one.contact_id == contact_id and one.sequence == 1)

    async def rows(self, statement: str, **values: Any) -> list[Any]:
        async with self.intake.platform.engine.begin() as connection:
            found = await connection.execute(text(statement), values)
            return list(found.all()) if found.returns_rows else []

    # what triage says

    async def rated(
        self,
        contact_id: UUID,
        rating: str,
        *,
        links: tuple[UUID, ...] = (),
        link_versions: dict[UUID, int] | None = None,
        version: int = 1,
        routes: Any = None,
    ) -> None:
        received = self.received(contact_id)
        subjects = tuple(
            SubjectRated(
                subject_id=one.subject_id,
                position=one.position,
                kind=one.kind,
                rating=rating,
                route=rating,
                routes=routes or (rating,),
                level=None,
                proposed_outcome=None,
            )
            for one in received.subjects
        )
        data = ContactRated(
            contact=received.contact,
            rating_version=version,
            policy=POLICY,
            rating=rating,
            pages=False,
            unrated=False,
            cause="received",
            subjects=subjects,
            links=links,
            link_versions=link_versions or {},
        )
        await self.hear(contact_id, data)

    async def decided(self, contact_id: UUID, outcome: str, at: datetime, *, referral: bool = False) -> None:
        received = self.received(contact_id)
        one = received.subjects[0]
        data = DecisionMade(
            contact=received.contact,
            policy=POLICY,
            subject=SubjectRef(subject_id=one.subject_id, position=one.position, kind=one.kind),
            decision_version=1,
            outcome=outcome,
            counts_as_referral=referral,
            level=None,
            reason_codes=(),
            service_codes=(),
            decided_at=at,
            undecided=0,
        )
        await self.hear(contact_id, data)

    async def closed(self, contact_id: UUID, at: datetime) -> None:
        received = self.received(contact_id)
        await self.hear(contact_id, ContactClosed(contact=received.contact, closed_at=at, reason_code="completed"))

    async def assessed(self, contact_id: UUID, at: datetime) -> None:
        received = self.received(contact_id)
        data = MilestoneRecorded(
            contact=received.contact,
            subject_id=received.subjects[0].subject_id,
            code="assessment_completed",
            occurred_at=at,
        )
        await self.hear(contact_id, data)


async def take_outbox(intake: Intake) -> list[Event[Any]]:
    """What the relay would publish now."""
    async with intake.platform.engine.begin() as connection:
        rows = (await connection.execute(text("SELECT headers, value FROM outbox ORDER BY id"))).all()
        await connection.execute(text("DELETE FROM outbox"))
    return [read_event(headers_from(row.headers), bytes(row.value), EVENTS) for row in rows]

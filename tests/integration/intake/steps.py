"""What tests of intake's API do again and again: send, hear what other services say, look at what was said."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import httpx2
from sqlalchemy import text

from services.intake.bootstrap import Intake
from services.intake.entrypoints.worker import HANDLERS, WHEN_PARKED
from shared.contracts.envelope import Event, EventData, read_event
from shared.contracts.notify import Delivery, Proof, ReferrerAcknowledged, ReferrerInformed
from shared.contracts.parts import ContactKept, PolicyVersion, SubjectKind, SubjectRef
from shared.contracts.topics import EVENTS
from shared.contracts.triage import DecisionMade
from shared.messaging.apply import Applier
from shared.messaging.outbox import headers_from
from tests.support.builders_triage import kept
from tests.support.deliveries import NOON, delivered, event_of

Token = Callable[..., Awaitable[dict[str, str]]]
POLICY = PolicyVersion(id="p", version="1", hash="0" * 64)


async def send(
    api: httpx2.AsyncClient, headers: dict[str, str], path: str, body: Any, *, key: str | None = None
) -> httpx2.Response:
    """One POST with an idempotency key of its own, unless one is given."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {**headers, "Idempotency-Key": key or str(uuid4()), "Content-Type": "application/json"}
    return await api.post(path, content=content, headers=sent)


async def said(intake: Intake, contact_id: str | None = None) -> list[Event[EventData]]:
    """What intake has said, oldest first."""
    async with intake.platform.engine.connect() as connection:
        rows = (await connection.execute(text("SELECT headers, value FROM outbox ORDER BY id"))).all()
    events = [read_event(headers_from(row.headers), bytes(row.value), EVENTS) for row in rows]
    return [event for event in events if contact_id in (None, str(event.contact_id))]


class Others:
    """The other services, speaking about one contact, each with its own sequence."""

    def __init__(self, intake: Intake, contact_id: str) -> None:
        self._intake = intake
        self.contact_id = UUID(contact_id)
        self.contact: ContactKept = kept()
        self._sequences = {"triage": count(1), "notify": count(1)}

    async def say(self, *things: EventData) -> None:
        """They say these, and intake hears them in one batch."""
        events = [
            event_of(one, contact_id=self.contact_id, sequence=next(self._sequences[one.producer])) for one in things
        ]
        applier = Applier(service="intake", open_work=self._intake.work, handlers=HANDLERS, when_parked=WHEN_PARKED)
        await applier.process([delivered(event) for event in events])

    def decision(
        self,
        *,
        undecided: int = 0,
        minutes: int = 0,
        version: int = 1,
        kind: type[DecisionMade] = DecisionMade,
        **more: Any,
    ) -> DecisionMade:
        """A decision about the first subject."""
        return kind(
            contact=self.contact,
            policy=POLICY,
            subject=SubjectRef(subject_id=UUID(int=1), position=1, kind=SubjectKind.CHILD),
            decision_version=version,
            outcome="early_help",
            counts_as_referral=False,
            level=2,
            reason_codes=("threshold",),
            service_codes=(),
            decided_at=NOON + timedelta(minutes=minutes),
            undecided=undecided,
            **more,
        )

    def told(self, what: type[ReferrerAcknowledged | ReferrerInformed], *, minutes: int = 0) -> EventData:
        """Notify has told the referrer."""
        delivery = Delivery(
            message_id=uuid4(), channel="email", proof=Proof.ACCEPTED, at=NOON + timedelta(minutes=minutes)
        )
        if what is ReferrerAcknowledged:
            return ReferrerAcknowledged(reference=self.contact.reference, delivery=delivery)
        return ReferrerInformed(
            reference=self.contact.reference, delivery=delivery, decisions={UUID(int=1): 1}, complete=True
        )

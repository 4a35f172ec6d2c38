"""One contact's life as notify hears it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from shared.contracts.deadlines import (
    Clock,
    DeadlineApproaching,
    DeadlineBreached,
    DeadlineCancelled,
    DeadlineEscalated,
    DeadlineMet,
)
from shared.contracts.envelope import Event, EventData
from shared.contracts.intake import ContactErased, ContactReceived, ContactRestated, SubjectTold
from shared.contracts.parts import (
    Age,
    AgeUnit,
    ContactKept,
    PolicyVersion,
    Referrer,
    ReferrerKind,
    SubjectKind,
    SubjectRef,
)
from shared.contracts.triage import (
    CaseRestated,
    ContactClosed,
    ContactOpened,
    ContactRated,
    DecisionMade,
    SubjectRated,
    SubjectStanding,
)
from shared.messaging.bus import Delivered
from shared.policy.loader import load_pack
from shared.policy.model import Pack
from tests.support.deliveries import delivered

POLICIES = Path(__file__).parents[2] / "policies"
TEMPLATES = Path(__file__).parents[2] / "services" / "notify" / "templates"
TEST_IDS = UUID("7a2d7f0a-0000-5000-8000-000000000000")
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
"""A Friday in winter: local time is UTC."""
REFERENCE = "MASH-7K3P-2QF9-5"
EMAIL = "jo.referrer@example.org"


@cache
def southampton() -> Pack:
    """The default policy pack."""
    return load_pack(POLICIES)


def policy() -> PolicyVersion:
    """The default pack as events name it."""
    pack = southampton()
    return PolicyVersion(id=pack.id, version=pack.version, hash=pack.content_hash)


@dataclass
class Life:
    """A contact and the events about it; each method makes the next one of its producer."""

    name: str = "a contact"
    subjects: int = 1
    referrer: ReferrerKind = ReferrerKind.INVOLVED_PROFESSIONAL
    has_address: bool = True
    source: str = "2A"
    has_mobile: bool = False
    kinds: Sequence[SubjectKind] = ()
    _sequences: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def id(self) -> UUID:
        """The contact's id: the same for the same name."""
        return uuid5(TEST_IDS, self.name)

    def subject(self, number: int) -> UUID:
        """The id of the subject, from 1."""
        return uuid5(self.id, f"subject {number}")

    def kept(self) -> ContactKept:
        """What every event repeats."""
        referrer = Referrer(
            kind=self.referrer,
            source_code=self.source,
            organisation_id="school",
            has_address=self.has_address,
            has_mobile=self.has_mobile,
        )
        return ContactKept(reference=REFERENCE, received_at=NOON, accepted_at=NOON, referrer=referrer)

    def received(self) -> Event[Any]:
        return self._event(ContactReceived(**self._told()))

    def restated(self) -> Event[Any]:
        return self._event(ContactRestated(**self._told()))

    def erased(self) -> Event[Any]:
        return self._event(ContactErased(reason_code="subject_request"))

    def rated(
        self,
        rating: str = "red",
        *,
        pages: bool = True,
        version: int = 1,
        flags: tuple[str, ...] = (),
        at: datetime = NOON,
    ) -> Event[Any]:
        return self._event(
            ContactRated(
                contact=self.kept(),
                rating_version=version,
                policy=policy(),
                rating=rating,
                pages=pages,
                unrated=False,
                cause="received",
                subjects=tuple(self._rated(number, rating, flags) for number in range(1, self.subjects + 1)),
            ),
            at=at,
        )

    def opened(self) -> Event[Any]:
        return self._event(ContactOpened(contact=self.kept(), opened_at=NOON + timedelta(minutes=3)))

    def closed(self) -> Event[Any]:
        return self._event(ContactClosed(contact=self.kept(), closed_at=NOON, reason_code="done"))

    def decided(
        self, number: int = 1, *, undecided: int = 0, version: int = 1, outcome: str = "early_help"
    ) -> Event[Any]:
        return self._event(self.decision(number, undecided=undecided, version=version, outcome=outcome))

    def decision(self, number: int, *, undecided: int, version: int = 1, outcome: str = "early_help") -> DecisionMade:
        return DecisionMade(
            contact=self.kept(),
            policy=policy(),
            subject=SubjectRef(subject_id=self.subject(number), position=number, kind=self._kind(number)),
            decision_version=version,
            outcome=outcome,
            counts_as_referral=False,
            level=2,
            reason_codes=("needs_early_help",),
            service_codes=("family_hub",),
            decided_at=NOON + timedelta(hours=2),
            undecided=undecided,
        )

    def case_restated(
        self, *, opened: bool = True, pages: bool = True, decided: int = 0, version: int = 1
    ) -> Event[Any]:
        return self._event(
            CaseRestated(
                contact=self.kept(),
                rating_version=version,
                policy=policy(),
                rating="red" if pages else "amber",
                pages=pages,
                unrated=False,
                stage="opened",
                opened_at=NOON if opened else None,
                closed_at=None,
                subjects=tuple(
                    SubjectStanding(
                        rated=self._rated(number, "red", ()),
                        decision=self.decision(number, undecided=0) if number <= decided else None,
                    )
                    for number in range(1, self.subjects + 1)
                ),
            )
        )

    def breached(self, kind: str = "referrer_told", *, number: int = 1, starts_at: datetime = NOON) -> Event[Any]:
        clock = self._clock(kind, number, starts_at)
        return self._event(
            DeadlineBreached(reference=REFERENCE, clock=clock, breached_at=NOON, late_seconds=0, next_due_at=None)
        )

    def escalated(self, kind: str, rung: int, *, number: int = 1) -> Event[Any]:
        clock = self._clock(kind, number)
        return self._event(
            DeadlineEscalated(reference=REFERENCE, clock=clock, rung=rung, step=f"rung-{rung}", breached_at=NOON)
        )

    def met(self, kind: str, *, number: int = 1) -> Event[Any]:
        clock = self._clock(kind, number)
        return self._event(DeadlineMet(reference=REFERENCE, clock=clock, met_at=NOON, in_time=False, next_due_at=None))

    def cancelled(self, kind: str, *, number: int = 1) -> Event[Any]:
        clock = self._clock(kind, number)
        return self._event(DeadlineCancelled(reference=REFERENCE, clock=clock, reason_code="closed", next_due_at=None))

    def approaching(self, kind: str, share: float, *, number: int = 1) -> Event[Any]:
        return self._event(
            DeadlineApproaching(reference=REFERENCE, clock=self._clock(kind, number), step=f"{share}", share=share)
        )

    def _clock(self, kind: str, number: int, starts_at: datetime = NOON) -> Clock:
        return Clock(
            deadline_id=uuid5(self.id, f"{kind} {number}"),
            kind=kind,
            epoch=1,
            subject_id=None,
            rating="red",
            starts_at=starts_at,
            due_at=starts_at + timedelta(hours=24),
            basis="elapsed",
        )

    def _told(self) -> dict[str, Any]:
        age = Age(unit=AgeUnit.YEARS, value=7)
        subjects = tuple(
            SubjectTold(
                subject_id=self.subject(number),
                position=number,
                kind=self._kind(number),
                child_id=None,
                age_at_incident=age,
                age_at_receipt=age,
                facts={},
                indicators={},
                consent="given",
                open_case="no",
            )
            for number in range(1, self.subjects + 1)
        )
        return {
            "contact": self.kept(),
            "incident_at": None,
            "channel": "form",
            "sender_grade": None,
            "subjects": subjects,
        }

    def _rated(self, number: int, rating: str, flags: tuple[str, ...]) -> SubjectRated:
        return SubjectRated(
            subject_id=self.subject(number),
            position=number,
            kind=self._kind(number),
            rating=rating,
            route="red-abuse",
            routes=("red-abuse",),
            level=4,
            proposed_outcome=None,
            flags=flags,
        )

    def _kind(self, number: int) -> SubjectKind:
        return self.kinds[number - 1] if self.kinds else SubjectKind.CHILD

    def _event(self, data: EventData, *, at: datetime = NOON) -> Event[Any]:
        producer = type(data).producer
        self._sequences[producer] = self._sequences.get(producer, 0) + 1
        sequence = self._sequences[producer]
        event_id = uuid5(self.id, f"{producer} {sequence}")
        return Event(
            id=event_id,
            producer=producer,
            contact_id=self.id,
            sequence=sequence,
            time=at,
            correlation_id=uuid5(self.id, "correlation"),
            causation_id=event_id,
            traceparent=None,
            data=data,
        )


def deliveries(events: Iterable[Event[Any]]) -> list[Delivered]:
    """The events as a bus delivers them."""
    return [delivered(event) for event in events]

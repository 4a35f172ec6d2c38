"""One contact's life as deadlines hears it: events of all three producers with their own sequence numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from shared.contracts.envelope import Event, EventData, headers_of
from shared.contracts.intake import ContactErased, ContactReceived, SubjectTold
from shared.contracts.notify import Delivery, Proof, ReferrerAcknowledged, ReferrerInformed
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
from shared.contracts.topics import TOPIC_OF
from shared.contracts.triage import (
    CaseRestated,
    ContactClosed,
    ContactOpened,
    ContactRated,
    DecisionMade,
    DiscussionHeld,
    MilestoneRecorded,
    SubjectRated,
    SubjectStanding,
)
from shared.messaging.bus import Delivered, Record
from shared.messaging.outbox import event_value
from shared.policy.loader import load_pack
from shared.policy.model import Pack

POLICIES = Path(__file__).parents[2] / "policies"
TEST_IDS = UUID("6f1d7f0a-0000-5000-8000-000000000000")
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)  # a Wednesday in winter: local time is UTC
EVERYBODY = "childrens_services police health"
RATING_OF = {"red-immediate": "red", "red-abuse": "red", "red-bruised-baby": "red", "amber": "amber", "green": "green"}


def southampton() -> Pack:
    """The default policy pack."""
    return load_pack(POLICIES)


_PACK = southampton()


@dataclass
class Life:
    """A contact and the events about it; each method makes one. Times are minutes after receipt."""

    name: str
    received_at: datetime = NOON
    late_minutes: int = 0
    subjects: int = 1
    referrer: ReferrerKind = ReferrerKind.INVOLVED_PROFESSIONAL
    _sequences: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def id(self) -> UUID:
        """The contact's id: the same for the same name."""
        return uuid5(TEST_IDS, self.name)

    def subject(self, number: int) -> UUID:
        """The id of the subject, from 1."""
        return uuid5(self.id, f"subject {number}")

    def at(self, minutes: float) -> datetime:
        """That many minutes after receipt."""
        return self.received_at + timedelta(minutes=minutes)

    def kept(self) -> ContactKept:
        """What every event repeats."""
        return ContactKept(
            reference=f"MASH-{self.name}",
            received_at=self.received_at,
            accepted_at=self.received_at + timedelta(minutes=self.late_minutes),
            referrer=Referrer(kind=self.referrer, source_code="2A", organisation_id="school-1", has_address=True),
        )

    def _subject_ids(self) -> tuple[UUID, ...]:
        return tuple(self.subject(number) for number in range(1, self.subjects + 1))

    def event(self, data: EventData, minutes: float, key: str = "") -> Event[Any]:
        """The next event of the data's producer."""
        sequence = self._sequences[data.producer] = self._sequences.get(data.producer, 0) + 1
        name = f"{type(data).__name__}|{sequence}|{key}"
        return Event(
            id=uuid5(self.id, name),
            producer=data.producer,
            contact_id=self.id,
            sequence=sequence,
            time=self.at(minutes),
            correlation_id=self.id,
            causation_id=self.id,
            traceparent=None,
            data=data,
        )

    def told(self) -> tuple[SubjectTold, ...]:
        """The subjects as the referrer tells of them."""
        unknown = Age(unit=AgeUnit.UNKNOWN)
        return tuple(
            SubjectTold(
                subject_id=self.subject(number),
                position=number,
                kind=SubjectKind.CHILD,
                child_id=None,
                age_at_incident=unknown,
                age_at_receipt=unknown,
                facts={},
                indicators={},
                consent="given",
                open_case="no",
            )
            for number in range(1, self.subjects + 1)
        )

    def received(self) -> Event[ContactReceived]:
        """The contact was accepted."""
        data = ContactReceived(
            contact=self.kept(), incident_at=None, channel="api", sender_grade=None, subjects=self.told()
        )
        return self.event(data, self.late_minutes)

    def _rated(self, routes: Sequence[str]) -> tuple[SubjectRated, ...]:
        return tuple(
            SubjectRated(
                subject_id=self.subject(number),
                position=number,
                kind=SubjectKind.CHILD,
                rating=RATING_OF[route],
                route=route,
                routes=(route,),
                level=4,
                proposed_outcome=None,
            )
            for number, route in enumerate(routes, 1)
        )

    def _case(self, routes: Sequence[str], version: int) -> dict[str, Any]:
        rating = max((RATING_OF[route] for route in routes), key=lambda code: _PACK.ratings[code].rank)
        said = {"rating": rating, "pages": _PACK.ratings[rating].pages, "unrated": False}
        return {"contact": self.kept(), "rating_version": version, "policy": policy(), **said}

    def rated(self, *routes: str, version: int = 1, minutes: float = 0.5) -> Event[ContactRated]:
        """A rating: one route a subject."""
        case = self._case(routes, version)
        return self.event(ContactRated(**case, cause="received", subjects=self._rated(routes)), minutes)

    def restated(self, *routes: str, version: int, minutes: float) -> Event[CaseRestated]:
        """The case's full state: rated, opened, nothing decided."""
        data = CaseRestated(
            **self._case(routes, version),
            stage="opened",
            opened_at=self.at(minutes - 1),
            closed_at=None,
            subjects=tuple(SubjectStanding(rated=subject) for subject in self._rated(routes)),
        )
        return self.event(data, minutes)

    def opened(self, minutes: float = 5) -> Event[ContactOpened]:
        """Somebody looked."""
        return self.event(ContactOpened(contact=self.kept(), opened_at=self.at(minutes)), minutes)

    def discussed(self, kind: str = "strategy", minutes: float = 60, *, who: str = EVERYBODY) -> Event[DiscussionHeld]:
        """A discussion about all subjects, with everybody there who must be."""
        data = DiscussionHeld(
            contact=self.kept(),
            discussion_id=uuid5(self.id, f"{kind}|{minutes}"),
            kind=kind,
            held_at=self.at(minutes),
            attended=tuple(who.split()),
            subject_ids=self._subject_ids(),
        )
        return self.event(data, minutes)

    def decided(
        self,
        number: int = 1,
        *,
        outcome: str = "s17_assessment",
        minutes: float = 120,
        version: int = 1,
        left: int = 0,
        made_on: UUID | None = None,
    ) -> Event[DecisionMade]:
        """One subject's decision; ``left`` are still without one."""
        data = DecisionMade(
            contact=self.kept(),
            policy=policy(),
            subject=SubjectRef(subject_id=self.subject(number), position=number, kind=SubjectKind.CHILD),
            decision_version=version,
            outcome=outcome,
            counts_as_referral=True,
            level=None,
            reason_codes=(),
            service_codes=(),
            decided_at=self.at(minutes),
            undecided=left,
            made_on=made_on,
        )
        return self.event(data, minutes)

    def reached(self, code: str, minutes: float, number: int = 1) -> Event[MilestoneRecorded]:
        """A milestone of one subject."""
        data = MilestoneRecorded(
            contact=self.kept(), subject_id=self.subject(number), code=code, occurred_at=self.at(minutes)
        )
        return self.event(data, minutes)

    def closed(self, minutes: float = 240) -> Event[ContactClosed]:
        """The end of the front door's work."""
        return self.event(ContactClosed(contact=self.kept(), closed_at=self.at(minutes), reason_code="done"), minutes)

    def _delivery(self, purpose: str, minutes: float) -> Delivery:
        message = uuid5(self.id, f"{purpose}|{minutes}")
        return Delivery(message_id=message, channel="email", proof=Proof.ACCEPTED, at=self.at(minutes))

    def acknowledged(self, minutes: float = 1) -> Event[ReferrerAcknowledged]:
        """The referrer has our reference."""
        delivery = self._delivery("acknowledged", minutes)
        return self.event(ReferrerAcknowledged(reference=f"MASH-{self.name}", delivery=delivery), minutes)

    def informed(self, minutes: float = 125, *, complete: bool = True) -> Event[ReferrerInformed]:
        """The referrer knows the decision."""
        data = ReferrerInformed(
            reference=f"MASH-{self.name}",
            delivery=self._delivery("informed", minutes),
            decisions=dict.fromkeys(self._subject_ids(), 1),
            complete=complete,
        )
        return self.event(data, minutes)

    def erased(self, minutes: float = 300) -> Event[ContactErased]:
        """It is to be forgotten."""
        return self.event(ContactErased(reason_code="court_order"), minutes)


def policy() -> PolicyVersion:
    """The default pack as events name it."""
    return PolicyVersion(id=_PACK.id, version=_PACK.version, hash=_PACK.content_hash)


def delivered(*events: Event[Any], first: int = 0) -> list[Delivered]:
    """The events as the bus delivers them."""
    return [
        Delivered(
            Record(TOPIC_OF[event.producer], str(event.contact_id), event_value(event), headers_of(event)), 0, offset
        )
        for offset, event in enumerate(events, first)
    ]

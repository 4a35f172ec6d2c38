"""One contact's life as notify hears it, a work in memory for fast tests, and a scripted outside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from services.notify.application.ports import (
    Accepted,
    Attempt,
    Attested,
    Letter,
    Recipient,
    SendResult,
)
from services.notify.domain.model import Contact, DutyPeriod, Ladder, Message
from shared.contracts.deadlines import Clock, DeadlineApproaching, DeadlineBreached
from shared.contracts.envelope import Cause, Event, EventData
from shared.contracts.intake import ContactErased, ContactReceived, ContactRestated, SubjectTold
from shared.contracts.parts import Age, AgeUnit, ContactKept, PolicyVersion, Referrer, ReferrerKind, SubjectKind, SubjectRef
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
from shared.security.encryption import ContactCipher
from tests.support.deliveries import delivered

POLICIES = Path(__file__).parents[2] / "policies"
TEMPLATES = Path(__file__).parents[2] / "services" / "notify" / "templates"
TEST_IDS = UUID("7a2d7f0a-0000-5000-8000-000000000000")
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
"""A Friday in winter: local time is UTC."""
REFERENCE = "MASH-7K3P-2QF9-D"
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
        referrer = Referrer(kind=self.referrer, source_code="2A", organisation_id="school", has_address=self.has_address)
        return ContactKept(reference=REFERENCE, received_at=NOON, accepted_at=NOON, referrer=referrer)

    def received(self) -> Event[Any]:
        return self._event(ContactReceived(**self._told()))

    def restated(self) -> Event[Any]:
        return self._event(ContactRestated(**self._told()))

    def erased(self) -> Event[Any]:
        return self._event(ContactErased(reason_code="subject_request"))

    def rated(self, rating: str = "red", *, pages: bool = True, version: int = 1, flags: tuple[str, ...] = ()) -> Event[Any]:
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
            )
        )

    def opened(self) -> Event[Any]:
        return self._event(ContactOpened(contact=self.kept(), opened_at=NOON + timedelta(minutes=3)))

    def closed(self) -> Event[Any]:
        return self._event(ContactClosed(contact=self.kept(), closed_at=NOON, reason_code="done"))

    def decided(self, number: int = 1, *, undecided: int = 0, version: int = 1, outcome: str = "early_help") -> Event[Any]:
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

    def case_restated(self, *, opened: bool = True, pages: bool = True, decided: int = 0) -> Event[Any]:
        return self._event(
            CaseRestated(
                contact=self.kept(),
                rating_version=1,
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

    def breached(self, kind: str = "referrer_told", *, number: int = 1) -> Event[Any]:
        return self._event(
            DeadlineBreached(
                reference=REFERENCE, clock=self._clock(kind, number), breached_at=NOON, late_seconds=0, next_due_at=None
            )
        )

    def approaching(self, kind: str, share: float, *, number: int = 1) -> Event[Any]:
        return self._event(
            DeadlineApproaching(reference=REFERENCE, clock=self._clock(kind, number), step=f"{share}", share=share)
        )

    def _clock(self, kind: str, number: int) -> Clock:
        return Clock(
            deadline_id=uuid5(self.id, f"{kind} {number}"),
            kind=kind,
            epoch=1,
            subject_id=None,
            rating="red",
            starts_at=NOON,
            due_at=NOON + timedelta(hours=24),
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

    def _event(self, data: EventData) -> Event[Any]:
        producer = type(data).producer
        self._sequences[producer] = self._sequences.get(producer, 0) + 1
        sequence = self._sequences[producer]
        event_id = uuid5(self.id, f"{producer} {sequence}")
        return Event(
            id=event_id,
            producer=producer,
            contact_id=self.id,
            sequence=sequence,
            time=NOON,
            correlation_id=uuid5(self.id, "correlation"),
            causation_id=event_id,
            traceparent=None,
            data=data,
        )


def deliveries(events: Iterable[Event[Any]]) -> list[Delivered]:
    """The events as a bus delivers them."""
    return [delivered(event) for event in events]


@dataclass
class MemoryWork:
    """A work over dictionaries: what handlers decide, without a database. It keeps what it said."""

    now: datetime = NOON
    kept: dict[UUID, Contact] = field(default_factory=dict[UUID, Contact])
    letters: dict[UUID, dict[UUID, Message]] = field(default_factory=dict[UUID, dict[UUID, Message]])
    climbs: dict[tuple[UUID, str], Ladder] = field(default_factory=dict[tuple[UUID, str], Ladder])
    said: list[tuple[UUID, EventData]] = field(default_factory=list[tuple[UUID, EventData]])
    gone: set[UUID] = field(default_factory=set[UUID])
    periods: tuple[DutyPeriod, ...] = ()

    @property
    def contacts(self) -> _Contacts:
        return _Contacts(self)

    @property
    def messages(self) -> _Messages:
        return _Messages(self)

    @property
    def ladders(self) -> _Ladders:
        return _Ladders(self)

    @property
    def packs(self) -> _Packs:
        return _Packs()

    @property
    def attempts(self) -> _Notes:
        return _Notes()

    @property
    def told(self) -> _Notes:
        return _Notes()

    @property
    def rota(self) -> _Rota:
        return _Rota(self)

    @property
    def due(self) -> _Due:
        return _Due(self)

    async def lock(self, contact_ids: Iterable[UUID]) -> None:
        del contact_ids

    def erased(self, contact_id: UUID) -> bool:
        return contact_id in self.gone

    async def forget(self, contact_id: UUID) -> None:
        self.gone.add(contact_id)
        self.kept.pop(contact_id, None)
        self.letters.pop(contact_id, None)

    def cipher(self, contact_id: UUID) -> ContactCipher:
        del contact_id
        return ContactCipher(bytes(32))

    def announce(self, data: EventData, *, contact_id: UUID, cause: Cause, discriminator: str = "") -> UUID:
        del contact_id
        event_id = cause.event_id(data, discriminator)
        self.said.append((event_id, data))
        return event_id


class _Contacts:
    def __init__(self, work: MemoryWork) -> None:
        self._work = work

    def of(self, contact_id: UUID) -> Contact:
        return self._work.kept.setdefault(contact_id, Contact(contact_id=contact_id))

    def known(self, contact_id: UUID) -> bool:
        return contact_id in self._work.kept


class _Messages:
    def __init__(self, work: MemoryWork) -> None:
        self._work = work

    def of(self, contact_id: UUID) -> Mapping[UUID, Message]:
        return dict(self._work.letters.get(contact_id, {}))

    def add(self, message: Message) -> bool:
        return self._work.letters.setdefault(message.contact_id, {}).setdefault(message.id, message) is message


class _Ladders:
    def __init__(self, work: MemoryWork) -> None:
        self._work = work

    def of(self, contact_id: UUID) -> Sequence[Ladder]:
        return [ladder for ladder in self._work.climbs.values() if ladder.contact_id == contact_id]

    def add(self, ladder: Ladder) -> None:
        self._work.climbs.setdefault((ladder.contact_id, ladder.cause), ladder)


class _Packs:
    @property
    def active(self) -> Pack:
        return southampton()

    def of(self, policy: PolicyVersion) -> Pack:
        del policy
        return southampton()

    def named(self, ref: str) -> Pack:
        del ref
        return southampton()


class _Notes:
    def begin(self, attempt: Attempt) -> None:
        del attempt

    def end(self, message_id: UUID, number: int, *, outcome: str, code: str | None, at: datetime) -> None:
        del message_id, number, outcome, code, at

    def add(self, attested: Attested) -> None:
        del attested


class _Rota:
    def __init__(self, work: MemoryWork) -> None:
        self._work = work

    async def read(self) -> tuple[int, tuple[DutyPeriod, ...]]:
        return 1, self._work.periods

    async def write(self, periods: Iterable[DutyPeriod], *, version: int, by: str) -> None:
        del version, by
        self._work.periods = tuple(periods)


class _Due:
    def __init__(self, work: MemoryWork) -> None:
        self._work = work

    async def messages(self, now: datetime, *, most: int) -> list[UUID]:
        del now
        return list(self._work.kept)[:most]

    async def ladders(self, now: datetime, *, most: int) -> list[UUID]:
        del now
        return list(self._work.kept)[:most]

    async def undelivered(self, *, person: datetime, page: datetime, most: int) -> list[UUID]:
        del person, page
        return list(self._work.kept)[:most]


@dataclass
class ScriptedChannel:
    """Takes letters and answers as it was told to; accepts once the script is at its end."""

    script: list[SendResult | Exception] = field(default_factory=list[SendResult | Exception])
    taken: list[Letter] = field(default_factory=list[Letter])
    name: str = "email"

    async def send(self, letter: Letter) -> SendResult:
        self.taken.append(letter)
        answer = self.script.pop(0) if self.script else Accepted()
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class ScriptedAddressBook:
    """Knows one address for everybody, or nobody, or is away."""

    answer: Recipient | Exception | None = field(
        default_factory=lambda: Recipient(email=EMAIL, sender_reference="SCH/2026/14")
    )
    asked: int = 0

    async def recipient(self, contact_id: UUID) -> Recipient | None:
        del contact_id
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

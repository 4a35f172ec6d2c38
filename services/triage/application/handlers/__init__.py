"""What triage does about each event it hears. One event, one decision; nothing here commits."""

from __future__ import annotations

from services.triage.application.handlers import told, translation
from services.triage.application.ports import TriageWork
from services.triage.domain.model import (
    UNKNOWN_REFERENCE,
    Case,
    Contact,
    Signed,
    ToldSubject,
    gathering,
    hearing,
    rating,
)
from shared.contracts.deadlines import (
    DeadlineApproaching,
    DeadlineBreached,
    DeadlineCancelled,
    DeadlineMet,
    DeadlineSet,
)
from shared.contracts.envelope import Cause, Event, EventData
from shared.contracts.intake import ContactReceived
from shared.contracts.notify import DeliveryFailed, ReferrerAcknowledged, ReferrerInformed
from shared.contracts.parts import ReferrerKind
from shared.messaging.parking import ParkedEvent

INTAKE = "intake"


async def rate_contact(event: Event[ContactReceived], work: TriageWork) -> None:
    """Somebody told the front door of a worry: rate every subject of it."""
    case = work.cases.get_or_new(event.contact_id)
    contact, subjects = told.contact_told(event.data), told.subjects_told(event.data)
    if rating.hear_what_was_told(case, contact, subjects, work.pack, signed_by(event, work)):
        announce_rating(case, work, Cause.of(event), because="received")


def announce_rating(case: Case, work: TriageWork, cause: Cause, *, because: str, suffix: str = "") -> None:
    """Says the newest version of a case's rating, all of its subjects at once; first that it is open again."""
    say_reopened(case, work, cause)
    said = translation.rated(case, cause=because)
    work.announce(said, contact_id=case.contact_id, cause=cause, discriminator=f"{said.rating_version}{suffix}")


def say_reopened(case: Case, work: TriageWork, cause: Cause) -> None:
    """Says that what was closed is with staff again, where that has not been said yet."""
    if case.reopening_unsaid and (said := translation.reopened(case)) is not None:
        case.reopening_unsaid = False
        work.announce(said, contact_id=case.contact_id, cause=cause)


async def note_clock(event: Event[DeadlineSet | DeadlineMet | DeadlineCancelled], work: TriageWork) -> None:
    """A clock was set, met or cancelled: keep what is waited for, and when the next one is due."""
    case, clock = work.cases.get_or_new(event.contact_id), event.data.clock
    hearing.hear_clock(case, reference=event.data.reference, kind=clock.kind)
    waits = isinstance(event.data, DeadlineSet) and clock.watched
    hearing.hear_waiting(case, clock.deadline_id, kind=clock.kind, due_at=clock.due_at if waits else None)
    if clock.request_id is not None:
        gathering.hear_due(case, clock.request_id, clock.due_at)
    hearing.hear_next_due(case, event.data.next_due_at)


async def note_breach(event: Event[DeadlineBreached], work: TriageWork) -> None:
    """A clock was missed: count it, and keep when the next one is due."""
    case = work.cases.get_or_new(event.contact_id)
    hearing.hear_clock(case, reference=event.data.reference, kind=event.data.clock.kind)
    hearing.hear_next_due(case, event.data.next_due_at)
    hearing.hear_breach(case)


async def note_warning(event: Event[DeadlineApproaching], work: TriageWork) -> None:
    """A clock is running out: deadlines has it, which is all that concerns us."""
    case = work.cases.get_or_new(event.contact_id)
    hearing.hear_clock(case, reference=event.data.reference, kind=event.data.clock.kind)


async def note_acknowledged(event: Event[ReferrerAcknowledged], work: TriageWork) -> None:
    """The referrer has our reference."""
    delivery = event.data.delivery
    hearing.hear_acknowledged(
        work.cases.get_or_new(event.contact_id),
        reference=event.data.reference,
        message_id=delivery.message_id,
        at=delivery.at,
    )


async def note_informed(event: Event[ReferrerInformed], work: TriageWork) -> None:
    """The referrer was told of decisions: the case is informed once none is missing."""
    hearing.hear_informed(
        work.cases.get_or_new(event.contact_id),
        reference=event.data.reference,
        message_id=event.data.delivery.message_id,
        decisions=event.data.decisions,
        complete=event.data.complete,
        signed=signed_by(event, work),
    )


async def note_undelivered(event: Event[DeliveryFailed], work: TriageWork) -> None:
    """A message could not be delivered: the case shows it until somebody has told the referrer."""
    about_outcome = {name for rule in work.pack.messages if rule.tells_outcome for name in (rule.code, rule.template)}
    hearing.hear_undelivered(
        work.cases.get_or_new(event.contact_id),
        reference=event.data.reference,
        message_id=event.data.message_id,
        purpose=event.data.purpose,
        tells_outcome=event.data.purpose in about_outcome,
    )


async def put_in_queue_unrated(parked: ParkedEvent, work: TriageWork) -> None:
    """An event cannot be dealt with. A contact nobody has rated goes into the queue above everything, and pages; a
    case that is rated keeps its rating and asks for attention.
    """
    case = work.cases.get(parked.contact_id)
    if (case is None or case.contact is None) and _may_tell_of_a_contact(parked):
        case = work.cases.get_or_new(parked.contact_id)
        contact, subjects = _as_far_as_known(parked, case)
        signed = Signed(id=parked.cause.id, at=work.now)
        if rating.put_unrated(case, contact, subjects, work.pack, signed, why="parked"):
            announce_rating(case, work, parked.cause, because="parked", suffix="|parked")
    if case is not None:
        hearing.hear_of_parked(case)


def _may_tell_of_a_contact(parked: ParkedEvent) -> bool:
    """From intake, or from nobody knows whom, and not plainly about something else."""
    return parked.producer in {INTAKE, ""} and (parked.event is None or isinstance(parked.event.data, ContactReceived))


def _as_far_as_known(parked: ParkedEvent, case: Case) -> tuple[Contact, tuple[ToldSubject, ...]]:
    """The contact of a parked event; where it cannot even be read, its time stands for the clocks' start."""
    data = parked.event.data if parked.event is not None else None
    if isinstance(data, ContactReceived):
        return told.contact_told(data), told.subjects_told(data)
    contact = Contact(
        reference=case.reference or UNKNOWN_REFERENCE,
        received_at=parked.time,
        accepted_at=parked.time,
        referrer_kind=ReferrerKind.OTHER.value,
        source_code=UNKNOWN_REFERENCE,
        organisation_id=None,
        has_address=False,
    )
    return contact, ()


def signed_by(event: Event[EventData], work: TriageWork) -> Signed:
    """The act that an event makes us do: nobody's."""
    return Signed(id=event.id, at=work.now)

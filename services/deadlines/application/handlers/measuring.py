"""What an event says is also tallied for the monthly measures, in the transaction in which the clocks follow it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from services.deadlines.application.ports import DeadlinesWork
from services.deadlines.domain.model.tally import Decided, Sender, Tally, Told
from services.deadlines.domain.policy.counting import exploited
from shared.contracts.envelope import Event
from shared.contracts.intake import ContactReceived, InformationAdded, SubjectTold
from shared.contracts.parts import Age, AgeUnit, ContactKept
from shared.contracts.triage import CaseRestated, ContactRated, DecisionMade, MilestoneRecorded, SubjectRated
from shared.policy.model import Pack

Handle = Callable[[Event[Any], DeadlinesWork], Awaitable[None]]

INTAKE = ContactReceived.producer
MONTHS_A_YEAR = 12


def measuring(handle: Handle) -> Handle:
    """The same handler; what the event says of the contact is tallied as well, and where the contact then stands."""

    async def handle_and_tally(event: Event[Any], work: DeadlinesWork) -> None:
        await handle(event, work)
        tally, contact = work.tallies.get(event.contact_id), work.contacts.get(event.contact_id)
        take(tally, event, work.rulebooks.active.pack)
        tally.stand(closed=contact.closed_at is not None, linked=contact.linked_at is not None)

    return handle_and_tally


def take(tally: Tally, event: Event[Any], pack: Pack) -> None:
    """What one event says; most say only who sent the contact, and when."""
    said = event.data
    number = event.sequence if event.producer == INTAKE else 0
    kept: ContactKept | None = getattr(said, "contact", None)
    if kept is not None:
        tally.take_sender(_sender(kept, number))
    match said:
        case ContactReceived() | InformationAdded():
            tally.tell((_told(one, pack) for one in said.subjects), number)
        case ContactRated():
            _rate(tally, said.subjects, said.rating_version)
        case CaseRestated():
            _take_case(tally, said)
        case DecisionMade():
            _decide(tally, said)
        case MilestoneRecorded():
            tally.reach(said.subject_id, said.code, said.occurred_at)
        case _:
            pass


def _sender(kept: ContactKept, number: int) -> Sender:
    return Sender(
        reference=kept.reference,
        received_at=kept.received_at,
        source_code=kept.referrer.source_code,
        organisation_id=kept.referrer.organisation_id,
        said=number,
    )


def _told(one: SubjectTold, pack: Pack) -> Told:
    return Told(
        subject_id=one.subject_id,
        position=one.position,
        kind=one.kind.value,
        child_id=one.child_id,
        age_years=_years(one.age_at_receipt),
        exploited=exploited(pack, one.facts, one.indicators),
    )


def _years(age: Age) -> int | None:
    """Whole years; None where the age is not known, and before birth."""
    if age.value is None:
        return None
    by_unit = {AgeUnit.YEARS: age.value, AgeUnit.MONTHS: age.value // MONTHS_A_YEAR, AgeUnit.WEEKS: 0}
    return by_unit.get(age.unit)


def _rate(tally: Tally, subjects: Iterable[SubjectRated], version: int) -> None:
    for one in subjects:
        tally.name(one.subject_id, position=one.position, kind=one.kind.value)
        tally.rate(one.subject_id, version=version, rating=one.rating, level=one.level)


def _decide(tally: Tally, said: DecisionMade) -> None:
    subject = said.subject
    tally.name(subject.subject_id, position=subject.position, kind=subject.kind.value)
    decided = Decided(
        version=said.decision_version,
        at=said.decided_at,
        outcome=said.outcome,
        referral=said.counts_as_referral,
        level=said.level,
        reasons=said.reason_codes,
        elsewhere=said.made_on is not None,
    )
    tally.decide(subject.subject_id, decided)


def _take_case(tally: Tally, said: CaseRestated) -> None:
    """What was never heard of a case is taken up; the rest is known."""
    _rate(tally, [standing.rated for standing in said.subjects], said.rating_version)
    for standing in said.subjects:
        if standing.decision is not None:
            _decide(tally, standing.decision)
    for milestone in said.milestones:
        tally.reach(milestone.subject_id, milestone.code, milestone.occurred_at)

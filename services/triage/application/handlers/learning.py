"""What triage does when more becomes known of a contact, or the referrer disagrees or would take it back."""

from __future__ import annotations

from services.triage.application.handlers import announce_rating, mirroring, reading, say_reopened, signed_by
from services.triage.application.ports import TriageWork
from services.triage.domain.model import challenging, learning, restating
from shared.contracts.envelope import Cause, Event
from shared.contracts.intake import (
    ContactRestated,
    DecisionChallenged,
    HistoryFound,
    InformationAdded,
    WithdrawalRequested,
)


async def learn_more(event: Event[InformationAdded], work: TriageWork) -> None:
    """Somebody told more: rate again, upwards only; what is written asks for a person; what was closed is open."""
    case = work.cases.get_or_new(event.contact_id)
    told = reading.information(event.data, case)
    risen = learning.hear_information(case, told, work.pack, signed_by(event, work))
    say_reopened(case, work, Cause.of(event))
    if risen:
        announce_rating(case, work, Cause.of(event), because="information")


async def learn_history(event: Event[HistoryFound], work: TriageWork) -> None:
    """What was known already of the subjects: kept, and rated again, upwards only."""
    case = work.cases.get_or_new(event.contact_id)
    if learning.hear_history(case, reading.history(event.data), work.pack, signed_by(event, work)):
        announce_rating(case, work, Cause.of(event), because="history")


async def note_withdrawal(event: Event[WithdrawalRequested], work: TriageWork) -> None:
    """The referrer would take it back: a person must know, and nothing else changes."""
    case = work.cases.get_or_new(event.contact_id)
    case.known_as(event.data.contact.reference)
    learning.hear_withdrawal(case, reading.withdrawal(event.data), signed_by(event, work))


async def note_challenge(event: Event[DecisionChallenged], work: TriageWork) -> None:
    """The referrer disagrees: a manager who did not decide must answer."""
    case = work.cases.get_or_new(event.contact_id)
    case.known_as(event.data.contact.reference)
    challenging.hear_challenge(case, reading.challenge(event.data), signed_by(event, work))


async def rate_again(event: Event[ContactRestated], work: TriageWork) -> None:
    """Intake says all of it anew: rate what was missed, raise what has risen, lower nothing."""
    await work.lock([link.other_contact_id for link in event.data.links])
    case = work.cases.get_or_new(event.contact_id)
    told = reading.all_told(event.data, case, at=event.time)
    if restating.hear_all_anew(case, told, work.pack, signed_by(event, work)):
        announce_rating(case, work, Cause.of(event), because="linked" if told.leads else "restated")
    say_reopened(case, work, Cause.of(event))
    mirroring.let_follow(case, work, Cause.of(event), signed_by(event, work))
